// What the client of shop.yaml does, against shop.mjs. It must also hold under tsc --strict.
import { address } from "./address.js";
import * as shop from "./index.js";
import type { Payment, Product, ProductInput } from "./index.js";

let checks = 0;
function same(got: unknown, wanted: unknown): void {
  ++checks;
  if (JSON.stringify(got) !== JSON.stringify(wanted))
    throw new Error(`got ${JSON.stringify(got)}\nwanted ${JSON.stringify(wanted)}`);
}
function holds(condition: boolean, what: string): void {
  ++checks;
  if (!condition) throw new Error(what);
}
async function fails(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it should have failed");
}

const client = shop.createClient({
  baseUrl: address,
  auth: { token: async () => "secret", key: "abc", login: { username: "ada", password: "pä:ss" } },
  retry: { firstWait: 1 },
});

// Types, and what they refuse.
const one: Product = await shop.getProduct(client, { id: "a/b ü" });
same([one.id, one.name, one.note, one.details?.made], ["a/b ü", "Product 1", null, "2024-02-29"]);
holds(new Date(one.created).getTime() === Date.UTC(2024, 1, 29, 12, 0, 0, 250), "a date");
const kind: "book" | "e-book" | "2nd hand" = one.kind;
same(kind, "book");
const wanted: ProductInput = { name: "New", kind: "e-book", price: 1, created: one.created, secret: "s" };
// @ts-expect-error: read-only members are not sent
const refused: ProductInput = { ...wanted, id: "1" };
// @ts-expect-error: write-only members don't come
holds(one.secret === undefined && refused !== undefined, "write-only");
// @ts-expect-error: no such kind
const paper: ProductInput = { ...wanted, kind: "paper" };
// @ts-expect-error: an id is needed
holds((await fails(Promise.resolve().then(() => shop.getProduct(client, {})))) instanceof TypeError && paper !== wanted, "no id");
holds((await fails(Promise.resolve().then(() => shop.getProduct(client, { id: ".." })))) instanceof TypeError, "another path");

// Parameters and credentials.
let got: { url: string; fields: Record<string, string> } | undefined;
await shop.listProducts(
  client,
  { tags: ["a&b", "c"], ids: [1, 2], "X-Trace": "t", theme: "dark mode" },
  { onResponse: (response) => (got = JSON.parse(response.headers.get("x-got") ?? "{}")) },
);
same(got?.url, "/products?tags=a%26b&tags=c&ids=1%7C2");
same([got?.fields["x-trace"], got?.fields["cookie"], got?.fields["authorization"]], ["t", "theme=dark%20mode", "Bearer secret"]);
const found = await shop.search(client, { filter: { a: "x y", b: "2" }, body: { q: "ä", kinds: ["book", "2nd hand"] } });
same(found.url, "/search?filter%5Ba%5D=x%20y&filter%5Bb%5D=2");
same(found.content, "q=%C3%A4&kinds=book&kinds=2nd%20hand");
same([found.fields["content-type"], found.fields["authorization"]], ["application/x-www-form-urlencoded", "Basic YWRhOnDDpDpzcw=="]);

// A form with a file.
const photo = await shop.uploadPhoto(client, {
  id: "1",
  body: { title: "Ä", tags: ["x", "y"], details: { weight: 2 }, photo: new File(["PNG"], "a.png", { type: "image/png" }) },
});
same(photo.fields["x-key"], "abc");
for (const part of [/name="title"\r\n\r\nÃ\u0084\r\n/, /name="tags"\r\n\r\nx\r\n[^]*name="tags"\r\n\r\ny\r\n/, /name="details"[^]*application\/json\r\n\r\n\{"weight":2\}/, /name="photo"; filename="a.png"\r\nContent-Type: image\/png\r\n\r\nPNG/])
  holds(part.test(photo.content), `${part} is not in ${photo.content}`);

// Choices, told apart by their discriminator.
const paid: Payment = await shop.pay(client, { body: { method: "sepa", iban: "DE00", urgent: true } });
if (paid.method === "sepa") same([paid.iban, paid.urgent], ["DE00", true]);
else holds(false, `a card ${paid.number}`);
// @ts-expect-error: a card has a number
void (() => shop.pay(client, { body: { method: "card", iban: "x" } }));
same(await shop.echoTree(client, { body: { value: 1, only: { value: "x" }, children: [{ value: 2 }] } }), { value: 1, only: { value: "x" }, children: [{ value: 2 }] });

// Errors.
const missing = await fails(shop.getProduct(client, { id: "none" }));
holds(shop.isApiError<shop.GetProductError>(missing) && missing.status === 404 && missing.body.title === "No such product", "a typed error");
holds(shop.isApiError(missing) && missing.problem?.title === "No such product" && /404 No such product$/.test(missing.message), "problem details");
const unknown = await fails(shop.getProduct(shop.createClient({ baseUrl: address }), { id: "1" }));
holds(shop.isApiError(unknown) && unknown.status === 401, "no credentials");
holds((await fails(shop.getProduct(shop.createClient({ baseUrl: "http://127.0.0.1:1", retry: { attempts: 1 } }), { id: "1" }))) instanceof shop.NetworkError, "nobody there");
holds((await fails(shop.slow(client, { timeout: 50, retry: { attempts: 1 } }))) instanceof shop.TimeoutError, "too late");
const stop = new AbortController();
setTimeout(() => stop.abort(new Error("enough")), 50);
same(((await fails(shop.slow(client, { signal: stop.signal }))) as Error).message, "enough");
same(await shop.deleteProduct(client, { id: "1" }), undefined);

// Retries.
same((await shop.flaky(client, { failures: 2 })).attempts, 3);
same((await shop.flaky(client, { failures: 2, status: 0 })).attempts, 3);
same((await shop.flaky(client, { failures: 1, status: 429, wait: "limit" })).attempts, 2);
const gaveUp = await fails(shop.flaky(client, { failures: 1, wait: "long" }));
holds(shop.isApiError(gaveUp) && gaveUp.retryAfter === 3_600_000, "too long a wait");
holds(shop.isApiError(await fails(shop.flaky(client, { failures: 1, status: 500 }))), "500 is no reason");
holds(shop.isApiError(await fails(shop.flakyPatch(client, { failures: 1, wait: "once" }))), "PATCH is sent once");
const patched = await shop.flakyPatch(client, { failures: 1, wait: "key" }, { idempotencyKey: true });
same([patched.attempts, /^[0-9a-f-]{36}$/.test(patched.fields["idempotency-key"] ?? "")], [2, true]);
const made = await shop.createProduct(client, { body: wanted });
same([made.id, (made.note ?? "").length], ["7", 36]);
same((await shop.createProduct(client, { body: wanted, "Idempotency-Key": "mine" })).note, "mine");
const invalid = await fails(shop.createProduct(client, { body: { ...wanted, name: "" } }));
holds(shop.isApiError<shop.CreateProductError>(invalid) && invalid.body.detail === "name must have a character", "422");

// Pages.
const names: string[] = [];
for await (const product of shop.items(shop.pages(shop.listProducts, client, { limit: 2 }), (page) => page)) names.push(product.id);
same(names, ["1", "2", "3", "4", "5"]);
const sizes: number[] = [];
for await (const page of shop.pages(shop.listProducts, client, { limit: 2 }, shop.byNumber())) sizes.push(page.length);
same(sizes, [2, 2, 1, 0]);

// Streams.
const events: [string | undefined, string, string][] = [];
for await (const event of shop.watch(client, { headers: { "x-cut": "1" } })) events.push([event.id, event.event, event.json().name]);
same(events, [1, 2, 3, 4].map((id) => [String(id), "made", `Product ${id}`]));
let first = 0;
for await (const event of shop.watch(client)) {
  first = event.json().price;
  break;
}
same(first, 0.5);
const lines: string[] = [];
for await (const product of shop.export_(client)) lines.push(product.id);
same(lines, ["1", "2", "3"]);
same(await shop.report(client), "id,name\n1,Ä\n");
let bytes = 0;
for await (const chunk of shop.reportBytes(client)) bytes += chunk.length;
same(bytes, 13);

console.log(`${checks} checks`);
