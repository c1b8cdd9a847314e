// How people come in: invited by a mail that really arrives, with a second
// factor, a passkey, a forgotten password; and what administrators do about it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { audit } from '../lib/audit.mjs';
import { signIn } from '../lib/journey.mjs';
import { Mailbox } from '../lib/mailbox.mjs';
import { password, Service, staff } from '../lib/service.mjs';
import { languages } from '../lib/words.mjs';
import { world } from '../lib/world.mjs';

let mailbox;

/** A port that nobody listens at. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const w = world(async (folder) => {
  mailbox = await Mailbox.open();
  const port = await freePort();
  const origin = `http://localhost:${port}`; // browsers make passkeys there without https
  const service = await Service.start({ folder, port, env: { ...mailbox.env, HIENKE_HTTP_PUBLIC_URL: origin } });
  service.numbered = service.url;
  service.url = origin;
  const stop = service.stop.bind(service);
  service.stop = async () => {
    mailbox.close();
    await stop();
  };
  return service;
});

const { story } = w;

/** The code that an authenticator app shows now, or some steps later. */
function codeOf(secret, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/\s/g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The form under a heading. */
const card = (visitor, key) => visitor.page.getByRole('region', { name: visitor.t(key), exact: true });

const at = ({ page }) => new URL(page.url()).pathname;

/** Types address and password, and leaves what follows to the caller. */
async function knock(visitor, email, secret) {
  const { page, t } = visitor;
  await visitor.open('/staff/sign-in');
  await page.getByLabel(t('form.email.label'), { exact: true }).fill(email);
  await page.getByLabel(t('form.password.label'), { exact: true }).fill(secret);
  return visitor.press(t('staff.sign_in'));
}

async function invite(admin, email, name) {
  const { t, page } = admin;
  await admin.open('/staff/users');
  const form = card(admin, 'users.invite');
  await form.getByLabel(t('form.email.label'), { exact: true }).fill(email);
  await form.getByLabel(t('users.name'), { exact: true }).fill(name);
  await form.getByLabel(t('users.role'), { exact: true }).selectOption('officer');
  await form.locator('select[name=agency]').selectOption('bo-khoa-hoc-cong-nghe');
  await admin.press(t('users.invite_go'), form);
  await admin.sees(t('users.done.invited'));
  return page;
}

async function setPassword(visitor, link, secret) {
  const { page, t } = visitor;
  await visitor.open(new URL(link).pathname);
  await page.getByLabel(t('account.new_password'), { exact: true }).fill(secret);
  await visitor.press(t('link.go'));
  await visitor.sees(t('link.done'));
}

/** Proves the password in the form under a heading. */
async function prove(visitor, key, button, secret) {
  const form = card(visitor, key);
  await form.getByLabel(visitor.t('account.current_password'), { exact: true }).fill(secret);
  return visitor.press(visitor.t(button), form);
}

const sentence = 'một câu dài dễ nhớ của tôi';
const another = 'một câu khác cũng dài như thế';

for (const lang of languages) {
  story(`a person is invited, comes in, forgets and is let go in ${lang}`, async ({ visit }) => {
    const email = `moi.${lang}@example.vn`;
    const look = (visitor, name) => audit(visitor.page, `accounts ${lang} ${name}`);
    const admin = await visit({ name: 'admin', device: 'desk', lang });
    await signIn(admin, staff.administrator);
    await invite(admin, email, 'Trần Thị Mới');
    await look(admin, 'users');

    // The mail, the password, the second factor.
    const person = await visit({ name: 'person', device: 'desk', lang });
    const { t, page } = person;
    const invitation = await mailbox.link(email);
    await person.open(new URL(invitation).pathname);
    await person.press(t('link.go'));
    await look(person, 'invitation with errors');
    await setPassword(person, invitation, sentence);
    const gone = await person.open(new URL(invitation).pathname);
    assert.equal(gone.status(), 410);
    await look(person, 'link over');
    await knock(person, email, sentence);
    assert.equal(at(person), '/staff/queue');
    await person.open('/staff/account');
    await look(person, 'account');
    await prove(person, 'account.codes_begin', 'account.codes_begin_go', sentence);
    await look(person, 'account enrolling');
    const secret = await page.locator('.hk-codes__secret').innerText();
    await card(person, 'account.codes_confirm').getByLabel(t('account.code'), { exact: true }).fill(codeOf(secret));
    await person.press(t('account.codes_confirm_go'), card(person, 'account.codes_confirm'));
    const recovery = await page.locator('.hk-codes code').allInnerTexts();
    assert.equal(recovery.length, 10);
    await look(person, 'account with recovery codes');
    await person.open('/staff/account');
    assert.equal((await page.content()).includes(recovery[0]), false, 'recovery codes are shown once');

    // Another browser, with a recovery code; its session is ended from here.
    const elsewhere = await visit({ name: 'elsewhere', device: 'phone', lang });
    await knock(elsewhere, email, sentence);
    await look(elsewhere, 'second step');
    const code = (value) => elsewhere.page.getByLabel(t('account.code'), { exact: true }).fill(value);
    await code('000000');
    assert.equal((await elsewhere.press(t('staff.sign_in'))).status(), 401);
    await look(elsewhere, 'second step with errors');
    await code(recovery[3]);
    await elsewhere.press(t('staff.sign_in'));
    assert.equal(at(elsewhere), '/staff/queue');
    await page.reload();
    await look(person, 'account with two sessions');
    await person.leave(() => card(person, 'account.sessions').getByRole('button', { name: t('account.end_session') }).first().click());
    await elsewhere.open('/staff/queue');
    assert.equal(at(elsewhere), '/staff/sign-in', 'an ended session opens nothing');
    await person.open('/staff/queue');
    assert.equal(at(person), '/staff/queue', 'the other one stays');

    // Forgotten.
    const before = mailbox.mails.length;
    await elsewhere.open('/staff/sign-in');
    await elsewhere.follow(t('reset.link'));
    await look(elsewhere, 'reset');
    await elsewhere.page.getByLabel(t('form.email.label'), { exact: true }).fill(email.toUpperCase());
    await elsewhere.press(t('reset.go'));
    await elsewhere.sees(t('reset.sent'));
    await look(elsewhere, 'reset sent');
    const reset = await mailbox.link(email, before);
    await person.open('/staff/queue');
    assert.equal(at(person), '/staff/queue', 'asking for a new password ends nothing');
    await setPassword(elsewhere, reset, another);
    await person.open('/staff/queue');
    assert.equal(at(person), '/staff/sign-in', 'a new password ends every session');
    assert.equal((await knock(person, email, sentence)).status(), 401);
    await knock(person, email, another);
    await page.getByLabel(t('account.code'), { exact: true }).fill(recovery[4]);
    await person.press(t('staff.sign_in'));
    assert.equal(at(person), '/staff/queue', 'the second factor outlives a new password');

    // Another role at once, and the end.
    await admin.open(`/staff/users?q=${email}`);
    await admin.follow('Trần Thị Mới');
    await look(admin, 'user');
    await card(admin, 'users.act.role.title').getByLabel(t('users.role'), { exact: true }).selectOption('approver');
    await admin.press(t('users.act.role.go'));
    await admin.sees(t('users.done.changed'));
    await person.open('/staff/queue');
    assert.equal(at(person), '/staff/sign-in', 'a changed role ends the sessions that had the old one');
    await admin.press(t('users.act.close.go'));
    await look(admin, 'user closed');
    assert.equal((await knock(person, email, another)).status(), 401, 'a closed account opens nothing');
  });
}

/** Gives a tab a device that keeps passkeys and checks its owner. */
async function giveDevice(visitor) {
  const cdp = await visitor.context.newCDPSession(visitor.page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { verify: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }) };
}

for (const lang of languages) {
  story(`a passkey is made, used and removed in ${lang}`, async ({ visit }) => {
    const who = lang === 'vi' ? staff.approver : staff.stranger;
    const person = await visit({ name: 'person', device: 'desk', lang });
    const { t, page } = person;
    const look = (name) => audit(page, `passkeys ${lang} ${name}`);
    const device = await giveDevice(person);
    await signIn(person, who);
    await person.open('/staff/account');
    await prove(person, 'passkey.title', 'passkey.new', 'sai mật khẩu');
    await look('with errors');
    await prove(person, 'passkey.title', 'passkey.new', password);
    await look('new');
    await page.getByLabel(t('passkey.name'), { exact: true }).fill('Máy tính cơ quan');
    await person.press(t('passkey.create'));
    assert.equal(await page.locator('.hk-codes code').count(), 10, 'recovery stays possible');
    await look('made');

    await person.press(t('staff.sign_out'));
    await look('sign-in');
    await person.leave(() => page.getByRole('button', { name: t('passkey.sign_in'), exact: true }).click());
    await page.waitForURL('**/staff/queue'); // the page asks by itself
    await person.press(t('staff.sign_out'));

    // Beside the password; a device that refuses at first.
    await knock(person, who, password);
    await look('second step');
    await device.verify(true);
    await person.press(t('passkey.use'));
    assert.equal(at(person), '/staff/queue');
    await person.press(t('staff.sign_out'));
    await device.verify(false);
    await person.leave(() => page.getByRole('button', { name: t('passkey.sign_in'), exact: true }).click());
    await person.sees(t('passkey.failed'));
    await look('sign-in refused by the device');
    await device.verify(true);
    await person.press(t('passkey.use'));
    assert.equal(at(person), '/staff/queue');

    await person.open('/staff/account');
    await page.getByText(t('passkey.change')).click();
    await look('account');
    const keys = card(person, 'passkey.title');
    await keys.getByLabel(t('passkey.name'), { exact: true }).fill('Máy ở phòng họp');
    await person.press(t('passkey.rename'), keys);
    await person.sees('Máy ở phòng họp');
    await page.getByText(t('passkey.change')).click();
    await keys.locator('form[action$="/remove"]').getByLabel(t('account.current_password'), { exact: true }).fill(password);
    await person.press(t('passkey.remove'), keys);
    assert.equal(at(person), '/staff/sign-in', 'every session ends with a passkey');
    await knock(person, who, password);
    assert.equal(at(person), '/staff/queue', 'no second factor is left');
  });
}

story('passkeys say where they work, and nothing needs them', async ({ visit, service }) => {
  const plain = await visit({ name: 'plain', device: 'phone', scripts: false });
  const { t } = plain;
  const numbered = await w.browser.newContext({ locale: 'vi-VN' }); // by another name of the same service
  const page = await numbered.newPage();
  await page.goto(`${service.numbered}/staff/sign-in`);
  await page.getByText(t('passkey.elsewhere')).waitFor();
  assert.equal(await page.getByRole('link', { name: service.url }).count(), 1);
  assert.equal(await page.getByRole('button', { name: t('passkey.sign_in') }).isVisible(), false);
  await numbered.close();
  await plain.open('/staff/sign-in');
  assert.equal(await plain.page.getByRole('button', { name: t('passkey.sign_in') }).isVisible(), false);
  await signIn(plain, staff.officer);
  await plain.open('/staff/account');
  await plain.sees(t('passkey.none'));
  await prove(plain, 'account.codes_begin', 'account.codes_begin_go', password);
  const secret = await plain.page.locator('.hk-codes__secret').innerText();
  await card(plain, 'account.codes_confirm').getByLabel(t('account.code'), { exact: true }).fill(codeOf(secret));
  await plain.press(t('account.codes_confirm_go'), card(plain, 'account.codes_confirm'));
  await plain.page.getByText(t('staff.menu'), { exact: true }).click();
  await plain.press(t('staff.sign_out'));
  await knock(plain, staff.officer, password);
  await plain.page.getByLabel(t('account.code'), { exact: true }).fill(codeOf(secret, 1));
  await plain.press(t('staff.sign_in'));
  assert.equal(at(plain), '/staff/queue');
});

for (const lang of languages) {
  story(`a program gets a token, once, and uses it in ${lang}`, async ({ visit, service }) => {
    const admin = await visit({ name: 'admin', device: 'desk', lang });
    const { t, page } = admin;
    await signIn(admin, staff.administrator);
    if (lang === languages[0]) {
      await admin.open('/staff/tokens');
      await audit(page, `tokens ${lang} none`);
    }
    await admin.open('/staff/users');
    const form = card(admin, 'users.invite');
    await form.getByLabel(t('form.email.label'), { exact: true }).fill(`cong.${lang}@example.vn`);
    await form.getByLabel(t('users.name'), { exact: true }).fill(`Cổng dịch vụ ${lang}`);
    await form.getByLabel(t('users.role'), { exact: true }).selectOption('service');
    await admin.press(t('users.invite_go'), form);
    await admin.open('/staff/tokens');
    await admin.press(t('tokens.issue_go'));
    await audit(page, `tokens ${lang} with errors`);
    const issue = card(admin, 'tokens.issue');
    await issue.locator('select[name=account]').selectOption({ label: `Cổng dịch vụ ${lang}` });
    await issue.getByLabel(t('tokens.name'), { exact: true }).fill('Đồng bộ với cổng dịch vụ công');
    await issue.getByLabel(t('tokens.expires'), { exact: true }).fill(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
    await issue.getByLabel(t('right.queue.see'), { exact: true }).check();
    await admin.press(t('tokens.issue_go'));
    const token = await page.locator('.hk-codes__secret').innerText();
    await audit(page, `tokens ${lang} fresh`);
    const ask = async (path) => (await fetch(service.url + path, { headers: { Authorization: `Bearer ${token}` } })).status;
    assert.equal(await ask('/api/v1/staff/queue'), 200);
    assert.equal(await ask('/api/v1/staff/figures'), 403, 'a token does what it was made for and nothing else');
    await admin.open('/staff/tokens');
    assert.equal((await page.content()).includes(token), false, 'a token is shown once');
    await audit(page, `tokens ${lang}`);
    await admin.leave(() => page.getByRole('row', { name: `Cổng dịch vụ ${lang}` }).getByRole('button').click());
    assert.equal(await ask('/api/v1/staff/queue'), 401, 'a revoked token opens nothing');
  });
}
