// What holds for every page in every state: axe finds nothing, nothing makes
// the page wider than its window, and one heading names it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { devices } from './visitor.mjs';
import { languages } from './words.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// WCAG 2.0 to 2.2 at A and AA, and what axe calls good practice beyond.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

// A folder for a picture of every audited page, to look at; empty: none.
const pictures = process.env.E2E_PICTURES;

// What 1280 px are at 400 % and at 200 %. Staff work on desktops and may scroll
// their tables; everybody else's pages must flow.
const zoomed = [320, 640];

/**
 * Checks the page as it is now: at the width of a phone and of a desk, in light
 * and in dark, and a public page zoomed to 200 and 400 %. name says which page
 * it is. Every language has the same colours and the same order on a phone, so
 * that they are looked at in the first; words that are too long or missing in
 * each.
 */
export async function audit(page, name) {
  const wrong = [];
  const note = (where, list) => wrong.push(...list.map((fault) => `${name}, ${where}: ${fault}`));
  const first = (await page.evaluate(() => document.documentElement.lang)) === languages[0];
  for (const [device, { viewport }] of Object.entries(devices)) {
    await page.setViewportSize(viewport);
    await picture(page, `${name}-${viewport.width}`);
    note(`${device} (${viewport.width} px)`, await (first || device === 'desk' ? faults(page) : shapeFaults(page)));
    if (!first) continue;
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, `${name}-${viewport.width}-dark`);
    note(`${device} in the dark`, await accessibility(page, { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }));
    await page.emulateMedia({ colorScheme: 'light' });
  }
  if (!new URL(page.url()).pathname.startsWith('/staff')) {
    for (const width of zoomed) {
      await page.setViewportSize({ width, height: 450 });
      note(`zoomed (${width} px)`, await shapeFaults(page));
    }
    await page.setViewportSize(devices.desk.viewport);
  }
  assert.deepEqual(wrong, [], `${page.url()} has faults`);
}

/**
 * The same once: axe at the width of a desk, and the shape at that of a phone.
 * For a page that another test audits in all its states, and on the way of a
 * story.
 */
export async function glance(page, name) {
  const wrong = [];
  for (const [device, { viewport }] of Object.entries(devices)) {
    await page.setViewportSize(viewport);
    await picture(page, `${name}-${viewport.width}`);
    const found = device === 'desk' ? await faults(page) : await shapeFaults(page);
    wrong.push(...found.map((fault) => `${name}, ${device} (${viewport.width} px): ${fault}`));
  }
  assert.deepEqual(wrong, [], `${page.url()} has faults`);
}

async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`), fullPage: true });
}

/** What makes people scroll sideways, and what is cut off. */
async function shapeFaults(page) {
  const found = [];
  const { wide, window, cut } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
    cut: [...document.body.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      const small = element.clientWidth <= 1 || element.closest('.govuk-visually-hidden, .hk-trap, select, svg, input, textarea');
      return !small && ['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    }).map((element) => `${element.tagName.toLowerCase()}.${element.className}`),
  }));
  if (wide > window) found.push(`the page is ${wide} px wide: ${await widest(page)}`);
  // Staff's tables keep one line a row; the whole text is a click away.
  if (cut.length > 0 && !new URL(page.url()).pathname.startsWith('/staff')) found.push(`text is cut off in ${cut.slice(0, 4).join(', ')}`);
  return found;
}

async function faults(page) {
  const found = [];
  const shape = await page.evaluate(() => ({
    headings: [...document.querySelectorAll('h1')].map((h) => h.innerText),
    language: document.documentElement.lang,
    title: document.title,
    missing: document.body.innerText.match(/⟦[^⟧]*⟧/g) ?? [],
  }));
  found.push(...(await shapeFaults(page)));
  if (shape.headings.length !== 1) found.push(`${shape.headings.length} first headings: ${shape.headings.join(' | ')}`);
  if (!shape.language || !shape.title) found.push(`language "${shape.language}", title "${shape.title}"`);
  if (shape.missing.length > 0) found.push(`texts that no catalogue has: ${shape.missing.join(', ')}`);
  return [...found, ...(await accessibility(page))];
}

/** Names what reaches beyond the window, outermost first. */
function widest(page) {
  return page.evaluate(() => {
    const beyond = (element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
    const name = (element) => `${element.tagName.toLowerCase()}${element.className && `.${String(element.className).split(' ').join('.')}`}`;
    return [...document.body.querySelectorAll('*')].filter(beyond).slice(0, 4).map(name).join(', ');
  });
}

async function accessibility(page, runOnly = { type: 'tag', values: tags }) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate((only) => window.axe.run(document, { runOnly: only, resultTypes: ['violations'] }), runOnly);
  return violations.map((v) => `axe ${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' ; ')}`);
}
