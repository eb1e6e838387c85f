// Checks an exported audit log without any code of ours:
//   node verify.mjs LOG.jsonl [ANCHORS.jsonl PUBLIC-KEY]
// LOG has what `AuditLog::lines` gives, ANCHORS what `AuditLog::anchor` gave, and PUBLIC-KEY is what
// `AuditLog::public_key` said. Ends with 1 and a sentence at the first entry that isn't right.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

// RFC 8785: what JSON.stringify does, with members sorted by UTF-16 code units.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

function fail(why) {
  console.log(why);
  process.exit(1);
}

const lines = (path) => readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));

const [log, anchors, key] = process.argv.slice(2);
const hashes = new Map();
let previous = "0".repeat(64);
for (const { hash, ...entry } of lines(log)) {
  const number = hashes.size + 1;
  if (entry.seq !== number) fail(`entry ${number} is missing`);
  if (entry.previous !== previous) fail(`entry ${number} doesn't follow the one before`);
  if (createHash("sha256").update(canonical(entry)).digest("hex") !== hash) fail(`entry ${number} was changed`);
  hashes.set(number, (previous = hash));
}

if (anchors) {
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(key, "base64")]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  for (const { signature, ...anchor } of lines(anchors)) {
    if (!verify(null, Buffer.from(canonical(anchor)), publicKey, Buffer.from(signature, "base64url")))
      fail(`the anchor of entry ${anchor.seq} isn't signed by this key`);
    if (hashes.get(anchor.seq) !== anchor.hash) fail(`entry ${anchor.seq} isn't what was anchored`);
  }
}
console.log(`${hashes.size} entries are right`);
