// A round trip against the showcase.
import { address } from "./address.js";
import * as api from "./index.js";

let checks = 0;
function same(got: unknown, wanted: unknown): void {
  ++checks;
  if (JSON.stringify(got) !== JSON.stringify(wanted))
    throw new Error(`got ${JSON.stringify(got)}\nwanted ${JSON.stringify(wanted)}`);
}
const client = api.createClient({ baseUrl: address, auth: { bearer: "showcase" } });

same(await api.getRoot(client), "Hello, World!");
const message: api.Message = await api.getJson(client);
same(message, { message: "Hello, World!" });
const made: api.User = await api.postApiUsers(client, { body: { name: "Ada", email: "ada@example.com", age: 36 } });
same([made.name, made.email, made.age], ["Ada", "ada@example.com", 36]);
await api.postApiUsers(client, { body: { name: "Ada" } }); // so that there are two pages
same((await api.getApiUsersById(client, { id: made.id })).id, made.id);
try {
  await api.postApiUsers(client, { body: { name: "", age: 200 } });
  throw new Error("it should have failed");
} catch (error) {
  if (!api.isApiError<api.PostApiUsersError>(error) || error.status !== 422) throw error;
  const pointers: string[] | undefined = error.body.errors?.map((one) => one.pointer);
  same(pointers, ["/name", "/age"]);
}
const names: string[] = [];
for await (const user of api.items(api.pages(api.getApiUsers, client, { limit: 1 }), (page) => page)) {
  names.push(user.name);
  if (names.length === 2) break;
}
same(names, ["Ada", "Ada"]);

const form = new FormData();
form.append("file", new Blob(["hello"]), "a.txt");
const uploaded = await api.postUpload(client, { body: form });
same(uploaded.map((one) => [one.name, one.filename, one.size]), [["file", "a.txt", 5]]);
same(await api.postEcho(client, { body: "ä", contentType: "text/plain; charset=utf-8" }), "ä");

const events: string[] = [];
for await (const event of api.getEvents(client, { n: 3, every_ms: 1 })) events.push(event.data);
same(events.length, 3);
let size = 0;
let chunks = 0;
for await (const chunk of api.getStreamBytes(client, { chunks: 3, bytes: 5, delay_ms: 20 })) {
  size += chunk.length;
  ++chunks;
}
same([size, chunks > 1], [15, true]);
const part = await api.getBytesByN(client, { n: 1000, Range: "bytes=10-19" });
same([part.size, new Uint8Array(await part.arrayBuffer())[0]], [10, 10]);
for (const refused of [api.getPanic(client, { retry: { attempts: 1 } }), api.getPrivateMe(api.createClient({ baseUrl: address }))]) {
  const error: unknown = await refused.catch((reason: unknown) => reason);
  same(api.isApiError(error) && error.problem?.status === error.status, true);
}
console.log(`${checks} checks`);
