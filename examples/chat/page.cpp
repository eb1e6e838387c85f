#include "page.hpp"

const std::string_view page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chat</title>
<style>
  :root { color-scheme: light dark; --line: #8884; --accent: #2563eb; --soft: #8881; }
  * { box-sizing: border-box; }
  body { margin: 0; height: 100dvh; display: grid; grid-template-rows: auto 1fr auto;
         max-width: 44rem; margin-inline: auto; font: 1rem/1.5 system-ui, sans-serif; }
  header, form { display: flex; gap: .75rem; align-items: center; padding: 1rem; }
  header { border-bottom: 1px solid var(--line); }
  h1 { font-size: 1.1rem; margin: 0; flex: 1; }
  #state { font-size: .85rem; opacity: .75; }
  #state::before { content: "●"; color: #dc2626; margin-right: .4em; }
  #state.open::before { color: #16a34a; }
  main { overflow-y: auto; padding: 1rem; display: flex; flex-direction: column; gap: .5rem; }
  article { max-width: 80%; padding: .5rem .8rem; border-radius: 1rem; background: var(--soft);
            overflow-wrap: anywhere; align-self: flex-start; }
  article b { display: block; font-size: .8rem; opacity: .75; }
  article.mine { align-self: flex-end; background: var(--accent); color: white; }
  article.note { align-self: center; background: none; font-size: .85rem; opacity: .75; }
  form { border-top: 1px solid var(--line); }
  input, button { font: inherit; padding: .6rem .9rem; border-radius: .6rem;
                  border: 1px solid var(--line); background: none; color: inherit; }
  input { flex: 1; min-width: 0; }
  button { background: var(--accent); border-color: var(--accent); color: white; cursor: pointer; }
  button:disabled { opacity: .5; cursor: default; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
</style>
<header>
  <h1>Room <span id="room"></span></h1>
  <span id="state" role="status">connecting</span>
</header>
<main id="log" aria-live="polite"></main>
<form>
  <input id="text" aria-label="Message" placeholder="Say something" maxlength="1000"
         autocomplete="off" autofocus>
  <button disabled>Send</button>
</form>
<script>
  const query = new URLSearchParams(location.search);
  const room = query.get('room') || 'lobby';
  const name = query.get('name') || 'Guest ' + Math.floor(1000 * Math.random());
  const find = (selector) => document.querySelector(selector);
  find('#room').textContent = room;
  let socket, pause = 500;

  function show(from, text) {
    const line = document.createElement('article');
    if (!from) line.className = 'note';
    else if (from === name) line.className = 'mine';
    else line.append(Object.assign(document.createElement('b'), {textContent: from}));
    line.append(text);
    find('#log').append(line);
    line.scrollIntoView();
  }
  function state(text, open) {
    find('#state').textContent = text;
    find('#state').className = open ? 'open' : '';
    find('button').disabled = !open;
  }
  function connect() {
    const url = new URL('/rooms/' + encodeURIComponent(room), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('name', name);
    socket = new WebSocket(url);
    socket.onopen = () => { pause = 500; };
    socket.onmessage = ({data}) => {
      const said = JSON.parse(data);
      state(said.members === 1 ? 'alone' : said.members + ' here', true);
      show(said.from, said.text);
    };
    socket.onclose = () => {
      state('reconnecting', false);
      setTimeout(connect, pause);
      pause = Math.min(2 * pause, 10000);
    };
  }
  find('form').onsubmit = (event) => {
    event.preventDefault();
    const text = find('#text').value.trim();
    if (!text || socket.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    find('#text').value = '';
  };
  connect();
</script>
</html>
)html";
