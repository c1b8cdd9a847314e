// Three helps for whoever writes an answer. What is written is kept by itself
// after a pause; what is pasted from a word processor keeps its paragraphs,
// lists and links, in the small form of text that the server reads; and promises
// are asked for only where the outcome makes any. Without this script a draft is
// kept with its button, pasted text comes as plain lines, and the promises lie
// folded.

// How long the writer must pause before the text is kept, in milliseconds.
const PAUSE_MS = 3000;

function words(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return (node.textContent || '').replace(/[\s\u00a0]+/g, ' ');
  if (!(node instanceof Element)) return '';
  if (node.tagName === 'BR') return '\n';
  if (/^(STYLE|SCRIPT|META|TITLE|XML|O:P)$/.test(node.tagName)) return '';
  // Word writes the mark of a list as text that it tells itself to leave out.
  if (/mso-list:\s*Ignore/i.test(node.getAttribute('style') || '')) return '';
  const inner = [...node.childNodes].map(words).join('');
  const address = node.tagName === 'A' ? node.getAttribute('href') || '' : '';
  if (!/^(https?:|mailto:)/i.test(address) || inner.trim() === '') return inner;
  return inner.trim() === address ? address : `[${inner.trim().replace(/[[\]]/g, '')}](${address.replace(/[\s()]/g, encodeURIComponent)})`;
}

const block = /^(P|DIV|H[1-6]|TABLE|TR|BLOCKQUOTE|SECTION|ARTICLE|BODY|HTML)$/;

function lines(node: Node, out: string[]): void {
  for (const child of [...node.childNodes]) {
    if (child instanceof Element && /^(UL|OL)$/.test(child.tagName)) {
      let n = Number(child.getAttribute('start') || 1);
      for (const item of [...child.children]) out.push(`${child.tagName === 'OL' ? `${n++}.` : '-'} ${words(item).replace(/\s+/g, ' ').trim()}`);
      out.push('');
    } else if (child instanceof Element && /mso-list:\s*l\d/i.test(child.getAttribute('style') || '')) {
      const mark = [...child.querySelectorAll('[style]')].find((e) => /mso-list:\s*Ignore/i.test(e.getAttribute('style') || ''));
      const number = /^\s*(\d+)[.)]/.exec(mark?.textContent || '');
      out.push(`${number ? `${number[1]}.` : '-'} ${words(child).replace(/\s+/g, ' ').trim()}`);
    } else if (child instanceof Element && block.test(child.tagName) && [...child.children].some((e) => block.test(e.tagName) || /^(UL|OL)$/.test(e.tagName))) {
      lines(child, out);
    } else if (child instanceof Element && block.test(child.tagName)) {
      const text = words(child).trim();
      if (text !== '') out.push('', text, '');
    } else {
      const text = words(child);
      if (text.trim() !== '') out.push(text.trim());
    }
  }
}

function fromPage(html: string): string {
  const out: string[] = [];
  lines(new DOMParser().parseFromString(html, 'text/html').body, out);
  return out.join('\n').replace(/\n{3,}/g, '\n\n').trim();
}

function paste(field: HTMLTextAreaElement, event: ClipboardEvent): void {
  const html = event.clipboardData?.getData('text/html') || '';
  if (!/<(p|ul|ol|li|a|br|div)[\s>]/i.test(html)) return;
  const text = fromPage(html);
  if (text === '') return;
  event.preventDefault();
  // Like typing, so that it can be undone, where the browser still knows how.
  if (!document.execCommand('insertText', false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

for (const id of ['draft-answer-text', 'correct-text']) {
  const field = document.getElementById(id);
  if (field instanceof HTMLTextAreaElement) field.addEventListener('paste', (event) => paste(field, event));
}

const note = document.getElementById('draft-saved');
const text = document.getElementById('draft-answer-text') as HTMLTextAreaElement | null;
const outcome = document.getElementById('draft-answer-outcome') as HTMLSelectElement | null;

if (note && text) {
  let kept = text.value;
  let timer = 0;
  const keep = async (): Promise<void> => {
    window.clearTimeout(timer);
    if (text.value === kept || text.value.trim() === '') return;
    const sent = text.value;
    try {
      const response = await fetch(note.dataset['url'] || '', {
        method: 'POST',
        body: new URLSearchParams({ text: sent, outcome: outcome?.value || '' }),
        headers: { Accept: 'application/json' },
        keepalive: sent.length < 15000, // browsers send at most 64 KiB after a page is left
      });
      if (!response.ok) throw new Error(String(response.status));
      kept = sent;
      note.textContent = ((await response.json()) as { text: string }).text;
    } catch {
      note.textContent = note.dataset['failed'] || '';
    }
  };
  note.textContent = note.dataset['begun'] || '';
  text.addEventListener('input', () => {
    // Said once for each change, or a screen reader would say it at every key.
    if (note.textContent !== note.dataset['changed']) note.textContent = note.dataset['changed'] || '';
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), PAUSE_MS);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void keep();
  });
  // Another form of the page leads away from the text.
  document.addEventListener('submit', (event) => {
    if (event.target !== text.form) void keep();
  });
}

// What an outcome does not promise is neither shown nor sent.
const promises = document.querySelector<HTMLDetailsElement>('details[data-outcomes]');

if (promises && outcome) {
  const follow = (): void => {
    const promising = (promises.dataset['outcomes'] || '').split(' ').includes(outcome.value);
    promises.hidden = !promising;
    if (promising) promises.open = true;
    const fields = promises.querySelector('fieldset');
    if (fields) fields.disabled = !promising;
  };
  follow();
  outcome.addEventListener('change', follow);
}
