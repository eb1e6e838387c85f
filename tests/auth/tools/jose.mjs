// Every algorithm with the npm package jose: what we sign it verifies, what it signs we verify.
// jose.mjs PROGRAM
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import readline from 'node:readline';

globalThis.crypto ??= webcrypto; // Node 18
const jose = await import('jose');

const program = spawn(process.argv[2], {stdio: ['pipe', 'pipe', 'inherit']});
process.on('exit', () => program.kill('SIGKILL'));
const lines = readline.createInterface({input: program.stdout})[Symbol.asyncIterator]();
async function ask(...words) {
  program.stdin.write(`${words.join(' ')}\n`);
  return (await lines.next()).value;
}

const expected = {issuer: 'https://login.example', audience: 'api', typ: 'at+jwt'};
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const encode = (text) => Buffer.from(text).toString('base64url');

function make(alg, claims = {name: 'Zoë \u0001'}, typ = 'at+jwt') {
  return new jose.SignJWT(claims).setProtectedHeader({alg, typ}).setIssuer(expected.issuer)
    .setAudience(['x', 'api']).setSubject('user-7').setIssuedAt().setExpirationTime('10m');
}

async function both(alg, ours, theirs, verifyKey) {
  const {payload, protectedHeader} = await jose.jwtVerify(ours, verifyKey, {...expected, algorithms: [alg]});
  assert.equal(protectedHeader.alg, alg);
  assert.equal(payload.sub, 'user-7');
  assert.equal(payload.scope, 'a b');
  assert.equal(payload.name, 'Zoë \u0001');

  const claims = JSON.parse(await ask('verify', encode(JSON.stringify(theirs.jwk)), theirs.token));
  assert.equal(claims.sub, 'user-7');
  assert.equal(claims.name, 'Zoë \u0001');

  // The same text with one bit of its signature changed.
  const [header, body, signature] = theirs.token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[7] ^= 1;
  assert.match(await ask('verify', encode(JSON.stringify(theirs.jwk)), `${header}.${body}.${bytes.toString('base64url')}`),
    /refused: .*signature/);
  console.log(alg, 'both ways');
}

for (const alg of asymmetric) {
  const [publicKey, token] = (await ask('sign', alg)).split(' ');
  const imported = await jose.importJWK(JSON.parse(publicKey), alg);
  assert.equal(JSON.parse(publicKey).kid, await jose.calculateJwkThumbprint(JSON.parse(publicKey)));
  const pair = await jose.generateKeyPair(alg, {extractable: true});
  const jwk = {...await jose.exportJWK(pair.publicKey), alg};
  await both(alg, token, {jwk, token: await make(alg).sign(pair.privateKey)}, imported);
  // Their private key is one of ours too: a key that we read whole signs nothing here, but must verify.
  const whole = {...await jose.exportJWK(pair.privateKey), alg};
  assert.match(await ask('verify', encode(JSON.stringify(whole)), await make(alg).sign(pair.privateKey)), /user-7/);
}
for (const alg of ['HS256', 'HS384', 'HS512']) {
  const secret = webcrypto.getRandomValues(new Uint8Array(64));
  const [, token] = (await ask('sign', alg, Buffer.from(secret).toString('base64url'))).split(' ');
  const jwk = {kty: 'oct', k: Buffer.from(secret).toString('base64url'), alg};
  await both(alg, token, {jwk, token: await make(alg).sign(secret)}, secret);
}

// What jose makes, and we refuse.
const {publicKey, privateKey} = await jose.generateKeyPair('ES256', {extractable: true});
const key = encode(JSON.stringify({...await jose.exportJWK(publicKey), alg: 'ES256'}));
const unsecured = new jose.UnsecuredJWT({}).setIssuer(expected.issuer).setAudience('api').setExpirationTime('1h').encode();
assert.match(await ask('verify', key, unsecured), /refused: .*algorithm/);
assert.match(await ask('verify', key, await make('ES256', {}, 'JWT').sign(privateKey)), /refused: .*something else/);
assert.match(await ask('verify', key, await make('ES256').setExpirationTime('-2m').sign(privateKey)), /refused: .*expired/);
assert.match(await ask('verify', key, await make('ES256').setAudience('y').sign(privateKey)), /refused: .*audience/);
const critical = new jose.SignJWT({}).setProtectedHeader({alg: 'ES256', typ: 'at+jwt', crit: ['b64'], b64: true});
assert.match(await ask('verify', key, await critical.sign(privateKey)), /refused: .*extension/);
console.log('and what has to be refused is');
program.stdin.end();
