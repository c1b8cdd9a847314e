// What holds for every page in every state: axe finds nothing, nothing makes
// the page wider than its window, and one heading names it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { devices } from './visitor.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// WCAG 2.0 to 2.2 at A and AA, and what axe calls good practice beyond.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

// A folder for a picture of every audited page, to look at; empty: none.
const pictures = process.env.E2E_PICTURES;

/** Checks the page as it is now, at the width of a phone and of a desk. name says which page it is. */
export async function audit(page, name) {
  const wrong = [];
  for (const [device, { viewport }] of Object.entries(devices)) {
    await page.setViewportSize(viewport);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: path.join(pictures, `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${viewport.width}.png`), fullPage: true });
    }
    wrong.push(...(await faults(page)).map((fault) => `${name}, ${device} (${viewport.width} px): ${fault}`));
  }
  assert.deepEqual(wrong, [], `${page.url()} has faults`);
}

async function faults(page) {
  const found = [];
  const shape = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
    headings: [...document.querySelectorAll('h1')].map((h) => h.innerText),
    language: document.documentElement.lang,
    title: document.title,
    missing: document.body.innerText.match(/⟦[^⟧]*⟧/g) ?? [],
  }));
  if (shape.wide > shape.window) found.push(`the page is ${shape.wide} px wide: ${await widest(page)}`);
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

async function accessibility(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => window.axe.run(document, {
    runOnly: { type: 'tag', values }, resultTypes: ['violations'],
  }), tags);
  return violations.map((v) => `axe ${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' ; ')}`);
}
