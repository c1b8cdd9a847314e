// Two people for whom all this is made: somebody who sends a proposal although
// a similar one was answered, is asked for a detail, and is not helped; and
// somebody who reads what agencies answer and how they keep their deadlines.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { answer, caseIn, Desk, draft } from '../lib/api.mjs';
import { fillForm, goodForm, readReceipt, walkTo } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

const stepOf = (page) => new URL(page.url()).pathname.split('/').at(-1);

for (const { device, scripts } of [{ device: 'phone', scripts: false }, { device: 'desk', scripts: true }]) {
  const how = `${device}, ${scripts ? 'with' : 'without'} scripts`;

  story(`somebody reads an earlier answer, sends all the same, and is not helped (${how})`, async ({ visit, service }) => {
    const earlier = `Máy đo mưa cộng đồng ở bản vùng cao ${device}`;
    const wish = `Đề nghị đặt máy đo mưa cộng đồng ở các bản vùng cao, gửi số đo bằng tin nhắn để bà con biết trước lũ quét, mẫu ${device}.`;
    const answered = await caseIn(service, 'answered', draft(earlier, { body: wish }));
    const citizen = await visit({ name: 'citizen', device, scripts });
    const { page, t } = citizen;
    const form = goodForm({ kind: 'recommendation', title: `Đặt máy đo mưa cộng đồng cho bản vùng cao ${device}`, body: `${wish} Riêng bản tôi cần thêm loa báo.` });

    // What was answered is shown before anything is sent.
    await until(async () => {
      await citizen.open('/vi/submit');
      await walkTo(citizen, 'text', form);
      await fillForm(citizen, form);
      await citizen.press(t('submit.next'));
      return stepOf(page) === 'similar';
    }, 'the earlier answer is offered');
    const card = page.getByRole('article').filter({ hasText: earlier });
    await citizen.sees(card.getByText(answer.slice(0, 60)));
    const reading = page.context().waitForEvent('page');
    await card.getByRole('link', { name: t('submit.similar.read_title', { title: earlier }) }).click();
    const other = await reading;
    await other.getByRole('heading', { level: 1, name: earlier }).waitFor();
    await other.close();
    assert.equal(stepOf(page), 'similar', 'what was written is still there');

    await walkTo(citizen, 'review', form);
    await fillForm(citizen, form);
    await citizen.press(t('submit.send'));
    const { code } = await readReceipt(citizen);
    assert.notEqual(code, answered.code);
    await citizen.sees(page.getByRole('img', { name: t('sent.qr_label') }));

    // The agency asks; the citizen replies.
    const [coordinator, officer, approver] = await Promise.all(['coordinator', 'officer', 'approver'].map((who) => Desk.open(service, staff[who])));
    const { status } = await coordinator.settled(code);
    if (status !== 'assigned') await coordinator.act(code, 'assign', { agency: 'bo-khoa-hoc-cong-nghe' });
    await officer.act(code, 'accept');
    await officer.act(code, 'request-information', { message: 'Bản của ông/bà thuộc xã nào?' });
    await citizen.follow(t('sent.track'));
    await citizen.sees('Bản của ông/bà thuộc xã nào?');
    const asking = page.getByRole('region', { name: t('sender_act.information.title') });
    await asking.getByLabel(t('sender_act.information.reply'), { exact: true }).fill('Bản tôi thuộc xã Mường Lống.');
    await citizen.press(t('sender_act.information.go'), asking);
    await citizen.sees(t('sender_act.information.done'));

    // The answer does not help, and the citizen says why.
    await officer.act(code, 'draft-answer', { text: answer, outcome: 'explained', submit: true });
    await approver.act(code, 'approve', { publish: true });
    await page.reload();
    await citizen.sees(page.getByText(answer));
    const rating = page.getByRole('region', { name: t('sender_act.rating.title') });
    await rating.getByRole('radio', { name: t('helped.no') }).check();
    await rating.getByLabel(new RegExp(`^${t('sender_act.rating.reason')}`)).fill('Chưa nói bản nào có trước.');
    await citizen.press(t('sender_act.rating.go'), rating);
    await citizen.sees(t('sender_act.rating.done'));
    const again = page.locator('details', { hasText: t('sender_act.reopen.title') });
    await again.locator('summary').click();
    await again.getByLabel(t('sender_act.reopen.reason'), { exact: true }).fill('Câu hỏi về loa báo chưa được trả lời.');
    await citizen.press(t('sender_act.reopen.go'), again);
    await citizen.sees(t('sender_act.reopen.done'));
    await citizen.sees(page.getByText(answer)); // it stays to be read
    assert.equal((await coordinator.settled(code)).status, 'triage');
  });

  story(`somebody finds answers and counts how deadlines are kept (${how})`, async ({ visit, service }) => {
    const title = `Trung tâm dữ liệu dùng nước thải làm mát ${device}`;
    const { code } = await caseIn(service, 'answered', draft(title, { topic: 'ha-tang-so' }));
    const reader = await visit({ name: 'journalist', device, scripts });
    const { page, t } = reader;
    await until(async () => {
      await reader.open('/vi/search?q=trung+tam+du+lieu&sort=newest');
      return (await page.getByRole('link', { name: title, exact: true }).count()) === 1;
    }, 'the answer is found');
    await reader.follow(title);
    assert.equal(new URL(page.url()).pathname, `/vi/s/${code}`);
    await reader.follow(t('nav.stats'), page.getByRole('navigation', { name: t('site.navigation') }));
    await reader.sees(page.getByRole('row', { name: /Bộ Khoa học và Công nghệ/ }).first());
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: t('stats.data_csv') }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    assert.match(lines[0], /month,agency,topic,area,kind,submissions/);
    assert.ok(lines.length > 5, 'the file has the figures of the demo');
  });
}
