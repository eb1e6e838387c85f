// The interactive page in a real browser: what people see, keyboard only, and what axe-core says of it.
//   page.mjs SHOWCASE CHROMIUM [FOLDER for screenshots]
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {launch} from './chromium.mjs';
import {serve} from './server.mjs';

const [program, chromium, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const server = await serve(program);
const browser = await launch(chromium);
const {page} = browser;

const picture = (name) => folder && page.screenshot(`${folder}/${name}.png`);
async function accessible(where) {
  await page.evaluate(axe);
  const {violations} = await page.evaluate('axe.run()');
  const found = violations.map((one) => `${one.id} (${one.impact}): ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(found, [], `accessibility of ${where}`);
}
const response = `document.querySelector('#response')`;
const wait = (text) => page.until(`${response}?.innerText.includes(${JSON.stringify(text)})`);
const fill = (text) => page.evaluate(`{const t = document.querySelector('textarea'); t.focus(); t.select();}`).then(() => page.type(text));

const steps = {
  async 'lists the operations'() {
    await page.open(`${server.url}/docs`);
    await page.until(`document.querySelectorAll('nav li a').length > 20`);
    await accessible('the list');
    await picture('list');
  },
  async 'finds an operation by the keyboard alone'() {
    await page.press('/');
    await page.type('post api/users');
    await page.until(`document.querySelectorAll('nav li a').length === 1`);
    await page.press('ArrowDown');
    await page.press('Enter');
    await page.until(`document.querySelector('main h2').innerText === 'Adds a user' && document.activeElement.id === 'main'`);
  },
  async 'sends a request and shows the answer'() {
    await fill('{"name":"Ada","email":"ada@example.com","age":36}');
    await page.press('Enter', 2); // Ctrl
    await wait('201 Created');
    await wait('"name": "Ada"');
    assert.match(await page.evaluate(`${response}.innerText`), /header fields/);
    await accessible('an operation with its answer');
    await page.evaluate(`document.querySelector('main h3').scrollIntoView()`);
    await picture('answer');
  },
  async 'shows each fault of content that breaks the rules'() {
    await fill('{"name":"","email":"nobody","age":-1}');
    await page.press('Enter', 2);
    await wait('422');
    for (const pointer of ['/name', '/email', '/age']) await wait(pointer);
    await accessible('faults');
    await page.evaluate(`${response}.scrollIntoView()`);
    await picture('faults');
  },
  async 'writes the request in five languages'() {
    const tabs = await page.evaluate(`[...document.querySelectorAll('[role=tab]')].map((tab) => tab.innerText)`);
    assert.deepEqual(tabs, ['curl', 'C++', 'TypeScript', 'Python', 'Rust']);
    await page.evaluate(`document.querySelector('[role=tab]').focus()`);
    for (const name of ['C++', 'TypeScript', 'Python', 'Rust']) {
      await page.evaluate(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))`);
      await page.until(`document.activeElement.innerText === ${JSON.stringify(name)}`);
      assert.match(await page.evaluate(`document.querySelector('[role=tabpanel]').innerText`), /\/api\/users/);
      if (name === 'C++') await picture('snippet');
    }
  },
  async 'is known by a token'() {
    await page.open(`${server.url}/docs#getPrivateMe`);
    await page.until(`document.querySelector('main h2')?.innerText === 'Whose the token is'`);
    await page.evaluate(`document.querySelector('main form').requestSubmit()`);
    await wait('401 Unauthorized');
    await page.evaluate(`document.getElementById('authorise').click()`);
    await page.until(`document.getElementById('credentials').open`);
    await accessible('the dialog');
    await page.evaluate(`document.querySelector('#schemes input').focus()`);
    await page.type('showcase-token');
    await picture('authorise');
    await page.press('Enter');
    await page.until(`document.getElementById('authorise').innerText === 'Authorised (1)'`);
    await page.evaluate(`document.querySelector('main form').requestSubmit()`);
    await wait('"subject": "showcase"');
  },
  async 'is dark for who likes it dark'() {
    await page.call('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: 'dark'}]});
    await accessible('the dark page');
    await picture('dark');
    const ground = () => page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    const dark = await ground();
    await page.evaluate(`document.getElementById('theme').click()`); // light
    const light = await ground();
    assert.notEqual(light, dark);
    await page.evaluate(`document.getElementById('theme').click()`); // dark, whatever the system says
    await page.call('Emulation.setEmulatedMedia', {features: []});
    assert.equal(await ground(), dark);
  },
  async 'shows events as they come, and stops'() {
    await page.open(`${server.url}/docs#getEventsFirehose`);
    await page.until(`document.querySelector('main h2')?.innerText === 'Events without end or pause'`);
    await page.evaluate(`document.querySelector('main form').requestSubmit()`);
    await wait('xxxx');
    await page.evaluate(`[...document.querySelectorAll('main form button')].find((one) => one.innerText === 'Stop').click()`);
    await wait('Stopped');
  },
  async 'loads nothing from elsewhere and breaks no policy'() {
    const foreign = page.requests.filter((url) => !url.startsWith(server.url) && !/^(data|blob|about):/.test(url));
    assert.deepEqual(foreign, []);
    assert.deepEqual(page.complaints, []);
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(`ok: ${name}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
