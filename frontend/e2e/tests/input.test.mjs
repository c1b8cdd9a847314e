// Input that nobody wishes for, and hands that are quicker or slower than the
// pages: what is written is never lost, never counted twice, never run.
import assert from 'node:assert/strict';
import { answer, caseIn, Desk, draft } from '../lib/api.mjs';
import { action, fillForm, goodForm, proposal, readReceipt, signIn, sendForm, walkTo } from '../lib/journey.mjs';
import { password, staff } from '../lib/service.mjs';
import { until } from '../lib/until.mjs';
import { launch, world } from '../lib/world.mjs';

const { story } = world();

const citizen = (visit, more = {}) => visit({ name: 'citizen', device: 'phone', scripts: false, ...more });

const field = (visitor, key, page = visitor.page) => page.getByLabel(visitor.t(key), { exact: true });

/** How many submissions carry a title. */
const count = async (service, title) => (await Desk.open(service, staff.coordinator)).count(title);

story('every step names everything that is missing, in the order of its fields', async ({ visit }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  for (const [step, button, missing] of [
    ['submit', 'submit.next', ['problem.at.kind.required']],
    ['text', 'submit.next', ['problem.at.title.required', 'problem.at.body.required']],
    ['sender', 'submit.next', ['problem.at.submitter.type.required', 'problem.at.submitter.name.required']],
    ['review', 'submit.send', ['problem.field.consent_required']],
  ]) {
    if (step !== 'submit') await walkTo(visitor, step, goodForm());
    const response = await visitor.press(t(button));
    assert.equal(response.status(), 422);
    assert.deepEqual(await page.getByRole('alert').getByRole('link').allInnerTexts(), missing.map((key) => t(key)), step);
    for (const link of await page.getByRole('alert').getByRole('link').all()) {
      const id = await link.getAttribute('href');
      assert.equal(await page.locator(id).count(), 1, `${id} leads to a field`);
    }
    if (step === 'submit') await walkTo(visitor, 'text', goodForm());
  }
});

story('a text of two million letters gets a page that says it is too large', async ({ visit }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'text', goodForm());
  await fillForm(visitor, goodForm({ body: '' }));
  // Hidden, since laying out so much text takes the browser minutes.
  await field(visitor, 'form.body.label').evaluate((area) => {
    area.hidden = true;
    area.value = 'a'.repeat(2_000_000);
  });
  const response = await visitor.press(t('submit.next'));
  assert.equal(response.status(), 413);
  await page.getByRole('heading', { level: 1, name: t('error.413.title') }).waitFor();
});

story('a form of 10 or 30 MB gets the same page, and no broken connection', async ({ visit }) => {
  // Sent by a script: encoding so large a form takes the browser itself 10 s.
  const visitor = await citizen(visit, { scripts: true });
  await visitor.open('/vi/submit');
  for (const megabytes of [10, 30]) {
    const told = await visitor.page.evaluate(async (bytes) => {
      const response = await fetch('/vi/submit', {
        method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new Blob(['body=', 'a'.repeat(bytes)]),
      });
      return `${response.status} ${await response.text()}`;
    }, megabytes * 1_000_000);
    assert.match(told, new RegExp(`^413 [^]*<h1[^>]*>${visitor.t('error.413.title')}</h1>`), `${megabytes} MB`);
  }
});

story('a topic that does not exist is refused, and the text stays', async ({ visit }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'topic', goodForm());
  await page.locator('#topic').evaluate((select) => select.add(new Option('?', 'khong-co-that', true, true)));
  const response = await visitor.press(t('submit.next'));
  assert.equal(response.status(), 422);
  await page.getByRole('alert').getByRole('link', { name: t('problem.field.unknown_value', { label: t('form.topic.label') }) }).waitFor();
  for (const step of ['files', 'text']) {
    await visitor.follow(t('submit.back'));
    assert.match(page.url(), new RegExp(`/${step}$`));
  }
  assert.equal(await field(visitor, 'form.body.label').inputValue(), proposal.body);
});

story('a zero byte in the text does no harm', async ({ visit, service }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  const form = goodForm({ title: 'Ý kiến có ký tự lạ' });
  await walkTo(visitor, 'text', form);
  const address = new URL(page.url()).pathname;
  await fillForm(visitor, form);
  await field(visitor, 'form.body.label').evaluate((area) => { area.value += '\u0000'; });
  const response = await visitor.press(t('submit.next'));
  assert.equal(response.status(), 400);
  await page.getByRole('heading', { level: 1, name: t('error.400.title') }).waitFor();
  assert.equal(await count(service, 'Ý kiến có ký tự lạ'), 0);
  // The page says: go back. There everything is as it was.
  await visitor.back(address);
  assert.match(await field(visitor, 'form.body.label').inputValue(), /^Kính gửi/);
});

story('a name of 300 letters is refused with its length, and stays', async ({ visit }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  const name = 'Nguyễn '.repeat(43).slice(0, 300).replace(/ $/, 'n');
  await walkTo(visitor, 'sender', goodForm());
  await fillForm(visitor, goodForm({ name }));
  const response = await visitor.press(t('submit.next'));
  assert.equal(response.status(), 422);
  const line = page.getByRole('alert').getByRole('link');
  assert.match(await line.innerText(), /300/);
  assert.equal(await field(visitor, 'form.submitter.name.label').inputValue(), name);
});

story('HTML and formulas are text on every page that shows them', async ({ visit, service }) => {
  const title = '=1+1 <b>đậm</b> <img src=x onerror=alert(1)>';
  const body = `Kính gửi Bộ Khoa học và Công nghệ. <script>alert("xin chào")</script> {{7*7}} '; DROP TABLE submissions; -- nguyên văn`;
  const visitor = await citizen(visit, { scripts: true });
  const { t, page } = visitor;
  await sendForm(visitor, goodForm({ title, body, name: '"><script>alert(2)</script>' }));
  const receipt = await readReceipt(visitor);
  await visitor.follow(t('sent.track'));
  await visitor.sees(page.getByText(title, { exact: true }));
  await visitor.sees(page.getByText(body, { exact: true }));

  const coordinator = await Desk.open(service, staff.coordinator);
  await coordinator.settled(receipt.code);
  const officer = await visit({ name: 'officer', device: 'desk' });
  await signIn(officer, staff.coordinator);
  await officer.open('/staff/queue?sort=newest');
  await officer.follow(title);
  await officer.sees(officer.page.getByRole('heading', { level: 1, name: title, exact: true }));
  await officer.sees(officer.page.locator('p').getByText(body, { exact: true }));
  const publishing = await action(officer, 'publish');
  assert.equal(await publishing.getByLabel(t('form.public_title.label'), { exact: true }).inputValue(), title);
  await officer.press(t('action.publish.go'), publishing);
  await officer.sees(t('action.publish.done'));

  await until(async () => {
    await visitor.open('/vi/search?q=nguyen+van+dam');
    return (await page.getByRole('link', { name: title, exact: true }).count()) === 1;
  }, 'the case is found');
  await visitor.follow(title);
  await visitor.sees(page.getByRole('heading', { level: 1, name: title, exact: true }));
  await visitor.sees(page.getByText(body, { exact: true }));
  await visitor.open(`/vi/search?q=${encodeURIComponent('"><script>alert(3)</script>')}`);
  assert.equal(await page.getByRole('searchbox').inputValue(), '"><script>alert(3)</script>');
});

for (const scripts of [false, true]) {
  story(`two quick clicks send one submission, ${scripts ? 'with' : 'without'} scripts`, async ({ visit, service }) => {
    const visitor = await citizen(visit, { scripts });
    const { t, page } = visitor;
    const title = `Bấm hai lần ${scripts ? 'có' : 'không có'} kịch bản trên trang`;
    const form = goodForm({ title });
    await visitor.open('/vi/submit');
    await walkTo(visitor, 'review', form);
    await fillForm(visitor, form);
    await page.getByRole('button', { name: t('submit.send') }).dblclick();
    await readReceipt(visitor);
    assert.equal(await count(service, title), 1);
  });
}

for (const backCache of [true, false]) {
  story(`going back and sending again gives the same codes${backCache ? '' : ' on a phone that kept no pages'}`, async ({ visit, service }) => {
    const browser = await launch({ backCache });
    try {
      const visitor = await citizen(visit, { browser });
      const { t, page } = visitor;
      const title = `Quay lại rồi gửi lần nữa, ${backCache ? 'máy nhớ trang' : 'máy ít bộ nhớ'}`;
      const form = goodForm({ title });
      await visitor.open('/vi/submit');
      await walkTo(visitor, 'review', form);
      await fillForm(visitor, form);
      await visitor.press(t('submit.send'));
      const first = await readReceipt(visitor);
      // The review was sent: whoever goes back there is led to the receipt.
      await page.goBack({ waitUntil: 'commit' });
      if (new URL(page.url()).pathname.endsWith('/review')) await visitor.press(t('submit.send'));
      assert.deepEqual(await readReceipt(visitor), first);
      assert.equal(await count(service, title), 1);
    } finally {
      await browser.close();
    }
  });
}

story('a page of a draft that was sent takes its text into a new draft', async ({ visit, service }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  const form = goodForm({ title: 'Ý kiến gửi trước khi mở lại trang cũ' });
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'text', form);
  const old = await visitor.tab();
  await visitor.open(page.url(), old);
  await walkTo(visitor, 'review', form);
  await fillForm(visitor, form);
  await visitor.press(t('submit.send'));
  const first = await readReceipt(visitor);

  const title = 'Một đề xuất khác hẳn, viết ở thẻ còn mở';
  await fillForm(visitor, { ...form, title }, old);
  await visitor.press(t('submit.next'), old);
  await visitor.sees(t('submit.renewed'), old);
  assert.equal(await count(service, title), 0);
  await walkTo(visitor, 'review', { ...form, title }, old);
  await visitor.sees(old.getByText(title, { exact: true }), old);
  await fillForm(visitor, form, old);
  await visitor.press(t('submit.send'), old);
  assert.notEqual((await readReceipt(visitor, old)).code, first.code);
});

story('two tabs of one step: the second to save is shown both texts', async ({ visit }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'text', goodForm());
  const second = await visitor.tab();
  await visitor.open(page.url(), second);
  await fillForm(visitor, goodForm({ title: 'Tiêu đề ở thẻ thứ nhất' }));
  await visitor.press(t('submit.next'));
  await fillForm(visitor, goodForm({ title: 'Tiêu đề ở thẻ thứ hai' }), second);
  const asked = await visitor.press(t('submit.next'), second);
  assert.equal(asked.status(), 409);
  await visitor.sees(t('submit.other_tab'), second);
  await visitor.sees(second.getByText('Tiêu đề ở thẻ thứ nhất'), second);
  assert.equal(await field(visitor, 'form.title.label', second).inputValue(), 'Tiêu đề ở thẻ thứ hai');
  await walkTo(visitor, 'review', goodForm({ title: 'Tiêu đề ở thẻ thứ hai' }), second);
  await visitor.sees(second.getByText('Tiêu đề ở thẻ thứ hai', { exact: true }), second);
});

story('an initiative is written in parts and may stay unpublished', async ({ visit, service }) => {
  const visitor = await citizen(visit);
  const { t, page } = visitor;
  const form = goodForm({
    kind: 'initiative', title: 'Thiết bị đo mặn tự làm cho kênh nội đồng', body: undefined,
    problem: 'Nông dân không biết khi nào nước kênh nhiễm mặn.', proposal: 'Gắn đầu đo giá rẻ ở cống, gửi số đo bằng tin nhắn.',
  });
  await visitor.open('/vi/submit');
  await walkTo(visitor, 'text', form);
  await visitor.sees(t('submit.novelty'));
  await field(visitor, 'form.confidential.label').check();
  await walkTo(visitor, 'review', form);
  await fillForm(visitor, form);
  await visitor.press(t('submit.send'));
  const { code } = await readReceipt(visitor);
  await visitor.follow(t('sent.track'));
  await visitor.sees(/Vấn đề\s+Nông dân không biết/);
  await visitor.sees(page.getByRole('heading', { level: 1, name: code }));
});

/** An officer in front of an open draft of a case of their own. */
async function drafting(visit, service, title) {
  const { code } = await caseIn(service, 'in_progress', draft(title));
  const officer = await visit({ name: 'officer', device: 'desk', scripts: false });
  await signIn(officer, staff.officer);
  await officer.open(`/staff/cases/${code}`);
  return { officer, code };
}

/** Types an answer into the open draft. */
async function write(officer, text, page = officer.page) {
  const form = await action(officer, 'draft-answer', page);
  await form.getByLabel(officer.t('form.text.label'), { exact: true }).fill(text);
  await form.getByLabel(officer.t('form.outcome.label'), { exact: true }).selectOption('accepted');
  return form;
}

/** The answer in the draft's form. */
const written = async (officer, page = officer.page) =>
  (await action(officer, 'draft-answer', page)).getByLabel(officer.t('form.text.label'), { exact: true }).inputValue();

story('two tabs of one case: the second to save is told and keeps the text', async ({ visit, service }) => {
  const { officer, code } = await drafting(visit, service, 'Hồ sơ mở trong hai thẻ cùng lúc');
  const { t, page } = officer;
  const second = await officer.tab();
  await officer.open(`/staff/cases/${code}`, second);
  await officer.press(t('action.draft-answer.go'), await write(officer, 'Bản ở thẻ thứ nhất, lưu trước.'));
  await officer.sees(t('action.draft-answer.done'));
  const refused = await officer.press(t('action.draft-answer.go'), await write(officer, 'Bản ở thẻ thứ hai, lưu sau.', second));
  assert.ok([409, 412].includes(refused.status()), `answered ${refused.status()}`);
  await officer.sees(t('desk.conflict_title'), second);
  assert.equal(await written(officer, second), 'Bản ở thẻ thứ hai, lưu sau.');
  await officer.sees(second.locator('.hk-card--answer').getByText('Bản ở thẻ thứ nhất, lưu trước.'), second);
  await officer.press(t('action.draft-answer.go'), await action(officer, 'draft-answer', second));
  await officer.sees(t('action.draft-answer.done'), second);
  await page.reload();
  assert.equal(await written(officer), 'Bản ở thẻ thứ hai, lưu sau.');
});

story('a session that ends while an answer is written takes nothing of it', async ({ visit, service }) => {
  const { officer } = await drafting(visit, service, 'Phiên làm việc hết giữa lúc soạn trả lời');
  const { t, page } = officer;
  const form = await write(officer, answer);
  const other = await officer.tab();
  await officer.open('/staff/queue', other);
  await officer.press(t('staff.sign_out'), other);

  await officer.press(t('action.draft-answer.go'), form);
  for (const typed of ['sai mật khẩu', password]) { // a slip of the hand loses nothing either
    await field(officer, 'form.email.label').fill(staff.officer);
    await field(officer, 'form.password.label').fill(typed);
    await officer.press(t('staff.sign_in'));
  }
  await page.getByRole('heading', { level: 1, name: 'Phiên làm việc hết giữa lúc soạn trả lời' }).waitFor();
  assert.equal(await written(officer), answer);
  await officer.press(t('action.draft-answer.go'), await action(officer, 'draft-answer'));
  await officer.sees(t('action.draft-answer.done'));
});

story('a proposal is sent with the keyboard alone', async ({ visit }) => {
  const visitor = await citizen(visit, { device: 'desk', name: 'keyboard' });
  const { t, page } = visitor;
  const keys = page.keyboard;
  const focused = page.locator(':focus');

  /** Presses Tab until something has the focus, and fails when it never gets there. */
  const tabTo = async (locator) => {
    const most = 60; // stops, more than any page has
    for (let i = 0; i < most; i += 1) {
      await keys.press('Tab');
      if (await locator.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`Tab never reaches ${locator}`);
  };

  await visitor.open('/vi/');
  await keys.press('Tab');
  assert.equal(await focused.innerText(), t('site.skip'), 'the first stop skips to the content');
  await keys.press('Enter');
  await tabTo(page.getByRole('main').getByRole('button', { name: t('home.send') }));
  await visitor.leave(() => keys.press('Enter'));

  const onward = async (name = 'submit.next') => {
    await tabTo(page.getByRole('button', { name: t(name), exact: true }));
    await visitor.leave(() => keys.press('Enter'));
  };
  await tabTo(page.getByRole('radio', { name: t('kind.feedback'), exact: true }));
  await keys.press('Space');
  await keys.press('ArrowDown');
  assert.equal(await page.getByRole('radio', { name: t('kind.recommendation'), exact: true }).isChecked(), true);
  await onward();
  await tabTo(field(visitor, 'form.title.label'));
  await keys.insertText('Gửi chỉ bằng bàn phím, không dùng chuột');
  await tabTo(field(visitor, 'form.body.label'));
  await keys.insertText(proposal.body);
  await onward();
  if (new URL(page.url()).pathname.endsWith('/similar')) await onward('submit.similar.differs');
  await tabTo(page.locator('#files'));
  await onward();
  await tabTo(page.locator('#topic'));
  await keys.press('ArrowDown');
  await onward();
  await tabTo(page.getByRole('radio', { name: t('form.submitter.type.person'), exact: true }));
  await keys.press('Space');
  await tabTo(field(visitor, 'form.submitter.name.label'));
  await keys.insertText('Nguyễn Thị Lan');
  await onward();
  await tabTo(field(visitor, 'form.consent.terms.label'));
  await keys.press('Space');
  await onward('submit.send');
  await readReceipt(visitor);
  await tabTo(page.getByRole('link', { name: t('sent.track') }));
  await visitor.leave(() => keys.press('Enter'));
  await visitor.sees('Gửi chỉ bằng bàn phím, không dùng chuột');
});
