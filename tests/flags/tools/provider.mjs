// OpenFeature's SDK with its OFREP provider, over a socket.
//   provider.mjs PROGRAM
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {OFREPProvider} from '@openfeature/ofrep-provider';
import {OpenFeature} from '@openfeature/server-sdk';
import {flags} from './flags.mjs';
import {serve} from './server.mjs';

const [program] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'armature-flags-'));
const file = path.join(folder, 'flags.json');
writeFileSync(file, JSON.stringify(flags));
process.env.ARMATURE_TEST_FLAGS = file;
const server = await serve(program);
try {
  await OpenFeature.setProviderAndWait(new OFREPProvider({baseUrl: server.url}));
  OpenFeature.setLogger({debug() {}, info() {}, warn() {}, error() {}});
  const client = OpenFeature.getClient();
  const same = async (promise, wanted) => {
    const {value, variant, reason, errorCode, flagMetadata} = await promise;
    assert.deepEqual({value, variant, reason, errorCode, flagMetadata}, {variant: undefined, errorCode: undefined, flagMetadata: {set: 'test'}, ...wanted});
  };
  const poland = {targetingKey: 'ada', country: 'PL', plan: 'gold', age: 42};
  await same(client.getBooleanDetails('plain_boolean', false), {value: true, variant: 'on', reason: 'STATIC'});
  await same(client.getStringDetails('plain_text', ''), {value: 'why', variant: 'y', reason: 'STATIC'});
  await same(client.getNumberDetails('plain_number', 0), {value: 0.5, variant: 'half', reason: 'STATIC', flagMetadata: {set: 'test', team: 'shop'}});
  await same(client.getObjectDetails('plain_object', {}), {value: {size: 1, name: 'n'}, variant: 'x', reason: 'STATIC'});
  await same(client.getStringDetails('equal', '', poland), {value: 'A', variant: 'a', reason: 'TARGETING_MATCH'});
  await same(client.getStringDetails('referred', '', poland), {value: 'A', variant: 'a', reason: 'TARGETING_MATCH'});
  await same(client.getStringDetails('two_ways', '', {country: 'US'}), {value: 'C', variant: 'c', reason: 'DEFAULT'});
  const {reason, variant} = await client.getStringDetails('halves', '', poland);
  assert.equal(reason, 'SPLIT');
  assert.ok(['a', 'b'].includes(variant));
  const failed = async (promise, code) => { const {value, reason, errorCode} = await promise; assert.deepEqual({value, reason, errorCode}, {value: 'mine', reason: 'ERROR', errorCode: code}); };
  await failed(client.getStringDetails('nowhere', 'mine'), 'FLAG_NOT_FOUND');
  await failed(client.getStringDetails('not there', 'mine'), 'FLAG_NOT_FOUND');
  await failed(client.getStringDetails('plain_boolean', 'mine'), 'TYPE_MISMATCH');
  await failed(client.getStringDetails('unknown_variant', 'mine', poland), 'GENERAL');
  await failed(client.getStringDetails('disabled', 'mine'), 'FLAG_NOT_FOUND');
  console.log("ok: OpenFeature's SDK reads the flags through its OFREP provider");

  // The file changes, the server doesn't stop.
  const changed = structuredClone(flags);
  changed.flags.plain_boolean.defaultVariant = 'off';
  writeFileSync(file, JSON.stringify(changed));
  for (const end = Date.now() + 30_000; await client.getBooleanValue('plain_boolean', true);) {
    assert.ok(Date.now() < end, 'the change was not seen');
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  // A broken file changes nothing.
  writeFileSync(file, '{');
  await same(client.getBooleanDetails('plain_boolean', true), {value: false, variant: 'off', reason: 'STATIC'});
  writeFileSync(file, JSON.stringify(flags));
  for (const end = Date.now() + 30_000; !(await client.getBooleanValue('plain_boolean', false));) {
    assert.ok(Date.now() < end, 'the change back was not seen');
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  console.log('ok: and sees the file change');

  const all = (headers = {}, body = {context: poland}) => fetch(`${server.url}/ofrep/v1/evaluate/flags`,
    {method: 'POST', headers: {'content-type': 'application/json', ...headers}, body: JSON.stringify(body)});
  const etag = (await all()).headers.get('etag');
  assert.match(etag, /^"[0-9a-f]+"$/);
  const again = await all({'if-none-match': etag});
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('etag'), etag);
  assert.equal((await all({'if-none-match': etag}, {context: {...poland, country: 'DE'}})).status, 200);
  console.log('ok: all flags at once have an ETag');
} finally {
  await OpenFeature.close();
  await server.stop();
  rmSync(folder, {recursive: true, force: true});
}
