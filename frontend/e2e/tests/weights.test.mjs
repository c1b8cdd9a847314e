// What a page weighs on the wire, on the first visit and on the second. The
// figures are printed, not judged: the budget is 40 kB for a citizen's first.
import { caseIn, draft } from '../lib/api.mjs';
import { signIn } from '../lib/journey.mjs';
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

story('page weights, cold and warm', async ({ t, visit, service }) => {
  const { code } = await caseIn(service, 'answered', draft('Hồ sơ để cân trang công khai'));
  const line = (page, cold, warm) => t.diagnostic(
    `${page.padEnd(22)} cold ${(cold.bytes / 1000).toFixed(1).padStart(5)} kB in ${cold.requests}, warm ${(warm.bytes / 1000).toFixed(1).padStart(5)} kB in ${warm.requests}`,
  );
  for (const address of ['/vi/', '/vi/submit', '/vi/track', '/vi/search?q=du+lieu', `/vi/s/${code}`]) {
    const visitor = await visit({ name: 'first visit', device: 'phone' });
    line(address.replace(code, '{code}'), await weigh(visitor, address), await weigh(visitor, address));
  }
  for (const address of ['/staff/queue', `/staff/cases/${code}`]) {
    const visitor = await visit({ name: 'staff', device: 'desk' });
    await signIn(visitor, staff.coordinator);
    const wire = await visitor.context.newCDPSession(visitor.page);
    await wire.send('Network.clearBrowserCache');
    line(address.replace(code, '{code}'), await weigh(visitor, address), await weigh(visitor, address));
  }
});
