// The citizen's way in: what happens beside the form while somebody writes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { audit } from '../lib/audit.mjs';
import { caseIn, draft } from '../lib/api.mjs';
import { fillForm, goodForm, readReceipt, signIn, walkTo } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

story('the browser does its task while somebody writes, and once is enough', async ({ visit }) => {
  const visitor = await visit({ name: 'citizen', device: 'phone' });
  const { page } = visitor;
  await visitor.open('/vi/submit');
  const work = page.locator('input[name="altcha"]');
  await until(() => work.inputValue(), 'the task is done');
  const { challenge, solution } = JSON.parse(Buffer.from(await work.inputValue(), 'base64').toString());
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(solution.counter);
  const { salt, nonce, keyPrefix } = challenge.parameters;
  const key = createHash('sha256').update(Buffer.from(salt + nonce, 'hex')).update(counter).digest('hex');
  assert.equal(key, solution.derivedKey);
  assert.ok(key.startsWith(keyPrefix));
  await walkTo(visitor, 'text', goodForm());
  assert.equal(await work.count(), 0, 'nothing more is asked of the browser');
  await walkTo(visitor, 'review', goodForm());
  await fillForm(visitor, goodForm());
  await visitor.press(visitor.t('submit.send'));
  await readReceipt(visitor);
});

for (const scripts of [false, true]) {
  story(`an officer keys in a letter and prints the receipt, ${scripts ? 'with' : 'without'} scripts`, async ({ visit }) => {
    const officer = await visit({ name: 'officer', device: 'desk', scripts });
    const { page, t } = officer;
    const look = (name) => scripts && audit(page, name); // axe is a script itself
    await signIn(officer, staff.officer);
    await officer.follow(t('staff.intake'));
    await look('staff-intake');
    const refused = await officer.press(t('staff_intake.check'));
    assert.equal(refused.status(), 422);
    await look('staff-intake-failed');
    const field = (key) => page.getByLabel(t(key), { exact: true });
    const optional = (key) => page.getByLabel(t('form.optional', { label: t(key) }), { exact: true });
    const title = `Cầu treo bản Mẫu cần thay ván ${scripts}`;
    await page.getByRole('radio', { name: t('desk.channels.letter'), exact: true }).check();
    await field('staff_intake.received_on.label').fill('20/11/2026');
    await field('staff_intake.kind.label').selectOption('unsure');
    await field('staff_intake.title.label').fill(title);
    await field('staff_intake.body.label').fill('Kính gửi cơ quan. Cầu treo bản Mẫu mục ván, học sinh đi lại nguy hiểm. Đề nghị thay ván trước mùa mưa. Gọi 0912 345 678.');
    await page.getByRole('radio', { name: t('form.submitter.type.person'), exact: true }).check();
    await field('staff_intake.submitter_name.label').fill('Ông Lò Văn Mẫu');
    await optional('staff_intake.submitter_address.label').fill('Bản Mẫu');
    await page.getByRole('radio', { name: t('staff_intake.consents.written'), exact: true }).check();
    await officer.press(t('staff_intake.check'));
    await officer.sees('0912 345 678');
    await look('staff-intake-review');
    await officer.press(t('staff_intake.store'));
    await officer.sees(page.getByRole('heading', { level: 1, name: t('staff_intake.receipt') }));
    await look('staff-intake-receipt');
    const [code, secret] = await page.locator('.hk-slip .hk-code').allInnerTexts();
    assert.match(code, /^HK(-[0-9A-Z]{4}){3}$/);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('link', { name: t('staff_intake.another') }).isVisible(), false, 'paper has no links');
    await officer.sees(page.getByText(secret));
    await page.emulateMedia({ media: 'screen' });

    const sender = await visit({ name: 'sender', device: 'phone', scripts });
    await sender.open('/vi/track');
    await sender.page.getByLabel(t('form.code.label'), { exact: true }).fill(code.toLowerCase());
    await sender.page.getByLabel(t('form.secret.label'), { exact: true }).fill(secret.replace('-', ' '));
    await sender.press(t('track.open'));
    await sender.sees(title);
    await sender.sees(t('event_told.keyed_in'));
  });
}

// A cheap telephone on 3G: what Chrome's developer tools call "slow 3G", in
// bytes per second and milliseconds.
const slow3G = { offline: false, downloadThroughput: 50_000, uploadThroughput: 50_000, latency: 400 };

/** Puts a slow line before a page and adds up what comes over it. */
async function slowLine(visitor) {
  const wire = await visitor.context.newCDPSession(visitor.page);
  await wire.send('Network.enable');
  await wire.send('Network.emulateNetworkConditions', slow3G);
  const line = { bytes: 0, pages: 0, seconds: 0 };
  let left = 0;
  wire.on('Network.requestWillBeSent', ({ type, timestamp }) => {
    if (type === 'Document' && !left) left = timestamp;
  });
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => { line.bytes += encodedDataLength; });
  wire.on('Page.loadEventFired', ({ timestamp }) => {
    line.pages += 1;
    line.seconds += timestamp - left;
    left = 0;
  });
  await wire.send('Page.enable');
  return line;
}

for (const scripts of [false, true]) {
  story(`somebody older sends a proposal from a cheap phone on 3G, ${scripts ? 'with' : 'without'} scripts`, async ({ t: test, visit, service }) => {
    const earlier = `Loa truyền thanh cho bản xa ${scripts}`;
    const wish = `Đề nghị lắp loa truyền thanh thông minh cho các bản xa trung tâm, để bà con nghe tin thời tiết và lịch khám bệnh, mẫu ${scripts}.`;
    await caseIn(service, 'answered', draft(earlier, { body: wish }));
    const form = goodForm({ kind: 'unsure', title: `Lắp loa truyền thanh cho bản xa ${scripts}`, body: `${wish} Bản tôi chưa có điện lưới nên cần loa dùng pin mặt trời.` });
    const citizen = await visit({ name: 'citizen', device: 'phone', scripts });
    const { page, t } = citizen;
    const look = (name) => scripts && audit(page, name).then(() => page.setViewportSize({ width: 360, height: 740 }));
    await until(async () => { // the earlier answer must be on the public shelf first
      const found = await fetch(`${service.url}/api/v1/similar`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ title: form.title, body: form.body }) });
      return (await found.json()).matches?.length > 0;
    }, 'the earlier answer can be found');
    const line = await slowLine(citizen);
    await citizen.open('/vi/');
    await citizen.leave(() => page.getByRole('main').getByRole('button', { name: t('home.send') }).click());
    await look('submit-kind');
    await walkTo(citizen, 'text', form);
    await look('submit-text');
    await fillForm(citizen, form);
    await citizen.press(t('submit.next'));
    await citizen.sees(page.getByRole('heading', { level: 1, name: t('submit.similar.title') }));
    await look('submit-similar');
    await walkTo(citizen, 'topic', form);
    await look('submit-topic');
    await walkTo(citizen, 'sender', form);
    await look('submit-sender');
    await walkTo(citizen, 'review', form);
    await look('submit-review');
    await fillForm(citizen, form);
    await citizen.press(t('submit.send'));
    const { code } = await readReceipt(citizen);
    await look('sent');
    await citizen.follow(t('sent.track'));
    await citizen.sees(t('tracked.next'));
    await citizen.sees(t('event_told.received'));
    await look('tracked-new');
    assert.match(await page.locator('h1').innerText(), new RegExp(code));
    test.diagnostic(`${scripts ? 'with' : 'without'} scripts: ${line.pages} pages, ${(line.bytes / 1000).toFixed(1)} kB, ${line.seconds.toFixed(1)} s of waiting on slow 3G`);
    assert.ok(line.seconds < 60, `a minute of five is spent waiting: ${line.seconds} s`);
  });
}

story('an organisation sends, and a wrong page keeps what it wrote', async ({ visit }) => {
  const visitor = await visit({ name: 'organisation', device: 'phone', scripts: false });
  const { page, t } = visitor;
  const form = goodForm({ submitter: 'organisation', title: 'Hợp tác xã đề nghị mẫu hợp đồng dữ liệu' });
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'sender', form);
  await fillForm(visitor, form);
  const refused = await visitor.press(t('submit.next'));
  assert.equal(refused.status(), 422);
  assert.equal(await page.getByLabel(t('form.submitter.name.label'), { exact: true }).inputValue(), form.name);
  await page.getByLabel(t('form.optional', { label: t('form.submitter.organisation.label') }), { exact: true }).fill('Hợp tác xã Mẫu');
  await visitor.press(t('submit.next'));
  await visitor.sees('Hợp tác xã Mẫu');
  await fillForm(visitor, form);
  await visitor.press(t('submit.send'));
  await readReceipt(visitor);
});

story('a draft goes on on another device by its address, and two tabs on two steps lose nothing', async ({ visit }) => {
  const phone = await visit({ name: 'phone', device: 'phone' });
  const form = goodForm({ title: 'Viết ở điện thoại, gửi ở máy tính' });
  await phone.open('/vi/submit');
  await walkTo(phone, 'topic', form);
  const address = new URL(await phone.page.locator('.hk-resume a').first().getAttribute('href'), phone.page.url()).pathname;
  await phone.sees(phone.t('submit.resume_title'));
  const second = await phone.tab();
  await phone.open(`${address}/text`, second);
  const written = second.getByLabel(phone.t('form.title.label'), { exact: true });
  await written.fill('Viết ở hai cửa sổ, gửi ở máy tính');
  await phone.press(phone.t('submit.next'));
  await phone.press(phone.t('submit.next'), second);

  const desk = await visit({ name: 'desk', device: 'desk' });
  await desk.open(address);
  await walkTo(desk, 'review', form);
  await desk.sees('Viết ở hai cửa sổ, gửi ở máy tính');
  await fillForm(desk, form);
  await desk.press(desk.t('submit.send'));
  await readReceipt(desk);
  await phone.open(address);
  await phone.sees(phone.page.getByRole('heading', { level: 1, name: phone.t('sent.lost_title') }));
});
