// What the pages say, out of the same catalogues that the pages use: a test
// asks for the button by its key, and a better wording breaks no test.
import { readFileSync, readdirSync } from 'node:fs';

const catalogues = new Map();

// Files share branches (problem) and never leaves.
function merge(into, tree) {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') into[key] = value;
    else merge((into[key] ??= {}), value);
  }
}

function catalogue(lang) {
  if (!catalogues.has(lang)) {
    const folder = new URL(`../../locales/${lang}/`, import.meta.url);
    const merged = {};
    for (const name of readdirSync(folder)) merge(merged, JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
    catalogues.set(lang, merged);
  }
  return catalogues.get(lang);
}

/**
 * Returns the function that looks up texts of one language. It fails for a key
 * that does not exist or is no text.
 */
export function words(lang) {
  return (key, params = {}) => {
    const text = key.split('.').reduce((part, name) => part?.[name], catalogue(lang));
    if (typeof text !== 'string') throw new Error(`${lang} has no text "${key}"`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
  };
}

/** Languages of the pages, the first is the default. */
export const languages = ['vi', 'en'];
