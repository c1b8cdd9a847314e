// The citizen's way in: what happens beside the form while somebody writes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fillForm, goodForm, readReceipt, walkTo } from '../lib/journey.mjs';
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
