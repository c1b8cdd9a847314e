// That the harness finds what it is there to find. An audit that cannot fail
// says nothing about the pages.
import assert from 'node:assert/strict';
import { audit } from '../lib/audit.mjs';
import { Visitor } from '../lib/visitor.mjs';
import { world } from '../lib/world.mjs';

const w = world();

/** Opens a page outside of a story, whose end would fail for its complaints. */
async function withVisitor(act) {
  const visitor = await Visitor.at(w.browser, w.service.url, { name: 'tester', device: 'desk' });
  try {
    await visitor.open('/vi/track');
    await act(visitor);
  } finally {
    await visitor.context.close();
  }
}

const spoiled = {
  'a text that nobody reads in the dark': [
    () => document.styleSheets[0].insertRule('@media (prefers-color-scheme: dark) { h1 { color: #333333 !important } }', document.styleSheets[0].cssRules.length),
    /in the dark: axe color-contrast/,
  ],
  'a text that is cut off at 400 %': [
    () => document.styleSheets[0].insertRule('@media (max-width: 330px) { h1 { width: 40px; overflow: hidden; white-space: nowrap } }', document.styleSheets[0].cssRules.length),
    /zoomed \(320 px\): text is cut off in h1/,
  ],
  'a field without a label': [() => document.querySelector('label[for="code"]').remove(), /axe label/],
  'pale text': [() => { document.querySelector('h1').style.color = '#cccccc'; }, /axe color-contrast/],
  'something wider than the page': [() => { document.querySelector('h1').style.width = '2000px'; }, /px wide: h1/],
  'two first headings': [() => document.querySelector('main').append(document.createElement('h1')), /2 first headings/],
  'a text that no catalogue has': [() => { document.querySelector('h1').textContent = '⟦track.title⟧'; }, /no catalogue has: ⟦track\.title⟧/],
};

for (const [what, [spoil, told]] of Object.entries(spoiled)) {
  w.story(`the audit finds ${what}`, () => withVisitor(async (visitor) => {
    await visitor.page.evaluate(spoil);
    await assert.rejects(audit(visitor.page, 'spoiled'), told);
  }));
}

const forbidden = {
  'a style that the policy forbids': [() => document.body.setAttribute('style', 'color: red'), /Content Security Policy/],
  'a request to another place': [() => { document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' })); }, /request to http:\/\/127\.0\.0\.1:9|Content Security Policy/],
  'a script that fails': [() => { setTimeout(() => { throw new Error('on purpose'); }); }, /script failed/],
  'a dialog': [() => { setTimeout(() => alert('xin chào')); }, /dialog: xin chào/],
  'a style sheet that is missing': [() => { document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/assets/none.css' })); }, /Refused to apply style from .*none\.css/],
};

for (const [what, [spoil, told]] of Object.entries(forbidden)) {
  w.story(`a visitor complains of ${what}`, () => withVisitor(async (visitor) => {
    const complained = visitor.complained(told);
    await visitor.page.evaluate(spoil);
    await complained;
  }));
}
