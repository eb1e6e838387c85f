// The same flags with the same contexts by flagd's own evaluator: the same variant, value and reason.
//   oracle.mjs PROGRAM
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {FlagdCore} from '@openfeature/flagd-core';
import {contexts, flags} from './flags.mjs';
import {serve} from './server.mjs';

const [program] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'armature-flags-'));
const file = path.join(folder, 'flags.json');
writeFileSync(file, JSON.stringify(flags));
process.env.ARMATURE_TEST_FLAGS = file;
const server = await serve(program);
const quiet = {debug() {}, info() {}, warn() {}, error() {}};
// Interpreted: compiled rules confuse the sides of a comparison whose right side is a variable
// (json-logic-engine 5.0.7).
const core = new FlagdCore(undefined, quiet, {disableDynamicCodeGeneration: true});
core.setConfigurations(JSON.stringify(flags));

const wanted = (flag, context) => {
  const {value, variant, reason, errorCode} = flag.evaluate(context);
  return errorCode ? {errorCode} : value === undefined ? undefined : {value, variant, reason};
};
let count = 0;
const reasons = {};
try {
  for (const context of contexts(2000)) {
    const response = await fetch(`${server.url}/ofrep/v1/evaluate/flags`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({context})});
    assert.equal(response.status, 200);
    const found = new Map((await response.json()).flags.map((one) => [one.key, one]));
    for (const [key, flag] of core.getFlags()) {
      const one = found.get(key);
      // OpenFeature's SPLIT is said of shares only; flagd calls them all a match.
      const isShare = one?.reason === 'SPLIT';
      if (isShare) assert.ok(JSON.stringify(flags.flags[key]).includes('fractional'));
      const ours = one && (one.errorCode ? {errorCode: one.errorCode}
        : {value: one.value, variant: one.variant, reason: isShare ? 'TARGETING_MATCH' : one.reason});
      const theirs = flags.flags[key].state === 'DISABLED' ? undefined : wanted(flag, context);
      assert.deepEqual(ours, theirs, `${key} with ${JSON.stringify(context)}: ${JSON.stringify(one)}`);
      const name = one?.errorCode ?? one?.reason ?? 'none';
      reasons[name] = (reasons[name] ?? 0) + 1;
      ++count;
    }
  }
  for (const name of ['STATIC', 'TARGETING_MATCH', 'SPLIT', 'DEFAULT', 'GENERAL', 'none']) assert.ok(reasons[name] > 100, name);
  console.log(`ok: ${count} evaluations are flagd's`, JSON.stringify(reasons));
} finally {
  await server.stop();
  rmSync(folder, {recursive: true, force: true});
}
