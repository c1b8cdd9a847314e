// How the sender is reached: which messages, where to, who confirms the
// mailbox, what is sent again when codes are lost, and how all of it is erased.
import assert from 'node:assert/strict';
import { draft, submit } from '../lib/api.mjs';
import { audit } from '../lib/audit.mjs';
import { Mailbox } from '../lib/mailbox.mjs';
import { Service } from '../lib/service.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

let mailbox;

const { story } = world(async (folder) => {
  mailbox = await Mailbox.open();
  const service = await Service.start({ folder, env: mailbox.env });
  const stop = service.stop.bind(service);
  service.stop = async () => {
    mailbox.close();
    await stop();
  };
  return service;
});

/** What a sender can do, opened where it is shut. */
async function act(sender, name) {
  const form = sender.page.locator(`form[action$="/${name}"]`);
  if (!(await form.isVisible())) await sender.page.getByText(sender.t(`sender_act.${name}.title`), { exact: true }).first().click();
  return form;
}

/** Waits for a mail to an address that says something, after the first mails, and returns what it says. */
const mailTo = async (address, pattern, from) => (await mailbox.said(address, pattern, from)).said;

for (const lang of languages) {
  story(`a sender chooses messages, moves to another mailbox, loses the codes and erases all (${lang})`, async ({ visit, service }) => {
    const [before, after] = [`cu.${lang}@example.vn`, `moi.${lang}@example.vn`];
    const sent = await submit(service, draft(`Đường dây hỏi đáp về sáng chế ${lang}`, { submitter: { type: 'person', name: 'Nguyễn Thị Lan', email: before } }));
    const sender = await visit({ name: 'sender', device: 'phone', lang });
    const { page, t } = sender;
    await sender.open(`/${lang}/track`);
    await page.getByLabel(t('form.code.label'), { exact: true }).fill(sent.code);
    await page.getByLabel(t('form.secret.label'), { exact: true }).fill(sent.tracking_secret);
    await sender.press(t('track.open'));
    await sender.sees(t('reach.not_confirmed'));

    let form = await act(sender, 'messages');
    await form.getByRole('radio', { name: t('reach_choice.wants.needed'), exact: true }).check();
    await sender.press(t('sender_act.messages.go'), form);
    await sender.sees(t('sender_act.messages.done'));
    form = await act(sender, 'messages');
    assert.equal(await form.getByRole('radio', { name: t('reach_choice.wants.needed'), exact: true }).isChecked(), true, 'the choice was kept');

    // A slip of the finger, then the right address.
    form = await act(sender, 'contact');
    await form.locator('[name=email]').fill('moi@');
    assert.equal((await sender.press(t('sender_act.contact.go'), form)).status(), 422);
    assert.equal(await form.locator('[name=email]').inputValue(), 'moi@', 'what was typed is kept');
    await act(sender, 'messages');
    await act(sender, 'erase');
    await audit(page, `contact-${lang}-refused`);
    await form.locator('[name=email]').fill(after);
    await sender.press(t('sender_act.contact.go'), form);
    await sender.sees(t('sender_act.contact.done'));
    await sender.sees(t('reach.not_confirmed'));
    assert.equal(await page.getByText(after).count(), 0, 'whoever looks over the shoulder does not read the address');

    // Whoever has the mailbox confirms it, with a page that asks first.
    const confirm = new URL(await mailTo(after, /https?:\/\/\S+\/confirm\/\S+/)).pathname;
    const reader = await visit({ name: 'reader', device: 'phone', lang });
    await reader.open(confirm.replace(/^\/\w+/, `/${lang}`));
    await audit(reader.page, `contact-${lang}-confirm`);
    await reader.press(t('ask.confirm.go'));
    await reader.sees(t('ask.confirm.done'));
    await page.reload();
    assert.equal(await page.getByText(t('reach.not_confirmed')).count(), 0);

    // The slip of paper is gone.
    await reader.open(`/${lang}/track/lost`);
    assert.equal((await reader.press(t('lost.go'))).status(), 422);
    await audit(reader.page, `contact-${lang}-lost`);
    await reader.page.getByLabel(t('lost.contact'), { exact: true }).fill(after);
    const earlier = mailbox.mails.length;
    await reader.press(t('lost.go'));
    await reader.sees(t('lost.sent'));
    await mailTo(after, new RegExp(sent.tracking_secret), earlier);

    form = await act(sender, 'erase');
    assert.equal((await sender.press(t('sender_act.erase.go'), form)).status(), 422);
    assert.equal(await page.getByRole('alert').getByRole('link').innerText(), t('problem.at.erase_sure.required'));
    await form.getByLabel(t('form.erase_sure.label'), { exact: true }).check();
    await sender.press(t('sender_act.erase.go'), form);
    await sender.sees(t('sender_act.erase.done'));
    for (const name of ['messages', 'contact', 'erase']) assert.equal(await page.locator(`form[action$="/${name}"]`).count(), 0, `${name} has nothing to act on`);
    await audit(page, `contact-${lang}-erased`);
    assert.equal(await page.getByText(/ngày ngày/).count(), 0, 'a date says its own “ngày”');
    assert.equal((await reader.open(confirm)).status(), 404);
  });
}
