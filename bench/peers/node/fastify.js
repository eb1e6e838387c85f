// The service of bench/peers/README.md on Fastify, with the schemas that make it fast.
"use strict";

const fastify = require("fastify");
const { resources, user, state, ready } = require("./service");

const text = "text/plain; charset=utf-8";
const object = (properties) => ({ type: "object", properties });
const id = { params: { ...object({ id: { type: "integer", minimum: 0 } }), required: ["id"] } };
const string = { type: "string" };
const integer = { type: "integer" };

function service(options) {
  const app = fastify(options);
  app.addHook("onRequest", async () => {
    state.requests += 1;
  });
  app.addHook("onRequest", async (request, reply) => {
    if (request.headers["x-refuse"] !== undefined) return reply.code(403).send();
  });
  app.addHook("onSend", async (request, reply) => {
    reply.header("x-service", "peers");
  });
  app.setErrorHandler((error, request, reply) => {
    reply.code(error.validation ? 422 : error.statusCode || 500).send({ error: error.message });
  });

  const hello = object({ message: string });
  const one = object({ id: integer, name: string, email: string });
  const signup = object({ id: integer, name: string, email: string, age: integer });
  const newUser = {
    ...object({
      name: { type: "string", minLength: 1, maxLength: 64 },
      email: { type: "string", format: "email" },
      age: { type: "integer", minimum: 0, maximum: 150 },
    }),
    required: ["name", "email", "age"],
  };
  app.get("/", (request, reply) => reply.type(text).send("Hello, World!"));
  app.get("/json", { schema: { response: { 200: hello } } }, async () => ({
    message: "Hello, World!",
  }));
  app.get("/users/:id", { schema: { ...id, response: { 200: one } } }, async (request) =>
    user(request.params.id),
  );
  app.post(
    "/api/users",
    { schema: { body: newUser, response: { 201: signup } } },
    async (request, reply) => {
      reply.code(201);
      return { id: 1, ...request.body };
    },
  );
  app.get("/count", (request, reply) => reply.type(text).send(String(state.requests)));
  app.get("/health", (request, reply) => reply.type(text).send("ok"));
  for (const name of resources) {
    app.get(`/api/${name}`, (request, reply) => reply.type(text).send(name));
    app.get(`/api/${name}/:id`, { schema: id }, (request, reply) =>
      reply.type(text).send(`${name} ${request.params.id}`),
    );
  }
  app.register(require("@fastify/static"), { root: process.argv[2], prefix: "/files/" });
  return app;
}

async function main() {
  const http = service({});
  http.register(require("@fastify/websocket"));
  http.register(async (app) => {
    app.get("/ws/echo", { websocket: true }, (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
    });
  });
  const http2 = service({ http2: true });
  for (const app of [http, http2]) await app.listen({ host: "127.0.0.1", port: 0 });
  ready(http.server, http2.server);
}

main();
