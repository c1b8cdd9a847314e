// An answer from the word processor to its end: pasted, kept, ticked, promised,
// returned, approved for a time, corrected, and taken down.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { action, signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

const title = 'Bỏ bản giấy ở trạm khuyến nông vùng cao';
const asked = ['Khi nào trạm khuyến nông được bỏ bản giấy?', 'Ai hướng dẫn cán bộ xã ký số?'];

// As a word processor puts it on the clipboard.
const copied = `<html><body>
<p class="MsoNormal"><b>Bộ Khoa học và Công nghệ</b> tiếp thu ý kiến của ông, bà.</p>
<ul><li>Bỏ <b>bản giấy</b> từ quý sau;</li><li>sửa <a href="https://vanban.example.vn/mau-02">mẫu 02</a>.</li></ul>
<ol><li>Sở tập huấn;</li><li>xã ký số.</li></ol>
<p>Cần hỏi thêm, gọi 0987 654 321.</p>
</body></html>`;
const pasted = [
  'Bộ Khoa học và Công nghệ tiếp thu ý kiến của ông, bà.', '',
  '- Bỏ bản giấy từ quý sau;', '- sửa [mẫu 02](https://vanban.example.vn/mau-02).', '',
  '1. Sở tập huấn;', '2. xã ký số.', '',
  'Cần hỏi thêm, gọi 0987 654 321.',
].join('\n');

// Long enough to see that it is not public yet, in milliseconds.
const ahead = 8000;

/** A moment that comes soon, as a field for a moment takes it, in the time of Việt Nam. */
const soon = () => new Date(Date.now() + ahead + 7 * 3600 * 1000).toISOString().slice(0, 19);

story('an officer answers, an approver returns and publishes it at a time, and a coordinator takes it down', async ({ visit, service }) => {
  const { code } = await caseIn(service, 'in_progress', draft(title, {
    body: `Kính gửi Bộ Khoa học và Công nghệ. Trạm khuyến nông của chúng tôi in mỗi tháng ba nghìn trang. ${asked.join(' ')}`,
  }));
  const path = `/staff/cases/${code}`;
  const at = async (who) => {
    const visitor = await visit({ name: who, device: 'desk' });
    await signIn(visitor, staff[who]);
    return visitor;
  };
  const officer = await at('officer');
  const { page, t } = officer;
  const text = page.locator('#draft-answer-text');

  // What is pasted keeps its shape, and keeps itself.
  await officer.open(path);
  await glance(page, 'answer form');
  await officer.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((html) => navigator.clipboard.write([new ClipboardItem({
    'text/html': new Blob([html], { type: 'text/html' }), 'text/plain': new Blob(['tất cả trong một dòng'], { type: 'text/plain' }),
  })]), copied);
  await text.focus();
  await page.keyboard.press('Control+V');
  assert.equal(await text.inputValue(), pasted);
  await officer.sees(t('answer_work.save_changed'));
  await officer.sees(/Đã tự lưu lúc/);
  await officer.open(path);
  await officer.sees(/được tự lưu nhưng chưa lưu thành dự thảo/);
  assert.equal(await text.inputValue(), pasted);

  // Promises are asked for where the outcome makes any; nothing goes on while a question is open.
  const promise = (part) => page.getByLabel(t(`answer_work.commitment_${part}`, { n: 1 }), { exact: true });
  const outcome = page.getByLabel(t('form.outcome.label'), { exact: true });
  await outcome.selectOption('explained');
  assert.equal(await promise('what').isVisible(), false);
  await outcome.selectOption('accepted');
  await promise('what').fill('Ban hành thông tư bỏ bản giấy');
  await promise('who').fill('Vụ Pháp chế');
  await promise('until').fill('2030-06-30');
  const refused = await officer.press(t('action.draft-answer.submit'));
  assert.equal(refused.status(), 422);
  await page.getByRole('alert').getByRole('link').first().press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'draft-answer-points-0');
  for (const i in asked) {
    const point = page.getByLabel(t('answer_work.point', { text: asked[i] }), { exact: true });
    await point.focus();
    await page.keyboard.press('Space');
    assert.equal(await point.isChecked(), true, asked[i]);
  }
  await officer.press(t('action.draft-answer.submit'));
  await officer.sees(t('action.draft-answer.done_submitted'));

  // A telephone number does not go out unseen: the approver returns the answer.
  const approver = await at('approver');
  const sent = async (name, fill = async () => {}) => {
    await approver.open(path);
    const form = await action(approver, name);
    await fill(form);
    return approver.press(t(`action.${name}.go`), form);
  };
  assert.equal((await sent('approve')).status(), 422);
  await approver.sees(approver.page.getByRole('alert').getByText(t('problem.field.personal_data')));
  await glance(approver.page, 'answer before its approval');
  await sent('return', (form) => form.getByLabel(t('form.remarks.label'), { exact: true }).fill('Bỏ số điện thoại của cán bộ.'));
  await officer.open(path);
  await officer.sees(/Bỏ số điện thoại của cán bộ/);
  await text.fill(pasted.replace('gọi 0987 654 321', 'viết cho bộ phận một cửa'));
  await officer.press(t('action.draft-answer.submit'));
  await officer.sees(t('action.draft-answer.done_submitted'));

  const opened = async (address) => (await fetch(service.url + address)).status;
  await sent('approve', (form) => form.getByLabel(t('form.optional', { label: t('form.publish_at.label') }), { exact: true }).fill(soon()));
  await approver.sees(t('answer_work.scheduled'));
  assert.equal(await opened(`/vi/s/${code}`), 404);

  // While its time comes: the promises of the ministry, from the navigation.
  await officer.open('/staff/queue');
  await officer.follow(t('staff.commitments'), page.getByRole('navigation', { name: t('staff.navigation') }));
  await officer.sees('Ban hành thông tư bỏ bản giấy');
  await glance(page, 'open promises');
  const administrator = await at('administrator');
  const desk = administrator.page;
  for (const wording of ['Kính gửi ông, bà, theo {văn bản}.', 'Kính gửi ông, bà, căn cứ {văn bản}.']) {
    await administrator.open('/staff/templates');
    if (wording.includes('căn cứ')) await administrator.leave(() => desk.getByRole('link', { name: `${t('templates.change')} Tiếp thu` }).click());
    await desk.getByLabel(t('form.template_name.label'), { exact: true }).fill('Tiếp thu');
    await desk.getByLabel(t('form.template_text.label'), { exact: true }).fill(wording);
    await administrator.press(t('templates.go'));
    await administrator.sees(t('templates.done.kept'));
  }
  await administrator.leave(() => desk.getByRole('link', { name: `${t('templates.history')} Tiếp thu` }).click());
  await glance(desk, 'history of a template');
  await administrator.leave(() => desk.getByRole('button', { name: t('templates.restore') }).click());
  await administrator.sees('Kính gửi ông, bà, theo {văn bản}.');

  await until(async () => (await opened(`/vi/s/${code}`)) === 200, 'the answer is public at its time', 30_000);

  // A correction stands in public once somebody else approved it.
  await officer.open(path);
  const mending = await action(officer, 'correct');
  await glance(page, 'correction');
  await mending.locator('#correct-text').fill(pasted.replace('mẫu 02', 'mẫu 03').replace('gọi 0987 654 321', 'viết cho bộ phận một cửa'));
  await mending.getByLabel(t('form.correction.label'), { exact: true }).fill('Mẫu đúng là mẫu 03.');
  await officer.press(t('action.correct.go'), mending);
  await sent('approve');
  const reader = await visit({ name: 'reader', device: 'phone' });
  await reader.open(`/vi/s/${code}`);
  await reader.sees('Mẫu đúng là mẫu 03.');
  assert.equal(await reader.page.getByRole('link', { name: 'mẫu 03' }).getAttribute('href'), 'https://vanban.example.vn/mau-02');
  assert.equal(await reader.page.getByRole('listitem').filter({ hasText: /từ quý sau/ }).count(), 1);
  await glance(reader.page, 'corrected answer');

  // Feed and search show it, and do not once it is taken down; open data are
  // numbers, and hold nothing of it before or after.
  const month = new Date(Date.now() + 7 * 3600 * 1000).toISOString().slice(0, 7);
  const places = ['/vi/feeds/answers.atom', `/api/v1/search?q=${encodeURIComponent('trạm khuyến nông')}`];
  const holds = async (place) => (await (await fetch(service.url + place)).text()).includes(code);
  const counted = async () => assert.doesNotMatch(await (await fetch(`${service.url}/open-data/${month}.json`)).text(), /HK-|khuyến nông/);
  await counted();
  for (const place of places) await until(() => holds(place), `${place} holds the case`, 30_000);
  const coordinator = await at('coordinator');
  await coordinator.open(path);
  const down = await action(coordinator, 'take-down');
  await down.getByLabel(t('form.reason.label'), { exact: true }).fill('Người gửi đề nghị gỡ.');
  await coordinator.press(t('action.take-down.go'), down);
  await coordinator.sees(t('action.take-down.done'));
  assert.equal(await opened(`/vi/s/${code}`), 410);
  assert.equal(await opened(`/api/v1/submissions/${code}`), 410);
  for (const place of places) await until(async () => !(await holds(place)), `${place} is without the case`, 30_000);
  await counted();
});
