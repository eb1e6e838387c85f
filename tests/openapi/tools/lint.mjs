// The document of a program under the tools that its users run.
//   lint.mjs PROGRAM      which knows --openapi and --openapi=yaml
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';

const [program] = process.argv.slice(2);
const folder = mkdtempSync(path.join(import.meta.dirname, 'document-'));
const file = (name) => path.join(folder, name);

function run(tool, ...args) {
  const done = spawnSync(path.join(import.meta.dirname, 'node_modules/.bin', tool), args,
    {encoding: 'utf8', cwd: folder, env: {...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true'}});
  assert.equal(done.status, 0, `${tool} ${args.join(' ')}:\n${done.stdout}${done.stderr}`);
}

const steps = {
  async 'swagger-parser: JSON and YAML are one valid document'() {
    const [json, yaml] = [await SwaggerParser.parse(file('api.json')), await SwaggerParser.parse(file('api.yaml'))];
    assert.deepEqual(yaml, json);
    await SwaggerParser.validate(file('api.json'));
  },
  'redocly lint'() { run('redocly', 'lint', '--extends=recommended', 'api.json'); },
  'spectral lint, spectral:oas'() {
    writeFileSync(file('.spectral.yaml'), 'extends: ["spectral:oas"]\n');
    run('spectral', 'lint', '--fail-severity=error', 'api.yaml');
  },
  'openapi-typescript, and tsc reads what it made'() {
    run('openapi-typescript', 'api.json', '-o', 'api.ts');
    run('tsc', '--noEmit', '--strict', '--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'bundler', 'api.ts');
  },
};

try {
  for (const [name, option] of [['api.json', '--openapi'], ['api.yaml', '--openapi=yaml']])
    writeFileSync(file(name), execFileSync(program, [option]));
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(`ok: ${name}`);
  }
} finally {
  rmSync(folder, {recursive: true});
}
