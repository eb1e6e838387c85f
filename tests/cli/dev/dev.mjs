// What a developer sees in a real browser while `armature dev` runs.
//   dev.mjs ARMATURE PROGRAM CHROMIUM [FOLDER for screenshots]
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {launch} from './chromium.mjs';

const [armature, program, chromium, pictures] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'armature-dev-page-'));

function write(text) {
  writeFileSync(path.join(folder, '.new'), text);
  renameSync(path.join(folder, '.new'), path.join(folder, 'main.c'));
}
const main = (version) => write(`#include <unistd.h>
int main(void) {
    return execl("${program}", "${program}", "${version}", (char*)0);
}
`);

writeFileSync(path.join(folder, 'CMakeLists.txt'),
  'cmake_minimum_required(VERSION 3.25)\nproject(shop LANGUAGES C)\nadd_executable(shop main.c)\n');
main('first');
const dev = spawn(armature, ['dev', '--port', '0'], {cwd: folder, stdio: ['ignore', 'ignore', 'pipe']});
process.on('exit', () => dev.kill('SIGKILL')); // its program ends with it
const url = await new Promise((resolve, reject) => {
  let seen = '';
  dev.stderr.on('data', (data) => {
    seen += data;
    const found = /http:\/\/[^/]+/.exec(seen);
    if (found) resolve(found[0]);
  });
  dev.on('exit', () => reject(new Error(`armature dev ended:\n${seen}`)));
});
const browser = await launch(chromium);
const {page} = browser;
const picture = (name) => pictures && page.screenshot(`${pictures}/${name}.png`);
const heading = (text) => page.until(`document.querySelector('h1')?.innerText === ${JSON.stringify(text)}`);

const steps = {
  async 'shows the page'() {
    await page.open(`${url}/page`);
    await heading('first');
  },
  async 'loads it anew after a change, by itself'() {
    main('second');
    await heading('second');
  },
  async 'does so under a policy with a nonce'() {
    await page.open(`${url}/strict`);
    await heading('second');
    main('third');
    await heading('third');
    assert.deepEqual(page.complaints, []);
  },
  async 'shows what the compiler says'() {
    write('int main(void) {\n    int answer = "<b>forty-two</b>" + unknown;\n    return answer;\n}\n');
    await heading('The build failed');
    const text = await page.evaluate('document.body.innerText');
    assert.match(text, /main\.c:2:\d+/);
    assert.match(text, /int answer = "<b>forty-two<\/b>" \+ unknown;/);
    const link = await page.evaluate(`document.querySelector('.place a').href`);
    assert.match(link, /^vscode:\/\/file\/.*main\.c:2:\d+$/);
    await picture('compiler');
  },
  async 'goes on once that is mended'() {
    main('fourth');
    await heading('fourth');
  },
  async 'shows how the program crashed'() {
    await page.call('Page.navigate', {url: `${url}/crash`});
    await heading('The program crashed');
    assert.match(await page.evaluate('document.body.innerText'), /about to crash in fourth/);
    await picture('crash');
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(`ok: ${name}`);
  }
} finally {
  await browser.close();
  dev.removeAllListeners('exit');
  const ended = new Promise((resolve) => { dev.on('exit', resolve); });
  dev.kill('SIGINT');
  assert.equal(await ended, 0);
  rmSync(folder, {recursive: true, force: true});
}
