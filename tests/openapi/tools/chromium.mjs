// Drives a headless Chromium by its DevTools protocol: as much of it as these tests need.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import WebSocket from 'ws';

export async function launch(program) {
  const profile = mkdtempSync(path.join(tmpdir(), 'armature-docs-'));
  const child = spawn(program, ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--remote-debugging-port=0',
    `--user-data-dir=${profile}`, '--window-size=1280,900', 'about:blank'], {stdio: ['ignore', 'ignore', 'pipe'], detached: true});
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  // Its helpers outlive the browser's own process for a moment: they share its process group, and end with it.
  const end = () => {
    try { process.kill(-child.pid, 'SIGKILL'); } catch (error) { if (error.code !== 'ESRCH') throw error; }
  };
  process.on('exit', end); // also when a test throws, or ctest would wait for them
  const address = await new Promise((resolve, reject) => {
    let seen = '';
    child.stderr.on('data', (data) => {
      seen += data;
      const found = /ws:\/\/\S+/.exec(seen);
      if (found) resolve(found[0]);
    });
    child.on('exit', () => reject(new Error(`Chromium ended:\n${seen}`)));
  });
  const base = `http://${new URL(address).host}`;
  const [target] = (await (await fetch(`${base}/json/list`)).json()).filter((one) => one.type === 'page');
  const socket = new WebSocket(target.webSocketDebuggerUrl, {maxPayload: 1 << 28});
  await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
  const page = new Page(socket);
  await page.call('Page.enable');
  await page.call('Runtime.enable');
  await page.call('Network.enable');
  await page.call('Log.enable');
  return {page, async close() {
    socket.close();
    end();
    await ended;
    await remove(profile);
  }};
}

// What a helper that is just ending still writes makes the folder non-empty again, and rmSync lists it only
// once, however many retries it is given. A folder that stays is the system's to clean, no fault of the page.
async function remove(folder) {
  for (let left = 50; left > 0; --left) {
    try { return rmSync(folder, {recursive: true, force: true}); } catch {
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
}

class Page {
  #socket; #next = 1; #waiting = new Map(); requests = []; complaints = [];
  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.id) {
        const {resolve, reject} = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      } else if (message.method === 'Network.requestWillBeSent') {
        this.requests.push(message.params.request.url);
      } else if (message.method === 'Runtime.exceptionThrown') {
        this.complaints.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
      } else if (message.method === 'Log.entryAdded' && message.params.entry.source === 'security') {
        this.complaints.push(message.params.entry.text);
      }
    });
  }
  call(method, params = {}) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject});
      this.#socket.send(JSON.stringify({id, method, params}));
    });
  }
  async evaluate(expression) {
    const {result, exceptionDetails} = await this.call('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  /** Waits until an expression is true. */
  async until(expression) {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      if (await this.evaluate(`Boolean(${expression})`)) return;
      await new Promise((resolve) => { setTimeout(resolve, 25); });
    }
    throw new Error(`never true: ${expression}\n${await this.evaluate('document.body.innerText')}`);
  }
  async press(key, modifiers = 0) {
    const codes = {Enter: 13, ArrowDown: 40, ArrowUp: 38, Tab: 9, Escape: 27};
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
    const common = {key, modifiers, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0)};
    await this.call('Input.dispatchKeyEvent', {type: 'keyDown', text, ...common});
    await this.call('Input.dispatchKeyEvent', {type: 'keyUp', ...common});
  }
  type(text) { return this.call('Input.insertText', {text}); }
  async open(url) {
    await this.call('Page.navigate', {url});
    await this.until(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`);
  }
  async screenshot(file) {
    const {data} = await this.call('Page.captureScreenshot', {format: 'png'});
    writeFileSync(file, Buffer.from(data, 'base64'));
  }
}
