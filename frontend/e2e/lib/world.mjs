// What a file of browser tests stands on: one running service, one browser,
// and stories that are told with them. When a story fails, pictures, page
// sources and the service's log stay in E2E_OUT (frontend/e2e/out).
import { after, before, test } from 'node:test';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { killAll, Service, temporaryFolder } from './service.mjs';
import { Visitor } from './visitor.mjs';

export const out = process.env.E2E_OUT ?? fileURLToPath(new URL('../out', import.meta.url));

// One story may take this long, in milliseconds; most take 2 s.
const storyTimeout = 120_000;

// Without a sandbox, since tests run as root in containers, and without
// anything that would reach for the network by itself.
const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/**
 * Starts the Chromium that HIENKE_TEST_CHROMIUM names, or Debian's. Pages that
 * are left are kept for the back button, as browsers do where memory allows;
 * backCache: false is the cheap phone where it does not.
 */
export function launch({ backCache = true } = {}) {
  return chromium.launch({
    executablePath: process.env.HIENKE_TEST_CHROMIUM || '/usr/bin/chromium', args: flags,
    ignoreDefaultArgs: backCache ? ['--disable-back-forward-cache'] : [],
  });
}

/**
 * Prepares a world for the stories of one file. start(folder) starts the
 * service and returns at least {url, log, failures, stop}; without it the
 * embedded size with demo data runs.
 */
export function world(start = (folder) => Service.start({ folder })) {
  const w = { service: undefined, browser: undefined };
  let home;

  before(async () => {
    home = temporaryFolder();
    const [service, browser] = await Promise.allSettled([start(home.folder), launch()]);
    [w.service, w.browser] = [service.value, browser.value];
    if (service.reason) killAll(); // what runs on would keep this file from ending
    if (service.reason ?? browser.reason) throw service.reason ?? browser.reason;
  });

  after(async () => {
    try {
      await w.browser?.close();
      await w.service?.stop();
    } finally {
      home.remove();
    }
  });

  /**
   * Tells one story. tell gets visit, which puts a person in front of a
   * device, and t of node:test. Nobody in it may have met a page that
   * complained, nor may the service have failed.
   */
  w.story = (name, tell, options = {}) => test(name, { timeout: storyTimeout, ...options }, async (t) => {
    const people = [];
    const visit = async (who) => {
      const visitor = await Visitor.at(who.browser ?? w.browser, w.service.url, who);
      people.push(visitor);
      return visitor;
    };
    const failedBefore = w.service.failures().length;
    try {
      await tell({ t, visit, service: w.service });
      const wrong = [...people.flatMap((visitor) => visitor.complaints()), ...w.service.failures().slice(failedBefore)];
      if (wrong.length > 0) throw new Error(`what must never happen:\n${wrong.join('\n')}`);
    } catch (failure) {
      await keepEvidence(name, people, w.service).catch((e) => t.diagnostic(`no evidence: ${e.message}`));
      throw failure;
    } finally {
      await Promise.all(people.map((visitor) => visitor.context.close()));
    }
  });

  return w;
}

/** Keeps what the pages looked like when a story failed. */
async function keepEvidence(name, people, service) {
  const folder = path.join(out, name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'server.log'), service.log());
  for (const visitor of people) {
    for (const [i, page] of visitor.context.pages().entries()) {
      const base = path.join(folder, `${visitor.name}-${i + 1}`);
      writeFileSync(`${base}.html`, `<!-- ${page.url()} -->\n${await page.content()}`);
      await page.screenshot({ path: `${base}.png`, fullPage: true, timeout: 10_000 });
    }
  }
  console.error(`Pictures, page sources and the service's log: ${folder}`);
}
