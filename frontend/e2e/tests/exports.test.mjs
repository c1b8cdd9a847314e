// The queue as a file for a spreadsheet, as a coordinator takes it out.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { Desk, draft, submit } from '../lib/api.mjs';
import { handAt } from '../lib/hand.mjs';
import { staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

const formula = '=HYPERLINK("http://mau.test","x")';
const harmless = `"'=HYPERLINK(""http://mau.test"",""x"")"`;

/** Takes the file that a link leads to, with the Enter key. */
async function take(hand, link) {
  const download = hand.page.waitForEvent('download');
  await hand.reach(link);
  await hand.key('Enter');
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** The lines of a CSV file; no text in these tests breaks a line. */
const linesOf = (bytes) => bytes.toString('utf8').trimEnd().split(/\r?\n/);

/** A file out of a ZIP, by its name: found in the directory at the archive's end. */
function unzip(bytes, wanted) {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x02014b50;) {
    const [length, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    if (bytes.toString('utf8', at + 46, at + 46 + length) === wanted) {
      const local = bytes.readUInt32LE(at + 42);
      const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const packed = bytes.subarray(from, from + bytes.readUInt32LE(at + 20));
      return (bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed).toString('utf8');
    }
    at += 46 + length + extra + comment;
  }
  throw new Error(`no ${wanted} in the archive`);
}

/** The links below the queue that make a file of it. */
const foot = (hand, format) => hand.page.locator('.hk-queue__foot').getByRole('link', { name: hand.t(`export.file.${format}`), exact: true });

story('a coordinator takes a short list at once, and no title in it becomes a formula', async ({ visit, service }) => {
  const { code } = await submit(service, draft(formula, { submitter: { type: 'person', name: 'Nguyễn Thị Kín', email: 'kin@example.vn' } }));
  await (await Desk.open(service, staff.coordinator)).settled(code);
  const coordinator = await handAt(visit, 'coordinator', staff.coordinator);
  await coordinator.visitor.open('/staff/queue?sort=newest&status=assigned');

  const csv = await take(coordinator, foot(coordinator, 'csv'));
  assert.match(csv.name, /^ho-so-\d{4}-\d\d-\d\d\.csv$/);
  assert.deepEqual([...csv.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'a spreadsheet is told that it is UTF-8');
  const lines = linesOf(csv.bytes);
  assert.ok(lines[0].includes(`${coordinator.t('export.col.code')},${coordinator.t('export.col.kind')},${coordinator.t('export.col.title')}`));
  assert.ok(lines.some((line) => line.startsWith(`${code},`) && line.includes(`,${harmless},`)), 'the title has an apostrophe before it');
  assert.doesNotMatch(csv.bytes.toString('utf8'), /(^|,|\n)"?[=+@-]/, 'no cell begins like a formula');
  assert.doesNotMatch(csv.bytes.toString('utf8'), /Kín|kin@/, 'no contact');
  const state = coordinator.t('state.assigned');
  assert.ok(lines.slice(1).every((line) => line.includes(`,${state},`)), 'the list is narrowed as the page is');

  const xlsx = await take(coordinator, foot(coordinator, 'xlsx'));
  assert.match(xlsx.name, /\.xlsx$/);
  const sheet = unzip(xlsx.bytes, 'xl/worksheets/sheet1.xml');
  assert.equal(sheet.match(/<row /g).length, lines.length, 'as many lines as in the other file');
  assert.ok(sheet.includes('HYPERLINK(') && !/<f[ >]/.test(sheet), 'a text and no formula');
});
