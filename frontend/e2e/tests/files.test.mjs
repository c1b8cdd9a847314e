// Files on their way: from a telephone whose line breaks, from a browser without
// scripts, to the desk of whoever reads them, and before everybody.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Desk } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { fillForm, goodForm, readReceipt, signIn, walkTo } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

const file = (name, text, size = text.length) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text.repeat(Math.ceil(size / text.length))) });
const table = file('Số đo độ pH ở hồ.txt', 'Giờ thứ bảy: 7,1. ');
const page = { name: 'trang.html', mimeType: 'text/html', buffer: Buffer.from('<!DOCTYPE html><script>1</script>') };

/** Sends the form from the step of the files on. */
async function send(citizen, form) {
  await walkTo(citizen, 'review', form);
  await fillForm(citizen, form);
  await citizen.press(citizen.t('submit.send'));
  return readReceipt(citizen);
}

/** Clicks a link and returns what was saved, with its name. */
async function save(visitor, link) {
  const download = visitor.page.waitForEvent('download');
  await link.click();
  const saved = await download;
  return { name: saved.suggestedFilename(), content: await readFile(await saved.path()) };
}

for (const lang of ['vi', 'en']) {
  story(`a line breaks in the middle of a file, and the rest follows (${lang})`, async ({ visit }) => {
    const citizen = await visit({ name: 'citizen', device: 'phone', lang });
    const { page: phone, t } = citizen;
    const form = goodForm({ title: `Số đo nước hồ theo giờ ${lang}` });
    await citizen.open(`/${lang}/submit`);
    await walkTo(citizen, 'files', form);

    // The third piece is lost on its way.
    citizen.onPoorLine();
    const offsets = [];
    await phone.route('**/files/uploads/*', (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      offsets.push(Number(route.request().headers()['upload-offset']));
      return offsets.length === 3 ? route.abort('connectionfailed') : route.continue();
    });
    const heard = await phone.locator('[data-told]').evaluateHandle((told) => {
      const list = [];
      new MutationObserver(() => list.push(told.textContent)).observe(told, { childList: true });
      return list;
    });
    const chooser = phone.locator('#files');
    const large = file('Phụ lục.txt', 'Số đo theo giờ. ', 600_000);
    await chooser.setInputFiles(large);
    const row = phone.getByRole('listitem').filter({ hasText: large.name });
    await citizen.sees(t('files.live.broken', { name: large.name }), row);
    await row.getByRole('button', { name: t('files.live.again_what', { name: large.name }) }).click();
    await citizen.sees(t('files.state.waiting'), row);
    await citizen.sees(/^\d+ KB$/, row);
    assert.equal(await phone.getByRole('button', { name: t('files.upload') }).count(), 0, 'nobody has to press for what goes by itself');
    const [again] = offsets.slice(3);
    assert.equal(again, offsets[2], 'what was lost is sent again');
    assert.deepEqual(offsets.slice(3), [...new Set(offsets.slice(3))].sort((a, b) => a - b), 'and nothing else');
    assert.ok(again > 0, 'what had come is not');

    // Whoever listens hears how far it is.
    const told = await heard.jsonValue();
    for (const words of [/\d+ ?%/, // 41% in English, 41 % in Vietnamese
      t('files.live.broken', { name: large.name }), t('files.live.received', { name: large.name })]) {
      assert.ok(told.some((text) => text.match(words) ?? text === words), `${words} is announced: ${told.join(' | ')}`);
    }
    await chooser.setInputFiles(page);
    await citizen.sees(t('problem.file.active_content'), phone.getByRole('listitem').filter({ hasText: page.name }));
    await audit(phone, `files-some-${lang}`);
    await phone.getByRole('button', { name: t('files.remove_what', { name: page.name }) }).click();
    await phone.waitForURL(/done=removed/);
    assert.equal(await phone.getByText(page.name).count(), 0);

    // Another one follows on the page of the case.
    await send(citizen, form);
    await citizen.follow(t('sent.track'));
    await phone.getByText(t('files.add'), { exact: true }).click();
    await phone.locator('#files').setInputFiles(table);
    const later = phone.getByRole('listitem').filter({ hasText: table.name });
    await citizen.sees(t('files.state.waiting'), later);
    assert.equal(await later.getByRole('button').count(), 0, 'what the agency has cannot be taken back');
    const link = phone.getByRole('link', { name: table.name });
    await until(async () => {
      await phone.reload();
      return (await link.count()) === 1;
    }, 'the file was looked into');
    await citizen.sees(t('event_told.file_added'));
    assert.deepEqual((await save(citizen, link)).content, table.buffer);
    await phone.getByText(t('files.add'), { exact: true }).click();
    await audit(phone, `files-of-case-${lang}`);
  });
}

story('without scripts a form brings the files, staff read them and publish one', async ({ visit, service }) => {
  const citizen = await visit({ name: 'citizen', device: 'phone', scripts: false });
  const { page: phone, t } = citizen;
  const form = goodForm({ title: 'Số đo nước hồ không cần mã lệnh' });
  await citizen.open('/vi/submit');
  await walkTo(citizen, 'files', form);
  await phone.locator('#files').setInputFiles([table, page]);
  const refused = await citizen.press(t('submit.next'));
  assert.equal(refused.status(), 422);
  await citizen.sees(t('files.failed', { name: page.name, reason: t('problem.file.active_content') }), phone.getByRole('alert'));

  // Axe needs scripts of its own: the same page on a telephone where ours did not come.
  const slow = await visit({ name: 'slow', device: 'phone' });
  await slow.page.route('**/files.*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await slow.open(phone.url());
  await slow.page.locator('#files').setInputFiles(page);
  await slow.press(t('submit.next'));
  await audit(slow.page, 'files-refused');

  await phone.locator('#files').setInputFiles(file('Riêng.txt', 'Chỉ gửi cán bộ. '));
  await citizen.press(t('files.upload'));
  await citizen.sees(t('files.done.added'));
  const { code } = await send(citizen, form);

  const member = await visit({ name: 'coordinator', device: 'desk' });
  await signIn(member, staff.coordinator);
  const link = member.page.getByRole('link', { name: table.name });
  await until(async () => {
    await member.open(`/staff/cases/${code}`);
    return (await link.count()) === 1;
  }, 'the file was looked into');
  await audit(member.page, 'files-staff');
  const saved = await save(member, link);
  assert.equal(saved.name, table.name);
  assert.deepEqual(saved.content, table.buffer);

  const desk = await Desk.open(service, staff.coordinator);
  await desk.settled(code);
  const { attachments } = await desk.see(code);
  await desk.act(code, 'publish', { attachments: attachments.filter((a) => a.name === table.name).map((a) => a.ref) });
  for (const lang of ['vi', 'en']) {
    const reader = await visit({ name: `reader-${lang}`, device: 'desk', lang });
    await reader.open(`/${lang}/s/${code}`);
    const documents = reader.page.getByRole('region', { name: reader.t('files.public') });
    assert.deepEqual((await save(reader, documents.getByRole('link', { name: table.name }))).content, table.buffer);
    assert.equal(await reader.page.getByText('Riêng.txt').count(), 0);
    await audit(reader.page, `files-public-${lang}`);
  }
});
