// The page: a list of operations beside the one that is open.
import {makeConsole} from './console.js';
import * as credentials from './credentials.js';
import {element, prose} from './dom.js';
import {resolve, setDocument, tree, typeText} from './schema.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
const find = (id) => document.getElementById(id);
const main = find('main');
let api = {};
let operations = [];
let open = null; // the console of the operation that is shown

function collect() {
  const all = [];
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS.filter((one) => item[one])) {
      const own = item[method];
      all.push({
        ...own, path, method: method.toUpperCase(), tag: own.tags?.[0] ?? 'Other',
        id: own.operationId ?? `${method}${path}`,
        parameters: [...(item.parameters ?? []), ...(own.parameters ?? [])].map(resolve),
        requestBody: own.requestBody && resolve(own.requestBody), security: own.security ?? api.security,
      });
    }
  }
  return all;
}

// --- the list -----------------------------------------------------------------------------------

function listOperations() {
  const wanted = find('filter').value.trim().toLowerCase().split(/\s+/);
  const fits = (one) => {
    const text = `${one.method} ${one.path} ${one.summary ?? ''} ${one.tag} ${one.id}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  const shown = operations.filter(fits);
  const order = [...new Set([...(api.tags ?? []).map((tag) => tag.name), ...shown.map((one) => one.tag)])];
  find('operations').replaceChildren(...order.flatMap((tag) => {
    const members = shown.filter((one) => one.tag === tag);
    if (members.length === 0) return [];
    return [element('h2', {}, tag), element('ul', {}, ...members.map((one) => element('li', {},
      element('a', {href: `#${encodeURIComponent(one.id)}`, title: one.summary},
        element('span', {class: `method ${one.method.toLowerCase()}`}, one.method),
        element('span', {class: `path${one.deprecated ? ' old' : ''}`}, one.path)))))];
  }));
  find('count').textContent = shown.length === operations.length ? `${shown.length} operations`
    : `${shown.length} of ${operations.length} operations`;
  markOpen();
}

function markOpen() {
  for (const link of find('operations').querySelectorAll('a')) {
    if (link.hash === location.hash && location.hash) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function moveFocus(step) {
  const links = [...find('operations').querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (at < 0 && step < 0) return;
  if (at === 0 && step < 0) find('filter').focus();
  else links[Math.min(at + step, links.length - 1)]?.focus();
}

document.addEventListener('keydown', (event) => {
  if (find('credentials').open) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    find('filter').focus();
    find('filter').select();
  } else if (find('operations').contains(document.activeElement) || document.activeElement === find('filter')) {
    if (event.key === 'ArrowDown') { event.preventDefault(); moveFocus(1); }
    if (event.key === 'ArrowUp') { event.preventDefault(); moveFocus(-1); }
    if (event.key === 'Enter' && document.activeElement === find('filter')) find('operations').querySelector('a')?.click();
    if (event.key === 'Escape') { find('filter').value = ''; listOperations(); }
  }
});

// --- one operation ------------------------------------------------------------------------------

function schemaSection(content) {
  return Object.entries(content ?? {}).map(([type, media]) => element('div', {},
    element('p', {class: 'quiet'}, type, ': ', element('code', {}, typeText(media.schema))), tree(media.schema)));
}

function responseSection(operation) {
  return Object.entries(operation.responses ?? {}).map(([status, given]) => {
    const response = resolve(given);
    const good = /^[123]/.test(status);
    const headers = Object.entries(response.headers ?? {}).map(([name, header]) => element('li', {},
      element('code', {}, name), ' ', element('span', {class: 'quiet'}, resolve(header).description ?? '')));
    return element('details', {open: good}, element('summary', {},
      element('span', {class: `status ${good ? 'good' : 'bad'}`}, status), ` ${response.description ?? ''}`),
    headers.length ? element('ul', {}, ...headers) : null, ...schemaSection(response.content));
  });
}

function securityText(operation) {
  const needed = (operation.security ?? []).filter((all) => Object.keys(all).length);
  return needed.length ? `Needs ${needed.map((all) => Object.keys(all).join(' and ')).join(', or ')}` : null;
}

function showOperation(operation) {
  open = makeConsole(operation, () => find('server').value);
  const security = securityText(operation);
  main.replaceChildren(
    element('h2', {}, operation.summary ?? operation.id),
    element('p', {class: 'address'}, element('span', {class: `method ${operation.method.toLowerCase()}`}, operation.method), ' ',
      element('code', {}, operation.path), operation.deprecated ? ' ' : null,
      operation.deprecated ? element('span', {class: 'badge warn'}, 'deprecated') : null),
    ...(operation.description ? [prose(operation.description)] : []),
    ...(security ? [element('p', {class: 'quiet'}, security)] : []),
    element('h3', {}, 'Try it'), open.form,
    element('h3', {}, 'Request'), open.snippets,
    ...(operation.requestBody ? [element('h3', {}, 'Content of the request'), ...schemaSection(operation.requestBody.content)] : []),
    element('h3', {}, 'Responses'), ...responseSection(operation));
  document.title = `${operation.summary ?? operation.id} · ${api.info.title}`;
}

function showIntroduction() {
  open = null;
  const {info} = api;
  const contact = info.contact?.url ?? (info.contact?.email && `mailto:${info.contact.email}`);
  main.replaceChildren(
    element('h2', {}, info.title), element('p', {class: 'quiet'}, `Version ${info.version} · OpenAPI ${api.openapi}`),
    ...(info.summary ? [element('p', {}, info.summary)] : []), ...(info.description ? [prose(info.description)] : []),
    ...(contact ? [element('p', {}, 'Contact: ', element('a', {href: contact}, info.contact.name ?? contact))] : []),
    ...(info.license ? [element('p', {class: 'quiet'}, `License: ${info.license.name}`)] : []),
    ...(api.tags ?? []).filter((tag) => tag.description).flatMap((tag) => [element('h3', {}, tag.name), prose(tag.description)]),
    ...webhookSection());
  document.title = info.title;
}

function webhookSection() {
  const all = Object.entries(api.webhooks ?? {});
  if (all.length === 0) return [];
  return [element('h3', {}, 'Webhooks'), ...all.flatMap(([name, item]) => METHODS.filter((one) => item[one]).map((method) =>
    element('details', {}, element('summary', {}, element('span', {class: `method ${method}`}, method.toUpperCase()), ' ', element('code', {}, name),
      ` ${item[method].summary ?? ''}`), ...schemaSection(item[method].requestBody?.content))))];
}

function route(moveTo) {
  const id = decodeURIComponent(location.hash.slice(1));
  const operation = operations.find((one) => one.id === id);
  if (operation) showOperation(operation);
  else showIntroduction();
  markOpen();
  if (moveTo && operation) { main.focus({preventScroll: true}); main.scrollTo(0, 0); }
}

// --- settings of the visitor --------------------------------------------------------------------

const THEMES = ['auto', 'light', 'dark'];
function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find('theme').textContent = `Theme: ${theme}`;
  localStorage.setItem('theme', theme);
}
find('theme').addEventListener('click', () => {
  const at = THEMES.indexOf(localStorage.getItem('theme') ?? 'auto');
  setTheme(THEMES[(at + 1) % THEMES.length]);
});

function nameAuthorise() {
  const count = credentials.count();
  find('authorise').textContent = count ? `Authorised (${count})` : 'Authorise';
}
find('authorise').addEventListener('click', () => {
  find('schemes').replaceChildren(...credentials.form());
  find('credentials').showModal();
});
find('forget').addEventListener('click', () => {
  credentials.forget();
  find('credentials').close();
});
find('credentials').addEventListener('close', () => {
  if (find('credentials').returnValue === 'save') credentials.save(find('schemes'));
  find('credentials').returnValue = '';
  nameAuthorise();
  open?.refresh();
});

// --- start --------------------------------------------------------------------------------------

async function start() {
  const theme = localStorage.getItem('theme');
  setTheme(THEMES.includes(theme) ? theme : 'auto');
  const source = document.documentElement.dataset.document;
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} answered ${response.status}`);
  api = await response.json();
  setDocument(api);
  operations = collect();
  credentials.setSchemes(api.components?.securitySchemes);
  find('about').textContent = `${api.info.version}`;
  find('authorise').hidden = !api.components?.securitySchemes;
  nameAuthorise();
  const servers = api.servers ?? [{url: '/'}];
  find('server').replaceChildren(...servers.map((one) => element('option', {value: one.url}, one.description ? `${one.url} (${one.description})` : one.url)));
  find('server-choice').hidden = servers.length < 2;
  find('server').addEventListener('change', () => open?.refresh());
  find('filter').addEventListener('input', listOperations);
  window.addEventListener('hashchange', () => route(true));
  listOperations();
  route(false);
}
start().catch((error) => main.replaceChildren(element('p', {class: 'status bad', role: 'alert'}, `The document can't be shown: ${error.message}`)));
