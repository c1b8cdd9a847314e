// What the pages say, out of the same catalogues that the pages use: a test
// asks for the button by its key, and a better wording breaks no test.
import { readFileSync } from 'node:fs';

const catalogues = new Map();

function catalogue(lang) {
  if (!catalogues.has(lang)) {
    const file = new URL(`../../locales/${lang}.json`, import.meta.url);
    catalogues.set(lang, JSON.parse(readFileSync(file, 'utf8')));
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
    if (typeof text !== 'string') throw new Error(`${lang}.json has no text "${key}"`);
    return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
  };
}

/** Languages of the pages, the first is the default. */
export const languages = ['vi', 'en'];
