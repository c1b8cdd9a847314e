// A member of staff who has a keyboard and nothing else. What a keyboard cannot
// reach is a fault, so that every step is also a check.
import assert from 'node:assert/strict';
import { password } from './service.mjs';
import { until } from './until.mjs';

// Every character that acts somewhere as a single key.
const singleKeys = '?/jkoxaqbcdfglnpsuvwz0123456789';

export class Hand {
  constructor(visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.t = visitor.t;
  }

  /** Presses keys, one after the other. */
  async key(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses a key that leads to another page. */
  go(key) {
    return this.visitor.leave(() => this.page.keyboard.press(key));
  }

  /** Takes the focus to something that the Tab key reaches. */
  async reach(locator) {
    const how = await locator.evaluate((element) => {
      element.focus();
      if (document.activeElement !== element) return 'cannot be focused';
      if (element.tabIndex < 0) return 'is passed over by Tab';
      return element.getClientRects().length > 0 ? '' : 'is not to be seen';
    });
    assert.equal(how, '', `${locator} ${how}`);
    return locator;
  }

  /** Follows a link or presses a button that leads to another page. */
  async enter(locator) {
    await this.reach(locator);
    return this.go('Enter');
  }

  /** Follows a link by its text. */
  link(name, within = this.page.getByRole('main')) {
    return this.enter(within.getByRole('link', { name, exact: true }).first());
  }

  /** Presses a button by its text. */
  button(name, within = this.page.getByRole('main')) {
    return this.enter(within.getByRole('button', { name, exact: true }).first());
  }

  /** Types into a field, instead of what stands there. */
  async write(locator, text) {
    await this.reach(locator);
    await this.key('Control+A');
    await this.page.keyboard.type(text);
  }

  /** Chooses in a list by the arrow keys; value is that of the option. */
  async choose(locator, value) {
    await this.reach(locator);
    const steps = await locator.evaluate((select, wanted) => [...select.options].findIndex((o) => o.value === wanted) - select.selectedIndex, value);
    for (let i = 0; i < Math.abs(steps); i++) await this.key(steps > 0 ? 'ArrowDown' : 'ArrowUp');
    assert.equal(await locator.inputValue(), value);
  }

  /** Ticks a box, or chooses one of several. */
  async tick(locator) {
    await this.reach(locator);
    await this.key('Space');
    assert.equal(await locator.isChecked(), true);
  }

  /** Sends the form of the field that is being written in. */
  send() {
    return this.go('Control+Enter');
  }

  /** Opens an act of the page by its key, which takes the focus into its form. */
  async act(name) {
    const act = this.page.locator(`#act-${name}`);
    const summary = act.locator('> summary');
    const key = await summary.getAttribute('data-key');
    if (key) {
      await this.key(key);
    } else if (!(await act.evaluate((details) => details.open))) {
      await this.reach(summary);
      await this.key('Enter');
    }
    assert.equal(await act.evaluate((details) => details.open), true, `${name} is open`);
    return act;
  }

  async signIn(email) {
    await this.visitor.open('/staff');
    await this.write(this.page.getByLabel(this.t('form.email.label'), { exact: true }), email);
    await this.key('Tab');
    await this.page.keyboard.type(password);
    await this.go('Enter');
    await this.page.getByRole('heading', { level: 1, name: this.t('staff.queue') }).waitFor();
    return this;
  }

  /** Goes to a page by the navigation. */
  navigate(key) {
    return this.link(this.t(key), this.page.getByRole('navigation', { name: this.t('staff.navigation') }));
  }

  /** Opens a case from the queue by its title. */
  async openCase(title) {
    const row = this.page.getByRole('row', { name: title }).getByRole('link').first();
    await row.waitFor();
    const rows = this.page.locator('table[data-rows] tbody a[href]');
    await this.key('j');
    for (let left = await rows.count(); left > 0 && !(await row.evaluate((link) => link === document.activeElement)); left--) await this.key('j');
    await this.go('o');
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** The list of keys holds those of the page and no others, each once, and gives the focus back. */
  async keysAreTrue(name) {
    const dialog = this.page.getByRole('dialog', { name: this.t('worklist.keys.title') });
    const declared = await this.page.locator('[data-key]:not(.hk-act > summary)').evaluateAll((all) => all.filter((e) => e.getClientRects().length > 0).map((e) => e.dataset.key));
    await this.page.evaluate(() => { window.hadFocus = document.activeElement ?? document.body; });
    await this.key('?');
    await dialog.waitFor();
    assert.equal(await dialog.locator('[data-keys-state]').innerText(), this.t('worklist.keys.on'));
    const lines = await dialog.locator('dl > div').evaluateAll((all) => all.filter((line) => !line.hidden).map((line) => ({
      keys: [...line.querySelectorAll('kbd')].map((key) => key.textContent).join(' '), what: line.querySelector('dd').textContent.trim(),
    })));
    const keys = lines.map((line) => line.keys);
    assert.deepEqual(keys.filter((key, i) => keys.indexOf(key) !== i), [], `${name}: a key stands twice in the list`);
    assert.deepEqual(lines.filter((line) => line.what === ''), [], `${name}: keys without words`);
    assert.deepEqual(declared.filter((key) => !keys.includes(key)), [], `${name}: keys that are not listed`);
    await this.key('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await until(() => this.page.evaluate(() => document.activeElement === window.hadFocus), `${name}: the focus is back`);
  }

  /** In a field every key is a letter. */
  async typesOnly(field) {
    const address = this.page.url();
    await this.write(field, singleKeys);
    assert.equal(await field.inputValue(), singleKeys);
    assert.equal(this.page.url(), address);
    assert.equal(await this.page.locator('dialog[open]').count(), 0, 'nothing opened');
    await this.key('Control+A', 'Delete');
  }

  /**
   * Walks through the page with Tab: each stop is reached, shows the focus and is
   * not hidden behind something that stays in its place.
   */
  async tabsThrough(name) {
    const stops = await this.page.evaluate(() => {
      window.stops = new Set();
      document.activeElement?.blur();
      window.getSelection()?.removeAllRanges();
      const able = 'a[href], button:not([disabled]), input:not([type="hidden"]):not([disabled]), select:not([disabled]), textarea:not([disabled]), summary';
      const radios = (e) => e.type === 'radio' && [...document.getElementsByName(e.name)].indexOf(e) > 0; // one stop for the group
      return [...document.querySelectorAll(able)].filter((e) => e.tabIndex >= 0 && !radios(e) && e.checkVisibility({ visibilityProperty: true })).length;
    });
    const wrong = [];
    let met = 0;
    for (let i = 0; i < stops * 1.2 + 10 && met < stops; i++) {
      await this.key('Tab');
      const here = await this.page.evaluate(() => {
        const e = document.activeElement;
        if (!e || e === document.body) return { met: window.stops.size };
        window.stops.add(e);
        const box = e.getBoundingClientRect();
        const style = getComputedStyle(e);
        const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
        const at = document.elementFromPoint(Math.min(box.left + box.width / 2, innerWidth - 1), box.top + Math.min(box.height / 2, 10));
        const hidden = at && !e.contains(at) && !at.contains(e) && !(e.labels && [...e.labels].some((label) => label.contains(at)));
        return { met: window.stops.size, wrong: (!shown && 'shows no focus') || (hidden && `lies behind ${at.outerHTML.slice(0, 80)}`), what: e.outerHTML.slice(0, 120) };
      });
      met = here.met;
      if (here.wrong) wrong.push(`${here.what} ${here.wrong}`);
    }
    assert.deepEqual(wrong, [], name);
    assert.ok(met >= stops, `${name}: Tab reaches ${met} of ${stops} stops`);
  }
}

/** Puts somebody with a keyboard before a desk, signed in. */
export async function handAt(visit, name, email) {
  return new Hand(await visit({ name, device: 'desk' })).signIn(email);
}
