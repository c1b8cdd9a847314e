// What a page weighs on the wire, on the first visit and on the second. A first
// visit to a page of the citizen and the public must not weigh more than 40 kB,
// which is four seconds on 2G at 80 kbit/s. What staff get is printed, not judged.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { fillForm, goodForm, readReceipt, signIn, walkTo } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** Opens an address and returns the bytes that came over the wire, headers among them, and the number of requests. */
async function weigh(visitor, address) {
  const wire = await visitor.context.newCDPSession(visitor.page);
  await wire.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  const cached = new Set();
  wire.on('Network.requestServedFromCache', ({ requestId }) => cached.add(requestId));
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (cached.has(requestId)) return;
    bytes += encodedDataLength;
    requests += encodedDataLength > 0 ? 1 : 0;
  });
  await visitor.page.goto(address, { waitUntil: 'networkidle' });
  await wire.detach();
  return { bytes, requests };
}

const budget = 40_000; // bytes

const written = (page, cold, warm) =>
  `${page.padEnd(26)} cold ${(cold.bytes / 1000).toFixed(1).padStart(5)} kB in ${cold.requests}, warm ${(warm.bytes / 1000).toFixed(1).padStart(5)} kB in ${warm.requests}`;

story('no public page is heavier than its budget', async ({ t, visit, service }) => {
  const { code } = await caseIn(service, 'answered', draft('Hồ sơ để cân trang công khai'));
  const heavy = [];
  const addresses = [
    '/vi/', '/en/', '/vi/submit', '/vi/submit/sent', '/vi/track', '/vi/search', '/vi/search?q=du+lieu', `/vi/s/${code}`, '/vi/stats', '/vi/how-it-works',
    '/vi/what-belongs', '/vi/privacy', '/vi/accessibility', '/vi/contact', '/vi/khong-co-trang-nay',
  ];
  const judge = (page, cold, warm) => {
    t.diagnostic(written(page, cold, warm));
    if (cold.bytes > budget) heavy.push(`${page} weighs ${cold.bytes} bytes`);
  };
  for (const address of addresses) {
    const visitor = await visit({ name: 'first visit', device: 'phone' });
    judge(address.replace(code, '{code}'), await weigh(visitor, address), await weigh(visitor, address));
  }
  // Each step as if its resumable link were opened on another telephone.
  const writer = await visit({ name: 'writer', device: 'phone' });
  await writer.open('/vi/submit');
  for (const step of ['text', 'topic', 'sender', 'review']) {
    await walkTo(writer, step, goodForm());
    const address = new URL(writer.page.url()).pathname;
    const visitor = await visit({ name: step, device: 'phone' });
    judge(`form, ${step}`, await weigh(visitor, address), await weigh(visitor, address));
  }
  await fillForm(writer, goodForm());
  await writer.press(writer.t('submit.send'));
  const receipt = await readReceipt(writer);
  const wire = await writer.context.newCDPSession(writer.page);
  await wire.send('Network.clearBrowserCache');
  judge('receipt', await weigh(writer, '/vi/submit/sent'), await weigh(writer, '/vi/submit/sent'));
  await writer.open('/vi/track');
  await writer.page.getByLabel(writer.t('form.code.label'), { exact: true }).fill(receipt.code);
  await writer.page.getByLabel(writer.t('form.secret.label'), { exact: true }).fill(receipt.secret);
  await writer.press(writer.t('track.open'));
  await wire.send('Network.clearBrowserCache');
  judge('tracked', await weigh(writer, `/vi/track/${receipt.code}`), await weigh(writer, `/vi/track/${receipt.code}`));
  assert.deepEqual(heavy, []);
});

story('what staff get is weighed', async ({ t, visit, service }) => {
  const { code } = await caseIn(service, 'answered', draft('Hồ sơ để cân trang cán bộ'));
  for (const address of ['/staff/queue', `/staff/cases/${code}`]) {
    const visitor = await visit({ name: 'staff', device: 'desk' });
    await signIn(visitor, staff.coordinator);
    const wire = await visitor.context.newCDPSession(visitor.page);
    await wire.send('Network.clearBrowserCache');
    t.diagnostic(written(address.replace(code, '{code}'), await weigh(visitor, address), await weigh(visitor, address)));
  }
});
