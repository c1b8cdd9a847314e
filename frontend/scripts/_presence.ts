// Who else has this case open, told by the server as it changes. Where the line
// breaks the browser opens it again by itself; where it cannot, nothing is shown
// that might not be true any more.

/** How long after the last key somebody counts as writing, in milliseconds. */
const WRITING_MS = 60_000;
/** How often writing is told at most, in milliseconds. */
const TELL_MS = 15_000;

/** Keeps the line of the page up to date, where the page has one. */
export function watchPresence(): void {
  const line = document.querySelector<HTMLElement>('[data-presence]');
  const address = line?.dataset['presence'];
  if (!line || !address || !('EventSource' in window)) return;
  const events = new EventSource(address);
  events.addEventListener('others', (event) => {
    line.textContent = (event as MessageEvent<string>).data;
    line.hidden = line.textContent === '';
  });
  events.addEventListener('error', () => {
    line.hidden = true;
  });
  // A page that is left, or that the browser keeps for its back button, must not
  // count as open.
  window.addEventListener('pagehide', () => events.close());

  let told = 0;
  let quiet = 0;
  const tell = (writing: boolean): void => {
    const body = new URLSearchParams({ writing: writing ? 'yes' : 'no' });
    void fetch(address, { method: 'POST', body, credentials: 'same-origin' }).catch(() => undefined);
  };
  document.addEventListener('input', (event) => {
    if (!(event.target instanceof HTMLTextAreaElement) && !(event.target instanceof HTMLInputElement)) return;
    window.clearTimeout(quiet);
    quiet = window.setTimeout(() => { told = 0; tell(false); }, WRITING_MS);
    if (told > 0 && event.timeStamp - told < TELL_MS) return;
    told = event.timeStamp;
    tell(true);
  });
}
