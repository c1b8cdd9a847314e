// Every page of the staff, in both languages and in its main states, at the
// width of a phone and of a desk.
import assert from 'node:assert/strict';
import { caseIn, draft } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { action, signIn } from '../lib/journey.mjs';
import { staff } from '../lib/service.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const { story } = world();

for (const lang of languages) {
  const at = (visit, name) => visit({ name: `${name}-${lang}`, device: 'desk', lang });

  story(`the sign-in passes in ${lang}`, async ({ visit }) => {
    const visitor = await at(visit, 'officer');
    const { t, page } = visitor;
    await visitor.open('/staff/sign-in');
    await audit(page, `${lang} sign-in`);
    await visitor.press(t('staff.sign_in'));
    await audit(page, `${lang} sign-in with errors`);
    await signIn(visitor, staff.officer);
    await visitor.press(t('staff.sign_out'));
    await audit(page, `${lang} signed out`);
  });

  story(`the queue passes in ${lang}`, async ({ visit }) => {
    for (const who of ['coordinator', 'officer']) {
      const visitor = await at(visit, who);
      await signIn(visitor, staff[who]);
      await audit(visitor.page, `${lang} queue of ${who}`);
      await visitor.open('/staff/queue?q=zxqvwjkk&status=triage');
      await audit(visitor.page, `${lang} queue of ${who}, empty`);
    }
    const visitor = await at(visit, 'everything');
    await signIn(visitor, staff.coordinator);
    await visitor.open('/staff/queue?status=all&sort=oldest');
    await audit(visitor.page, `${lang} queue of every state`);
  });

  // Who looks at a case in which state: the one who has something to do.
  for (const [state, who] of [
    ['triage', 'coordinator'], ['assigned', 'officer'], ['in_progress', 'officer'], ['in_review', 'approver'], ['answered', 'approver'],
    ['rejected', 'coordinator'],
  ]) {
    story(`a case that is ${state} passes for the ${who} in ${lang}`, async ({ visit, service }) => {
      const { code } = await caseIn(service, state, draft(`Hồ sơ mẫu ở bước ${state} ${lang}`));
      const visitor = await at(visit, who);
      await signIn(visitor, staff[who]);
      await visitor.open(`/staff/cases/${code}`);
      await openEveryAction(visitor);
      await audit(visitor.page, `${lang} case ${state}`);
    });
  }

  story(`a refused action and pages out of reach pass in ${lang}`, async ({ visit, service }) => {
    const { code } = await caseIn(service, 'in_progress', draft(`Hồ sơ mẫu để thử lỗi ${lang}`));
    const officer = await at(visit, 'officer');
    await signIn(officer, staff.officer);
    await officer.open(`/staff/cases/${code}`);
    const empty = await officer.press(officer.t('action.draft-answer.submit'), await action(officer, 'draft-answer'));
    assert.equal(empty.status(), 422);
    await audit(officer.page, `${lang} case with errors`);
    const none = await officer.open('/staff/cases/HK-AAAA-AAAA-AAAA');
    assert.equal(none.status(), 404);
    await audit(officer.page, `${lang} staff not found`);

    const stranger = await at(visit, 'stranger');
    await signIn(stranger, staff.stranger);
    const refused = await stranger.open(`/staff/cases/${code}`);
    assert.ok([403, 404].includes(refused.status()), `another ministry got ${refused.status()}`);
    await audit(stranger.page, `${lang} case of another ministry`);
  });

  story(`a case that follows another passes in ${lang}`, async ({ visit, service }) => {
    const same = draft(`Hai lần cùng một ý kiến ${lang}`);
    const first = await caseIn(service, 'in_progress', same);
    const second = await caseIn(service, 'merged', same);
    const visitor = await at(visit, 'coordinator');
    await signIn(visitor, staff.coordinator);
    for (const [name, { code }] of [['followed', first], ['merged', second]]) {
      await visitor.open(`/staff/cases/${code}`);
      await openEveryAction(visitor);
      await audit(visitor.page, `${lang} case ${name}`);
    }
  });
}

/** Opens all forms of a case page, so that nothing hides from the audit. */
function openEveryAction({ page }) {
  return page.locator('details').evaluateAll((all) => {
    for (const details of all) details.open = true;
  });
}
