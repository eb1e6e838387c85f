// Drives a server with the package `ws`: interop.cjs ws://HOST:PORT
// Prints one line for each thing that held, and ends with 1 at the first that didn't.
'use strict';
const assert = require('node:assert');
const { once } = require('node:events');
const http2 = require('node:http2');
const WebSocket = require('ws');

const server = process.argv[2];
const origin = server.replace('ws:', 'http:');

async function open(path, options = {}, protocols = []) {
  const socket = new WebSocket(server + path, protocols, options);
  socket.queue = [];
  socket.on('message', (data, isBinary) => socket.queue.push({ data, isBinary }));
  await once(socket, 'open');
  return socket;
}

async function next(socket) {
  while (socket.queue.length === 0) await once(socket, 'message');
  return socket.queue.shift();
}

async function closed(socket) {
  const [code, reason] = await once(socket, 'close');
  return [code, reason.toString()];
}

async function echoes(socket) {
  const texts = ['', 'a', 'κόσμε', 'x'.repeat(125), 'y'.repeat(126), '{"n":1},'.repeat(9000)];
  for (const text of texts) {
    socket.send(text);
    const answer = await next(socket);
    assert.equal(answer.isBinary, false);
    assert.equal(answer.data.toString(), text);
  }
  for (const size of [0, 1, 65535, 65536, 99999]) {
    const bytes = Buffer.alloc(size, 1).map((_, i) => i % 251);
    socket.send(bytes);
    const answer = await next(socket);
    assert.equal(answer.isBinary, true);
    assert.deepEqual(answer.data, bytes);
  }
}

const tests = {
  async 'echoes without compression'() {
    const socket = await open('/echo', { perMessageDeflate: false });
    assert.equal(socket.extensions, '');
    await echoes(socket);
    socket.close(4000, 'done');
    assert.deepEqual(await closed(socket), [4000, '']);
  },
  async 'echoes with compression, however it is negotiated'() {
    for (const perMessageDeflate of [
      { threshold: 0 },
      { threshold: 0, serverMaxWindowBits: 9 },
      { threshold: 0, serverMaxWindowBits: 12, clientMaxWindowBits: 10 },
      { threshold: 0, clientNoContextTakeover: true, serverNoContextTakeover: true },
    ]) {
      const socket = await open('/echo', { perMessageDeflate });
      assert.match(socket.extensions, /permessage-deflate/);
      await echoes(socket);
      socket.close();
      await closed(socket);
    }
  },
  async 'takes fragments, compressed ones as well'() {
    for (const perMessageDeflate of [false, { threshold: 0 }]) {
      const socket = await open('/echo', { perMessageDeflate });
      for (let i = 0; i < 50; ++i) socket.send('part ' + i + ';', { fin: i === 49, compress: true });
      const expected = Array.from({ length: 50 }, (_, i) => 'part ' + i + ';').join('');
      assert.equal((await next(socket)).data.toString(), expected);
      socket.close();
      await closed(socket);
    }
  },
  async 'answers pings'() {
    const socket = await open('/echo');
    socket.ping('are you there');
    const [payload] = await once(socket, 'pong');
    assert.equal(payload.toString(), 'are you there');
    socket.terminate();
  },
  async 'agrees on a protocol'() {
    const socket = await open('/speaks', {}, ['v1.chat', 'v2.chat']);
    assert.equal(socket.protocol, 'v2.chat');
    assert.equal((await next(socket)).data.toString(), 'v2.chat');
    assert.deepEqual(await closed(socket), [1000, '']);
  },
  async 'refuses another origin'() {
    const socket = new WebSocket(server + '/echo', { origin: 'https://evil.example' });
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 403);
    socket.on('error', () => {});
    socket.terminate();
    (await open('/echo', { origin })).terminate();
  },
  async 'refuses messages that are too large'() {
    for (const perMessageDeflate of [false, { threshold: 0 }]) {
      const socket = await open('/echo', { perMessageDeflate });
      socket.send('z'.repeat(100001));
      assert.deepEqual(await closed(socket), [1009, 'the message is too big']);
    }
  },
  async 'speaks over HTTP/2 (RFC 8441)'() {
    const session = http2.connect(origin);
    const [settings] = await once(session, 'remoteSettings');
    assert.equal(settings.enableConnectProtocol, true);
    const stream = session.request(
      {
        ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/plain',
        ':authority': origin.replace('http://', ''), 'sec-websocket-version': '13', origin,
      },
      { endStream: false },
    );
    const [head] = await once(stream, 'response');
    assert.equal(head[':status'], 200);
    assert.equal(head['sec-websocket-accept'], undefined);
    let got = Buffer.alloc(0);
    stream.on('data', (data) => { got = Buffer.concat([got, data]); });
    stream.write(Buffer.from('\x81\x85\0\0\0\0hello\x88\x82\0\0\0\0\x03\xe8', 'latin1'));
    await once(stream, 'end');
    assert.equal(got.toString('latin1'), '\x81\x05hello\x88\x02\x03\xe8');
    session.destroy();
  },
  async 'brings a room together'() {
    const members = [];
    for (let i = 0; i < 20; ++i)
      members.push(await open('/room/ws', { perMessageDeflate: i % 2 ? { threshold: 0 } : false }));
    for (const member of members) await next(member);
    const text = 'to everyone '.repeat(100);
    members[3].send(text);
    for (const member of members) assert.equal((await next(member)).data.toString(), text);
    for (const member of members) member.close();
  },
};

(async () => {
  for (const [name, test] of Object.entries(tests)) {
    await test();
    console.log('held: ' + name);
  }
  process.exit(0);
})().catch((error) => {
  console.log(error);
  process.exit(1);
});
