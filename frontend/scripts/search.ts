// Results follow what is typed. The page itself is asked for again and its
// results are put in place, so that there is one way to draw them; without this
// script the button does the same. The address always says what is shown.

import { frugal } from './_frugal';

// How long the writer must pause before we ask, in milliseconds.
const PAUSE_MS = 300;
// A single letter begins nearly every word: nothing is asked for it.
const LEAST = 2;

// What of the page depends on the question.
const PARTS = ['#results', '.hk-languages', 'link[type="application/atom+xml"]', 'link[hreflang]'];

const form = document.querySelector<HTMLFormElement>('form[role="search"]');
const input = document.getElementById('q') as HTMLInputElement | null;
const status = document.getElementById('search-status');

let timer = 0;
let controller: AbortController | undefined;
let pushed = false;

function addressOf(asked: HTMLFormElement): string {
  const params = new URLSearchParams();
  new FormData(asked).forEach((value, name) => {
    if (typeof value === 'string' && value.trim() !== '') params.append(name, value.trim());
  });
  const query = params.toString();
  return location.pathname + (query && `?${query}`);
}

function put(fresh: Document): void {
  for (const part of PARTS) {
    const olds = document.querySelectorAll(part);
    fresh.querySelectorAll(part).forEach((made, i) => olds[i]?.replaceWith(document.importNode(made, true)));
  }
  // What the box keeps belongs to the filters, which an older page may have had others of.
  const kept = fresh.getElementById('kept');
  if (kept) document.getElementById('kept')?.replaceWith(document.importNode(kept, true));
  document.title = fresh.title;
  // Said politely, and once: only what counts, not the list.
  if (status) status.textContent = document.querySelector('#results h2[data-count]')?.textContent ?? '';
}

/** Shows the results of an address, and reports whether they are shown. */
async function show(address: string): Promise<boolean> {
  controller?.abort();
  const mine = new AbortController();
  controller = mine;
  document.getElementById('results')?.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(address, { signal: mine.signal, headers: { Accept: 'text/html' } });
    const text = await response.text();
    if (controller !== mine || !response.ok) return false;
    put(new DOMParser().parseFromString(text, 'text/html'));
    return true;
  } catch {
    return false; // offline, or newer words are on their way: what is shown stays
  } finally {
    if (controller === mine) document.getElementById('results')?.removeAttribute('aria-busy');
  }
}

async function follow(asked: HTMLFormElement): Promise<void> {
  const address = addressOf(asked);
  if (address === location.pathname + location.search || !(await show(address))) return;
  // One step of history for the typing, however many pauses it had: "back"
  // leads to what was shown before it.
  if (pushed) history.replaceState({ typed: true }, '', address);
  else history.pushState({ typed: true }, '', address);
  pushed = true;
}

// Whoever asked for less data, or has hardly any, sends the form instead.
if (form && input && status && !frugal()) {
  input.addEventListener('input', () => {
    window.clearTimeout(timer);
    const length = Array.from(input.value.trim()).length;
    if (length > 0 && length < LEAST) return;
    timer = window.setTimeout(() => void follow(form), PAUSE_MS);
  });
  form.addEventListener('submit', () => {
    window.clearTimeout(timer);
    controller?.abort();
  });
  window.addEventListener('popstate', () => {
    window.clearTimeout(timer);
    pushed = false;
    const address = location.pathname + location.search;
    input.value = new URLSearchParams(location.search).get('q') ?? '';
    void show(address).then((shown) => {
      if (!shown) location.reload();
    });
  });
}
