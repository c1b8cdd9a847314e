// Colleagues on one case: an officer asks another agency, whose officer answers
// with the keyboard alone; something to do and a mention; and the end of the
// pauses.
import assert from 'node:assert/strict';
import path from 'node:path';
import { caseIn, Desk, draft, ministry } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { action, signIn } from '../lib/journey.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

let data;

const { story } = world((folder) => {
  data = path.join(folder, 'serve');
  return Service.start({ folder });
});

const adviser = 'adviser@demo.test';

story('an agency asks another one, and colleagues arrange what is to do', async ({ visit, service }) => {
  await command({
    args: ['user', 'add', adviser, '--name', 'Ngô Thị Ích', '--role', 'officer', '--agency', 'bo-y-te', '--data', data], input: `${password}\n`,
  });
  const title = 'Đo tiếng ồn ở cổng bệnh viện';
  const sent = await caseIn(service, 'in_progress', draft(title, { submitter: { type: 'person', name: 'Nguyễn Thị Lan', phone: '0912 345 678' } }));
  const [officer, other] = await Promise.all([visit({ name: 'officer', device: 'desk' }), visit({ name: 'adviser', device: 'desk' })]);
  const { page, t } = officer;
  const address = `/staff/cases/${sent.code}`;

  // The owner asks; the case stays.
  await signIn(officer, staff.officer);
  await officer.open(address);
  let act = await action(officer, 'ask-opinion');
  await act.getByLabel(t('opinions.form.agency.label'), { exact: true }).selectOption('bo-y-te');
  await act.getByLabel(t('opinions.form.question.label'), { exact: true }).fill('Quy chuẩn tiếng ồn nào áp dụng cho bệnh viện?');
  assert.equal(await act.getByLabel(t('opinions.form.days.label'), { exact: true }).inputValue(), '5');
  await officer.press(t('action.ask-opinion.go'), act);
  await officer.sees(t('action.ask-opinion.done'));

  // The asked officer uses the keyboard alone, and reads nothing of the sender.
  await signIn(other, adviser);
  const keys = other.page.keyboard;
  const views = other.page.getByRole('link', { name: new RegExp(t('worklist.view.opinions')) });
  await views.focus();
  await other.leave(() => keys.press('Enter'));
  await audit(other.page, 'opinions');
  await other.page.setViewportSize({ width: 1280, height: 900 });
  await keys.press('j');
  await other.leave(() => keys.press('o'));
  await other.page.getByRole('heading', { level: 1, name: title }).waitFor();
  assert.doesNotMatch(await other.page.locator('main').innerText(), /Lan|0912/, 'nothing of the sender');
  await audit(other.page, 'opinion');
  await other.page.setViewportSize({ width: 1280, height: 900 });
  await keys.press('1');
  await keys.type('Áp dụng quy chuẩn tiếng ồn hiện hành, khu vực đặc biệt.');
  await other.leave(() => keys.press('Control+Enter'));
  await other.sees(t('action.give-opinion.done'));
  await other.open('/staff/opinions');
  await other.sees(t('opinions.none'));

  // The owner uses it beside the answer.
  await page.reload();
  const given = page.getByRole('region', { name: t('opinions.title') });
  await officer.sees(given.getByText('khu vực đặc biệt'));
  await officer.sees(given.getByText(t('opinions.state.given')));
  await officer.sees(t('opinions.beside'));

  // Something to do, for a colleague.
  act = await action(officer, 'add-todo');
  await act.getByLabel(t('team.form.text'), { exact: true }).fill('Gọi cho bệnh viện');
  await officer.press(t('action.add-todo.go'), act);
  await officer.sees(t('action.add-todo.done'));
  await officer.open('/staff/todos');
  await audit(page, 'todos');
  await page.setViewportSize({ width: 1280, height: 900 });
  await officer.leave(() => page.getByRole('link', { name: title }).click());
  await officer.press(`${t('team.finish')} Gọi cho bệnh viện`);
  await officer.sees(t('action.finish-todo.done'));

  // A mention: completed behind @, refused for who may not see the case.
  act = await action(officer, 'note');
  const note = act.getByLabel(t('form.note.label'), { exact: true });
  await note.pressSequentially('Nhờ @appr');
  await officer.sees(page.getByRole('option', { name: /^@approver/ }));
  await note.press('Enter');
  assert.match(await note.inputValue(), /^Nhờ @approver $/);
  await note.pressSequentially('xem, và @adviser');
  await officer.press(t('action.note.go'), act);
  await officer.sees(page.getByRole('alert').getByText(/@adviser/));
  act = page.locator('#act-note');
  await act.getByLabel(t('form.note.label'), { exact: true }).fill('Nhờ @approver xem');
  await officer.press(t('action.note.go'), act);
  await officer.sees(t('action.note.done'));

  // Questions may stop the clock three times; the form says what is left.
  const desk = await Desk.open(service, staff.officer);
  for (let i = 0; i < 3; i++) {
    await desk.act(sent.code, 'request-information', { message: 'Ở cổng nào?' });
    await desk.act(sent.code, 'record-information', { text: 'Cổng chính.' });
  }
  await officer.open(address);
  act = await action(officer, 'request-information');
  await officer.sees(act.getByText(/3 trên 3 lần/));
  await act.getByLabel(t('form.question.label'), { exact: true }).fill('Vào giờ nào?');
  await officer.press(t('action.request-information.go'), act);
  await officer.sees(t('problem.inquiry.pauses_used'));
  act = page.locator('#act-request-information');
  await act.getByLabel(t('pauses.running')).check();
  await officer.press(t('action.request-information.go'), act);
  await officer.sees(t('action.request-information.done'));
  assert.equal((await desk.see(sent.code)).status, 'in_progress', 'the clock runs on');
  await audit(page, 'case with opinion');
  assert.equal((await desk.see(sent.code)).agency, ministry);
});
