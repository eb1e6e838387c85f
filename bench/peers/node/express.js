// The service of bench/peers/README.md on Express.
"use strict";

const express = require("express");
const { z } = require("zod");
const { resources, user, state, ready, echoWebSockets } = require("./service");

const NewUser = z.object({
  name: z.string().min(1).max(64),
  email: z.email(),
  age: z.int().min(0).max(150),
});

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use((request, response, next) => {
  state.requests += 1;
  next();
});
app.use((request, response, next) => {
  if (request.headers["x-refuse"] !== undefined) return response.status(403).end();
  next();
});
app.use((request, response, next) => {
  response.set("x-service", "peers");
  next();
});

const text = (value) => (request, response) => response.type("text/plain").send(value);
app.get("/", text("Hello, World!"));
app.get("/json", (request, response) => response.json({ message: "Hello, World!" }));
app.get("/users/:id", (request, response) => response.json(user(Number(request.params.id))));
app.post("/api/users", express.json(), (request, response) => {
  const made = NewUser.safeParse(request.body);
  if (!made.success) return response.status(422).json({ errors: made.error.issues });
  response.status(201).json({ id: 1, ...made.data });
});
app.get("/count", (request, response) => response.type("text/plain").send(String(state.requests)));
app.get("/health", text("ok"));
app.use("/files", express.static(process.argv[2]));
for (const name of resources) {
  app.get(`/api/${name}`, text(name));
  app.get(`/api/${name}/:id`, (request, response) =>
    response.type("text/plain").send(`${name} ${Number(request.params.id)}`),
  );
}

const server = app.listen(0, "127.0.0.1", () => ready(server));
echoWebSockets(server);
