// Two people at the same case: they see each other while it happens, and what
// either wrote is never lost to the other.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { action, signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** Names of the demo's people. */
const names = { officer: 'Chuyên Viên Mẫu', approver: 'Lãnh Đạo Mẫu' };

/** Somebody at a case. */
async function atCase(visit, who, code, more = {}) {
  const visitor = await visit({ name: who, device: 'desk', ...more });
  await signIn(visitor, staff[who]);
  await visitor.open(`/staff/cases/${code}`);
  return visitor;
}

story('two people at a case see each other come, write and leave', async ({ visit, service }) => {
  const { code } = await caseIn(service, 'in_progress', draft('Máy bơm dùng chung của hợp tác xã'));
  const officer = await atCase(visit, 'officer', code);
  const { t, page } = officer;
  const line = page.locator('[data-present]');
  const says = (names) => officer.sees(line.filter({ hasText: t('worklist.present.now', { names }) }));
  assert.equal(await line.isVisible(), false, 'nobody else is there');

  const approver = await atCase(visit, 'approver', code);
  await says(names.approver);
  await approver.sees(t('worklist.present.now', { names: names.officer }));
  await (await action(approver, 'note')).locator('textarea').fill('Đề nghị hỏi thêm hợp tác xã');
  await says(t('worklist.present.editing', { name: names.approver }));
  await glance(page, 'case with an onlooker');

  await approver.open('/staff/queue');
  await line.waitFor({ state: 'hidden' });

  const plain = await atCase(visit, 'approver', code, { scripts: false });
  await plain.sees(t('worklist.present.now', { names: names.officer }));
});

story('who saves second sees both texts and goes on from either', async ({ visit, service }) => {
  const { code } = await caseIn(service, 'in_progress', draft('Bến phà và giờ chạy buổi tối'));
  const [officer, approver] = [await atCase(visit, 'officer', code), await atCase(visit, 'approver', code)];
  const { t, page } = officer;
  await (await action(approver, 'note')).locator('textarea').fill('Đã gọi cho bến phà, hẹn thứ năm.');
  await approver.press(t('action.note.go'));

  const mine = 'Bến phà chạy thêm hai chuyến buổi tối từ tháng sau.';
  const noting = await action(officer, 'note');
  await noting.locator('textarea').fill(mine);
  const refused = await officer.press(t('action.note.go'), noting);
  assert.equal(refused.status(), 412);
  await officer.sees(t('desk.versions.title'));
  await officer.sees(page.locator('.hk-compare mark').first());
  await glance(page, 'two versions');
  const text = () => page.locator('#act-note textarea').inputValue();
  assert.equal(await text(), mine);
  await officer.press(t('desk.versions.take_theirs'));
  assert.equal(await text(), 'Đã gọi cho bến phà, hẹn thứ năm.');
  await officer.press(t('desk.versions.take_mine'));
  assert.equal(await text(), mine, 'nothing that was typed is lost');
  await page.locator('#act-note textarea').fill(`${mine} Đã gọi cho bến phà.`);
  await officer.press(t('action.note.go'), page.locator('#act-note'));
  await officer.sees(t('action.note.done'));
  await officer.sees(`${mine} Đã gọi cho bến phà.`);
});
