// Elements made from code only: text never becomes markup.

/** element('p', {class: 'x', onclick: f}, 'text', child, …); null children are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key === 'value') made.value = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** A description: paragraphs, `code`, **strong** and [links](https://…) of Markdown; the rest as it is. */
export function prose(text) {
  const block = element('div', {class: 'text'});
  const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(((?:https?:\/\/|[/#])[^)\s]*)\)/g;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    block.append(text.slice(end, match.index));
    if (match[1]) block.append(element('code', {}, match[1]));
    else if (match[2]) block.append(element('strong', {}, match[2]));
    else block.append(element('a', {href: match[4], rel: 'noreferrer'}, match[3]));
    end = match.index + match[0].length;
  }
  block.append(text.slice(end));
  return block;
}

let lastId = 0;
export const freshId = () => `x${++lastId}`;

/** Tabs after the ARIA pattern: arrows move between them. `panes` is [[title, () => element], …]. */
export function tabs(label, panes) {
  const panel = element('div', {role: 'tabpanel', id: freshId(), tabindex: '0'});
  const list = element('div', {role: 'tablist', 'aria-label': label});
  let chosen = 0;
  const choose = (index, focus) => {
    chosen = (index + panes.length) % panes.length;
    [...list.children].forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', list.children[chosen].id);
    panel.replaceChildren(panes[chosen][1]());
    if (focus) list.children[chosen].focus();
  };
  panes.forEach(([title], i) => list.append(element('button', {
    type: 'button', role: 'tab', id: freshId(), 'aria-controls': panel.id,
    onclick: () => choose(i, false),
    onkeydown: (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (step) { event.preventDefault(); choose(chosen + step, true); }
    },
  }, title)));
  choose(0, false);
  return {node: element('div', {}, list, panel), refresh: () => choose(chosen, false)};
}
