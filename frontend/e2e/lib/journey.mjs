// The way of one submission through the pages, from the citizen's phone to the
// public's search. Each part is told by the person who does it.
import assert from 'node:assert/strict';
import { answer } from './api.mjs';
import { password, staff } from './service.mjs';
import { until } from './until.mjs';

/** What the citizen of the journey wants to say. */
export const proposal = {
  title: 'Trạm đọc sách nói lưu động cho người khiếm thị vùng sông nước',
  body:
    'Kính gửi Bộ Khoa học và Công nghệ. Bà con khiếm thị ở vùng sông nước khó đến thư viện. Tôi đề xuất thuyền thư viện mang máy đọc sách nói, ' +
    'chép sẵn tài liệu khoa học phổ thông, ghé mỗi bến một tuần một lần. Kinh phí nhỏ, sửa từ thuyền cũ.',
  // How somebody in a hurry types words of it: without accents.
  search: 'thuyen thu vien sach noi',
};

/** Which step of the form a page is: the last part of its address. */
const stepOf = (page) => new URL(page.url()).pathname.split('/').at(-1);

/** Fills in the page of the form that is open; only what is given. */
export async function fillForm(visitor, form, page = visitor.page) {
  const { t } = visitor;
  const choose = (key) => page.getByRole('radio', { name: t(key), exact: true }).check();
  const write = (label, value) => (value === undefined ? undefined : page.getByLabel(label, { exact: true }).fill(value));
  const label = (name) => t(`form.${name}.label`);
  switch (stepOf(page)) {
    case 'submit': case 'kind':
      if (form.kind) await choose(`kind.${form.kind}`);
      break;
    case 'text':
      for (const name of ['title', 'body', 'problem', 'proposal']) await write(label(name), form[name]);
      break;
    case 'sender':
      if (form.submitter) await choose(`form.submitter.type.${form.submitter}`);
      await write(label('submitter.name'), form.name);
      await write(t('form.optional', { label: label('submitter.email') }), form.email);
      break;
    case 'review':
      if (form.terms) await page.getByLabel(label('consent.terms'), { exact: true }).check();
      break;
  }
}

/** Walks to a step of the form, filling in what is given, and past what is shown in between. */
export async function walkTo(visitor, step, form, page = visitor.page) {
  const { t } = visitor;
  while (stepOf(page) !== step) {
    const at = stepOf(page);
    if (at === 'similar') await visitor.press(t('submit.similar.differs'), page);
    else if (at === 'check') await visitor.press(t('submit.check.go_on'), page);
    else {
      await fillForm(visitor, form, page);
      await visitor.press(t('submit.next'), page);
    }
    assert.notEqual(stepOf(page), at, `step ${at} lets the visitor go on`);
  }
}

/** Opens the form, walks through it and sends it. */
export async function sendForm(visitor, form, lang = 'vi') {
  await visitor.open(`/${lang}/submit`);
  await walkTo(visitor, 'review', form);
  await fillForm(visitor, form);
  await visitor.press(visitor.t('submit.send'));
}

/** A form that nothing is wrong with. */
export const goodForm = (more = {}) => ({
  kind: 'recommendation', title: proposal.title, body: proposal.body, submitter: 'person', name: 'Nguyễn Thị Lan', terms: true, ...more,
});

/** Reads code and secret off the receipt. */
export async function readReceipt(visitor, page = visitor.page) {
  await page.getByRole('heading', { level: 1, name: visitor.t('sent.title') }).waitFor();
  const [code, secret] = await page.locator('.hk-receipt .hk-code').allInnerTexts();
  assert.match(code, /^HK(-[0-9A-Z]{4}){3}$/);
  assert.match(secret, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  return { code, secret };
}

/** The citizen forgets something, is told so, mends it and gets the codes. */
export async function citizenSends(citizen, lang = 'vi') {
  const { page, t } = citizen;
  await citizen.open('/');
  assert.equal(new URL(page.url()).pathname, `/${lang}/`);
  await page.getByRole('heading', { level: 1, name: t('home.title') }).waitFor();
  await citizen.leave(() => page.getByRole('main').getByRole('button', { name: t('home.send') }).click());

  await walkTo(citizen, 'text', goodForm());
  await fillForm(citizen, goodForm({ title: '' }));
  const refused = await citizen.press(t('submit.next'));
  assert.equal(refused.status(), 422);
  assert.match(await page.title(), lang === 'vi' ? /^Lỗi: / : /^Error: /);
  const summary = page.getByRole('alert');
  await citizen.sees(summary);
  assert.equal(await summary.evaluate((element) => element === document.activeElement), true, 'the error summary has the focus');
  assert.deepEqual(await summary.getByRole('link').allInnerTexts(), [t('problem.at.title.required')]);
  assert.equal(await page.getByLabel(t('form.body.label'), { exact: true }).inputValue(), proposal.body);

  // The line of the summary leads into its field.
  await summary.getByRole('link', { name: t('problem.at.title.required') }).click();
  const title = page.getByLabel(t('form.title.label'), { exact: true });
  assert.equal(await title.evaluate((element) => element === document.activeElement), true, 'the link of the summary leads into the field');
  assert.equal(await title.getAttribute('aria-invalid'), 'true');

  // The evening comes; the form is closed and opened again by its address.
  const draft = new URL(page.url()).pathname.replace(/\/text$/, '');
  await citizen.open(draft);
  await walkTo(citizen, 'review', goodForm());
  await citizen.sees(page.getByText(proposal.body, { exact: true }));
  const unconfirmed = await citizen.press(t('submit.send'));
  assert.equal(unconfirmed.status(), 422);
  assert.deepEqual(await summary.getByRole('link').allInnerTexts(), [t('problem.field.consent_required')]);
  await fillForm(citizen, goodForm());
  await citizen.press(t('submit.send'));
  assert.equal(new URL(page.url()).pathname, `/${lang}/submit/sent`);
  return readReceipt(citizen);
}

/** Opens the case with code and secret, typed as from a slip of paper. */
export async function citizenTracks(citizen, { code, secret }) {
  const { page, t } = citizen;
  await citizen.follow(t('nav.track'), page.getByRole('navigation', { name: t('site.navigation') }));
  await page.getByLabel(t('form.code.label'), { exact: true }).fill(code.toLowerCase().replaceAll('-', ' '));
  await page.getByLabel(t('form.secret.label'), { exact: true }).fill(secret.toLowerCase().replace('-', ''));
  await citizen.press(t('track.open'));
  await page.getByRole('heading', { level: 1, name: code }).waitFor();
  await citizen.sees(proposal.title);
}

/** Signs in at the staff pages. */
export async function signIn(member, email, page = member.page) {
  const { t } = member;
  await member.open('/staff', page);
  await page.getByLabel(t('form.email.label'), { exact: true }).fill(email);
  await page.getByLabel(t('form.password.label'), { exact: true }).fill(password);
  await member.press(t('staff.sign_in'), page);
  await page.getByRole('heading', { level: 1, name: t('staff.queue') }).waitFor();
}

/** Opens a folded part by its summary, unless it stands open. */
export async function unfold(within, summary) {
  const fold = within.locator('summary', { hasText: summary });
  if (!(await fold.evaluate((element) => element.parentElement.open))) await fold.click();
}

/** The form of one action on a case page, opened. */
export async function action(member, name, page = member.page) {
  const act = page.locator('details', { has: page.getByText(member.t(`action.${name}.label`), { exact: true }) });
  if (!(await act.evaluate((element) => element.open))) await act.locator('> summary').click();
  return act;
}

/** Opens a case from the queue by its code. */
export async function openFromQueue(member, code) {
  const { page } = member;
  const row = page.getByRole('row', { name: code });
  await until(async () => {
    await member.open('/staff/queue?sort=newest');
    return (await row.count()) === 1;
  }, `${code} is in the queue`);
  const told = await row.innerText();
  await member.leave(() => row.getByRole('link').click());
  await page.getByRole('heading', { level: 1, name: proposal.title }).waitFor();
  assert.match(told, /mst-addressed/, 'the queue names the rule by which the case is here');
}

/** The officer finds the case, takes it, answers it, and may not approve. */
export async function officerAnswers(officer, code) {
  const { page, t } = officer;
  await signIn(officer, staff.officer);
  await openFromQueue(officer, code);
  await officer.press(t('action.accept.go'), await action(officer, 'accept'));
  await officer.sees(t('action.accept.done'));

  let drafting = await action(officer, 'draft-answer');
  await drafting.getByLabel(t('form.text.label'), { exact: true }).fill(answer);
  await drafting.getByLabel(t('form.outcome.label'), { exact: true }).selectOption({ label: t('outcome.accepted') });
  await unfold(drafting, t('answer_work.promises'));
  const promise = (part) => drafting.getByLabel(t(`answer_work.commitment_${part}`, { n: 1 }), { exact: true });
  await promise('what').fill('Thử nghiệm hai thuyền thư viện');
  await promise('who').fill('Vụ Khoa học xã hội, nhân văn và tự nhiên');
  await promise('until').fill('2030-06-30');
  await officer.press(t('action.draft-answer.go'), drafting);
  await officer.sees(t('action.draft-answer.done'));

  drafting = await action(officer, 'draft-answer');
  assert.equal(await drafting.getByLabel(t('form.text.label'), { exact: true }).inputValue(), answer, 'the draft was kept');
  await officer.press(t('action.draft-answer.submit'), drafting);
  await officer.sees(t('action.draft-answer.done_submitted'));
  assert.equal(await page.locator('form[action$="/approve"]').count(), 0, 'whoever drafted is not offered to approve');
}

/** The officer approves all the same, with a form made by hand, and may not. */
export async function officerTriesToApprove(officer) {
  const { page, t } = officer;
  const note = (await action(officer, 'note')).locator('form');
  await note.evaluate((form) => { form.action = form.action.replace(/note$/, 'approve'); });
  const refused = await officer.press(t('action.note.go'), note);
  assert.equal(refused.status(), 403);
  await page.getByRole('main').getByText(t('problem.actor.not_allowed')).or(page.getByText(t('problem.answer.own_draft'))).first().waitFor();
}

/** The approver reads the draft and publishes it. */
export async function approverPublishes(approver, code) {
  const { page, t } = approver;
  await signIn(approver, staff.approver);
  await openFromQueue(approver, code);
  await approver.sees(answer);
  const approving = await action(approver, 'approve');
  assert.equal(await approving.getByLabel(t('form.publish.label'), { exact: true }).isChecked(), true);
  await approver.press(t('action.approve.go'), approving);
  await approver.sees(t('action.approve.done'));
  assert.equal(await page.getByRole('link', { name: t('desk.public_page') }).count(), 1);
}

/** Somebody finds question and answer by typing without accents. */
export async function readerFinds(reader, code, lang = 'vi') {
  const { page, t } = reader;
  await reader.open(`/${lang}/`);
  const hit = page.getByRole('link', { name: proposal.title });
  await page.getByRole('searchbox').fill(proposal.search);
  await reader.press(t('search.go'));
  // The index follows the database by moments.
  await until(async () => (await hit.count()) > 0 || (await page.reload(), false), 'the public finds the case');
  await reader.leave(() => hit.first().click());
  assert.equal(new URL(page.url()).pathname, `/${lang}/s/${code}`);
  await page.getByRole('heading', { level: 1, name: proposal.title }).waitFor();
  await reader.sees(page.getByText(proposal.body));
  await reader.sees(page.getByText(answer));
  assert.equal((await page.content()).includes('Nguyễn Thị Lan'), false, 'the name is not public without consent');
}

/** The whole way. Without scripts: no page needs them. */
export async function wholeJourney(visit, { scripts = false } = {}) {
  const citizen = await visit({ name: 'citizen', device: 'phone', scripts });
  const receipt = await citizenSends(citizen);
  await citizenTracks(citizen, receipt);
  const officer = await visit({ name: 'officer', device: 'desk', scripts });
  await officerAnswers(officer, receipt.code);
  await officerTriesToApprove(officer);
  const approver = await visit({ name: 'approver', device: 'desk', scripts });
  await approverPublishes(approver, receipt.code);
  await readerFinds(await visit({ name: 'reader', device: 'phone', scripts }), receipt.code);
  await citizen.page.reload();
  await citizen.sees(citizen.page.getByText(answer));
  return receipt;
}
