// Somebody wants wrong data about himself put right: from the public page to the
// end, and what an auditor sees of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { caseIn, Desk, draft } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { handAt } from '../lib/hand.mjs';
import { signIn } from '../lib/journey.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

const keeper = 'keeper@demo.test';
const auditor = 'auditor@demo.test'; // of the demo

const { story } = world(async (folder) => {
  const service = await Service.start({ folder });
  const add = (address, name, role) => command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', address, '--name', name, '--role', role], input: `${password}\n`,
  });
  await add(keeper, 'Người Giữ Mẫu', 'data_protection');
  return service;
});

story('somebody has wrong data put right, and an auditor sees how', async ({ visit, service }) => {
  const { code } = await caseIn(service, 'in_progress', draft('Sổ tay số cho trưởng thôn', { submitter: { type: 'person', name: 'Nguyễn Thị Lam', email: 'lam@example.vn' } }));
  const citizen = await visit({ name: 'citizen', device: 'phone', scripts: false });
  const { t } = citizen;
  await citizen.open('/vi/privacy/register');
  await citizen.open('/vi/privacy/request');
  const field = (key) => citizen.page.getByLabel(t(key), { exact: true });
  assert.equal((await citizen.press(t('privacy.go'))).status(), 422);
  await field('privacy_kind.correct').check();
  await field('form.request.label').fill('Họ tên của tôi là Nguyễn Thị Lan, không phải Lam.');
  await field('form.reach.label').fill('lam@example.vn');
  await citizen.press(t('privacy.go'));
  await citizen.sees(t('privacy.next'));
  const ref = await citizen.page.locator('.hk-code').first().innerText();

  const reader = await visit({ name: 'reader', device: 'desk' });
  await reader.open('/vi/privacy/register');
  await glance(reader.page, 'register');
  await reader.open('/vi/privacy/request');
  await glance(reader.page, 'request of the public');

  // Whoever keeps the data has a keyboard alone.
  const hand = await handAt(visit, 'keeper', keeper);
  const { page, visitor: dpo } = hand;
  await hand.navigate('staff.privacy');
  await hand.keysAreTrue('requests');
  await glance(page, 'requests');
  await hand.link(ref);
  await hand.keysAreTrue('request');
  await hand.tabsThrough('request');
  const act = async (name, values) => {
    const form = page.getByRole('region', { name: t(`privacy_act.${name}.title`), exact: true });
    for (const [key, value] of Object.entries(values)) await hand.write(form.getByLabel(t(`privacy.field.${key}`), { exact: true }), value);
    await hand.button(t(`privacy_act.${name}.go`), form);
    await dpo.sees(t(`privacy_act.${name}.done`));
  };
  await act('identify', { code, identified: 'Gọi lại đúng số trong hồ sơ.' });
  await act('reply', { reply: 'Viết thư: sẽ sửa trong 10 ngày.' });
  await dpo.sees(t('privacy_message.reply'));
  await act('grant', { reason: 'Giấy tờ khớp với yêu cầu.' });
  await glance(page, 'request that is granted');
  await act('correct', { name: 'Nguyễn Thị Lan' });
  await act('correct_text', { body: 'Tôi tên là Nguyễn Thị Lan, đề nghị có sổ tay số cho trưởng thôn để bớt giấy tờ.', reason: 'Sai tên người gửi.' });
  await hand.button(t('extract.go'));
  await dpo.sees('Nguyễn Thị Lan');
  await dpo.sees('Sổ tay số cho trưởng thôn');
  await glance(page, 'extract');
  await hand.link(t('extract.back'));
  await act('fulfil', {});
  await act('tell', { told: 'Viết thư kèm bản trích.' });

  // An auditor reads it in words, narrowed without a script.
  const reads = await visit({ name: 'auditor', device: 'desk', scripts: false });
  await signIn(reads, auditor);
  await until(async () => {
    await reads.open(`/staff/audit?code=${code}`);
    return (await reads.page.getByRole('cell', { name: t('audit.what.request_told') }).count()) > 0;
  }, 'the end is in the audit');
  await reads.page.getByLabel(t('audit.filter.what'), { exact: true }).selectOption('request_corrected');
  await reads.press(t('staff.filter'));
  const rows = reads.page.getByRole('table').getByRole('row');
  assert.equal(await rows.count(), 3, 'the head, the contact and the text');
  await reads.sees(reads.page.getByRole('cell', { name: new RegExp(`${t('audit.what.request_corrected')}.*${t('privacy.field.name')}`) }));
  assert.doesNotMatch(await reads.page.getByRole('table').innerText(), /request:|request_|Lan|Lam/);
  // So do what happened to the case itself, and who may not change anything.
  await reads.open(`/staff/audit?code=${code}`);
  await reads.page.getByLabel(t('audit.filter.what'), { exact: true }).selectOption('text_corrected');
  await reads.press(t('staff.filter'));
  assert.equal(await rows.count(), 2, 'the head and one line');
  await reads.sees('Sai tên người gửi.');
  for (const place of ['/staff/privacy', '/staff/intake']) {
    const answer = await reads.page.goto(new URL(place, reads.page.url()).href);
    assert.ok(answer.status() >= 400, `${place} answers ${answer.status()}`);
  }

  // Whoever handles the case reads what stood there, and why it was changed.
  const desk = await visit({ name: 'coordinator', device: 'desk' });
  await signIn(desk, staff.coordinator);
  await desk.open(`/staff/cases/${code}`);
  await desk.sees(t('privacy.text_before'));
  await desk.sees('Sai tên người gửi.');
  await glance(desk.page, 'case whose text was corrected');

  const looks = await visit({ name: 'auditor-eyes', device: 'desk' });
  await signIn(looks, auditor);
  await looks.open('/staff/audit');
  await glance(looks.page, 'audit');
});

story('an auditor finds with keys who looked at a contact, takes the chain out, and changes nothing', async ({ visit, service }) => {
  const title = 'Bản đồ tiếng ồn quanh trường học';
  const { code } = await caseIn(service, 'in_progress', draft(title, { submitter: { type: 'person', name: 'Nguyễn Thị Kín', email: 'kin@example.vn' } }));
  const desk = await Desk.open(service, staff.officer);
  await desk.act(code, 'contact', { reason: 'Gọi điện hẹn ngày đo.' });

  const hand = await handAt(visit, 'auditor', auditor);
  const { page, t, visitor } = hand;
  const label = (key) => page.getByLabel(t(key), { exact: true });
  const looked = page.getByRole('table').getByRole('row').filter({ hasText: 'Gọi điện hẹn ngày đo.' }); // programs look, too
  await until(async () => {
    await hand.navigate('staff.audit');
    await hand.write(label('audit.filter.code'), code);
    await hand.choose(label('audit.filter.source'), 'contact_looks');
    await hand.button(t('staff.filter'));
    return (await looked.count()) === 1;
  }, 'the look is in the audit');
  await hand.keysAreTrue('audit');
  await hand.tabsThrough('audit');
  await glance(page, 'auditor, who looked at a contact');
  assert.match(await looked.locator('code').innerText(), /^[0-9a-f]{12}$/);

  // Every line of the file has the hash that stands beside it.
  const download = page.waitForEvent('download');
  await hand.reach(page.getByRole('link', { name: t('audit.file.jsonl'), exact: true }));
  await hand.key('Enter');
  const text = await readFile(await (await download).path(), 'utf8');
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.every((line) => line.includes(code)), 'the file is narrowed as the page is');
  for (const line of lines) {
    const entry = line.slice(line.indexOf('{"entry":') + '{"entry":'.length, line.indexOf(',"hash":'));
    assert.equal(createHash('sha256').update(entry).digest('hex'), JSON.parse(line).hash);
  }
  const beside = await looked.locator('code').innerText();
  assert.equal(lines.filter((line) => JSON.parse(line).hash.startsWith(beside)).length, 1, 'the line of the page is in the file');

  await hand.link(code);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  assert.equal(await page.locator('form[action^="/staff/cases/"]').count(), 0, 'nothing can be done to the case');
  assert.equal(await page.getByText(/Thị Kín|kin@/).count(), 0, 'no contact');
  await hand.keysAreTrue('case of an auditor');
  await glance(page, 'auditor, a case');
  for (const act of ['note', 'contact', 'assign']) {
    const refused = await page.context().request.post(`/staff/cases/${code}/${act}`, { form: { text: 'x', reason: 'Xem thử' }, headers: { Origin: service.url } });
    assert.equal(refused.status(), 403, act);
  }
});
