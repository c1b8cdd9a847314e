// While somebody writes, public cases that may ask for the same are listed
// below the text. The server shows the same list as a page of its own
// afterwards, so nothing is lost where this does not run.

import { frugal } from './_frugal';

// How long the writer must pause before we ask, in milliseconds: about a word.
const PAUSE_MS = 900;
// How many letters there must be: about one short sentence.
const LEAST = 40;

type Match = { code: string; title: string; status: string; reason: string };

const place = document.getElementById('similar');
const status = document.getElementById('similar-status');
const fields = ['title', 'body', 'problem', 'proposal', 'benefit']
  .map((id) => document.getElementById(id) as HTMLInputElement | HTMLTextAreaElement | null)
  .filter((field) => field !== null);

let timer = 0;
let asked = '';
let controller: AbortController | undefined;

function element(name: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// In a tab of its own, so that what is being written stays.
function followLink(address: string, label: string, title: string): HTMLElement {
  const link = element('a', label, 'govuk-link hk-small') as HTMLAnchorElement;
  link.append(element('span', `: ${title}`, 'govuk-visually-hidden'));
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener';
  return link;
}

function show(list: HTMLElement, matches: Match[]): void {
  const text = (name: string): string => list.dataset[name] || '';
  const lang = document.documentElement.lang;
  list.hidden = matches.length === 0;
  list.textContent = '';
  // Only this sentence is announced, when it changes; the list is there for who
  // looks for it.
  const found = matches.length > 0 ? text('found').replace('{n}', String(matches.length)) : '';
  if (status && status.textContent !== found) status.textContent = found;
  if (matches.length === 0) return;
  list.append(element('h2', text('title'), 'govuk-heading-s'));
  const items = document.createElement('ul');
  items.className = 'govuk-list';
  for (const match of matches) {
    const link = element('a', match.title, 'govuk-link') as HTMLAnchorElement;
    link.href = `/${lang}/s/${match.code}`;
    link.target = '_blank';
    link.rel = 'noopener';
    const item = document.createElement('li');
    item.append(link, element('br', ''), element('span', match.reason, 'hk-small hk-muted'));
    item.append(element('br', ''), followLink(`/${lang}/follow?case=${match.code}&draft=${text('draft')}`, text('follow'), match.title));
    items.append(item);
  }
  list.append(items, element('p', text('note'), 'hk-small hk-muted'));
}

async function ask(list: HTMLElement): Promise<void> {
  const written = fields.map((field) => field.value.trim()).filter((value) => value !== '');
  const text = JSON.stringify({ title: written[0] || '', body: written.slice(1).join('\n\n') });
  if (text === asked || text.length < LEAST) return;
  asked = text;
  controller?.abort();
  controller = new AbortController();
  try {
    const response = await fetch('/api/v1/similar', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': document.documentElement.lang },
      body: text,
      signal: controller.signal,
    });
    if (!response.ok) return;
    const answer = (await response.json()) as { matches: Match[] };
    show(list, answer.matches.slice(0, 3));
  } catch {
    // Offline, or newer words are on their way: the list stays as it is.
  }
}

if (place && !frugal()) {
  for (const field of fields) {
    field.addEventListener('input', () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void ask(place), PAUSE_MS);
    });
  }
}
