// A person in front of a device. Beside doing what a test says, it writes down
// what must never happen on any page: errors in the console (a broken content
// security policy is one), scripts that fail, requests to another place.
import { until } from './until.mjs';
import { words } from './words.mjs';

/** The two sizes that every page must fit. */
export const devices = {
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1280, height: 900 } },
};

// How long a page or a part of it may take, in milliseconds. Pages come in some
// 50 ms; what takes longer is a machine with other work.
const patience = 15_000;

export class Visitor {
  /** Who it is, for messages and the names of pictures. */
  name;
  /** The browser's own cookies and cache. */
  context;
  /** The tab in front. */
  page;
  /** Looks up texts in the visitor's language; see words. */
  t;
  #origins;
  #wrong = [];
  #poorLine = false;

  /**
   * Opens a device. lang is what the browser says its reader speaks; scripts
   * tells whether it runs JavaScript; elsewhere is another site that may be read.
   */
  static async at(browser, origin, { name, device, lang = 'vi', scripts = true, elsewhere }) {
    const visitor = new Visitor();
    visitor.name = name;
    visitor.#origins = [origin, elsewhere];
    visitor.context = await browser.newContext({
      ...devices[device], baseURL: origin, javaScriptEnabled: scripts, locale: lang === 'vi' ? 'vi-VN' : 'en-GB',
      timezoneId: 'Asia/Ho_Chi_Minh', serviceWorkers: 'block',
    });
    visitor.context.setDefaultTimeout(patience);
    visitor.context.on('page', (page) => visitor.#watch(page));
    visitor.page = await visitor.context.newPage();
    visitor.speak(lang);
    return visitor;
  }

  /** Says that the line will break: what the browser writes of that is no fault. */
  onPoorLine() {
    this.#poorLine = true;
  }

  /** Chooses the language in which t looks up texts. */
  speak(lang) {
    this.t = words(lang);
  }

  #watch(page) {
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (!this.#origins.includes(url.origin) && url.protocol !== 'data:') this.#wrong.push(`request to ${url.origin}`);
    });
    page.on('response', (response) => {
      // A form that comes back with errors is a page with status 422. Parts of
      // a page, and anything that the service failed at, are faults.
      const part = !['document', 'fetch'].includes(response.request().resourceType());
      if (response.status() >= (part ? 400 : 500)) this.#wrong.push(`${response.status()} at ${response.url()}`);
    });
    page.on('pageerror', (failure) => this.#wrong.push(`script failed: ${failure}`));
    page.on('dialog', (dialog) => {
      this.#wrong.push(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {}); // the page may be gone
    });
    page.on('console', (message) => {
      // What the browser says of an answer's status was judged above.
      if (!['error', 'warning'].includes(message.type()) || /^Failed to load resource: .* status of/.test(message.text())) return;
      if (this.#poorLine && /^Failed to load resource: net::ERR_/.test(message.text())) return;
      this.#wrong.push(`console: ${message.text()} (${message.location().url})`);
    });
  }

  /** What must not have happened, in words; empty when all is well. */
  complaints() {
    return this.#wrong.map((what) => `${this.name}: ${what}`);
  }

  /** Waits until something that fits the pattern must not have happened. */
  complained(pattern) {
    return until(() => this.complaints().some((what) => pattern.test(what)), `${this.name} complains of ${pattern}`);
  }

  /** Opens an address in the page, or in another tab, and returns the answer. */
  open(address, page = this.page) {
    return page.goto(address);
  }

  /**
   * Does what leads to another page and waits until that one is there. The
   * address may stay the same, so only the navigation itself tells.
   */
  async leave(act, page = this.page) {
    const arrived = page.waitForNavigation();
    const [response] = await Promise.all([arrived, act()]);
    return response;
  }

  /** Goes back to a page of the given path. A page that was kept loads nothing, so only its address tells. */
  async back(path, page = this.page) {
    await page.goBack({ waitUntil: 'commit' });
    await page.waitForURL((url) => url.pathname === path, { waitUntil: 'commit' });
  }

  /** Presses a button by its text. */
  press(text, within = this.page) {
    return this.leave(() => within.getByRole('button', { name: text, exact: true }).click(), pageOf(within));
  }

  /** Follows a link by its text. */
  follow(text, within = this.page) {
    return this.leave(() => within.getByRole('link', { name: text, exact: true }).first().click(), pageOf(within));
  }

  /** Waits until something is there to be seen. */
  sees(what, within = this.page) {
    const locator = typeof what === 'string' || what instanceof RegExp ? within.getByText(what).first() : what;
    return locator.waitFor({ state: 'visible' });
  }

  /** Another tab of the same browser. */
  tab() {
    return this.context.newPage();
  }
}

/** A locator knows its page; a page is its own. */
function pageOf(within) {
  return typeof within.page === 'function' ? within.page() : within;
}
