// `armature mock` and Prism, side by side: the same documents, the same requests.
//   beside_prism.mjs ARMATURE DOCUMENTS [FILE for the table in Markdown]
// Both must answer with the same status, and what `armature mock` says must be what the document's schema
// allows, in the eyes of Ajv.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default ?? require('ajv-formats');

const [armature, documents, table] = process.argv.slice(2);
const json = (method, body, more = {}) => ({method, body: JSON.stringify(body), headers: {'content-type': 'application/json', ...more}});
const pet = {name: 'Rex', kind: 'dog'};

// What is asked, the path, the request, and what the two may disagree about, with the reason.
const requests = {
  'pets.yaml': [
    ['a list with an example', '/pets'],
    ['a query out of its limits', '/pets?limit=0'],
    ['a query of the wrong type', '/pets?limit=many'],
    ['a list in one parameter', '/pets?tags=dog,cat'],
    ['a wrong member of that list', '/pets?tags=dog,fish'],
    ['a field of the wrong format', '/pets', {headers: {'x-trace': 'no-uuid'}}],
    ['one of several examples', '/pets/1'],
    ['a named example', '/pets/1', {headers: {prefer: 'example=tom'}}],
    ['an example without that name', '/pets/1', {headers: {prefer: 'example=none'}}],
    ['another status', '/pets/1', {headers: {prefer: 'code=404'}}],
    ['a status by the default', '/pets/1', {headers: {prefer: 'code=500'}}],
    ['a status that is not described', '/pets', {headers: {prefer: 'code=418'}}],
    ['made data', '/pets/1', {headers: {prefer: 'dynamic=true'}}],
    ['two preferences', '/pets/1', {headers: {prefer: 'code=200, example=tom'}}],
    ['preferences in the query', '/pets/1?__code=404'],
    ['a parameter of the wrong type', '/pets/rex'],
    ['a media type that is not there', '/pets/1', {headers: {accept: 'application/pdf'}}],
    ['a path that is not there', '/birds'],
    ['a method that is not there', '/health', {method: 'POST'}],
    ['a new thing', '/pets', json('POST', pet)],
    ['a form', '/pets', {method: 'POST', body: 'name=Rex&kind=dog', headers: {'content-type': 'application/x-www-form-urlencoded'}}],
    ['content without what is required', '/pets', json('POST', {name: 'Rex'})],
    ['content with too much', '/pets', json('POST', {...pet, wings: 2})],
    ['content of the wrong type', '/pets', {method: 'POST', body: '<pet/>', headers: {'content-type': 'application/xml'}}],
    ['no content at all', '/pets', {method: 'POST'}],
    ['a replacement', '/pets/1', json('PUT', pet)],
    ['a wrong one, where 400 is described', '/pets/1', json('PUT', {})],
    ['a change', '/pets/1', json('PATCH', {owner: null})],
    ['a wrong one, where 422 is described', '/pets/1', json('PATCH', {name: ''})],
    ['a removal', '/pets/7', {method: 'DELETE'}],
    ['no credentials, 401 described', '/pets/mine'],
    ['one of two credentials', '/pets/mine', {headers: {'x-api-key': 'k'}}],
    ['the other one', '/pets/mine', {headers: {authorization: 'Basic YTpi'}}],
    ['no credentials, 401 not described', '/owner'],
    ['the wrong kind of credentials', '/owner', {headers: {authorization: 'Basic YTpi'}}],
    ['a bearer token', '/owner', {headers: {authorization: 'Bearer t'}}],
    ['a response without content', '/owner/token', {headers: {authorization: 'Basic YTpi'}}],
    ['text', '/health'],
    ['a parameter named Accept', '/version', {}, 'OpenAPI has it ignored'],
    ['a status without content', '/health', {headers: {prefer: 'code=503'}}],
  ],
  'shop.yaml': [
    ['a page of made things', '/products'],
    ['an object in the query', '/products?filter[price]=5'],
    ['a wrong one', '/products?filter[price]=-5'],
    ['numbers between bars', '/products?ids=1|2|3'],
    ['a cookie', '/products', {headers: {cookie: 'session=12345678'}}],
    ['a cookie that is too short', '/products', {headers: {cookie: 'session=1'}}, 'Prism looks at no cookies'],
    ['a pattern', '/products/ABC-1234'],
    ['a text that it does not match', '/products/abc'],
    ['one of two alternatives', '/payments', json('POST', {by: 'card', number: '4242424242424242'})],
    ['the other one', '/payments', json('POST', {by: 'transfer', iban: 'DE89370400440532013000'})],
    ['a wrong alternative', '/payments', json('POST', {by: 'card', number: '1'})],
    ['an unknown alternative', '/payments', json('POST', {by: 'shell'})],
    ['a schema in itself', '/categories'],
    ['formats, limits, maps, tuples', '/measures'],
    ['only a default', '/only-default'],
  ],
};

async function start(command, words, pattern) {
  const child = spawn(command, words, {stdio: ['ignore', 'pipe', 'pipe']});
  process.on('exit', () => child.kill('SIGKILL'));
  const url = await new Promise((resolve, reject) => {
    let seen = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        seen += data;
        const found = pattern.exec(seen);
        if (found) resolve(`http://${found[1]}`);
      });
    child.on('exit', () => reject(new Error(`${command} ended:\n${seen}`)));
  });
  return {url, stop: () => new Promise((resolve) => { child.removeAllListeners('exit'); child.on('exit', resolve); child.kill('SIGTERM'); })};
}

async function ask(url, target, request = {}) {
  const response = await fetch(url + target, {redirect: 'manual', ...request});
  return {status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text()};
}

// The schema that the document has for an answer; undefined without one.
function schemaOf(document, target, method, status, type) {
  const {pathname} = new URL(target, 'http://x');
  const templates = Object.keys(document.paths).sort((a, b) => a.split('{').length - b.split('{').length);
  const template = templates.find((one) => new RegExp(`^${one.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname));
  const responses = document.paths[template]?.[method.toLowerCase()]?.responses;
  const response = responses?.[status] ?? responses?.[`${String(status)[0]}XX`] ?? responses?.default;
  return response?.content?.[type.split(';')[0]]?.schema;
}

// What Ajv doesn't know of OpenAPI 3.0, and what isn't asked of responses.
function forAjv(schema, seen = new Map()) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (seen.has(schema)) return seen.get(schema);
  const copy = Array.isArray(schema) ? [] : {};
  seen.set(schema, copy);
  for (const [name, value] of Object.entries(schema))
    if (!['example', 'examples', 'discriminator', 'nullable', 'readOnly', 'writeOnly'].includes(name)) copy[name] = forAjv(value, seen);
  if (schema.nullable && typeof copy.type === 'string') copy.type = [copy.type, 'null'];
  if (schema.properties && Array.isArray(schema.required)) copy.required = schema.required.filter((name) => !schema.properties[name]?.writeOnly);
  return copy;
}

const rows = [];
const faults = [];
for (const [name, list] of Object.entries(requests)) {
  const file = path.join(documents, name);
  const document = await SwaggerParser.bundle(file);
  const prism = await start('prism', ['mock', file, '--port', '0', '--host', '127.0.0.1'], /listening on http:\/\/([\d.]+:\d+)/);
  const ours = await start(armature, ['mock', file, '--port', '0'], /http:\/\/([\d.]+:\d+)\//);
  for (const [what, target, request = {}, difference] of list) {
    const [theirs, own] = [await ask(prism.url, target, request), await ask(ours.url, target, request)];
    const method = request.method ?? 'GET';
    // References stay, for schemas that contain themselves.
    const place = schemaOf(await resolved(document), target, method, own.status, own.type);
    let valid = '–';
    if (place && own.type.includes('json')) {
      const ajv = new Ajv({strict: false, allErrors: true, validateFormats: true});
      addFormats(ajv);
      const check = ajv.compile({...forAjv(place), components: forAjv(document.components)});
      valid = check(JSON.parse(own.text)) ? 'yes' : `no: ${ajv.errorsText(check.errors)}`;
    } else if (own.type.includes('problem+json')) {
      valid = JSON.parse(own.text).status === own.status ? 'a problem' : 'no: its status is another';
    }
    rows.push(`| ${what} | \`${method} ${target.replaceAll('|', '\\|')}\` | ${theirs.status} | ${own.status}${difference ? `: ${difference}` : ''} | ${valid} |`);
    if (difference) assert.notEqual(theirs.status, own.status, `${what}: ${difference}, it is said`);
    else if (theirs.status !== own.status) faults.push(`${name}: ${what}: Prism ${theirs.status} ${theirs.text.slice(0, 300)}, ours ${own.status} ${own.text.slice(0, 300)}`);
    if (valid.startsWith('no')) faults.push(`${name}: ${what}: ${valid}: ${own.text.slice(0, 300)}`);
  }
  await prism.stop();
  await ours.stop();
}

// Responses and paths that are references, followed.
function resolved(document) {
  const follow = (value) => {
    while (value?.$ref) value = value.$ref.slice(2).split('/').reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
    return value;
  };
  const paths = {};
  for (const [template, item] of Object.entries(document.paths)) {
    paths[template] = {};
    for (const [method, operation] of Object.entries(item)) {
      if (!operation.responses) continue;
      paths[template][method] = {responses: Object.fromEntries(Object.entries(operation.responses).map(([code, response]) => [code, follow(response)]))};
    }
  }
  return {paths};
}

if (table) writeFileSync(table, `| What | Request | Prism | Armature | Fits the schema (Ajv) |\n|---|---|---|---|---|\n${rows.join('\n')}\n`);
console.log(rows.join('\n'));
assert.deepEqual(faults, []);
