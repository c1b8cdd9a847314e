// Every page of the citizen and the public, in both languages and in its main
// states, at the width of a phone and of a desk.
import assert from 'node:assert/strict';
import { caseIn, Desk, draft, submit } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { fillForm, goodForm, proposal, readReceipt, walkTo } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** Opens an address and audits what comes, which must have the status. */
async function auditAt(visitor, address, name, status = 200) {
  const response = await visitor.open(address);
  assert.equal(response.status(), status, address);
  await audit(visitor.page, name);
}

/** Opens the sender's page of a case with its two codes. */
async function track(visitor, lang, { code, tracking_secret: secret }) {
  const { t, page } = visitor;
  await visitor.open(`/${lang}/track`);
  await page.getByLabel(t('form.code.label'), { exact: true }).fill(code);
  await page.getByLabel(t('form.secret.label'), { exact: true }).fill(secret);
  await visitor.press(t('track.open'));
  await page.getByRole('heading', { level: 1, name: code }).waitFor();
}

for (const lang of languages) {
  const reader = (visit, more = {}) => visit({ name: `reader-${lang}`, device: 'desk', lang, ...more });

  story(`the plain pages pass in ${lang}`, async ({ visit }) => {
    const visitor = await reader(visit);
    await auditAt(visitor, `/${lang}/`, `${lang} home`);
    for (const slug of ['how-it-works', 'what-belongs', 'privacy', 'accessibility', 'contact', 'stats']) {
      await auditAt(visitor, `/${lang}/${slug}`, `${lang} ${slug}`);
    }
    await auditAt(visitor, `/${lang}/khong-co-trang-nay`, `${lang} not found`, 404);
    await auditAt(visitor, `/${lang}/s/HK-AAAA-AAAA-AAAA`, `${lang} no such case`, 404);
  });

  story(`the way of a submission passes in ${lang}`, async ({ visit, service }) => {
    const visitor = await reader(visit);
    const { t, page } = visitor;
    await auditAt(visitor, `/${lang}/submit`, `${lang} form`);
    await visitor.press(t('submit.next'));
    await audit(page, `${lang} form without a kind`);
    for (const step of ['text', 'check', 'topic', 'sender', 'review']) {
      await walkTo(visitor, step, goodForm({ body: `${proposal.body} Xin gọi 0912 345 678.` }));
      await audit(page, `${lang} form ${step}`);
      if (step === 'check' || step === 'topic') continue;
      await visitor.press(t(step === 'review' ? 'submit.send' : 'submit.next'));
      await audit(page, `${lang} form ${step} with errors`);
    }
    await fillForm(visitor, goodForm());
    await visitor.press(t('submit.send'));
    await readReceipt(visitor);
    await audit(page, `${lang} receipt`);
    await visitor.context.clearCookies();
    await auditAt(visitor, `/${lang}/submit/sent`, `${lang} receipt on another device`);

    await auditAt(visitor, `/${lang}/track`, `${lang} tracking`);
    await visitor.press(t('track.open'));
    await audit(page, `${lang} tracking with errors`);
    await track(visitor, lang, await submit(service, draft(`Ý kiến vừa gửi ${lang}`)));
    await audit(page, `${lang} tracked, just sent`);
    await visitor.press(t('track.close'));
    await audit(page, `${lang} tracking closed`);
  });

  for (const state of ['triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review', 'answered', 'rejected']) {
    story(`the sender's page of a case that is ${state} passes in ${lang}`, async ({ visit, service }) => {
      const sent = await caseIn(service, state, draft(`Hồ sơ mẫu ở bước ${state} ${lang}`));
      const visitor = await reader(visit);
      await track(visitor, lang, sent);
      await audit(visitor.page, `${lang} tracked ${state}`);
      if (state === 'answered') await auditAt(visitor, `/${lang}/s/${sent.code}`, `${lang} public case answered`);
    });
  }

  story(`the public page of an open case passes in ${lang}`, async ({ visit, service }) => {
    const sent = await caseIn(service, 'in_progress', draft(`Hồ sơ mở đang xử lý ${lang}`));
    const coordinator = await Desk.open(service, staff.coordinator);
    await coordinator.act(sent.code, 'publish', { public_title: `Hồ sơ mở đang xử lý ${lang}`, public_body: 'Bản công khai, đã lược bỏ thông tin riêng.' });
    await auditAt(await reader(visit), `/${lang}/s/${sent.code}`, `${lang} public case open`);
  });

  story(`search passes in ${lang}`, async ({ visit }) => {
    const visitor = await reader(visit);
    // The demo cases reach the index a moment after the start.
    await until(async () => {
      await visitor.open(`/${lang}/search?q=du+lieu`);
      return (await visitor.page.locator('.hk-hit').count()) > 0;
    }, 'the demo cases are in the index');
    await audit(visitor.page, `${lang} search with results`);
    await auditAt(visitor, `/${lang}/search`, `${lang} search for everything`);
    await visitor.leave(() => visitor.page.locator('.hk-facet a').first().click());
    await audit(visitor.page, `${lang} search with a filter`);
    await auditAt(visitor, `/${lang}/search?q=zxqvwjkk`, `${lang} search without results`);
  });
}
