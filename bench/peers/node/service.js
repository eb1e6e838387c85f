// What the services of Fastify, Express and NestJS share: the constants of bench/peers/README.md.
"use strict";

const resources = ["products", "orders", "carts", "reviews", "categories", "invoices"];

function user(id) {
  return { id, name: `User ${id}`, email: `user${id}@example.com` };
}

const state = { requests: 0 };

function ready(http, http2) {
  const line = { ready: true, pid: process.pid, http: address(http) };
  if (http2) line.http2 = address(http2);
  console.log(JSON.stringify(line));
}

function address(server) {
  return `127.0.0.1:${server.address().port}`;
}

// Express and NestJS have no WebSocket of their own: the ws package, at one path.
function echoWebSockets(server) {
  const { WebSocketServer } = require("ws");
  const sockets = new WebSocketServer({ server, path: "/ws/echo" });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
}

module.exports = { resources, user, state, ready, echoWebSockets };
