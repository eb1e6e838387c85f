// The table of attacks under the eyes of others: parse5 says that no element and no attribute came to be
// that the template doesn't have, Chromium that no script ran, whatever is clicked.
//   attacks.mjs PROGRAM [CHROMIUM]
import assert from 'node:assert/strict';
import {parse} from 'parse5';
import {serve} from './server.mjs';

const [program, chromium] = process.argv.slice(2);
const server = await serve(program);
const {places, attacks} = await (await fetch(`${server.url}/table`)).json();
assert.ok(places.length > 25 && attacks.length > 60);

// Elements, attributes' names, comments; of texts only whether one is there.
const shape = (node) => [node.nodeName, ...(node.attrs ?? []).map((one) => one.name),
  ...(node.nodeName === 'template' ? [shape(node.content)] : []),
  ...(node.childNodes ?? []).filter((one) => one.nodeName !== '#text').map(shape)];
// An attribute that is to be fetched or followed.
const urls = (node) => [...(node.attrs ?? []).filter((one) => ['href', 'src', 'action', 'formaction'].includes(one.name))
  .map((one) => one.value), ...(node.childNodes ?? []).flatMap(urls)];
const page = async (path) => parse(await (await fetch(`${server.url}${path}`)).text());

let count = 0;
for (const place of places) {
  const harmless = JSON.stringify(shape(await page(`/one/${place}/${attacks.length}`)));
  for (let i = 0; i < attacks.length; ++i) {
    const document = await page(`/one/${place}/${i}`);
    assert.equal(JSON.stringify(shape(document)), harmless, `${place}: ${attacks[i]}`);
    // As the WHATWG's URL parser, which browsers have, reads them.
    for (const url of urls(document)) {
      assert.match(new URL(url, 'https://base.example/').protocol, /^(https?|mailto|tel|sms|about):$/, `${place}: ${attacks[i]}`);
    }
    ++count;
  }
}
console.log(`ok: parse5 finds nothing in ${count} pages that the template doesn't have`);
assert.notEqual(JSON.stringify(shape(await page('/unescaped/text'))), JSON.stringify(shape(await page('/all/text'))));

if (chromium) {
  const {launch} = await import('./chromium.mjs');
  const browser = await launch(chromium);
  try {
    // What frames and images ask other hosts for isn't awaited.
    await browser.page.call('Network.setBlockedURLs', {urls: ['*evil.example*']});
    // Follows links, sends forms, fires what handlers wait for; gives how often a script ran.
    const provoke = `(async () => {
      document.addEventListener('click', (event) => { if (!event.target.closest('a')?.protocol?.startsWith('javascript')) event.preventDefault(); }, true);
      document.addEventListener('submit', (event) => { if (!event.submitter.formAction.startsWith('javascript')) event.preventDefault(); }, true);
      for (const element of document.body.querySelectorAll('*')) {
        for (const type of ['click', 'mouseover', 'focus', 'load', 'error', 'toggle', 'animationstart']) element.dispatchEvent(new Event(type, {cancelable: true, bubbles: type === 'click'}));
        if (element.matches('a, button')) element.dispatchEvent(new MouseEvent('click', {cancelable: true, bubbles: true}));
      }
      for (let i = 0; i < 3; ++i) await new Promise((resolve) => setTimeout(resolve, 0));
      return window.hacked ?? 0;
    })()`;
    for (const place of places) {
      await browser.page.open(`${server.url}/all/${place}`);
      assert.equal(await browser.page.evaluate(provoke), 0, `${place} of /all`);
    }
    console.log(`ok: Chromium ran no script in ${places.length} pages of ${attacks.length} attacks each`);
    // The judge has eyes: without escaping it sees them run.
    const seen = [];
    for (const place of ['text', 'attribute', 'link', 'script_in_double_quotes', 'event_handler', 'comment']) {
      await browser.page.open(`${server.url}/unescaped/${place}`);
      if (await browser.page.evaluate(provoke) > 0) seen.push(place);
    }
    assert.deepEqual(seen, ['text', 'attribute', 'link', 'script_in_double_quotes', 'event_handler', 'comment']);
    console.log('ok: and would have noticed');
  } finally {
    await browser.close();
  }
}
await server.stop();
