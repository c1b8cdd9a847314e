// The pages on which staff govern how cases are routed: each in both languages
// and in its main states, at the width of a phone and of a desk; and the way of
// a rule from the form to the first case that it decides.
import assert from 'node:assert/strict';
import { caseIn, Desk, draft, submit } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** Opens a page, which must be there, and audits it. */
async function passes(visitor, address, name) {
  const response = await visitor.open(address);
  assert.equal(response.status(), 200, address);
  await audit(visitor.page, name);
}

/** Fills in the form of a rule; agency is the text of an option. */
async function writeRule({ page, t }, { name, condition, agency, from, note }) {
  const optional = (key) => t('form.optional', { label: t(key) });
  if (name !== undefined) await page.getByLabel(t('rules.field.name'), { exact: true }).fill(name);
  if (condition !== undefined) await page.getByLabel(t('rules.field.condition'), { exact: true }).fill(condition);
  if (agency !== undefined) await page.getByLabel(t('rules.field.agency'), { exact: true }).selectOption(agency);
  if (from !== undefined) await page.getByLabel(optional('rules.field.valid_from'), { exact: true }).fill(from);
  if (note !== undefined) await page.getByLabel(optional('rules.field.note'), { exact: true }).fill(note);
}

for (const lang of languages) {
  const at = async (visit, who) => {
    const visitor = await visit({ name: `${who}-${lang}`, device: 'desk', lang });
    await signIn(visitor, staff[who]);
    return visitor;
  };

  story(`the pages of rules pass in ${lang}`, async ({ visit }) => {
    const visitor = await at(visit, 'coordinator');
    const { t, page } = visitor;
    await passes(visitor, '/staff/rules', `${lang} rules`);
    await visitor.follow(t('rules.new'));
    await audit(page, `${lang} new rule`);
    await writeRule(visitor, { name: '', condition: 'any(', from: '31/02/2026', note: 'Giữ lại.' });
    const refused = await visitor.press(t('rules.save'));
    assert.equal(refused.status(), 422);
    assert.equal(await page.getByRole('alert').getByRole('link').count(), 4);
    await audit(page, `${lang} new rule with errors`);
    await writeRule(visitor, { name: `Cá kho làng ${lang}`, condition: 'any("cá kho làng")', agency: 'bo-y-te', from: '1/1/2026' });
    await visitor.press(t('rules.save'));
    await visitor.sees(t('rules.done.save'));
    await page.locator('details').evaluateAll((all) => all.forEach((details) => { details.open = true; }));
    await audit(page, `${lang} draft of a rule`);
    await visitor.press(t('rules.try'));
    await audit(page, `${lang} dry run`);
    await visitor.follow(t('rules.go_live'));
    await audit(page, `${lang} going live`);
    await visitor.press(t('rules.confirm.go-live.go'));
    await audit(page, `${lang} live rule`);
  });

  story(`the pages of models and agencies pass in ${lang}`, async ({ visit }) => {
    const visitor = await at(visit, 'administrator');
    const { t, page } = visitor;
    const serves = page.getByText(t('models.tag_serving'), { exact: true });
    await until(async () => {
      await visitor.open('/staff/models');
      return (await serves.count()) > 0;
    }, 'a model serves');
    await visitor.press(t('models.train'));
    await audit(page, `${lang} models`);
    await passes(visitor, '/staff/agencies', `${lang} agencies of the administrator`);
    await passes(visitor, '/staff/agencies/examples', `${lang} examples`);
    await passes(await at(visit, 'coordinator'), '/staff/agencies', `${lang} agencies of the coordinator`);
  });

  story(`the figures and the comparison pass in ${lang}`, async ({ visit, service }) => {
    const same = draft(`So sánh hai lần cùng một ý ${lang}`);
    const first = await caseIn(service, 'in_progress', same);
    const second = await caseIn(service, 'merged', same);
    const visitor = await at(visit, 'coordinator');
    await passes(visitor, '/staff/figures/machine', `${lang} figures`);
    await visitor.open(`/staff/cases/${second.code}`);
    await visitor.leave(() => visitor.page.getByRole('link', { name: `${visitor.t('compare.link')} ${first.code}` }).click());
    await audit(visitor.page, `${lang} comparison`);
    await passes(visitor, `/staff/cases/${second.code}/compare/${(await caseIn(service, 'assigned', draft(`Một việc khác hẳn ${lang}`))).code}`, `${lang} comparison of two`);
  });
}

story('a rule is written, tried, let go live, and decides the next case, without scripts', async ({ visit, service }) => {
  const administrator = await visit({ name: 'administrator', device: 'phone', scripts: false });
  const { t, page } = administrator;
  await signIn(administrator, staff.administrator);
  await page.getByText(t('staff.menu'), { exact: true }).click();
  await administrator.follow(t('staff.rules'), page.getByRole('navigation', { name: t('staff.navigation') }));
  await administrator.follow(t('rules.new'));
  await writeRule(administrator, { name: 'Đèn kéo quân của làng', condition: 'any("đèn kéo quân tự quay")', agency: 'bo-y-te', note: 'Chỉ để thử.' });
  await administrator.press(t('rules.save'));
  await administrator.press(t('rules.try'));
  await administrator.sees(t('rules.no_change'));
  await administrator.follow(t('rules.go_live'));
  await administrator.press(t('rules.confirm.go-live.go'));
  await administrator.sees(t('rules.done.go-live'));
  await administrator.sees(t('rules.live', { version: 1 }));

  const { code } = await submit(service, draft('Đèn kéo quân tự quay cho hội làng', {
    body: 'Làng tôi làm được đèn kéo quân tự quay bằng hơi nóng của một ngọn nến. Xin cho trưng bày vào rằm tháng tám ở nhà văn hóa xã.',
  }));
  const desk = await Desk.open(service, staff.coordinator);
  assert.equal((await desk.settled(code)).status, 'assigned');
  await administrator.open(`/staff/cases/${code}`);
  await administrator.sees(t('desk.route_by.rule', { rule: 'den-keo-quan-cua-lang', version: 1 }));
  await administrator.sees('Bộ Y tế');
});
