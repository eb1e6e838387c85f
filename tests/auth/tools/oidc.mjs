// Our OpenID Connect client with the certified provider of npm, oidc-provider: by curl and in Chromium.
// oidc.mjs PROGRAM [CHROMIUM]
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';

globalThis.crypto ??= webcrypto; // Node 18
const {default: Provider} = await import('oidc-provider');
const {generateKeyPair, exportJWK} = await import('jose');

const folder = mkdtempSync(path.join(tmpdir(), 'armature-oidc-'));
process.on('exit', () => rmSync(folder, {recursive: true, force: true}));

// The provider's port first: the application has to know it, and the provider the application's.
let handler;
const server = createServer((request, response) => handler(request, response));
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const issuer = `http://127.0.0.1:${server.address().port}`;

// Characters that have to be encoded (RFC 6749 §2.3.1).
const clientId = 'the shop';
const secret = 'p%ss:w rd+/=&';
const child = spawn(process.argv[2], [issuer, clientId, secret], {stdio: ['ignore', 'pipe', 'inherit']});
process.on('exit', () => child.kill('SIGKILL'));
const app = (await new Promise((resolve, reject) => {
  let seen = '';
  child.stdout.on('data', (data) => { process.stdout.write(data); seen += data; const line = /^(http\S+)\n/m.exec(seen); if (line) resolve(line[1]); });
  child.on('exit', () => reject(new Error(`the application ended: ${seen}`)));
}));

const signing = {...await exportJWK((await generateKeyPair('RS256', {extractable: true})).privateKey), alg: 'RS256', use: 'sig', kid: 'r1'};
let codes = 0, refreshes = 0;
const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId, client_secret: secret, redirect_uris: [`${app}/callback`],
    post_logout_redirect_uris: [`${app}/`], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic', application_type: 'web',
  }],
  jwks: {keys: [signing]},
  pkce: {required: () => true, methods: ['S256']},
  cookies: {keys: ['a key for the provider\'s own cookies']},
  features: {devInteractions: {enabled: true}, rpInitiatedLogout: {enabled: true}},
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  findAccount: async (_, id) => ({accountId: id, claims: async () => ({sub: id})}),
});
provider.on('grant.success', (ctx) => { if (ctx.oidc.params.grant_type === 'refresh_token') ++refreshes; else ++codes; });
provider.on('server_error', (_, error) => console.error('provider:', error));
handler = provider.callback();

// curl keeps one cookie jar for each user; asynchronous, since the provider runs in this process.
function curl(jar, ...args) {
  return new Promise((resolve, reject) => {
    const file = path.join(folder, jar);
    const run = spawn('curl', ['-sS', '-i', '--max-time', '60', '-b', file, '-c', file, ...args]);
    let text = '';
    run.stdout.on('data', (data) => { text += data; });
    run.stderr.on('data', (data) => { text += data; });
    run.on('error', reject);
    run.on('exit', () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
      resolve({text, status, location: /^location: (.*)\r$/im.exec(text)?.[1]});
    });
  });
}
async function follow(jar, first) {
  let answer = first, url;
  while (answer.location) {
    url = new URL(answer.location, url ?? issuer).href;
    if (url.startsWith(app)) return {answer, url};
    answer = await curl(jar, url);
  }
  return {answer, url};
}
// Logs in at the provider; gives the URL that it sends the browser back to, unvisited.
async function logIn(jar, user, query = '') {
  const begin = await curl(jar, `${app}/login${query}`);
  assert.equal(begin.status, 303, begin.text);
  assert.match(begin.text, /set-cookie: login=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax/i);
  const asked = new URL(begin.location).searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.equal(asked.get('response_type'), 'code');
  for (const name of ['state', 'nonce', 'code_challenge']) assert.equal(asked.get(name).length, 43);
  let {answer, url} = await follow(jar, begin);
  for (const form of [['prompt=login', `login=${user}`, 'password=x'], ['prompt=consent']]) {
    if (url.startsWith(app)) break;
    assert.equal(answer.status, 200, answer.text);
    const action = /action="([^"]+)"/.exec(answer.text)[1];
    const data = form.flatMap((field) => ['--data-urlencode', field]);
    ({answer, url} = await follow(jar, await curl(jar, new URL(action, issuer).href, ...data)));
  }
  assert.ok(url.startsWith(`${app}/callback?`), url);
  return url;
}

// --- by curl ---
const back = await logIn('zoe', 'zoe', '?return_to=%2Fme%3Fx%3D1');
assert.equal(new URL(back).searchParams.get('iss'), issuer, 'RFC 9207');
const done = await curl('zoe', back);
assert.equal(done.status, 303, done.text);
assert.equal(done.location, '/me?x=1');
assert.match(done.text, /set-cookie: login=; /i, 'the cookie of the login is removed');
assert.match((await curl('zoe', `${app}/me`)).text, /<p id="who">zoe</);
assert.equal(codes, 1);
console.log('curl logs in');

// Used up: without its cookie, and with it (curl 7.88 reads back from its file what the answer removed).
assert.equal((await curl('empty', back)).status, 400);
const twice = await logIn('bob', 'bob');
assert.equal((await curl('bob', twice)).status, 303);
assert.equal((await curl('bob', twice)).status, 400, 'the provider takes a code once');

// Attacks on the way back, each with its answer.
const honest = await logIn('ann', 'ann');
const changed = (change) => { const url = new URL(honest); change(url.searchParams); return url.href; };
const jarOf = (name) => readFileSync(path.join(folder, name), 'utf8');
const cookie = /\tlogin\t(\S+)/.exec(jarOf('ann'))[1];
const tampered = cookie.slice(0, 40) + (cookie[40] === 'A' ? 'B' : 'A') + cookie.slice(41);
const by = (value, url) => curl('nobody', '-H', `Cookie: login=${value}`, url);
for (const [name, answer, status] of [
  ['no cookie: a login that an attacker began', await curl('empty', honest), 400],
  ['a tampered cookie', await by(tampered, honest), 400],
  ['a cookie in plain text', await by(Buffer.from('{"state":"x"}').toString('base64url'), honest), 400],
  ['an empty cookie', await by('', honest), 400],
  ['another state', await by(cookie, changed((query) => query.set('state', 'x'.repeat(43)))), 400],
  ['no state', await by(cookie, changed((query) => query.delete('state'))), 400],
  ['two states', await by(cookie, changed((query) => query.append('state', 'x'))), 400],
  ['another issuer (mix-up)', await by(cookie, changed((query) => query.set('iss', 'https://evil.example'))), 400],
  ['no issuer', await by(cookie, changed((query) => query.delete('iss'))), 400],
  ['no code', await by(cookie, changed((query) => query.delete('code'))), 400],
  ['a made-up code', await by(cookie, changed((query) => query.set('code', 'x'.repeat(43)))), 400],
  ['a refusal', await by(cookie, changed((query) => { query.delete('code'); query.set('error', 'access_denied'); })), 403],
  ['a refusal with markup', await by(cookie, changed((query) => query.set('error', '<script>'))), 403],
]) {
  assert.equal(answer.status, status, `${name}: ${answer.text}`);
  assert.doesNotMatch(answer.text, /<script>|session=/, name);
}
// Another user's code in one's own login: PKCE refuses it.
const theirs = new URL(await logIn('eve', 'eve')).searchParams.get('code');
assert.equal((await by(cookie, changed((query) => query.set('code', theirs)))).status, 400);
assert.equal(codes, 2);
assert.equal((await curl('ann', honest)).status, 303, 'and the honest answer still works');
assert.equal(codes, 3);

for (const to of ['//evil.example', '/\\evil.example', '/%09/evil.example', 'https://evil.example', 'javascript:alert(1)',
  '%2F%2Fevil.example', '/x%0d%0aset-cookie:%20a=b', '', '/%20', 'evil.example', '\\\\evil.example', '/a%5Cb', '///evil.example'])
  assert.equal((await curl('empty', `${app}/login?return_to=${to.startsWith('/%') || to.includes('%') ? to : encodeURIComponent(to)}`)).status, 400, to);
console.log('and nobody else');

// --- refresh and logout ---
assert.match((await curl('zoe', `${app}/refresh`)).text, /rotated$/);
assert.match((await curl('zoe', `${app}/refresh?old=1`)).text, /rotated$/);
assert.equal(refreshes, 2);
const reused = await curl('zoe', `${app}/refresh`);
assert.equal(reused.status, 401, 'a refresh token that was used is refused');
const out = await curl('ann', `${app}/logout`);
assert.equal(out.status, 303);
const confirm = await curl('ann', out.location);
assert.match(confirm.text, /logout/i, 'the provider takes the ID token for a hint');
assert.equal((await curl('ann', `${app}/me`)).status, 401);
console.log('refresh tokens rotate, logout ends both sessions');

// --- in Chromium ---
if (process.argv[3]) {
  const {launch} = await import('./chromium.mjs');
  const {page, close} = await launch(process.argv[3]);
  await page.call('Page.navigate', {url: `${app}/login?return_to=/me`});
  await page.until(`document.querySelector('input[name=login]')`);
  await page.evaluate(`document.querySelector('input[name=login]').value = 'mia';
    document.querySelector('input[name=password]').value = 'x'; document.querySelector('form').submit()`);
  await page.until(`document.querySelector('input[value=consent]')`);
  await page.evaluate(`document.querySelector('form').submit()`);
  await page.until(`document.querySelector('#who')`);
  assert.equal(await page.evaluate('document.querySelector("#who").innerText'), 'mia');
  assert.equal(await page.evaluate('location.href'), `${app}/me`);
  assert.equal(await page.evaluate('document.cookie'), '', 'scripts see no cookie');
  await page.call('Page.navigate', {url: `${app}/logout`});
  await page.until(`document.querySelector('form[action*="session/end/confirm"], form')`);
  await page.evaluate(`(document.querySelector('button[value=yes]') ?? document.querySelector('form button')).click()`);
  await page.until(`location.href === '${app}/' && document.body.innerText === 'home'`);
  await close();
  console.log('Chromium logs in and out');
}

child.removeAllListeners('exit');
const ended = new Promise((resolve) => { child.on('exit', resolve); });
child.kill('SIGTERM');
assert.equal(await ended, 0);
server.close();
server.closeAllConnections();
