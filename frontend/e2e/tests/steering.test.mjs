// A head of office finds what is late and why, and opens exactly those cases;
// an administrator merges an agency with the keyboard alone, and takes it back.
import assert from 'node:assert/strict';
import path from 'node:path';
import { caseIn, draft } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { signIn } from '../lib/journey.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

/** Leads the ministry of the demo. */
const head = 'lanh.dao@demo.test';

const { story } = world(async (folder) => {
  const service = await Service.start({ folder });
  await command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', head, '--name', 'Lãnh Đạo Thử', '--role', 'lead', '--agency', 'bo-khoa-hoc-cong-nghe'],
    input: `${password}\n`,
  });
  return service;
});

story('a head of office finds what is late and opens exactly those cases', async ({ visit, service }) => {
  await caseIn(service, 'in_progress', draft('Hồ sơ mà lãnh đạo sẽ mở'));
  const visitor = await visit({ name: 'head', device: 'desk' });
  const { page, t } = visitor;
  await signIn(visitor, head);
  await visitor.follow(t('staff.figures'));
  await glance(page, 'steering');
  const agency = page.getByRole('row', { name: /Bộ Khoa học và Công nghệ/ }).first();
  const open = agency.getByRole('link').first();
  const figure = await open.innerText();
  await visitor.leave(() => open.press('Enter'));
  await page.getByText(`${figure} hồ sơ`, { exact: true }).first().waitFor();
  await visitor.open('/staff/figures?weeks=13');
  const late = page.locator('a[href*="due=overdue"]').first();
  if ((await late.count()) > 0) {
    const count = await late.innerText();
    await visitor.leave(() => late.press('Enter'));
    await page.getByText(`${count} hồ sơ`, { exact: true }).first().waitFor();
  }
});

story('an administrator merges an agency by keyboard and takes it back', async ({ visit }) => {
  const visitor = await visit({ name: 'administrator', device: 'desk' });
  const { page, t } = visitor;
  await signIn(visitor, staff.administrator);
  await visitor.open('/staff/registry/agency');
  await glance(page, 'registry');
  await visitor.open('/staff/registry/agency/table');
  await glance(page, 'registry table');
  await visitor.open('/staff/registry/agency/bo-y-te');
  await glance(page, 'registry entry');
  await visitor.leave(() => page.getByRole('link', { name: t('registry.survey.look') }).press('Enter'));
  const successor = page.locator('#merge-successor');
  await successor.focus();
  const most = 100; // agencies to go through
  for (let i = 0; i < most && (await successor.inputValue()) !== 'bo-noi-vu'; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await successor.inputValue(), 'bo-noi-vu');
  await page.keyboard.press('Tab');
  await visitor.leave(() => page.keyboard.press('Enter'));
  await glance(page, 'preview of a merger');
  await page.locator('#merge-reason').focus();
  await page.keyboard.type('Nghị quyết về sắp xếp bộ máy');
  await page.keyboard.press('Tab');
  await visitor.leave(() => page.keyboard.press('Enter'));
  await visitor.sees(t('registry.done.merged'));
  await glance(page, 'report of a merger');
  await visitor.leave(() => page.getByRole('button', { name: t('registry.undo') }).first().press('Enter'));
  await visitor.sees(t('registry.done.undone'));
  await visitor.open('/staff/registry/agency/bo-y-te');
  await visitor.sees(t('registry.holds'));
});
