// The day of each role, from the sign-in on, with the keyboard alone. What each
// page shows in all its states is audited elsewhere; here is the way through them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { answer, caseIn, Desk, draft, ministry, submit } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { handAt } from '../lib/hand.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

/** Leads the ministry of the demo. */
const head = 'lanh.dao@demo.test';

const { story } = world(async (folder) => {
  const service = await Service.start({ folder });
  await command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', head, '--name', 'Lãnh Đạo Thử', '--role', 'lead', '--agency', ministry],
    input: `${password}\n`,
  });
  return service;
});

const asked = 'Khi nào xã được dùng kho giống chung?';
const toMinistry = (title, text) => draft(title, { body: `Kính gửi Bộ Khoa học và Công nghệ. ${text}` });

/** The day of the calendar so many days from now, as people write it. */
function dayIn(days) {
  const [year, month, day] = new Date(Date.now() + (days * 24 + 7) * 3600 * 1000).toISOString().slice(0, 10).split('-');
  return `${day}/${month}/${year}`;
}

story('an officer takes a case, asks its sender, notes, arranges, and answers from a template', async ({ visit, service }) => {
  const lead = await handAt(visit, 'lead', head);
  await lead.visitor.open('/staff/templates');
  await lead.write(lead.page.getByLabel(lead.t('form.template_name.label'), { exact: true }), 'Tiếp thu');
  await lead.write(lead.page.getByLabel(lead.t('form.template_text.label'), { exact: true }), 'Bộ cảm ơn ông, bà đã gửi hồ sơ {mã hồ sơ}. Xã dùng kho giống từ {tháng nào}.');
  await lead.send();
  await lead.visitor.sees(lead.t('templates.done.kept'));

  const title = 'Kho giống chung của ba xã ven đầm';
  const sent = await caseIn(service, 'assigned', toMinistry(title, `Ba xã chúng tôi giữ được bốn chục giống lúa cũ trong một kho chung. ${asked}`));
  const officer = await handAt(visit, 'officer', staff.officer);
  const { page, t, visitor } = officer;
  await officer.keysAreTrue('queue');
  await officer.typesOnly(page.getByRole('searchbox'));
  await officer.key('Escape');
  await officer.link(new RegExp(`^${t('worklist.view.unassigned')}`), page.getByRole('navigation', { name: t('worklist.views') }));
  await officer.openCase(title);
  await officer.keysAreTrue('case');

  await officer.act('accept');
  await officer.go('Enter'); // the one button of the form has the focus
  await visitor.sees(t('action.accept.done'));

  // The sender is asked, replies, and the clock runs on.
  await officer.act('request-information');
  await page.keyboard.type('Kho ở xã nào, ai giữ chìa khóa?');
  await officer.send();
  await visitor.sees(t('action.request-information.done'));
  await glance(page, 'officer waits for the sender');
  const reply = await fetch(`${service.url}/api/v1/submissions/${sent.code}/information`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${sent.tracking_token}` }, body: JSON.stringify({ text: 'Kho ở xã Thượng, ông Ba giữ chìa khóa.' }),
  });
  assert.ok(reply.ok, await reply.text());
  await visitor.open(`/staff/cases/${sent.code}`);
  await visitor.sees('ông Ba giữ chìa khóa');

  // A note that mentions a colleague, found by its first letters.
  const note = (await officer.act('note')).locator('textarea');
  await officer.typesOnly(note);
  await page.keyboard.type('Nhờ @appr');
  await visitor.sees(page.getByRole('option', { name: /^@approver/ }));
  await officer.key('Enter');
  await page.keyboard.type('xem trước. Tên rất dài: \u202eđảo\u202c \u200bkhông rộng.');
  await officer.send();
  await visitor.sees(t('action.note.done'));
  await officer.act('add-todo');
  await page.keyboard.type('Gọi cho xã Thượng');
  await officer.send();
  await visitor.sees(t('action.add-todo.done'));
  await officer.button(`${t('team.finish')} Gọi cho xã Thượng`);
  await visitor.sees(t('action.finish-todo.done'));

  // The answer begins with the template; what it leaves open is asked for.
  await officer.act('draft-answer');
  const begin = page.locator('#act-draft-answer .hk-act--inner > summary').first();
  await officer.reach(begin);
  await officer.key('Enter');
  await officer.link('Tiếp thu');
  const text = page.locator('#draft-answer-text');
  assert.match(await text.inputValue(), new RegExp(`gửi hồ sơ ${sent.code}\\. Xã dùng kho giống từ \\{tháng nào\\}`));
  await glance(page, 'officer answers');
  await officer.choose(page.locator('#draft-answer-outcome'), 'explained');
  await officer.tick(page.getByLabel(t('answer_work.point', { text: asked }), { exact: true }));
  const submitted = () => officer.button(t('action.draft-answer.submit'), page.locator('#act-draft-answer'));
  assert.equal((await submitted()).status(), 422);
  await visitor.sees(page.getByRole('alert'));
  await officer.write(text, (await text.inputValue()).replace('{tháng nào}', 'tháng sau'));
  await submitted();
  await visitor.sees(t('action.draft-answer.done_submitted'));
  await officer.tabsThrough('case in review');

  // An approver: returned with remarks, mended, approved for a time.
  const approver = await handAt(visit, 'approver', staff.approver);
  const waiting = () => approver.link(new RegExp(`^${t('worklist.view.approve')}`), approver.page.getByRole('navigation', { name: t('worklist.views') }));
  await waiting();
  await approver.keysAreTrue('waiting for approval');
  await glance(approver.page, 'approver, what waits');
  await approver.openCase(title);
  await approver.act('return');
  await approver.page.keyboard.type('Nêu rõ ngày.');
  await approver.send();
  await approver.visitor.sees(t('action.return.done'));

  await visitor.open(`/staff/cases/${sent.code}`);
  await visitor.sees('Nêu rõ ngày.');
  await officer.act('draft-answer');
  await officer.write(text, (await text.inputValue()).replace('tháng sau', 'ngày 1 tháng sau'));
  await submitted();

  await approver.go('q');
  await waiting();
  await approver.openCase(title);
  const approval = await approver.act('approve');
  const soon = new Date(Date.now() + 5000 + 7 * 3600 * 1000).toISOString().slice(0, 19); // with seconds, as no person types it
  await approver.write(approval.getByLabel(t('form.optional', { label: t('form.publish_at.label') }), { exact: true }), soon);
  await glance(approver.page, 'approver approves');
  await approver.button(t('action.approve.go'), approval);
  await approver.visitor.sees(t('answer_work.scheduled'));
  assert.equal((await fetch(`${service.url}/vi/s/${sent.code}`)).status, 404, 'not before its time');
  await until(async () => (await fetch(`${service.url}/vi/s/${sent.code}`)).status === 200, 'the answer is public at its time', 30_000);
});

story('a lead finds what is late and gives the cases of who is away to the substitute', async ({ visit, service }) => {
  const title = 'Máy đo độ mặn đặt ở cống chung';
  const sent = await caseIn(service, 'in_progress', toMinistry(title, 'Cống chung của hai xã cần máy đo độ mặn tự báo về điện thoại.'));
  const lead = await handAt(visit, 'lead', head);
  const { page, t, visitor } = lead;
  await lead.navigate('staff.figures');
  await lead.keysAreTrue('figures');
  await glance(page, 'lead, figures');
  const late = page.locator('table a[href*="due=overdue"]').first();
  if ((await late.count()) > 0) {
    const figure = await late.innerText();
    await lead.enter(late);
    await visitor.sees(page.getByText(`${figure} hồ sơ`, { exact: true }).first());
  }

  await visitor.open('/staff/absences');
  await lead.keysAreTrue('absences');
  const label = (key) => page.getByLabel(t(key), { exact: true });
  const option = (field, name) => label(field).locator('option', { hasText: name }).first().getAttribute('value');
  await lead.choose(label('absence.field.user'), await option('absence.field.user', 'Chuyên Viên Mẫu'));
  await lead.choose(label('absence.field.substitute'), await option('absence.field.substitute', 'Lãnh Đạo Mẫu'));
  await lead.write(label('absence.field.from'), dayIn(0));
  await lead.write(label('absence.field.until'), dayIn(2));
  await lead.send();
  await visitor.sees(t('absence.done.entered'));
  await glance(page, 'lead, absences');
  await lead.link('Chuyên Viên Mẫu');
  await glance(page, 'lead, cases of who is away');
  const boxes = page.locator('input[name=codes]');
  for (const code of await boxes.evaluateAll((all) => all.map((box) => box.value))) { // all but the one
    if (code === sent.code) continue;
    await lead.reach(page.locator(`input[name=codes][value="${code}"]`));
    await lead.key('Space');
  }
  await lead.choose(label('absence.field.to'), await option('absence.field.to', 'Lãnh Đạo Mẫu'));
  await lead.button(t('absence.give'));
  await visitor.sees(/Đã giao 1 hồ sơ/);
  await visitor.open(`/staff/cases/${sent.code}`);
  await visitor.sees(page.getByRole('definition').filter({ hasText: 'Lãnh Đạo Mẫu' }).first());
  await visitor.open('/staff/absences');
  await lead.button(new RegExp(`^${t('absence.end')}`));
  await visitor.sees(t('absence.done.ended'));
});

story('a coordinator decides about what was handed back, and about a cluster at once', async ({ visit, service }) => {
  const title = 'Sân phơi chung dùng làm bãi đỗ xe';
  await caseIn(service, 'triage', toMinistry(title, 'Sân phơi chung của hợp tác xã bị dùng làm bãi đỗ xe, cán bộ xã nói chờ ý kiến cấp trên.'));
  const same = draft('Nhà văn hóa xóm Đông không mở cửa', {
    body: 'Nhà văn hóa xóm Đông khóa cửa suốt mùa hè, trẻ con không có chỗ đọc sách, người già không có chỗ họp câu lạc bộ. Xin mở lại.',
  });
  const [first, second] = [await submit(service, same), await submit(service, same)];
  const desk = await Desk.open(service, staff.coordinator);
  await desk.settled(first.code);
  await until(async () => (await desk.see(second.code)).status === 'merged', 'the copy follows the first');
  if ((await desk.see(first.code)).status === 'assigned') {
    const other = await Desk.open(service, staff.officer);
    await other.act(first.code, 'hand-back', { reason: 'Không phải việc của Bộ.' }).catch(() => {});
  }

  const coordinator = await handAt(visit, 'coordinator', staff.coordinator);
  const { page, t, visitor } = coordinator;
  await coordinator.link(new RegExp(`^${t('worklist.view.handed_back')}`), page.getByRole('navigation', { name: t('worklist.views') }));
  await coordinator.keysAreTrue('what was handed back');
  await coordinator.tabsThrough('what was handed back');
  await coordinator.openCase(title);
  await glance(page, 'coordinator, a case that was handed back');
  const assign = await coordinator.act('assign');
  await coordinator.choose(assign.getByRole('combobox').first(), 'bo-noi-vu');
  await coordinator.write(assign.locator('textarea'), 'Việc của chính quyền xã.');
  await coordinator.send();
  await visitor.sees(t('action.assign.done'));

  // The cluster: compared, then refused together, each sender told.
  await visitor.open(`/staff/cases/${first.code}`);
  await coordinator.enter(page.getByRole('link', { name: `${t('compare.link')} ${second.code}` }));
  await coordinator.keysAreTrue('comparison');
  await visitor.open(`/staff/cases/${first.code}`);
  const reject = await coordinator.act('reject');
  await coordinator.choose(reject.getByRole('combobox').first(), 'out_of_scope');
  await coordinator.write(reject.locator('textarea[name=message]'), 'Nhà văn hóa do xã quản lý. Xin gửi ý kiến tới Ủy ban nhân dân xã.');
  await coordinator.tick(reject.locator('input[name=cluster][value=all]'));
  await coordinator.button(t('action.reject.go'), reject);
  await visitor.sees(t('action.reject.done'));
  assert.equal((await desk.see(first.code)).status, 'rejected');
  for (const { code, tracking_secret: secret } of [first, second]) {
    const sender = await visit({ name: `sender of ${code}`, device: 'phone' });
    await sender.open('/vi/track');
    await sender.page.getByLabel(t('form.code.label'), { exact: true }).fill(code);
    await sender.page.getByLabel(t('form.secret.label'), { exact: true }).fill(secret);
    await sender.press(t('track.open'));
    await sender.sees(/Không thuộc phạm vi tiếp nhận/); // the words were for the first one's sender
  }
  await visitor.open('/staff/tasks');
  await coordinator.keysAreTrue('tasks');
});

story('an administrator invites, changes a role, governs rules, days and retention', async ({ visit }) => {
  const administrator = await handAt(visit, 'administrator', staff.administrator);
  const { page, t, visitor } = administrator;
  const label = (key) => page.getByLabel(t(key), { exact: true });
  const optional = (key) => page.getByLabel(t('form.optional', { label: t(key) }), { exact: true });
  await administrator.navigate('staff.users');
  await administrator.keysAreTrue('accounts');
  const invite = page.getByRole('region', { name: t('users.invite'), exact: true });
  await administrator.write(invite.getByLabel(t('form.email.label'), { exact: true }), 'nguoi.moi@example.vn');
  await administrator.write(invite.getByLabel(t('users.name'), { exact: true }), 'Trần Thị Mới');
  await administrator.choose(invite.getByLabel(t('users.role'), { exact: true }), 'officer');
  await administrator.choose(invite.locator('select[name=agency]'), ministry);
  await administrator.button(t('users.invite_go'), invite);
  await visitor.sees(t('users.done.invited'));
  await visitor.open('/staff/users?q=nguoi.moi');
  await administrator.link('Trần Thị Mới');
  const role = page.getByRole('region', { name: t('users.act.role.title'), exact: true });
  await administrator.choose(role.getByLabel(t('users.role'), { exact: true }), 'approver');
  await administrator.button(t('users.act.role.go'), role);
  await visitor.sees(t('users.done.changed'));
  await glance(page, 'administrator, an account');

  await administrator.navigate('staff.rules');
  await administrator.keysAreTrue('rules');
  await administrator.link(t('rules.new'));
  await administrator.write(label('rules.field.name'), 'Thuyền ghép của làng chài');
  await administrator.write(label('rules.field.condition'), 'any("thuyền ghép bằng thùng phuy")');
  await administrator.choose(label('rules.field.agency'), 'bo-y-te');
  await administrator.button(t('rules.save'));
  await visitor.sees(t('rules.done.save'));
  await administrator.button(t('rules.try'));
  await visitor.sees(t('rules.no_change'));
  await glance(page, 'administrator, dry run');

  await administrator.navigate('staff.times');
  await administrator.link(t('times.tab_calendar'));
  await administrator.keysAreTrue('calendar');
  await administrator.write(label('calendar.field.date'), dayIn(40));
  await administrator.tick(label('calendar.kind.holiday'));
  await administrator.write(optional('calendar.field.name_vi'), 'Nghỉ phòng bão');
  await administrator.tick(label('calendar.certainty.provisional'));
  await administrator.write(label('calendar.field.source'), 'Công điện 7');
  await administrator.send();
  await visitor.sees(t('times.done.day'));
  await administrator.button(`${t('calendar.drop')} ${dayIn(40)}`);
  await visitor.sees(t('times.done.dropped'));

  await visitor.open('/staff/registry/holding');
  await administrator.keysAreTrue('retention');
  await administrator.enter(page.locator('tbody th a').first());
  await glance(page, 'administrator, retention');
  await administrator.tabsThrough('retention');
});

story('a program reads and writes what its token allows and nothing else', async ({ visit, service }) => {
  const administrator = await handAt(visit, 'administrator', staff.administrator);
  const { page, t, visitor } = administrator;
  await visitor.open('/staff/users');
  const invite = page.getByRole('region', { name: t('users.invite'), exact: true });
  await administrator.write(invite.getByLabel(t('form.email.label'), { exact: true }), 'may@example.vn');
  await administrator.write(invite.getByLabel(t('users.name'), { exact: true }), 'Máy của Bộ');
  await administrator.choose(invite.getByLabel(t('users.role'), { exact: true }), 'service');
  await administrator.choose(invite.locator('select[name=agency]'), ministry);
  await administrator.button(t('users.invite_go'), invite);
  await visitor.open('/staff/tokens');
  await administrator.keysAreTrue('tokens');
  const issue = page.getByRole('region', { name: t('tokens.issue'), exact: true });
  await administrator.choose(issue.locator('select[name=account]'), await issue.locator('select[name=account] option', { hasText: 'Máy của Bộ' }).getAttribute('value'));
  await administrator.write(issue.getByLabel(t('tokens.name'), { exact: true }), 'Soạn trả lời');
  await administrator.write(issue.getByLabel(t('tokens.expires'), { exact: true }), dayIn(30));
  for (const right of ['queue.see', 'case.see', 'case.note', 'case.handle']) await administrator.tick(issue.getByLabel(t(`right.${right}`), { exact: true }));
  await administrator.button(t('tokens.issue_go'), issue);
  const token = await page.locator('.hk-codes__secret').innerText();

  const own = await caseIn(service, 'assigned', toMinistry('Bản đồ giếng khoan mở', 'Xin công bố bản đồ giếng khoan để dân khỏi khoan trùng.'));
  const foreign = await caseIn(service, 'triage', draft('Việc của nơi khác', { body: 'Xin hỏi về chuyện đèn đường ở ngõ sau chợ, tối nào cũng tắt sớm.' }));
  const call = async (method, address, body, version) => {
    const response = await fetch(`${service.url}/api/v1/staff/${address}`, {
      method, body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...(version && { 'If-Match': version }) },
    });
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
  };
  const act = async (code, name, body, seen = code) => call('POST', `submissions/${code}/${name}`, body, (await call('GET', `submissions/${seen}`)).etag);
  const listed = await call('GET', 'queue?per_page=100&sort=newest');
  assert.equal(listed.status, 200);
  assert.ok(listed.body.items.some((item) => item.code === own.code));
  assert.ok(listed.body.items.every((item) => item.agency === ministry), 'nothing of another agency');
  assert.equal((await call('GET', `submissions/${foreign.code}`)).status, 404);
  assert.equal((await act(foreign.code, 'note', { text: 'x' }, own.code)).status, 404);
  assert.equal((await act(own.code, 'accept', {})).status, 422, 'a person handles a case');
  const officer = await Desk.open(service, staff.officer);
  const { assignee } = await officer.see((await caseIn(service, 'in_progress', toMinistry('Kho ảnh vệ tinh cũ', 'Xin mở kho ảnh vệ tinh cũ cho trường học.'))).code);
  assert.equal((await act(own.code, 'accept', { assignee: assignee.id })).status, 200);
  assert.equal((await act(own.code, 'note', { text: 'Máy đã đọc.' })).status, 200);
  assert.equal((await act(own.code, 'draft-answer', { text: answer, outcome: 'explained', submit: true })).status, 200);
  assert.equal((await act(own.code, 'approve', { publish: true })).status, 403, 'a person approves');
  assert.equal((await call('POST', `submissions/${own.code}/contact`, { reason: 'Gọi điện hẹn ngày' })).status, 403);
  assert.equal((await call('GET', 'rules')).status, 403);
  assert.equal((await fetch(`${service.url}/staff/queue`, { headers: { Cookie: `hienke_staff=${token}` }, redirect: 'manual' })).status, 303, 'a token opens no page');
  await visitor.open('/staff/tokens');
  await administrator.enter(page.getByRole('row', { name: 'Soạn trả lời' }).getByRole('button'));
  assert.equal((await call('GET', 'queue')).status, 401, 'a revoked token opens nothing');
});
