// A form that makes a request of an operation, sends it, and shows what comes back.
import * as credentials from './credentials.js';
import {element, freshId, prose, tabs} from './dom.js';
import {example, resolve, rules, typeOf, typeText} from './schema.js';
import {languages} from './snippets.js';

const MOST_SHOWN = 200_000; // characters of a response

function parameterField(parameter, changed) {
  const id = freshId();
  const schema = resolve(parameter.schema);
  const given = parameter.example ?? schema.examples?.[0];
  const start = given ?? (parameter.required ? example(schema) : '');
  const value = typeof start === 'object' ? JSON.stringify(start) : String(start);
  const choices = schema.enum ?? (typeOf(schema) === 'boolean' ? [true, false] : null);
  const hint = [parameter.in, typeText(parameter.schema), rules(parameter.schema)].filter(Boolean).join(' · ');
  const described = freshId();
  const shared = {id, 'aria-describedby': described, onchange: changed, oninput: changed};
  const input = choices
    ? element('select', shared, ...(parameter.required ? [] : [element('option', {value: ''}, '—')]),
        ...choices.map((one) => element('option', {value: String(one)}, String(one))))
    : element('input', {...shared, autocomplete: 'off', spellcheck: 'false', required: parameter.required});
  input.value = value;
  const node = element('div', {class: 'field'},
    element('label', {for: id, class: [parameter.required ? 'needed' : '', parameter.deprecated ? 'old' : ''].join(' ')}, parameter.name),
    element('div', {id: described, class: 'quiet'}, hint, parameter.description ? prose(parameter.description) : null),
    input);
  return {node, input, parameter, schema};
}

function bodyField(body, changed) {
  if (!body) return null;
  const types = Object.keys(body.content ?? {});
  const [typeId, textId] = [freshId(), freshId()];
  const select = element('select', {id: typeId}, ...types.map((type) => element('option', {value: type}, type)));
  const text = element('textarea', {id: textId, spellcheck: 'false', oninput: changed});
  const fill = () => {
    const media = body.content[select.value];
    const given = media.example ?? Object.values(media.examples ?? {})[0]?.value ?? (media.schema ? example(media.schema) : '');
    const empty = given && typeof given === 'object' && Object.keys(given).length === 0 && !/json/.test(select.value);
    text.value = empty ? '' : typeof given === 'string' && !/json/.test(select.value) ? given
      : /urlencoded/.test(select.value) ? new URLSearchParams(given).toString() : JSON.stringify(given, null, 2);
    changed();
  };
  select.addEventListener('change', fill);
  const node = element('div', {},
    element('h4', {}, body.required ? 'Content' : 'Content (optional)'),
    body.description ? prose(body.description) : null,
    element('div', {class: 'field'}, element('label', {for: typeId}, 'Media type'), select),
    element('div', {class: 'field'}, element('label', {for: textId}, 'Text'), text));
  return {node, text, type: () => select.value === '*/*' ? 'application/octet-stream' : select.value, fill};
}

// The request as the form has it. Pieces that the form leaves empty are left out.
function requestOf(operation, fields, body, server) {
  const request = {query: new URLSearchParams(), headers: [], cookies: []};
  let path = operation.path;
  for (const {input, parameter, schema} of fields) {
    const text = input.value;
    if (parameter.in === 'path') {
      path = path.replace(`{${parameter.name}}`, () => encodeURIComponent(text));
    } else if (text !== '') {
      const many = typeOf(schema) === 'array' ? text.replace(/^\[|\]$/g, '').split(',').map((one) => one.trim().replace(/^"|"$/g, '')) : [text];
      for (const one of many) {
        if (parameter.in === 'query') request.query.append(parameter.name, one);
        else if (parameter.in === 'header') request.headers.push([parameter.name, one]);
        else request.cookies.push([parameter.name, one]);
      }
    }
  }
  credentials.apply(operation.security, request);
  const content = body && body.text.value !== '' && !['GET', 'HEAD'].includes(operation.method) ? body.text.value : null;
  if (content != null) request.headers.push(['Content-Type', body.type()]);
  const base = new URL(server, document.baseURI).href.replace(/\/$/, '');
  const query = request.query.toString();
  return {method: operation.method, url: base + path + (query ? `?${query}` : ''), headers: request.headers, cookies: request.cookies, body: content};
}

const withCookies = (request) => request.cookies.length === 0 ? request
  : {...request, headers: [...request.headers, ['Cookie', request.cookies.map((pair) => pair.join('=')).join('; ')]]};

async function send(request, output, signal) {
  const started = performance.now();
  // Browsers let no script set a Cookie field; to our own origin they send what they keep.
  for (const [name, value] of request.cookies) document.cookie = `${name}=${encodeURIComponent(value)}; path=/; SameSite=Strict`;
  const response = await fetch(request.url, {method: request.method, headers: request.headers, body: request.body ?? undefined, signal});
  const time = () => `${(performance.now() - started).toFixed(0)} ms`;
  const status = element('p', {}, element('span', {class: `status ${response.ok ? 'good' : 'bad'}`}, `${response.status} ${response.statusText}`), ' ');
  const facts = element('span', {class: 'quiet'}, time());
  status.append(facts);
  const headers = [...response.headers];
  const shown = element('div');
  output.replaceChildren(status,
    element('details', {}, element('summary', {}, `${headers.length} header fields`),
      element('table', {}, element('tbody', {}, ...headers.map(([name, value]) => element('tr', {}, element('th', {scope: 'row'}, name), element('td', {}, value)))))),
    shown);
  await show(response, shown, (size) => { facts.textContent = `${time()} · ${size.toLocaleString('en')} bytes`; });
}

async function show(response, shown, progress) {
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('image/')) {
    const blob = await response.blob();
    progress(blob.size);
    const image = element('img', {class: 'answer', alt: 'The response'});
    image.src = URL.createObjectURL(blob);
    return shown.replaceChildren(image);
  }
  const pre = element('pre', {tabindex: '0', 'aria-label': 'Content of the response'});
  shown.replaceChildren(pre);
  const decoder = new TextDecoder();
  let [text, size] = ['', 0];
  // As it comes: a stream of events shows each when it is there.
  for (const reader = response.body?.getReader(); reader;) {
    const {done, value} = await reader.read();
    if (done) break;
    size += value.length;
    if (text.length < MOST_SHOWN) text += decoder.decode(value, {stream: true});
    pre.textContent = text.slice(0, MOST_SHOWN) + (text.length > MOST_SHOWN ? '\n…' : '');
    progress(size);
  }
  progress(size);
  if (size === 0) return shown.replaceChildren(element('p', {class: 'quiet'}, 'No content'));
  if (!/json/.test(type) || text.length > MOST_SHOWN) return;
  try {
    const value = JSON.parse(text);
    pre.textContent = JSON.stringify(value, null, 2);
    if (Array.isArray(value?.errors) && /problem/.test(type)) shown.prepend(faults(value));
  } catch { /* shown as it came */ }
}

// What was wrong with the request, each fault in its place.
function faults(problem) {
  return element('div', {},
    element('p', {}, problem.detail ?? problem.title),
    element('table', {}, element('caption', {}, 'What was wrong with the request'),
      element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, 'Where'), element('th', {scope: 'col'}, 'What'))),
      element('tbody', {}, ...problem.errors.map((one) => element('tr', {},
        element('td', {}, element('code', {}, one.pointer || '(the whole)')), element('td', {}, one.detail ?? ''))))));
}

/** The whole form for an operation. `server()` is the chosen server's URL. */
export function makeConsole(operation, server) {
  let snippet = null;
  const changed = () => snippet?.refresh();
  const fields = operation.parameters.map((one) => parameterField(one, changed));
  const body = bodyField(operation.requestBody, changed);
  body?.fill();
  const current = () => requestOf(operation, fields, body, server());

  const output = element('section', {'aria-label': 'Response', 'aria-live': 'polite', id: 'response'});
  const button = element('button', {type: 'submit', class: 'primary'}, 'Send');
  const stop = element('button', {type: 'button', hidden: true}, 'Stop');
  let abort = null;
  stop.addEventListener('click', () => abort?.abort());
  const form = element('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      abort = new AbortController();
      button.disabled = true;
      stop.hidden = false;
      output.replaceChildren(element('p', {class: 'quiet'}, 'Waiting for the answer …'));
      try {
        await send(current(), output, abort.signal);
      } catch (error) {
        if (!abort.signal.aborted) output.replaceChildren(element('p', {class: 'status bad'}, `No answer: ${error.message}`));
        else output.append(element('p', {class: 'quiet'}, 'Stopped'));
      }
      button.disabled = false;
      stop.hidden = true;
    },
    onkeydown: (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    },
  }, ...fields.map((field) => field.node), body?.node, element('div', {class: 'actions'}, button, stop), output);

  snippet = tabs('Request in', languages.map(([title, write]) => [title, () => {
    const text = write(withCookies(current()));
    const copy = element('button', {type: 'button', onclick: async () => {
      await navigator.clipboard?.writeText(text);
      copy.textContent = 'Copied';
    }}, 'Copy');
    return element('div', {}, element('pre', {tabindex: '0', 'aria-label': `The request in ${title}`}, text), copy);
  }]));
  return {form, snippets: snippet.node, refresh: changed};
}
