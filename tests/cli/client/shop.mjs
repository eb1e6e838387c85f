// The service of shop.yaml, as far as clients need it: it tells what it got. Prints its address.
import { createServer } from "node:http";

const flaky = new Map();
let watchers = 0;
const product = (id, more = {}) => ({ id: String(id), name: `Product ${id}`, kind: "book", price: id / 2, created: "2024-02-29T12:00:00.25Z", ...more });

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const content = Buffer.concat(chunks).toString("latin1");
  const url = new URL(request.url, "http://shop");
  const got = { method: request.method, url: request.url, fields: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])), content };
  const send = (status, body, fields = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...fields });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const problem = (status, title, more = {}) => send(status, { title, status, ...more }, { "content-type": "application/problem+json" });
  const route = `${request.method} ${url.pathname}`;
  if (route === "GET /products") {
    const page = Number(url.searchParams.get("page") ?? 1);
    const limit = Number(url.searchParams.get("limit") ?? 2);
    const all = Array.from({ length: 5 }, (_, i) => product(i + 1));
    const fields = { "x-got": JSON.stringify(got) };
    if (page * limit < all.length) {
      url.searchParams.set("page", page + 1);
      fields.link = `</products?page=1>; rel=first, <${url.pathname}${url.search}>; rel="next"`;
    }
    send(200, all.slice((page - 1) * limit, page * limit), fields);
  } else if (route === "POST /products") {
    const body = JSON.parse(content);
    if (request.headers["idempotency-key"] === undefined) problem(400, "No key");
    else if (body.name === "") problem(422, "No name", { detail: "name must have a character" });
    else send(201, { ...body, id: "7", note: request.headers["idempotency-key"] });
  } else if (request.method === "GET" && url.pathname.startsWith("/products/")) {
    const id = decodeURIComponent(url.pathname.slice("/products/".length));
    if (request.headers.authorization !== "Bearer secret") problem(401, "Who are you?");
    else if (id === "none") problem(404, "No such product");
    else send(200, product(1, { id, note: null, details: { weight: 1.5, made: "2024-02-29" }, newer: true }));
  } else if (request.method === "DELETE") {
    response.writeHead(204).end();
  } else if (["POST /payments", "POST /tree", "POST /shapes", "POST /wide"].includes(route)) {
    send(200, JSON.parse(content));
  } else if (route === "GET /events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const after = Number(request.headers["last-event-id"] ?? 0);
    response.write("retry: 10\r\n: a comment\r\n\r\n");
    for (let id = after + 1; id <= 4; ++id) {
      response.write(`id: ${id}\nevent: made\ndata: ${JSON.stringify(product(id)).replace(",", ",\ndata: ")}\n\n`);
      // The first one to watch is cut off in the middle.
      if (id === 2 && after === 0 && ++watchers === 1 && url.searchParams.get("whole") === null && request.headers["x-cut"] !== undefined)
        return void setTimeout(() => response.destroy(), 50);
    }
    response.end();
  } else if (route === "GET /export") {
    response.writeHead(200, { "content-type": "application/jsonl" });
    const text = [1, 2, 3].map((id) => JSON.stringify(product(id))).join("\n");
    response.write(text.slice(0, 40));
    setTimeout(() => response.end(text.slice(40)), 20);
  } else if (route === "GET /report") {
    response.writeHead(200, { "content-type": "text/csv" }).end("id,name\n1,Ä\n");
  } else if (url.pathname === "/flaky") {
    const key = url.searchParams.get("wait") ?? "";
    const attempts = (flaky.get(url.search) ?? 0) + 1;
    flaky.set(url.search, attempts);
    if (attempts > Number(url.searchParams.get("failures"))) return send(200, { ...got, attempts });
    const status = Number(url.searchParams.get("status") ?? 503);
    if (status === 0) return void request.socket.destroy();
    const fields = key === "limit" ? { ratelimit: '"default";r=0;t=0' } : key === "long" ? { "retry-after": "3600" } : { "retry-after": "0" };
    send(status, { title: "Again", status }, { "content-type": "application/problem+json", ...fields });
  } else if (route === "GET /slow") {
    setTimeout(() => response.writeHead(204).end(), 60_000).unref();
  } else {
    send(200, got);
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
