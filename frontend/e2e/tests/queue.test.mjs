// A coordinator's day at the queue, with the keyboard alone: keys that are shown
// and turned off, rows and the way back to them, views, claims, an act on many
// cases that is taken back, and the work that the machine gave up.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Desk, draft, submit } from '../lib/api.mjs';
import { glance } from '../lib/audit.mjs';
import { signIn } from '../lib/journey.mjs';
import { Mailbox } from '../lib/mailbox.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { devices } from '../lib/visitor.mjs';
import { world } from '../lib/world.mjs';

/** A second coordinator. */
const colleague = 'dieu.phoi.hai@demo.test';

let mailbox;

// The mail server is away at first, so that there is work that failed.
const { story } = world(async (folder) => {
  mailbox = await Mailbox.open();
  const { env, port } = mailbox;
  mailbox.close();
  const service = await Service.start({ folder, env });
  await command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', colleague, '--name', 'Điều Phối Viên Hai', '--role', 'coordinator'],
    input: `${password}\n`,
  });
  return {
    url: service.url,
    mailPort: port,
    log: () => service.log(),
    // Mail that could not be sent is what a story is about.
    failures: () => service.failures().filter((line) => !/"job failed".*"kind":"(message\.send|account\.mail|staff\.mail)"/.test(line)),
    async stop() {
      mailbox.close();
      await service.stop();
    },
  };
});

/** Puts a coordinator at the queue. */
async function atQueue(visit, name = 'coordinator', email = staff.coordinator) {
  const visitor = await visit({ name, device: 'desk' });
  await signIn(visitor, email);
  return visitor;
}

/** Presses keys, one after the other. */
async function type({ page }, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** Presses a key that leads to another page. */
const go = (visitor, key) => visitor.leave(() => visitor.page.keyboard.press(key));

/** Chooses a link, button or summary as the keyboard does. */
const enter = (locator) => locator.press('Enter');

/** The text of what has the focus. */
const focused = ({ page }) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

const queue = (address) => new URL(address, 'http://x');

/** How many rows of two lines fit on the screen below what stands above them, and above what stays below. */
const room = ({ page }) => page.evaluate(() => {
  const body = document.querySelector('table[data-rows] tbody');
  const bar = document.querySelector('.hk-bulkbar');
  const below = getComputedStyle(bar).position === 'sticky' ? bar.getBoundingClientRect().height : 0;
  const tallest = Math.max(...[...body.rows].map((row) => row.getBoundingClientRect().height));
  return Math.floor((window.innerHeight - below - (body.getBoundingClientRect().top + window.scrollY)) / tallest);
});

/** The least that a screen of 1280 × 900 must show. */
const leastRows = 14;

async function hasRoom(visitor, what) {
  const { width, height } = visitor.page.viewportSize();
  assert.deepEqual({ width, height }, devices.desk.viewport);
  const rows = await room(visitor);
  assert.ok(rows >= leastRows, `${what} has room for ${rows} rows, wants ${leastRows}`);
}

/** The codes on the page of the queue. */
const codes = ({ page }) => page.locator('table[data-rows] tbody .hk-code').allInnerTexts();

story('keys are shown, move through rows and back to them, and stay off once turned off', async ({ visit }) => {
  const visitor = await atQueue(visit);
  const { t, page } = visitor;
  const keys = page.getByRole('dialog', { name: t('worklist.keys.title') });

  await type(visitor, '?');
  await visitor.sees(keys);
  for (const key of ['move', 'open', 'pick', 'search', 'help']) await visitor.sees(t(`worklist.keys.${key}`), keys);
  await glance(page, 'queue with its keys');
  await type(visitor, 'Escape');
  await keys.waitFor({ state: 'hidden' });

  // To a row, into the case and back, by key and by the browser.
  await type(visitor, 'j', 'j', 'j', 'k');
  const title = await page.locator('table[data-rows] tbody th a').nth(1).innerText();
  assert.equal(await focused(visitor), title);
  await go(visitor, 'o');
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await go(visitor, 'u');
  await until(async () => (await focused(visitor)) === title, 'the row has the focus again');
  await go(visitor, 'Enter');
  await visitor.back('/staff/queue');
  await until(async () => (await focused(visitor)) === title, 'the row has the focus after the way back of the browser');

  // A view, far down in it: the same page of the same view.
  await enter(page.getByRole('navigation', { name: t('worklist.views') }).getByRole('link', { name: t('worklist.view.unassigned') }));
  await page.waitForURL(/view=unassigned/);
  await type(visitor, ...Array(9).fill('j'));
  const ninth = await focused(visitor);
  await go(visitor, 'o');
  await go(visitor, 'q');
  assert.equal(queue(page.url()).search, '?view=unassigned');
  await until(async () => (await focused(visitor)) === ninth, 'the ninth row has the focus');

  await type(visitor, '?');
  await enter(keys.getByRole('button', { name: t('worklist.keys.turn_off') }));
  await visitor.sees(t('worklist.keys.off'), keys);
  await type(visitor, 'Escape');
  await visitor.open('/staff/queue');
  await type(visitor, 'j', '?');
  assert.equal(await keys.isVisible(), false, 'the list of keys stays shut');
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true, 'no row took the focus');
  const button = page.locator('[data-keys-open]');
  await enter(button);
  await enter(keys.getByRole('button', { name: t('worklist.keys.turn_on') }));
  await type(visitor, 'Escape', 'j');
  await until(async () => (await focused(visitor)).length > 0, 'keys act again');
});

story('views have counts, and a filter is saved, shared and found by a colleague', async ({ visit }) => {
  const visitor = await atQueue(visit);
  const { t, page } = visitor;
  const views = page.getByRole('navigation', { name: t('worklist.views') });
  // Opinions and to-dos have lists of their own beside the views.
  const addresses = await views.locator('li a[href^="/staff/queue"]').evaluateAll((links) => links.map((link) => link.href));
  assert.ok(addresses.length >= 8, `${addresses.length} views`);
  for (const address of addresses) {
    await visitor.open(address);
    const current = views.locator('[aria-current]');
    const tally = Number(await current.locator('.hk-tally').innerText());
    await visitor.sees(t('staff.count', { n: tally }));
    if (tally > 0) await hasRoom(visitor, address);
  }

  await visitor.open('/staff/queue');
  await type(visitor, 'f', 'Escape');
  assert.equal(await page.getByLabel(t('form.status.label'), { exact: true }).isVisible(), false, 'what lies over the rows is shut again');
  await type(visitor, 'f');
  await page.getByLabel(t('form.status.label'), { exact: true }).selectOption('all');
  await page.getByLabel(t('form.via.label'), { exact: true }).selectOption('web');
  await visitor.leave(() => page.getByLabel(t('form.via.label'), { exact: true }).press('Control+Enter'));
  await hasRoom(visitor, 'a filtered queue');
  await type(visitor, 'j', 'x', 'j', 'x');
  await visitor.sees(t('worklist.chosen_count', { n: 2 }));
  await hasRoom(visitor, 'a filtered queue with two rows chosen');
  await glance(page, 'queue with chosen rows');

  await type(visitor, 's');
  await page.keyboard.type('Gửi qua trang thông tin');
  await type(visitor, 'Tab', 'Space');
  await visitor.leave(() => page.getByLabel(t('form.view_name.label'), { exact: true }).press('Control+Enter'));
  await visitor.sees(t('worklist.done.view-saved'));
  const saved = views.getByRole('link', { name: 'Gửi qua trang thông tin' });
  const count = await saved.locator('.hk-tally').innerText();
  assert.match(await page.locator('main').innerText(), new RegExp(t('staff.count', { n: count })));
  assert.equal(await saved.getAttribute('aria-current'), 'page');
  await hasRoom(visitor, 'a saved view, just saved');
  await go(visitor, 'v');
  await glance(page, 'saved views');

  const other = await atQueue(visit, 'colleague', colleague);
  const shared = other.page.getByRole('navigation', { name: t('worklist.views') }).getByRole('link', { name: 'Gửi qua trang thông tin' });
  await other.leave(() => enter(shared));
  await other.sees(t('staff.count', { n: count }));
});

story('two coordinators claim other cases; many are assigned at once, one not, and all is taken back', async ({ visit, service }) => {
  const desk = await Desk.open(service, staff.coordinator);
  // More than one coordinator may claim at once.
  for (let n = 1; n <= 16; n++) {
    const { code } = await submit(service, draft(`Việc chờ phân loại số ${n} của bến sông`, { body: bodies(n) }));
    if (n === 16) await desk.settled(code);
  }
  const first = await atQueue(visit, 'first');
  const { t, page } = first;
  const second = await atQueue(visit, 'second', colleague);
  await go(first, 'c');
  await first.sees(t('worklist.done.claimed', { n: 20 }));
  await go(second, 'c');
  const [mine, theirs] = [await codes(first), await codes(second)];
  assert.equal(mine.length, 20);
  assert.ok(theirs.length > 0, 'the second coordinator gets what is left');
  assert.deepEqual(mine.filter((code) => theirs.includes(code)), [], 'nobody gets what another holds');
  await hasRoom(first, 'the claimed cases, just claimed');

  await type(first, 'j', 'x', 'j', 'x', 'j', 'Shift+X');
  await first.sees(t('worklist.chosen_count', { n: 3 }));
  await go(first, 'b');
  await glance(page, 'acts on chosen cases');
  const assign = page.locator('#act-assign');
  await type(first, await assign.locator('summary').getAttribute('data-key'));
  await assign.getByRole('combobox').first().selectOption('bo-y-te');
  await first.leave(() => assign.getByRole('combobox').first().press('Control+Enter'));
  await first.sees(t('worklist.sum.fit', { n: 3 }));

  // Meanwhile somebody decides about one of them.
  await desk.act(mine[1], 'assign', { agency: 'bo-cong-an', reason: 'Đúng việc của Bộ' });
  await go(first, 'g');
  await first.sees(t('worklist.sum.done', { n: 2 }));
  const line = page.getByRole('row', { name: mine[1] });
  assert.match(await line.innerText(), new RegExp(t('worklist.line.refused')));
  assert.match(await line.innerText(), new RegExp(t('problem.submission.version_mismatch')));
  await glance(page, 'what became of it');
  assert.equal((await desk.see(mine[0])).agency, 'bo-y-te');
  assert.equal((await desk.see(mine[1])).agency, 'bo-cong-an');

  await go(first, 'z');
  await first.sees(t('worklist.sum.fit', { n: 2 }));
  await go(first, 'g');
  await first.sees(t('worklist.sum.done', { n: 2 }));
  for (const code of [mine[0], mine[2]]) assert.equal((await desk.see(code)).status, 'triage', `${code} waits for a coordinator again`);
  assert.equal((await desk.see(mine[1])).agency, 'bo-cong-an', 'what the colleague decided stays');

  // The colleague reads what was done.
  await second.open('/staff/bulk/works');
  await second.sees(t('worklist.works_none'));
  await second.follow(t('worklist.works_all'));
  await glance(second.page, 'what everybody did to many cases');
  await second.follow(t('worklist.undo_of', { act: t('worklist.act.assign') }));
  await second.sees(mine[0]);
});

story('work that failed is listed and goes again', async ({ visit, service }) => {
  const { code } = await submit(service, draft('Lớp học nghề cho người đi biển', {
    submitter: { type: 'person', name: 'Nguyễn Thị Lan', email: 'lan.bien@example.vn' },
  }));
  const visitor = await atQueue(visit);
  const { t, page } = visitor;
  const row = page.getByRole('row', { name: t('worklist.job.message_send') }).filter({ hasText: code });
  await until(async () => {
    await visitor.open('/staff/tasks');
    return (await row.count()) > 0;
  }, 'the mail that could not be sent is listed', 30_000);
  await glance(page, 'tasks');

  mailbox = await Mailbox.open(service.mailPort);
  await visitor.leave(() => enter(row.getByRole('button').first()));
  await visitor.sees(t('worklist.done.retry'));
  await until(() => mailbox.mails.some((mail) => mail.to === 'lan.bien@example.vn'), 'the mail arrives');
  await until(async () => {
    await visitor.open('/staff/tasks');
    return (await row.count()) === 0;
  }, 'the work is off the list');
});

/** Letters that name no agency and are like no other. */
function bodies(n) {
  const things = ['cây cầu tre', 'bến phà cũ', 'mái đình làng', 'bờ kè đá', 'giếng cổ', 'vườn ươm', 'sân phơi', 'lò gạch'];
  const wishes = ['cho ý kiến về', 'nghĩ cách giữ lại', 'bàn với bà con về', 'tìm người trông nom'];
  return `Xin ${wishes[n % 4]} ${things[n % 8]} thứ ${n} của xóm chúng tôi. Năm ${1900 + n * 3} ông bà đã góp công dựng nên, nay con cháu ở xa ${n} cây số không ai rõ phải làm gì.`;
}
