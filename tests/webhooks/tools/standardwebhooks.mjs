// Our webhooks under the library of Standard Webhooks, and its under ours; Ed25519, which that
// library lacks, under Node's own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import http from "node:http";
import { once } from "node:events";
import readline from "node:readline";
import { Webhook } from "standardwebhooks";

const key = () => "whsec_" + crypto.randomBytes(32).toString("base64");
const secret = key();
const pair = crypto.generateKeyPairSync("ed25519");
const jwk = pair.privateKey.export({ format: "jwk" });
const base64 = (text) => Buffer.from(text, "base64url").toString("base64");
const privateText = "whsk_" + base64(jwk.d);
const publicText = "whpk_" + base64(jwk.x);

const program = spawn(process.argv[2], [secret, publicText], { stdio: ["pipe", "pipe", "inherit"] });
const receiver = http.createServer();
try {
  const [url] = await once(readline.createInterface({ input: program.stdout }), "line");
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");

  // Ours to theirs.
  const receive = async (...keys) => {
    const arrived = once(receiver, "request");
    program.stdin.write(`http://127.0.0.1:${receiver.address().port}/ ${keys.join(" ")}\n`);
    const [request, response] = await arrived;
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.end();
    return { body: Buffer.concat(pieces).toString(), headers: request.headers };
  };
  {
    const { body, headers } = await receive(secret);
    const event = new Webhook(secret).verify(body, headers);
    assert.equal(event.type, "invoice.paid");
    assert.deepEqual(event.data, { amount: 7, text: 'größer "als" <gedacht> 🎉' });
    assert.ok(Math.abs(Date.parse(event.timestamp) - Date.now()) < 300_000);
    assert.equal(headers["content-type"], "application/json");
    assert.throws(() => new Webhook(key()).verify(body, headers), /No matching signature/);
    assert.throws(() => new Webhook(secret).verify(body + " ", headers), /No matching signature/);
  }
  {
    const other = key();
    const { body, headers } = await receive(other, secret, privateText);
    new Webhook(secret).verify(body, headers);
    new Webhook(other).verify(body, headers);
    const signature = headers["webhook-signature"].split(" ")[2];
    assert.ok(signature.startsWith("v1a,"));
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const bytes = Buffer.from(signature.slice(4), "base64");
    assert.ok(crypto.verify(null, Buffer.from(content), pair.publicKey, bytes));
  }

  // Theirs to ours.
  const send = async (body, headers) => {
    const response = await fetch(url, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  };
  const fields = (id, date, signature) => ({
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(date.getTime() / 1000)),
    "webhook-signature": signature,
  });
  const body = JSON.stringify({ type: "a.b", data: "ä 🎉" });
  const now = new Date();
  const long_ago = new Date(now.getTime() - 600_000);
  const signed = (id, date) => new Webhook(secret).sign(id, date, body);
  assert.deepEqual(await send(body, fields("msg_1", now, signed("msg_1", now))), {
    status: 200,
    text: body,
  });
  assert.equal((await send(body + " ", fields("msg_2", now, signed("msg_2", now)))).status, 401);
  assert.equal((await send(body, fields("msg_3", now, signed("msg_2", now)))).status, 401);
  assert.equal((await send(body, fields("msg_4", long_ago, signed("msg_4", long_ago)))).status, 401);
  assert.equal((await send(body, fields("msg_1", now, signed("msg_1", now)))).status, 401, "a copy");
  const content = Buffer.from(`msg_5.${Math.floor(now.getTime() / 1000)}.${body}`);
  const ed25519 = "v1a," + crypto.sign(null, content, pair.privateKey).toString("base64");
  assert.equal((await send(body, fields("msg_5", now, ed25519))).status, 200);
  const forged = crypto.generateKeyPairSync("ed25519").privateKey;
  const wrong = "v1a," + crypto.sign(null, content, forged).toString("base64");
  assert.equal((await send(body, fields("msg_5", now, wrong))).status, 401);
  console.log("both ways");
} finally {
  program.kill();
  receiver.close();
  receiver.closeAllConnections();
}
