// Letters on paper, for people who left nothing but an address: the list, the
// sheets as a printer gets them, and the note that they were posted.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

// CSS pixels in a millimetre.
const mm = 96 / 25.4;

/** Somebody with an address and nothing else. */
const by = (name, address) => ({ submitter: { type: 'person', name, address } });

story('an officer prints letters, one on each sheet, and notes that they were posted', async ({ visit, service }) => {
  const [asked, answered] = await Promise.all([
    caseIn(service, 'awaiting_citizen', draft('Máy xay xát dùng chung cho ba bản', by('Lò Văn Mẫu', 'Bản Mẫu, xã Mẫu, tỉnh Sơn La'))),
    caseIn(service, 'answered', draft('Tủ sách khoa học ở bến đò', by('Nguyễn Thị Mẫu Tên Rất Dài Để Xuống Dòng', 'Số 17, ngõ 203, đường Mẫu Thượng, tổ dân phố số 4, phường Mẫu, thành phố Mẫu'))),
  ]);
  const officer = await visit({ name: 'officer', device: 'desk' });
  const { page, t } = officer;
  await signIn(officer, staff.officer);
  await page.getByRole('navigation').getByRole('link', { name: t('staff.post') }).first().waitFor();
  const waiting = page.getByRole('region', { name: t('letters.table') }).getByRole('row');
  const listed = async () => {
    await officer.open('/staff/post');
    return (await waiting.count()) === 3; // with the head
  };
  for (let tries = 0; !(await listed()); tries += 1) assert.ok(tries < 100, 'both letters wait');
  const main = page.getByRole('main');
  for (const secret of ['Mẫu Thượng', 'Lò Văn Mẫu']) assert.equal(await main.getByText(secret).count(), 0, 'the list shows no addressee');
  await audit(page, 'post-list');

  // Nothing chosen, then all.
  const box = (code) => page.getByRole('checkbox', { name: t('letters.choose', { code }), exact: true });
  for (const { code } of [asked, answered]) await box(code).uncheck();
  assert.equal((await officer.press(t('letters.print'))).status(), 422);
  await officer.sees(t('letters.none_chosen'));
  for (const { code } of [asked, answered]) await box(code).check();
  await officer.press(t('letters.print'));
  await audit(page, 'post-sheets');

  // On paper: A4 with the margins that the page asks for.
  const sheets = page.getByRole('article');
  assert.equal(await sheets.count(), 2);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: Math.round(170 * mm), height: Math.round(257 * mm) });
  assert.equal(await page.getByRole('button').count() + (await page.getByRole('heading', { level: 1 }).count()), 0, 'what is for the screen stays there');
  const to = await sheets.first().locator('.hk-letter__to').boundingBox();
  const [left, top] = [to.x / mm, to.y / mm];
  assert.ok(Math.abs(left - 65) < 1 && Math.abs(top - 25) < 1, `the address lies ${left.toFixed(1)} mm from the left and ${top.toFixed(1)} mm from the top of the margins, where no window is`);
  const paper = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
  assert.equal(paper.match(/\/Type\s*\/Page\b/g).length, 2, 'each letter has a sheet of its own');
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 1280, height: 900 });

  await officer.press(t('letters.posted_all'));
  await officer.sees(t('letters.posted_done.other', { n: 2 }));
  await officer.sees(t('letters.empty'));
  await audit(page, 'post-posted');
  const row = page.getByRole('row', { name: asked.code });
  const undo = row.getByRole('button', { name: t('letters.undo') });
  assert.notEqual(await undo.evaluate((button) => getComputedStyle(button).color), 'rgb(255, 255, 255)', 'axe does not see white on white');
  await officer.leave(() => undo.click());
  await officer.sees(t('letters.undone'));
  assert.equal(await waiting.count(), 2, 'a slip is taken back');
});
