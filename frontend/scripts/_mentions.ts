// Completes the names of colleagues behind @ in a note. The list opens below the
// field; arrows choose, Enter takes, Escape closes. Without it the name is typed
// as the hint says.

interface Person { login: string; name: string }

/** The name that is being typed before the caret, or null. */
function typed(field: HTMLTextAreaElement): string | null {
  const before = field.value.slice(0, field.selectionStart);
  const found = /(?:^|[\s(,;:])@([\w.%+-]*)$/.exec(before);
  return found ? (found[1] ?? '').toLowerCase() : null;
}

/** A text without accents, as people type names in a hurry. */
const plain = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase();

const MOST = 8; // what stands below a field without scrolling

export function completeMentions(field: HTMLTextAreaElement): void {
  const people = JSON.parse(field.dataset['people'] || '[]') as Person[];
  if (people.length === 0) return;
  const list = document.createElement('ul');
  list.id = `${field.id}-people`;
  list.className = 'hk-people';
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', field.dataset['peopleLabel'] || '');
  field.after(list);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', list.id);
  let at = 0;

  const close = (): void => {
    list.hidden = true;
    field.removeAttribute('aria-activedescendant');
  };

  const mark = (): void => {
    Array.from(list.children).forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    const chosen = list.children[at];
    if (chosen) field.setAttribute('aria-activedescendant', chosen.id);
  };

  const take = (login: string): void => {
    const end = field.selectionStart;
    const start = field.value.slice(0, end).lastIndexOf('@') + 1;
    field.setRangeText(`${login} `, start, end, 'end');
    close();
    field.focus();
  };

  const open = (): void => {
    const begun = typed(field);
    const fits = begun === null ? [] : people.filter((p) => plain(p.login).startsWith(begun) || plain(p.name).includes(begun)).slice(0, MOST);
    if (fits.length === 0) {
      close();
      return;
    }
    list.replaceChildren(...fits.map((p, i) => {
      const item = document.createElement('li');
      item.id = `${list.id}-${i}`;
      item.setAttribute('role', 'option');
      item.dataset['login'] = p.login;
      item.textContent = `@${p.login} – ${p.name}`;
      item.addEventListener('mousedown', (event) => {
        event.preventDefault(); // the field keeps the focus
        take(p.login);
      });
      return item;
    }));
    list.hidden = false;
    at = 0;
    mark();
  };

  field.addEventListener('input', open);
  field.addEventListener('blur', close);
  field.addEventListener('keydown', (event) => {
    if (list.hidden || event.isComposing) return;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        const n = list.children.length;
        at = (at + (event.key === 'ArrowDown' ? 1 : n - 1)) % n;
        mark();
        break;
      }
      case 'Enter':
      case 'Tab':
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        take((list.children[at] as HTMLElement).dataset['login'] || '');
        break;
      case 'Escape':
        close();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
}
