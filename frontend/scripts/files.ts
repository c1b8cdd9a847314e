// Files go out in pieces as soon as they are chosen. When the line breaks, the
// next piece is asked for again and sent from where the server has it; nothing
// that came is sent twice. Without this script the plain form does the same
// with whole files.

// Bytes of a piece at first: two seconds of a 2G line. It grows while pieces
// come through quickly, and shrinks when the line breaks.
const SMALL = 32 * 1024;
const LARGE = 1024 * 1024;
// A piece that takes less than this is followed by a larger one.
const QUICK_MS = 2000;
// How long to wait after a break, at first and at most.
const WAIT_MS = 1000;
const MAX_WAIT_MS = 30000;

type Upload = { ref: string; name: string; size: string; offset: number; state: string; text: string; piece: number; remove?: string };

class Refused extends Error {}

const files = document.querySelector<HTMLElement>('[data-files]');
if (files) enhance(files);

function enhance(area: HTMLElement): void {
  const chooser = area.querySelector<HTMLInputElement>('input[type=file]');
  const list = area.querySelector<HTMLElement>('[data-list]');
  const told = area.querySelector<HTMLElement>('[data-told]');
  if (!chooser || !list || !told) return;
  const button = area.querySelector<HTMLElement>('[data-upload]');
  if (button) {
    // Alone in its group, it takes the room of the group with it.
    const group = button.parentElement;
    (group?.children.length === 1 ? group : button).hidden = true;
  }
  const heading = area.querySelector<HTMLElement>('[data-heading]');
  const back = area.querySelector<HTMLInputElement>('input[name=back]');
  let under = 0;

  const text = (name: string, values: Record<string, string> = {}): string =>
    Object.keys(values).reduce((out, key) => out.replace(`{${key}}`, values[key] || ''), area.dataset[name] || '');
  const tell = (words: string): void => {
    told.textContent = words;
  };

  async function ask(url: string, init: RequestInit): Promise<Upload> {
    const response = await fetch(url, init); // throws when the line is broken
    if (response.status >= 500 || response.status === 429) throw new Error('later');
    const answer = (await response.json()) as Upload & { text: string };
    if (!response.ok && response.status !== 409) throw new Refused(answer.text);
    if (response.status === 409) throw new RangeError(answer.text);
    return answer;
  }

  function row(file: File): { item: HTMLElement; bar: HTMLProgressElement; state: HTMLElement } {
    const item = document.createElement('li');
    item.className = 'hk-files__item';
    const name = document.createElement('span');
    name.className = 'hk-files__name';
    name.textContent = file.name;
    const bar = document.createElement('progress');
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute('aria-label', text('sending', { name: file.name }));
    const state = document.createElement('span');
    state.className = 'hk-small hk-files__told';
    item.append(name, bar, state);
    list!.append(item);
    if (heading) heading.hidden = false;
    return { item, bar, state };
  }

  function measure(item: HTMLElement, upload: Upload): void {
    const size = document.createElement('span');
    size.className = 'hk-small hk-muted';
    size.textContent = upload.size;
    item.querySelector('.hk-files__name')!.after(size);
  }

  function removal(item: HTMLElement, upload: Upload): void {
    if (!upload.remove) return; // it is with those who read it
    const form = document.createElement('form');
    form.method = 'post';
    form.action = upload.remove;
    if (back) form.append(back.cloneNode());
    const remove = document.createElement('button');
    remove.className = 'hk-files__remove';
    remove.textContent = text('remove');
    remove.setAttribute('aria-label', text('removeWhat', { name: upload.name }));
    form.append(remove);
    item.append(form);
  }

  /** Waits for a while, until there is a network again, or until somebody presses the button. */
  function pause(item: HTMLElement, ms: number, name: string): Promise<void> {
    return new Promise((go) => {
      const again = document.createElement('button');
      again.type = 'button';
      again.className = 'hk-files__remove';
      again.textContent = text('again');
      again.setAttribute('aria-label', text('againWhat', { name }));
      const on = (): void => {
        window.clearTimeout(timer);
        window.removeEventListener('online', on);
        again.remove();
        go();
      };
      const timer = window.setTimeout(on, ms);
      window.addEventListener('online', on);
      again.addEventListener('click', on);
      item.append(again);
    });
  }

  async function send(file: File): Promise<void> {
    const shown = row(file);
    const item = shown.item;
    const bar = shown.bar;
    const state = shown.state;
    const url = area.dataset.uploads || '';
    const begin = new URLSearchParams({ name: file.name, size: String(file.size), mark: `${file.name.slice(-80)}|${file.lastModified}` });
    let upload: Upload | undefined;
    let size = SMALL;
    let wait = WAIT_MS;
    let spoken = 0;
    for (;;) {
      try {
        upload = upload
          ? await ask(`${url}/${upload.ref}`, { method: 'GET' })
          : await ask(url, { method: 'POST', body: begin });
        while (upload.state === 'uploading') {
          const from: number = upload.offset;
          const started = Date.now();
          upload = await ask(`${url}/${upload.ref}`, {
            method: 'PATCH',
            headers: { 'Content-Type': 'application/octet-stream', 'Upload-Offset': String(from) },
            body: file.slice(from, from + Math.min(size, upload.piece)),
          });
          wait = WAIT_MS;
          size = Date.now() - started < QUICK_MS ? Math.min(LARGE, size * 2) : size;
          bar.value = upload.offset;
          const percent = Math.floor((upload.offset / file.size) * 100);
          state.textContent = text('progress', { name: file.name, percent: String(percent) });
          if (percent >= spoken + 25) {
            // Four times a file is enough for whoever listens.
            spoken = percent - (percent % 25);
            tell(state.textContent);
          }
        }
        bar.remove();
        measure(item, upload);
        const refused = upload.state === 'refused';
        state.textContent = upload.text;
        state.classList.toggle('hk-files__told--stop', refused);
        tell(refused ? text('refused', { name: upload.name, reason: upload.text }) : text('received', { name: upload.name }));
        item.dataset.ref = upload.ref;
        for (const earlier of list!.querySelectorAll<HTMLElement>(`[data-ref="${upload.ref}"]`)) {
          if (earlier !== item) earlier.remove();
        }
        removal(item, upload);
        return;
      } catch (failure) {
        if (failure instanceof Refused) {
          bar.remove();
          state.textContent = failure.message;
          state.classList.add('hk-files__told--stop');
          tell(text('refused', { name: file.name, reason: failure.message }));
          return;
        }
        if (!(failure instanceof RangeError)) {
          state.textContent = text('broken', { name: file.name });
          tell(state.textContent);
          size = Math.max(SMALL, Math.floor(size / 4));
          await pause(item, wait, file.name);
          wait = Math.min(MAX_WAIT_MS, wait * 2);
        } else {
          await new Promise((go) => window.setTimeout(go, 200)); // another tab was faster
        }
      }
    }
  }

  // One after the other: a poor line carries one file better than five.
  let queue: Promise<void> = Promise.resolve();
  chooser.addEventListener('change', () => {
    for (const file of Array.from(chooser.files || [])) {
      if (file.size > Number(area.dataset.max)) {
        const shown = row(file);
        shown.bar.remove();
        shown.state.textContent = text('tooLarge');
        shown.state.classList.add('hk-files__told--stop');
        tell(text('refused', { name: file.name, reason: text('tooLarge') }));
        continue;
      }
      under++;
      queue = queue.then(() => send(file)).finally(() => under--);
    }
    chooser.value = '';
  });
  area.querySelector('[data-next]')?.addEventListener('click', (event) => {
    if (under === 0) return;
    event.preventDefault();
    tell('');
    window.setTimeout(() => tell(text('leave')), 50);
    const seen = area.querySelector('[data-waiting]') || document.createElement('p');
    seen.setAttribute('data-waiting', '');
    seen.textContent = text('leave');
    list.after(seen);
    void queue.then(() => seen.remove());
  });
}
