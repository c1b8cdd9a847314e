// The queue as a file: a short list at once, a long one while nobody waits, and
// for nobody but who asked.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { Desk, draft, submit } from '../lib/api.mjs';
import { audit, glance } from '../lib/audit.mjs';
import { Hand, handAt } from '../lib/hand.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

/** Has the same rights as the coordinator of the demo. */
const colleague = 'dieu.phoi.2@demo.test';
// More than are written straight into an answer.
const many = 2001;
let home;

const { story } = world(async (folder) => {
  const service = await Service.start({ folder });
  home = folder;
  await command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', colleague, '--name', 'Điều Phối Khác', '--role', 'coordinator'], input: `${password}\n`,
  });
  return service;
});

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
  assert.doesNotMatch(csv.bytes.toString('utf8'), /Thị Kín|kin@/, 'no contact');
  const state = coordinator.t('state.assigned');
  assert.ok(lines.slice(1).every((line) => line.includes(`,${state},`)), 'the list is narrowed as the page is');

  const xlsx = await take(coordinator, foot(coordinator, 'xlsx'));
  assert.match(xlsx.name, /\.xlsx$/);
  const sheet = unzip(xlsx.bytes, 'xl/worksheets/sheet1.xml');
  assert.equal(sheet.match(/<row /g).length, lines.length, 'as many lines as in the other file');
  assert.ok(sheet.includes('HYPERLINK(') && !/<f[ >]/.test(sheet), 'a text and no formula');
});

/**
 * Asks for the file of a short list as the form of the offer does, so that the
 * test need not wait for a long one: the list may have shrunk since the offer.
 */
async function ask(hand, fields) {
  await hand.page.getByRole('main').evaluate((main, values) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '/staff/exports' });
    for (const [name, value] of Object.entries(values)) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    form.append(Object.assign(document.createElement('button'), { textContent: 'ask' }));
    main.append(form);
  }, fields);
  await hand.button('ask');
}

/** The button that takes a file which is ready; its size stands in it. */
const ready = ({ page, t }) => page.getByRole('button', { name: new RegExp(`^${t('export.download', { size: '\u0000' }).split('\u0000')[0].replace('(', '\\(')}`) });

/** Neither the page nor the file of an export is there for somebody else. */
async function refused({ page, visitor }, address) {
  for (const place of [address, `${address}/file`]) {
    const answer = await visitor.open(place);
    assert.equal(answer.status(), 404, place);
  }
  await glance(page, 'export of somebody else');
}

story('a file is made without a script while nobody waits, and nobody else gets it', async ({ visit }) => {
  const other = await handAt(visit, 'colleague', colleague);
  await other.visitor.open('/staff/exports');
  await other.visitor.sees(other.t('export.none'));
  await other.keysAreTrue('no exports');
  await audit(other.page, 'exports, none');

  const coordinator = await new Hand(await visit({ name: 'coordinator', device: 'desk', scripts: false })).signIn(staff.coordinator);
  const { page, t, visitor } = coordinator;
  const refresh = page.locator('meta[http-equiv=refresh]');
  await visitor.open('/staff/queue?sort=newest&status=assigned');
  const atOnce = await take(coordinator, foot(coordinator, 'csv'));
  await visitor.open('/staff/exports');
  await ask(coordinator, { format: 'csv', status: 'assigned' });
  const address = new URL(page.url()).pathname;
  assert.match(address, /^\/staff\/exports\/\d+$/);
  await ready(coordinator).waitFor(); // the page asks for itself until then
  assert.equal(await refresh.count(), 0, 'what is done stands still');
  await visitor.sees(t('export.kept_until'));
  const later = await take(coordinator, ready(coordinator));
  assert.equal(later.name, atOnce.name);
  assert.ok(later.bytes.equals(atOnce.bytes), 'the same list as at once');
  assert.ok(later.bytes.includes(harmless), 'and no formula in it');

  for (const [name, email] of [['administrator', staff.administrator], ['officer', staff.officer]]) await refused(await handAt(visit, name, email), address);
  await refused(other, address); // with the very same rights
  await other.visitor.open('/staff/exports');
  await other.visitor.sees(other.t('export.none'));
});

story('a long list is offered as a file, and its way is followed by keys', async ({ visit }) => {
  const coordinator = await handAt(visit, 'coordinator', staff.coordinator);
  const { page, t, visitor } = coordinator;
  await visitor.open('/staff/exports');
  await ask(coordinator, { format: 'xlsx', status: 'assigned' });
  await ready(coordinator).waitFor(); // a script looks
  await coordinator.keysAreTrue('file');
  await audit(page, 'file that is ready');
  const { name, bytes } = await take(coordinator, ready(coordinator));
  assert.match(name, /\.xlsx$/);
  assert.ok(!/<f[ >]/.test(unzip(bytes, 'xl/worksheets/sheet1.xml')));

  const file = path.join(home, 'y-kien-cu.jsonl');
  const line = (_, i) => JSON.stringify({ id: String(i), title: `Ý kiến cũ số ${i} về đường làng`, body: `Đường làng đoạn ${i} cần đèn, cây bóng mát và ghế đá cho người già.` });
  await writeFile(file, Array.from({ length: many }, line).join('\n'));
  await command({ args: ['--data', path.join(home, 'serve'), 'import', file] });
  await visitor.open('/staff/queue?status=all&via=import');
  await coordinator.enter(foot(coordinator, 'csv'));
  await page.getByRole('heading', { level: 1, name: t('export.offer') }).waitFor();
  const n = many.toLocaleString('vi');
  await visitor.sees(t('export.offer_lead', { n }));
  await coordinator.keysAreTrue('offer');
  await coordinator.tabsThrough('offer');
  await audit(page, 'offer of a file');
  await coordinator.go('g');

  await page.waitForURL(/\/staff\/exports\/\d+$/);
  await coordinator.keysAreTrue('file asked for');
  await audit(page, 'file asked for');

  await coordinator.link(t('export.list'));
  await coordinator.keysAreTrue('exports');
  await coordinator.tabsThrough('exports');
  await audit(page, 'exports');
  const rows = page.getByRole('table').getByRole('row');
  assert.equal(await rows.count(), 4, 'the head and what was asked for');
  await coordinator.go('u');
  await page.getByRole('heading', { level: 1, name: t('staff.queue') }).waitFor();
});
