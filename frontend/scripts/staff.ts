// The script of every staff page: single keys, the rows of a list, and the
// progress of long work. Every page is complete without it.
//
// A key is declared where it acts: data-key on a link, button, summary or field.
// Only what stands on the page has a key, and the list of keys is made from the
// page itself.

import { completeMentions } from './_mentions';

const KEYS_OFF = 'hienke.keys.off';

/** Whether single keys act. People who dictate or press keys by accident turn them off (WCAG 2.1.4). */
function keysOn(): boolean {
  try {
    return localStorage.getItem(KEYS_OFF) !== 'yes';
  } catch {
    return true; // storage is forbidden: the switch holds for this page alone
  }
}

let on = keysOn();

function turnKeys(to: boolean): void {
  on = to;
  try {
    if (to) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, 'yes');
  } catch { /* as above */ }
}

/** Whether what is typed is meant for a field. */
function writing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

// --- rows ----------------------------------------------------------------

const rows = Array.from(document.querySelectorAll<HTMLTableRowElement>('table[data-rows] tbody tr'));
const boxes = rows.map((row) => row.querySelector<HTMLInputElement>('input[type="checkbox"]'));

const rowOf = (element: Element | null): number => rows.findIndex((row) => element !== null && row.contains(element));

/** Moves the focus to the link of a row, which is what a screen reader then says. */
function goTo(index: number): void {
  const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
  const link = row?.querySelector<HTMLElement>('a[href]');
  if (!row || !link) return;
  link.focus();
  row.scrollIntoView({ block: 'nearest' });
}

const chosenCount = document.querySelector<HTMLElement>('.hk-chosen');

function tellChosen(): void {
  if (!chosenCount) return;
  const n = boxes.filter((box) => box?.checked).length;
  chosenCount.textContent = n > 0 ? (chosenCount.dataset['count'] || '').replace('{n}', String(n)) : '';
}

let lastPicked = -1;

/** Ticks a row; with shift, every row since the last one that was ticked. */
function pick(index: number, range: boolean): void {
  const box = boxes[index];
  if (!box) return;
  box.checked = !box.checked;
  if (range && lastPicked >= 0) {
    for (let i = Math.min(index, lastPicked); i <= Math.max(index, lastPicked); i++) {
      const between = boxes[i];
      if (between) between.checked = box.checked;
    }
  }
  lastPicked = index;
  tellChosen();
}

function pickAll(): void {
  const every = boxes.every((box) => !box || box.checked);
  for (const box of boxes) if (box) box.checked = !every;
  tellChosen();
}

document.addEventListener('click', (event) => {
  const index = boxes.findIndex((box) => box === event.target);
  if (index < 0) return;
  if (event.shiftKey && lastPicked >= 0) {
    const to = boxes[index]?.checked ?? false;
    for (let i = Math.min(index, lastPicked); i <= Math.max(index, lastPicked); i++) {
      const between = boxes[i];
      if (between) between.checked = to;
    }
  }
  lastPicked = index;
  tellChosen();
});
tellChosen(); // the browser may have kept ticks

// --- back to the row -----------------------------------------------------

// Whoever opens a case and comes back goes on where the case stood: in the same
// view, on the same page of it, at the same row.
const QUEUE = '/staff/queue';
const PLACE = 'hienke.queue.place';

interface Place {
  address: string; // of the page of the queue
  href: string; // of the row's link
  index: number; // where the row stood: the case may have left the view
  back: boolean; // a link back was followed
}

function readPlace(): Place | null {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) || 'null') as Place | null;
  } catch {
    return null;
  }
}

function keepPlace(place: Place): void {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  } catch { /* storage is forbidden: links lead to the start of the queue */ }
}

/** The address of this page without what says that something was just done. */
function queueAddress(): string {
  const here = new URL(window.location.href);
  for (const told of ['done', 'n']) here.searchParams.delete(told);
  return here.pathname + here.search;
}

/** Takes the focus back to the row that was left. */
function comeBack(place: Place): void {
  const index = rows.findIndex((row) => row.querySelector<HTMLAnchorElement>('a[href]')?.href === place.href);
  if (rows.length > 0 && document.activeElement === document.body) goTo(index < 0 ? place.index : index);
}

if (window.location.pathname === QUEUE) {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('table[data-rows] a[href]') : null;
    if (link) keepPlace({ address: queueAddress(), href: link.href, index: rowOf(link), back: false });
  });
  window.addEventListener('pageshow', (event) => {
    const place = readPlace();
    const way = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
    if (!place || place.address !== queueAddress() || !(place.back || event.persisted || way?.type === 'back_forward')) return;
    keepPlace({ ...place, back: false });
    comeBack(place);
  });
} else {
  const place = readPlace();
  for (const link of place ? document.querySelectorAll<HTMLAnchorElement>(`.hk-main a[href="${QUEUE}"]`) : []) {
    link.href = place?.address || QUEUE;
    link.addEventListener('click', () => { if (place) keepPlace({ ...place, back: true }); });
  }
}

function toQueue(): void {
  const place = window.location.pathname === QUEUE ? null : readPlace();
  if (place) keepPlace({ ...place, back: true });
  window.location.assign(place?.address || QUEUE);
}

// --- what has a key ------------------------------------------------------

const acts = Array.from(document.querySelectorAll<HTMLElement>('.hk-act:not(.hk-act--inner) > summary')).slice(0, 9);
acts.forEach((summary, i) => { summary.dataset['key'] ||= String(i + 1); });

function keyed(key: string): HTMLElement | undefined {
  return Array.from(document.querySelectorAll<HTMLElement>('[data-key]')).find((e) => e.dataset['key'] === key && e.getClientRects().length > 0);
}

/** Does what the element does: opens, sends, or takes the focus. */
function act(element: HTMLElement): void {
  if (element.tagName === 'SUMMARY') {
    const details = element.parentElement as HTMLDetailsElement;
    details.open = true;
    const first = details.querySelector<HTMLElement>('input:not([type="hidden"]), select, textarea, button');
    (first || element).focus();
    return;
  }
  if (element instanceof HTMLInputElement) {
    element.focus();
    element.select();
    return;
  }
  element.click();
}

/** What a single key does on this page, or nothing. */
function press(event: KeyboardEvent): boolean {
  const here = rowOf(document.activeElement);
  switch (event.key) {
    case '?':
      openKeys();
      return true;
    case 'j':
    case 'k':
      if (rows.length === 0) return false;
      goTo(here < 0 ? 0 : here + (event.key === 'j' ? 1 : -1));
      return true;
    case 'o':
      rows[here]?.querySelector<HTMLElement>('a[href]')?.click();
      return here >= 0;
    case 'x':
    case 'X':
      if (here < 0 || !boxes[here]) return false;
      pick(here, event.shiftKey);
      return true;
    case 'a':
      if (!boxes.some((box) => box)) return false;
      pickAll();
      return true;
    case 'q':
      toQueue();
      return true;
  }
  const element = keyed(event.key);
  if (!element) return false;
  act(element);
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target instanceof HTMLElement) {
    const form = event.target.closest('form');
    const button = form?.querySelector<HTMLButtonElement>('button:not([type="button"])');
    if (button && writing(event.target)) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (event.key === 'Escape' && event.target instanceof HTMLElement && !keysDialog?.open) {
    const over = event.target.closest<HTMLDetailsElement>('.hk-filters[open], .hk-save[open]'); // what lies over the rows
    if (over) {
      over.open = false;
      over.querySelector('summary')?.focus();
    } else if (writing(event.target)) {
      event.target.blur(); // so that keys act again
    }
    return;
  }
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || writing(event.target) || keysDialog?.open) return;
  if (press(event)) event.preventDefault();
});

// --- the list of keys ----------------------------------------------------

const keysDialog = document.querySelector<HTMLDialogElement>('dialog[data-keys]');
const keysButton = document.querySelector<HTMLButtonElement>('[data-keys-open]');

function tellKeys(): void {
  if (!keysDialog) return;
  const state = keysDialog.querySelector('[data-keys-state]');
  const toggle = keysDialog.querySelector('[data-keys-toggle]');
  if (state) state.textContent = (on ? keysDialog.dataset['keysOn'] : keysDialog.dataset['keysOff']) || '';
  if (toggle) toggle.textContent = (on ? keysDialog.dataset['turnOff'] : keysDialog.dataset['turnOn']) || '';
}

/** Puts the keys of this page into the list, once. */
function listKeys(dialog: HTMLDialogElement): void {
  const list = dialog.querySelector('dl');
  if (!list || dialog.dataset['listed']) return;
  dialog.dataset['listed'] = 'yes';
  const show = (part: string, is: boolean): void => {
    for (const e of dialog.querySelectorAll<HTMLElement>(`[data-keys-${part}]`)) e.hidden = !is;
  };
  show('rows', rows.length > 0);
  show('picks', boxes.some((box) => box));
  show('acts', acts.length > 0);
  for (const element of document.querySelectorAll<HTMLElement>('[data-key]')) {
    if (acts.includes(element) || element.getClientRects().length === 0) continue;
    const line = document.createElement('div');
    const key = document.createElement('kbd');
    key.textContent = element.dataset['key'] || '';
    const term = document.createElement('dt');
    term.append(key);
    const what = document.createElement('dd');
    what.textContent = element.dataset['keyLabel'] || (element.textContent || '').trim();
    line.append(term, what);
    list.prepend(line);
  }
}

function openKeys(): void {
  if (!keysDialog || typeof keysDialog.showModal !== 'function') return;
  listKeys(keysDialog);
  tellKeys();
  keysDialog.showModal();
}

if (keysDialog && keysButton && typeof keysDialog.showModal === 'function') {
  keysButton.hidden = false;
  keysButton.addEventListener('click', openKeys);
  keysDialog.querySelector('[data-keys-close]')?.addEventListener('click', () => keysDialog.close());
  keysDialog.querySelector('[data-keys-toggle]')?.addEventListener('click', () => {
    turnKeys(!on);
    tellKeys();
  });
}

// --- who else is at the case -----------------------------------------------

// A window is at a case while it is in sight and somebody does something there.
// The service ends the line after a few minutes; the next move of a person opens
// it again, and never a page that was left alone, whose session must end.
const present = document.querySelector<HTMLElement>('[data-present]');
const PRESENT_PAUSE = 3000; // ms between two tries

function tellPresence(line: HTMLElement): void {
  let source: EventSource | null = null;
  let tried = -PRESENT_PAUSE;
  let doing = 'looking';
  const stop = (): void => {
    source?.close();
    source = null;
  };
  const open = (): void => {
    const old = source;
    tried = performance.now();
    const fresh = new EventSource(`${line.dataset['present']}?doing=${doing}`);
    source = fresh;
    fresh.onopen = () => old?.close();
    fresh.onmessage = (event: MessageEvent<string>) => {
      line.hidden = event.data === '';
      line.textContent = event.data;
    };
    fresh.onerror = () => {
      fresh.close();
      old?.close();
      if (source === fresh) source = null;
    };
  };
  const moved = (): void => {
    if (!source && !document.hidden && performance.now() - tried >= PRESENT_PAUSE) open();
  };
  for (const sign of ['pointermove', 'pointerdown', 'keydown', 'scroll', 'focus']) window.addEventListener(sign, moved, { passive: true });
  document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); else moved(); });
  window.addEventListener('pagehide', stop);
  document.addEventListener('input', (event) => {
    if (doing === 'editing' || !(event.target instanceof Element) || !event.target.closest('form[method="post"]')) return;
    doing = 'editing';
    open();
  });
  if (!document.hidden) open();
}

if (present && 'EventSource' in window) tellPresence(present);

// --- long work -----------------------------------------------------------

/** Brings in a fresh copy of a part that says how far work is, until it is done. */
async function refresh(part: HTMLElement): Promise<void> {
  const every = Number(part.dataset['refresh']);
  if (!every) return;
  await new Promise((resolve) => { window.setTimeout(resolve, every); });
  try {
    const answer = await fetch(window.location.href, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id);
    if (!fresh) return;
    if (!fresh.dataset['refresh']) {
      window.location.reload(); // it is done: the whole page has something new
      return;
    }
    part.replaceChildren(...Array.from(fresh.childNodes));
  } catch { /* the connection is away: the next round may have it */ }
  void refresh(part);
}

const working = document.querySelector<HTMLElement>('[data-refresh]');
if (working) void refresh(working);

// --- names in notes --------------------------------------------------------

document.querySelectorAll<HTMLTextAreaElement>('textarea[data-people]').forEach(completeMentions);
