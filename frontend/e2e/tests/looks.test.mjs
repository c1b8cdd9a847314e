// How the pages behave for who uses them otherwise: with the keyboard alone, on
// paper, in the dark, without motion, and without scripts.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { proposal, readReceipt } from '../lib/journey.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** Presses Tab until the focus is on what the locator names, and sees that the focus shows. */
async function tabTo(page, locator, what) {
  for (let presses = 0; presses < 60; presses++) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      const visible = await locator.evaluate((element) => {
        // A choice is drawn by its label; the kit marks the drawing.
        const shown = [element, element.nextElementSibling && getComputedStyle(element.nextElementSibling, '::before')].filter(Boolean);
        return shown.some((part) => {
          const style = part instanceof Element ? getComputedStyle(part) : part;
          return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
        });
      });
      assert.ok(visible, `the focus on ${what} shows`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`the keyboard does not reach ${what}`);
}

/** Checks what the page that is open looks like on paper, of a screen that is dark. */
async function onPaper(page, what) {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const seen = await page.evaluate(() => ({
    colour: getComputedStyle(document.body).color,
    back: getComputedStyle(document.body).backgroundColor,
    shown: ['.hk-header__nav', '.hk-footer', '.hk-languages', '.govuk-skip-link', '.hk-no-print', '.govuk-button'].filter((selector) =>
      [...document.querySelectorAll(selector)].some((element) => element.offsetParent !== null)),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  assert.deepEqual(seen.shown, [], `${what}: what nobody needs on paper is printed`);
  assert.equal(seen.wide, false, `${what} is wider than the paper`);
  const light = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
  assert.ok(light(seen.colour) < 60, `${what}: the text is ${seen.colour} on paper, though the screen is dark`);
  const pdf = await page.pdf({ format: 'A4' });
  assert.ok(pdf.length > 5000, `${what} makes a document`);
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
}

story('a submission is sent with the keyboard alone', async ({ visit }) => {
  const writer = await visit({ name: 'writer', device: 'desk' });
  const { page, t } = writer;
  await writer.open('/vi/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main', 'the first stop leads over the navigation');
  const enter = (name) => writer.leave(() => page.keyboard.press(name));
  await tabTo(page, page.getByRole('main').getByRole('button', { name: t('home.send') }), 'the way to the form');
  await enter('Enter');
  const go = async (key) => {
    await tabTo(page, page.getByRole('button', { name: t(key), exact: true }), key);
    await enter('Enter');
  };
  const type = async (name, text) => {
    await tabTo(page, page.getByLabel(t(`form.${name}.label`), { exact: true }), name);
    await page.keyboard.type(text);
  };
  await tabTo(page, page.getByRole('radio').first(), 'the kinds');
  await page.keyboard.press('Space');
  await go('submit.next');
  await type('title', proposal.title);
  await type('body', proposal.body);
  await go('submit.next');
  // Pages in between stand here when there is something to say.
  for (let steps = 0; !new URL(page.url()).pathname.endsWith('/review') && steps < 6; steps++) {
    const slug = new URL(page.url()).pathname.split('/').at(-1);
    if (slug === 'similar' || slug === 'check') {
      await tabTo(page, page.getByRole('main').locator('a.govuk-button').first(), `the way on from ${slug}`);
      await enter('Enter');
      continue;
    }
    if (slug === 'sender') {
      const person = page.getByRole('radio', { name: t('form.submitter.type.person'), exact: true });
      if (!(await person.isChecked())) {
        await tabTo(page, person, 'the kinds of senders');
        await page.keyboard.press('Space');
      }
      await type('submitter.name', 'Nguyễn Thị Lan');
    }
    await go('submit.next');
  }
  await tabTo(page, page.getByLabel(t('form.consent.terms.label'), { exact: true }), 'the consent');
  await page.keyboard.press('Space');
  await go('submit.send');
  const { code } = await readReceipt(writer);
  assert.match(code, /^HK-/);
  assert.ok(await page.getByText(code.replaceAll('-', '').split('').join(' ')).first().isVisible(), 'the code is there character by character');
  await onPaper(page, 'the receipt');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.hk-qr').isVisible(), 'the code for a camera is printed');
});

for (const lang of languages) {
  story(`case, tracking page and figures are fit for paper in ${lang}`, async ({ visit, service }) => {
    const sent = await caseIn(service, 'answered', draft(`Hồ sơ để in ${lang}`));
    const reader = await visit({ name: 'reader', device: 'desk', lang });
    const { page, t } = reader;
    await reader.open(`/${lang}/s/${sent.code}`);
    await onPaper(page, 'the case');
    assert.ok(await page.locator('#share-address').isVisible(), 'the address stands on the paper');
    await reader.open(`/${lang}/track`);
    await page.getByLabel(t('form.code.label'), { exact: true }).fill(sent.code);
    await page.getByLabel(t('form.secret.label'), { exact: true }).fill(sent.tracking_secret);
    await reader.press(t('track.open'));
    await onPaper(page, 'the tracking page');
    await reader.open(`/${lang}/stats`);
    await onPaper(page, 'the figures');
  });

  story(`the figures can be narrowed in ${lang}`, async ({ visit }) => {
    const reader = await visit({ name: 'reader', device: 'phone', lang });
    await reader.open(`/${lang}/stats?year=1999`);
    await reader.sees(reader.t('stats.empty'));
    await audit(reader.page, `${lang} stats without anything`);
    await reader.open(`/${lang}/stats?from=2020-01&agency=bo-khoa-hoc-cong-nghe`);
    await audit(reader.page, `${lang} stats narrowed`);
    await reader.leave(() => reader.page.getByRole('link', { name: reader.t('stats.narrow_clear') }).click());
    assert.equal(new URL(reader.page.url()).search, '');
  });
}

story('a case is shared, and described to programs, without a breach of the policy', async ({ visit, service }) => {
  const sent = await caseIn(service, 'answered', draft('Trạm đo mặn </script><script>document.title="x"</script> & loa'));
  const reader = await visit({ name: 'reader', device: 'desk' });
  await reader.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { page, t } = reader;
  await reader.open(`/vi/s/${sent.code}`);
  const data = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
  assert.equal(data.mainEntity.name, 'Trạm đo mặn </script><script>document.title="x"</script> & loa');
  assert.notEqual(await page.title(), 'x');
  await page.getByRole('button', { name: t('case.copy') }).click();
  await reader.sees(page.getByRole('button', { name: t('case.copied') }));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.locator('#share-address').textContent());
  await audit(page, 'vi case shared');
});

story('nothing moves for who does not want it', async ({ visit }) => {
  const reader = await visit({ name: 'reader', device: 'desk' });
  await reader.page.emulateMedia({ reducedMotion: 'reduce' });
  for (const address of ['/vi/', '/vi/submit', '/vi/stats']) {
    await reader.open(address);
    const moving = await reader.page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== 'none' || style.transitionDuration.split(',').some((d) => parseFloat(d) > 0);
    }).map((element) => element.className));
    assert.deepEqual(moving, [], address);
  }
});
