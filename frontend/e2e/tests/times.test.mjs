// The pages of time limits, of the working calendar and of who stands in for
// whom: in both languages, at the width of a phone and of a desk, and the way of
// a change from the proposal to the report.
import assert from 'node:assert/strict';
import { audit } from '../lib/audit.mjs';
import { caseIn, draft } from '../lib/api.mjs';
import { signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

/** The Friday (5) or Thursday (4) of the next week, as people write it: most open cases are due later. */
function comingWeekday(weekday) {
  const at = new Date(Date.now() + 7 * 24 * 3600 * 1000);
  while (at.getUTCDay() !== weekday) at.setUTCDate(at.getUTCDate() + 1);
  const two = (n) => String(n).padStart(2, '0');
  return `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
}

for (const lang of languages) {
  const at = async (visit, who) => {
    const visitor = await visit({ name: `${who}-${lang}`, device: 'desk', lang });
    await signIn(visitor, staff[who]);
    return visitor;
  };
  const day = comingWeekday(lang === 'vi' ? 5 : 4);

  story(`limits and calendar are changed in ${lang}`, async ({ visit, service }) => {
    await caseIn(service, 'in_progress', draft(`Hồ sơ đợi qua ngày nghỉ ${lang}`));
    const visitor = await at(visit, 'administrator');
    const { t, page } = visitor;
    const fill = (key, value) => page.getByLabel(t(key), { exact: true }).fill(value);
    const choose = (key, value) => page.getByLabel(t(key), { exact: true }).selectOption(value);

    await visitor.follow(t('staff.times'));
    await visitor.press(t('times.try'));
    await audit(page, `${lang} limits with errors`);
    await choose('times.field.use', 'answer');
    await page.getByLabel(t('times.field.urgent'), { exact: true }).check();
    await fill('times.field.amount', '5');
    await choose('times.field.clock', 'working_days');
    await fill('times.field.source', 'Quyết định 12/QĐ-BKHCN ngày 05/01/2026');
    await visitor.press(t('times.try'));
    await audit(page, `${lang} preview of a limit`);
    await visitor.press(t('times.apply'));
    await visitor.sees(t('times.done.limit'));
    await page.locator('details').evaluateAll((all) => all.forEach((details) => { details.open = true; }));
    await audit(page, `${lang} limits`);

    await visitor.follow(t('times.tab_calendar'));
    await fill('calendar.field.date', day);
    await page.getByLabel(t('calendar.kind.holiday'), { exact: true }).check();
    await page.getByLabel(t('form.optional', { label: t('calendar.field.name_vi') }), { exact: true }).fill('Nghỉ phòng chống bão');
    await page.getByLabel(t('calendar.certainty.provisional'), { exact: true }).check();
    await fill('calendar.field.source', 'Công điện 5');
    await visitor.press(t('calendar.propose'));
    await visitor.sees(t('times.done.day'));
    await audit(page, `${lang} calendar with a proposal`);
    await visitor.leave(() => page.getByRole('main').getByText(t('calendar.try'), { exact: true }).click());
    await audit(page, `${lang} preview of the calendar`);
    if (lang === 'en') { // one recomputation at a time: the other language's may still go on
      await visitor.open('/staff/times/calendar');
      await visitor.press(`${t('calendar.drop')} ${day}`);
      await visitor.sees(t('times.done.dropped'));
      return;
    }
    await visitor.press(t('times.apply'));
    assert.equal(new URL(page.url()).pathname, '/staff/times/recounts');
    await audit(page, `${lang} recomputations`);
    await visitor.open('/staff/times/recounts/1');
    await audit(page, `${lang} report of a recomputation`);
  });

  story(`an officer enters an absence in ${lang}`, async ({ visit, service }) => {
    await caseIn(service, 'in_progress', draft(`Hồ sơ của người vắng mặt ${lang}`));
    const officer = await at(visit, 'officer');
    const { t, page } = officer;
    await officer.open('/staff/account');
    await audit(page, `${lang} account with the morning mail`);
    await officer.follow(t('absence.to_page'));
    await officer.press(t('absence.enter_go'));
    await audit(page, `${lang} absence with errors`);
    const [from, until] = lang === 'vi' ? ['01/03/2027', '05/03/2027'] : ['08/03/2027', '12/03/2027'];
    await page.getByLabel(t('absence.field.substitute'), { exact: true }).selectOption({ index: 1 });
    await page.getByLabel(t('absence.field.from'), { exact: true }).fill(from);
    await page.getByLabel(t('absence.field.until'), { exact: true }).fill(until);
    await officer.press(t('absence.enter_go'));
    await officer.sees(t('absence.done.entered'));
    await audit(page, `${lang} absences`);
    await officer.leave(() => page.getByRole('main').getByRole('table').getByRole('link').last().click());
    await audit(page, `${lang} cases of an absent officer`);
  });
}
