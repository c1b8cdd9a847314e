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
