// What the visitor is known by: one value for each security scheme of the document.
import {element, freshId} from './dom.js';

const KEY = `credentials of ${location.pathname}`;
let schemes = {};
let values = {};

export function setSchemes(given) {
  schemes = given ?? {};
  try {
    values = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
  } catch {
    values = {};
  }
}

const fieldsOf = (scheme) => {
  if (scheme.type === 'http' && scheme.scheme === 'basic') return [['user', 'User', 'text'], ['password', 'Password', 'password']];
  if (scheme.type === 'apiKey') return [['key', `${scheme.name} (${scheme.in})`, 'password']];
  return [['token', scheme.bearerFormat ? `Token (${scheme.bearerFormat})` : 'Token', 'password']];
};

/** The dialog's fields. */
export function form() {
  return Object.entries(schemes).map(([name, scheme]) => element('fieldset', {},
    element('legend', {}, `${name}: ${scheme.type === 'http' ? scheme.scheme : scheme.type}`),
    scheme.description ? element('p', {class: 'hint'}, scheme.description) : null,
    ...fieldsOf(scheme).map(([key, label, type]) => {
      const id = freshId();
      return element('div', {class: 'field'}, element('label', {for: id}, label),
        element('input', {id, type, autocomplete: 'off', spellcheck: 'false', 'data-scheme': name, 'data-key': key,
                          value: values[name]?.[key] ?? ''}));
    })));
}

export function save(container) {
  values = {};
  for (const input of container.querySelectorAll('input')) {
    if (input.value) (values[input.dataset.scheme] ??= {})[input.dataset.key] = input.value;
  }
  sessionStorage.setItem(KEY, JSON.stringify(values));
}

export function forget() {
  values = {};
  sessionStorage.removeItem(KEY);
}

export const count = () => Object.keys(values).length;

/** Adds to a request what the first of the operation's requirements that can be met says. */
export function apply(security, request) {
  const met = (security ?? []).find((all) => Object.keys(all).every((name) => values[name]));
  for (const name of Object.keys(met ?? {})) {
    const scheme = schemes[name] ?? {};
    const given = values[name];
    if (scheme.type === 'apiKey') {
      if (scheme.in === 'query') request.query.append(scheme.name, given.key);
      else if (scheme.in === 'header') request.headers.push([scheme.name, given.key]);
      else request.cookies.push([scheme.name, given.key]);
    } else if (scheme.scheme === 'basic') {
      const bytes = new TextEncoder().encode(`${given.user ?? ''}:${given.password ?? ''}`);
      request.headers.push(['Authorization', `Basic ${btoa(String.fromCharCode(...bytes))}`]);
    } else {
      request.headers.push(['Authorization', `Bearer ${given.token}`]);
    }
  }
}
