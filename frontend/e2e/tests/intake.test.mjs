// The citizen's way in: what happens beside the form while somebody writes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { audit } from '../lib/audit.mjs';
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
    await field('staff_intake.received_on.label').fill('2026-11-20');
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
