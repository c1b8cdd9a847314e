// A child sends something, and a parent or guardian answers: by keyboard alone,
// without scripts, in both languages, with the link of a real mail. What staff
// see of it stands at the end.
import assert from 'node:assert/strict';
import path from 'node:path';
import { audit, glance } from '../lib/audit.mjs';
import { Hand } from '../lib/hand.mjs';
import { goodForm, readReceipt, signIn, walkTo } from '../lib/journey.mjs';
import { Mailbox } from '../lib/mailbox.mjs';
import { command, password, Service, staff } from '../lib/service.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

const keeper = 'keeper@demo.test';
let mailbox;

const { story } = world(async (folder) => {
  mailbox = await Mailbox.open();
  const service = await Service.start({ folder, env: mailbox.env });
  await command({
    args: ['--data', path.join(folder, 'serve'), 'user', 'add', keeper, '--name', 'Người Giữ Mẫu', '--role', 'data_protection'], input: `${password}\n`,
  });
  const stop = service.stop.bind(service);
  service.stop = async () => {
    mailbox.close();
    await stop();
  };
  return service;
});

const titles = { vi: 'Sân chơi của thôn em chưa có mái che', en: 'Our playground has no roof' };
const bodies = {
  vi: 'Trời nắng chúng em không chơi được ở sân nhà văn hóa. Em mong sân có mái che và vài cây xanh.',
  en: 'When the sun is out we cannot play in the yard of the culture house. I wish it had a roof and some trees.',
};

/** Walks to the page of the sender, by keyboard, and ticks that it is a child. */
async function saysToBeAChild(hand, name, email) {
  const { page, t } = hand;
  await hand.tick(page.getByRole('radio', { name: t('form.submitter.type.person'), exact: true }));
  await hand.write(page.getByLabel(t('form.submitter.name.label'), { exact: true }), name);
  await hand.write(page.getByLabel(t('form.optional', { label: t('form.submitter.email.label') }), { exact: true }), email);
  const box = page.getByLabel(t('form.child.label'), { exact: true });
  assert.equal(await box.isChecked(), false, 'nobody is taken for a child');
  await hand.tick(box);
  await hand.button(t('submit.next'));
}

/** The page that the message to a guardian leads to. */
const linkTo = async (address, lang) => new URL((await mailbox.said(address, new RegExp(`https?://\\S+/${lang}/guardian/\\S+`))).said).pathname;

for (const lang of languages) {
  story(`a child sends something by keyboard, and the father answers from his mail (${lang})`, async ({ visit }) => {
    const own = `ngan.${lang}@example.vn`;
    const fathers = `quang.${lang}@example.vn`;
    const child = await visit({ name: 'child', device: 'phone', lang });
    const { page, t } = child;
    await child.open(`/${lang}/submit`);
    await walkTo(child, 'sender', goodForm({ title: titles[lang], body: bodies[lang] }));
    await audit(page, `guardian-${lang}-sender`);
    const hand = new Hand(child);
    await saysToBeAChild(hand, 'Đinh Thị Bảo Ngân', own);
    await audit(page, `guardian-${lang}-asked`);

    // Nothing, then the own address, then the father's.
    await hand.button(t('submit.next'));
    await child.sees(t('problem.at.guardian.name.required'));
    await audit(page, `guardian-${lang}-refused`);
    const field = (name) => page.getByLabel(t(`form.guardian.${name}.label`), { exact: true });
    await hand.write(field('name'), 'Đinh Văn Quảng');
    await hand.write(field('email'), own);
    await hand.button(t('submit.next'));
    assert.equal(await field('name').inputValue(), 'Đinh Văn Quảng', 'what was typed is kept');
    assert.equal(await page.getByRole('alert').getByRole('link').innerText(), t('problem.at.guardian.email.same_as_sender'));
    await hand.write(field('email'), fathers);
    await hand.button(t('submit.next'));
    await audit(page, `guardian-${lang}-review`);
    await hand.tick(page.getByLabel(t('form.child_consent.terms'), { exact: true }));
    await hand.button(t('submit.send'));
    const { code } = await readReceipt(child);
    await child.sees(t('sent.child.waiting', { date: '' }).slice(0, 40));
    await audit(page, `guardian-${lang}-sent`);

    const father = await visit({ name: 'father', device: 'phone', lang });
    const link = await linkTo(fathers, lang);
    await father.open(link);
    await father.sees(titles[lang]);
    await father.sees('Đ. T. B. Ngân');
    assert.equal(await father.page.getByText('Đinh Thị').count(), 0, 'the whole name is not shown');
    assert.equal(await father.page.getByText(bodies[lang].slice(0, 30)).count(), 0, 'the text is not shown');
    assert.equal(await father.page.locator('input:checked').count(), 0, 'nothing is ticked beforehand');
    assert.equal(await father.page.getByText(/ngày ngày/i).count(), 0, 'a date says its own “ngày”');
    await audit(father.page, `guardian-${lang}-page`);
    const his = new Hand(father);
    await his.tick(father.page.getByLabel(t('form.guardian.publish.label'), { exact: true }));
    await his.button(t('guardian.agree'));
    await father.sees(t('guardian.done'));
    assert.equal(await father.page.getByText(/ngày ngày/i).count(), 0);
    await audit(father.page, `guardian-${lang}-done`);
    await father.open(link);
    await father.sees(t('guardian.answered'));
    await audit(father.page, `guardian-${lang}-again`);

    await child.follow(t('sent.track'));
    await child.sees(t('sent.child.confirmed'));
    await audit(page, `guardian-${lang}-tracked`);
    const coordinator = await visit({ name: 'coordinator', device: 'desk' });
    await signIn(coordinator, staff.coordinator);
    await coordinator.open(`/staff/cases/${code}`);
    await coordinator.sees(/Người gửi là trẻ em/);
    assert.equal(await coordinator.page.getByText(/ngày ngày/i).count(), 0);
    await glance(coordinator.page, `guardian-${lang}-case`);
  });
}

story('without scripts a stranger who was named as guardian ends it with one click', async ({ visit }) => {
  const child = await visit({ name: 'child', device: 'phone', scripts: false });
  const { page, t } = child;
  await child.open('/vi/submit');
  await walkTo(child, 'sender', goodForm({ title: 'Bể bơi của huyện mở quá ít giờ', body: bodies.vi }));
  await page.getByRole('radio', { name: t('form.submitter.type.person'), exact: true }).check();
  await page.getByLabel(t('form.submitter.name.label'), { exact: true }).fill('Lý Thị Mẫu');
  await page.getByLabel(t('form.child.label'), { exact: true }).check();
  await child.press(t('submit.next'));
  await page.getByLabel(t('form.guardian.name.label'), { exact: true }).fill('Lý Văn Mẫu');
  await page.getByLabel(t('form.guardian.email.label'), { exact: true }).fill('nguoi.la@example.vn');
  await child.press(t('submit.next'));
  await page.getByLabel(t('form.child_consent.terms'), { exact: true }).check();
  await child.press(t('submit.send'));
  const { code } = await readReceipt(child);

  const coordinator = await visit({ name: 'coordinator', device: 'desk' });
  await signIn(coordinator, staff.coordinator);
  await coordinator.open(`/staff/cases/${code}`);
  await coordinator.sees(/Đang chờ người giám hộ đồng ý/);
  await glance(coordinator.page, 'guardian case that waits');
  const dpo = await visit({ name: 'keeper', device: 'desk' });
  await signIn(dpo, keeper);
  await dpo.open('/staff/privacy');
  await dpo.sees(code);
  await glance(dpo.page, 'guardian list');

  const stranger = await visit({ name: 'stranger', device: 'phone', scripts: false });
  const link = await linkTo('nguoi.la@example.vn', 'vi');
  await stranger.open(link);
  await stranger.open(link);
  await stranger.press(t('guardian.not_mine'));
  await stranger.sees(t('guardian.done'));
  assert.equal(await stranger.page.getByText('Mẫu').count(), 0, 'afterwards nothing is shown any more');
  await child.follow(t('sent.track'));
  await child.sees(t('sent.child.refused'));
  await dpo.open('/staff/privacy');
  await dpo.sees(t('guardian.reason.not_mine'));

  const adult = await visit({ name: 'adult', device: 'desk', scripts: false });
  await adult.open('/vi/submit');
  await walkTo(adult, 'review', goodForm({ title: 'Đèn ở sân vận động huyện' }));
  assert.equal(await adult.page.getByText('16').count(), 0, 'nobody else hears of it');
});
