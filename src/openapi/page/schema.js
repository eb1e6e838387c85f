// What schemas say: examples made from them, and trees that show them.
import {element, prose} from './dom.js';

let root = {};
export const setDocument = (document) => { root = document; };

/** What a "$ref" into the document leads to; members beside it win. */
export function resolve(node) {
  for (let depth = 0; node?.$ref?.startsWith('#/') && depth < 20; ++depth) {
    const {$ref, ...own} = node;
    const path = $ref.slice(2).split('/').map((part) => decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~'));
    node = {...path.reduce((at, part) => at?.[part], root), ...own};
  }
  return node ?? {};
}

const FORMATS = {
  email: 'ada@example.com', uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6', date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z', time: '12:00:00Z', duration: 'PT1H', uri: 'https://example.com/',
  ipv4: '192.0.2.1', ipv6: '2001:db8::1', decimal: '12.50',
};

/** A value that fits a schema as far as that can be told; of a request without read-only members. */
export function example(given, forRequest = true, depth = 0) {
  const schema = resolve(given);
  if (schema.examples?.length) return schema.examples[0];
  for (const key of ['example', 'default', 'const']) if (key in schema) return schema[key];
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => example(part, forRequest, depth + 1)));
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return example(choice.find((one) => one.type !== 'null') ?? choice[0], forRequest, depth + 1);
  switch (typeOf(schema)) {
    case 'object': {
      const made = {};
      for (const [name, member] of Object.entries(schema.properties ?? {})) {
        if (resolve(member)[forRequest ? 'readOnly' : 'writeOnly']) continue;
        const required = schema.required?.includes(name);
        if (depth > 5 || (depth > 2 && !required)) continue;
        made[name] = example(member, forRequest, depth + 1);
      }
      return made;
    }
    case 'array': {
      const count = Math.max(schema.minItems ?? 0, depth > 2 ? 0 : 1);
      return Array.from({length: Math.min(count, 5)}, () => example(schema.items, forRequest, depth + 1));
    }
    case 'integer': case 'number': {
      const step = schema.multipleOf ?? 1;
      const least = schema.minimum ?? (schema.exclusiveMinimum != null ? schema.exclusiveMinimum + step : 1);
      const most = schema.maximum ?? (schema.exclusiveMaximum != null ? schema.exclusiveMaximum - step : Infinity);
      return Math.min(Math.max(1, least), most);
    }
    case 'boolean': return true;
    case 'null': return null;
    case 'string': {
      const text = FORMATS[schema.format] ?? 'text';
      return text.padEnd(schema.minLength ?? 0, 'x').slice(0, schema.maxLength ?? Infinity);
    }
    default: return schema.properties ? example({...schema, type: 'object'}, forRequest, depth) : {};
  }
}

export const typeOf = (schema) => Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type;

/** "array of Note", "string (email) | null" */
export function typeText(given) {
  if (given?.$ref) return decodeURIComponent(given.$ref.split('/').pop());
  const schema = given ?? {};
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return choice.map(typeText).join(' or ');
  if (schema.allOf) return schema.allOf.map(typeText).join(' and ');
  if ('const' in schema) return JSON.stringify(schema.const);
  const types = [schema.type ?? []].flat().map((type) => {
    if (type === 'array') return `array of ${typeText(schema.items)}`;
    if (type === 'object' && schema.additionalProperties) return `map of ${typeText(schema.additionalProperties)}`;
    return schema.format && type !== 'null' ? `${type} (${schema.format})` : type;
  });
  return types.join(' or ') || 'anything';
}

const RULES = {
  minimum: '≥', maximum: '≤', exclusiveMinimum: '>', exclusiveMaximum: '<', multipleOf: 'multiple of',
  minLength: 'length ≥', maxLength: 'length ≤', minItems: 'items ≥', maxItems: 'items ≤', pattern: 'matches',
};

/** "1 ≤ length", "one of red, green", … */
export function rules(given) {
  const schema = resolve(given);
  const said = Object.entries(RULES).filter(([key]) => key in schema).map(([key, text]) => `${text} ${schema[key]}`);
  if (schema.enum) said.push(`one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`);
  if (schema.uniqueItems) said.push('no two alike');
  if ('default' in schema) said.push(`default ${JSON.stringify(schema.default)}`);
  if (schema.readOnly) said.push('read-only');
  if (schema.writeOnly) said.push('write-only');
  if (schema.deprecated) said.push('deprecated');
  return said.join(' · ');
}

/** The members of a schema as nested lists that open; null for one that has none. */
export function tree(given, depth = 0) {
  const schema = resolve(given);
  if (typeOf(schema) === 'array') return tree(schema.items, depth);
  const choice = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choice) {
    const parts = choice.map((part) => tree(part, depth + 1)).filter(Boolean);
    return parts.length ? element('div', {}, ...parts) : null;
  }
  const inner = typeof schema.additionalProperties === 'object' ? tree(schema.additionalProperties, depth + 1) : null;
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return inner;
  return element('ul', {class: 'tree'}, ...members.map(([name, member]) => {
    const said = rules(member);
    const text = resolve(member).description;
    const head = [
      element('code', {class: schema.required?.includes(name) ? 'needed' : ''}, name), ' ',
      element('span', {class: 'quiet'}, typeText(member) + (said ? ` · ${said}` : '')),
    ];
    const below = () => tree(member, depth + 1);
    const nested = depth < 8 && hasMembers(member);
    const item = element('li', {}, ...(nested ? [opening(head, below)] : head));
    if (text) item.append(prose(text));
    return item;
  }));
}

function hasMembers(given, depth = 0) {
  const schema = resolve(given);
  if (depth > 8) return false;
  if (schema.properties) return true;
  const parts = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [])];
  return parts.some((part) => part && typeof part === 'object' && hasMembers(part, depth + 1));
}

// Made when it is opened: schemas may contain themselves.
function opening(head, below) {
  const details = element('details', {}, element('summary', {}, ...head));
  details.addEventListener('toggle', () => { if (details.open && details.children.length === 1) details.append(below() ?? ''); });
  return details;
}
