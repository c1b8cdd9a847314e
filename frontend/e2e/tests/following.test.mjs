// The public's window on what was answered: searching, being told of what is
// answered later, and taking answers along into other programs and pages.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { caseIn, Desk, draft, ministry } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { goodForm, walkTo } from '../lib/journey.mjs';
import { Mailbox } from '../lib/mailbox.mjs';
import { Service, staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

// Where mails say that the pages are. A mail program ends a follow by itself
// over https alone (RFC 8058), which the tests do not speak.
const site = 'https://hienke.example';

let mailbox;
let portal; // a page of another site
let framed = ''; // what it has in its frame

const { story } = world(async (folder) => {
  mailbox = await Mailbox.open();
  portal = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="vi"><link rel="icon" href="data:,"><title>Cổng thông tin</title><h1>Cổng thông tin</h1>${framed}</html>`);
  }).listen(0, '127.0.0.1');
  await once(portal, 'listening');
  const service = await Service.start({ folder, env: { ...mailbox.env, HIENKE_HTTP_PUBLIC_URL: site, HIENKE_HTTP_EMBEDDERS: portalOrigin() } });
  const stop = service.stop.bind(service);
  service.stop = async () => {
    mailbox.close();
    portal.close();
    await stop();
  };
  return service;
});

const portalOrigin = () => `http://127.0.0.1:${portal.address().port}`;

/** The path of a link in a mail. */
const pathOf = (link) => link.replace(site, '');

/** Asks on the open page to be told at an address, and confirms it from the mail. Returns the path of the mail's link. */
async function followWith(visitor, address) {
  const { page, t } = visitor;
  await page.getByLabel(t('form.email.label'), { exact: true }).fill(address);
  const earlier = mailbox.mails.length;
  await visitor.press(t('follow.go'));
  await visitor.sees(t('follow.sent_title'));
  const confirm = pathOf((await mailbox.said(address, /https:\/\/\S+\/following\/confirm\/\S+/, earlier)).said);
  // A mail program looks at links by itself: that confirms nothing.
  for (let look = 0; look < 2; look++) await visitor.open(confirm);
  await visitor.press(t('follow.confirm_go'));
  await visitor.sees(t('follow.confirmed'));
  return confirm;
}

story('a search without hits leads on, is followed by mail, and is told once it is answered, without scripts', async ({ visit, service }) => {
  const reader = await visit({ name: 'reader', device: 'phone', scripts: false });
  const { page, t } = reader;
  await until(async () => {
    await reader.open('/vi/search?q=du+lieu');
    return (await page.locator('.hk-hit').count()) > 0;
  }, 'the demo cases are in the index');

  // Too narrow: the way out names the filter, and finds something.
  await reader.open('/vi/search?q=du+lieu&year=1999');
  await reader.sees(t('search.none_title'));
  await reader.leave(() => page.getByRole('link', { name: `${t('finding.without')} “1999”` }).click());
  assert.ok((await page.locator('.hk-hit').count()) > 0, 'without the filter something is found');

  // A name that has others: the page says what it looked for.
  await reader.open('/vi/search?q=BHTN');
  await reader.sees(t('search.none_title'));
  await reader.sees(/bảo hiểm thất nghiệp/);

  // Nobody said it yet: to send it oneself, with the words as the title.
  const title = 'Zeppelin trinh sát sạt lở đèo Khau Phạ';
  await reader.open(`/vi/search?q=${encodeURIComponent('zeppelin')}`);
  await reader.sees(t('search.none_title'));
  const own = page.locator('main').getByRole('link', { name: t('nav.submit'), exact: true });
  assert.match(await own.getAttribute('href'), /\/vi\/submit\?title=zeppelin/);

  await reader.follow(t('follow.offer_search'));
  await reader.sees('zeppelin');
  const field = page.getByLabel(t('form.email.label'), { exact: true });
  await field.fill('doc.gia@');
  assert.equal((await reader.press(t('follow.go'))).status(), 422);
  assert.equal(await field.inputValue(), 'doc.gia@', 'what was typed stays');
  const address = 'doc.gia@example.vn';
  await followWith(reader, address);
  await reader.sees('zeppelin');

  const earlier = mailbox.mails.length;
  const { code } = await caseIn(service, 'answered', draft(title));
  const digest = await mailbox.said(address, new RegExp(`${site}/vi/s/${code}`), earlier);
  assert.ok(digest.text.includes(title), 'the mail names what was answered');
  await reader.open(pathOf(digest.said));
  await reader.sees(page.getByRole('heading', { level: 1, name: title }));

  // One page, one click.
  const all = pathOf(digest.text.match(/https:\/\/\S+\/following\/\d+\/\S+/)[0]);
  await reader.open(all);
  await reader.leave(() => page.getByRole('button', { name: t('follow.end_go') }).click());
  await reader.sees(t('follow.ended_title'));
  assert.equal((await reader.open(all)).status(), 410, 'the address was forgotten with the last thing that was followed');
});

story('results follow what is typed, politely, and a case is followed until a mail program ends it', async ({ visit, service }) => {
  const sent = await caseIn(service, 'in_progress', draft('Phao tiêu thông minh cho luồng lạch cửa Thuận An'));
  const coordinator = await Desk.open(service, staff.coordinator);
  await coordinator.act(sent.code, 'publish', { public_title: 'Phao tiêu thông minh cho luồng lạch', public_body: 'Bản công khai, đã lược bỏ thông tin riêng.' });
  const reader = await visit({ name: 'reader', device: 'desk' });
  const { page, t } = reader;
  await until(async () => {
    await reader.open('/vi/search?q=phao+tieu+luong+lach');
    return (await page.locator('.hk-hit').count()) === 1;
  }, 'the open case is found');

  await reader.open('/vi/search');
  const [box, said] = [page.getByRole('searchbox'), page.getByRole('status')];
  assert.equal(await said.textContent(), '', 'nothing is announced before anything was asked');
  await box.pressSequentially('phao tieu');
  await page.waitForURL('**/vi/search?q=phao+tieu');
  await said.filter({ hasText: /1/ }).waitFor({ state: 'attached' });
  assert.ok(await box.evaluate((element) => element === document.activeElement), 'the focus stays');
  assert.equal(await page.locator('.hk-hit').count(), 1);
  await box.fill('qqzzwx');
  await said.filter({ hasText: t('search.none_title') }).waitFor({ state: 'attached' });
  await reader.sees(page.locator('main').getByRole('link', { name: t('nav.submit'), exact: true }));
  await page.goBack();
  await page.locator('.hk-hit').nth(1).waitFor();
  assert.equal(await box.inputValue(), '', 'going back shows what was shown before the typing');
  await page.goForward();
  await reader.sees(t('search.none_title'));
  assert.equal(await box.inputValue(), 'qqzzwx');

  await reader.open(`/vi/s/${sent.code}`);
  await reader.follow(t('follow.offer_case'));
  await audit(page, 'vi follow');
  const address = 'nguoi.xem@example.vn';
  const confirm = await followWith(reader, address);
  await audit(page, 'vi following');
  const earlier = mailbox.mails.length;
  const [officer, approver] = [await Desk.open(service, staff.officer), await Desk.open(service, staff.approver)];
  await officer.act(sent.code, 'draft-answer', { text: 'Bộ đã giao đơn vị thử nghiệm trong quý tới.', outcome: 'accepted', submit: true });
  await approver.act(sent.code, 'approve', { publish: true });
  const mail = await mailbox.said(address, new RegExp(`${site}/vi/s/${sent.code}`), earlier);

  // RFC 8058: the mail program posts, and nobody has to confirm anything.
  assert.equal(mail.headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
  const end = pathOf(mail.headers['list-unsubscribe'].match(/<(.*)>/)[1]);
  await reader.open(end);
  await reader.sees(page.getByRole('button', { name: t('follow.end_go') }));
  await reader.open(confirm);
  await reader.sees('Phao tiêu thông minh cho luồng lạch'); // looking has ended nothing
  const ended = await fetch(service.url + end, {
    method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(ended.status, 200);
  assert.equal((await reader.open(confirm)).status(), 410);
});

/** Reads a feed as a feed reader does; page parses the XML. */
async function feed(page, address) {
  const answer = await fetch(address);
  assert.equal(answer.status, 200, address);
  assert.match(answer.headers.get('content-type'), /^application\/atom\+xml/);
  const read = await page.evaluate((source) => {
    const xml = new DOMParser().parseFromString(source, 'application/xml');
    const text = (name, within) => within.getElementsByTagNameNS('http://www.w3.org/2005/Atom', name)[0]?.textContent ?? '';
    return {
      broken: xml.querySelector('parsererror')?.textContent, root: `${xml.documentElement.namespaceURI} ${xml.documentElement.localName}`,
      id: text('id', xml), title: text('title', xml), updated: text('updated', xml),
      entries: [...xml.getElementsByTagNameNS('http://www.w3.org/2005/Atom', 'entry')].map((entry) => ({
        id: text('id', entry), title: text('title', entry), updated: text('updated', entry), content: text('content', entry),
      })),
    };
  }, await answer.text());
  assert.equal(read.broken, undefined, address);
  assert.equal(read.root, 'http://www.w3.org/2005/Atom feed');
  for (const part of [read, ...read.entries]) assert.ok(part.id && part.title && !Number.isNaN(Date.parse(part.updated)), `${part.id} has what an entry must have`);
  const again = await fetch(address, { headers: { 'If-None-Match': answer.headers.get('etag') } });
  assert.equal(again.status, 304, 'what did not change is not sent again');
  return read;
}

story('answers go along into feed readers and pages of other sites', async ({ visit, service }) => {
  const title = 'Lưới <thu> sương & tưới chè trên núi';
  const { code } = await caseIn(service, 'answered', draft(title, { topic: 'ha-tang-so' }));
  const reader = await visit({ name: 'webmaster', device: 'desk', elsewhere: portalOrigin() });
  const { page, t } = reader;
  const ids = new Map();
  for (const narrowed of ['q=luoi+thu+suong', `agency=${ministry}`, 'topic=ha-tang-so']) {
    await until(async () => {
      await reader.open(`/vi/search?${narrowed}&sort=newest`);
      return (await page.getByRole('link', { name: title, exact: true }).count()) === 1;
    }, `the answer is found by ${narrowed}`);
    const linked = await page.locator('link[type="application/atom+xml"]').getAttribute('href');
    assert.equal(await page.locator('main').getByRole('link', { name: t('feed.atom'), exact: true }).getAttribute('href'), linked);
    const [vi, en] = [await feed(page, service.url + linked), await feed(page, service.url + linked.replace('/vi/', '/en/'))];
    const entry = vi.entries.find((one) => one.title === title);
    assert.ok(entry?.content, `${narrowed}: the feed has the answer`);
    ids.set(vi.id, narrowed);
    assert.deepEqual(vi.entries.map((one) => one.id), en.entries.map((one) => one.id), 'the same answer is the same entry in every language');
    assert.ok(entry.id.includes(code.replaceAll('-', '').slice(2)) || entry.id.includes(code), `${entry.id} names the case`);
  }
  assert.equal(ids.size, 3, 'each feed has an id of its own');

  await reader.open('/vi/search?q=luoi+thu+suong');
  await reader.follow(t('feed.page_link'));
  await audit(page, 'vi feeds');
  framed = (await page.getByLabel(t('feed.embed_label')).inputValue()).replace(site, service.url);
  const list = new URL(framed.match(/src="([^"]*)"/)[1].replaceAll('&amp;', '&'));
  assert.equal((await fetch(list)).headers.get('content-security-policy').match(/frame-ancestors ([^;]*)/)[1], portalOrigin());
  await reader.open(list.href);
  await audit(page, 'vi embed');

  for (const viewport of [{ width: 360, height: 740 }, { width: 1280, height: 900 }]) {
    await page.setViewportSize(viewport);
    await reader.open(portalOrigin());
    const inside = page.frameLocator('iframe').getByRole('link', { name: title, exact: true });
    await reader.leave(() => inside.click());
    assert.equal(page.url(), `${service.url}/vi/s/${code}`, 'the link leaves the frame');
    await reader.sees(page.getByRole('heading', { level: 1, name: title }));
  }
});

for (const [device, scripts] of [['phone', false], ['desk', true]]) {
  story(`a draft is thrown away for good (${device})`, async ({ visit }) => {
    const writer = await visit({ name: 'writer', device, scripts });
    const { page, t } = writer;
    await writer.open('/vi/submit');
    await walkTo(writer, 'topic', goodForm());
    const written = page.url();
    await writer.follow(t('discard.link'));
    if (scripts) await audit(page, 'vi discard');
    await writer.follow(t('discard.keep'));
    await writer.follow(t('discard.link'));
    await writer.press(t('discard.go'));
    await writer.sees(t('discard.done'));
    assert.ok((await writer.open(written)).status() >= 400, 'its address opens nothing');
    assert.equal(await page.getByText(goodForm().title).count(), 0);
    await writer.open('/vi/submit');
    await walkTo(writer, 'text', { kind: goodForm().kind });
    assert.equal(await page.getByLabel(t('form.title.label'), { exact: true }).inputValue(), '', 'a new form is empty');
  });
}
