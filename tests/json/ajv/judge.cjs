// Reads lines of JSON from a file: {name, input, output} with two schemas begins a type; then
// {text, accepted} is a document and what the decoder says of it, and {written} one that the encoder
// wrote. Ajv must say the same of all. Prints the differences, and counts.
const fs = require("node:fs");
const readline = require("node:readline");
const Ajv = require("ajv/dist/2020");
const formats = require("ajv-formats");

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
formats(ajv);
ajv.addVocabulary(["discriminator"]); // OpenAPI's word; Ajv's own form of it has no mapping
ajv.addFormat("decimal", true); // none of JSON Schema's: its pattern decides

// Where ajv-formats takes more than the format's specification, or less: which texts,
// the verdict, and why.
const corrections = [
  ["uuid", /^urn:/i, false, "RFC 9562 §4 gives the text of a UUID; urn:uuid: makes a URI of it"],
  ["date-time", /^.{10}\s|[+-]\d\d(\d\d)?$/, false, "RFC 3339: T between, and hh:mm of offset"],
  ["time", /[+-]\d\d(\d\d)?$/, false, "RFC 3339: time-numoffset has hh:mm"],
  ["hostname", /\.$/, false, "RFC 1123: no dot at the end"],
  ["email", /[^@]{65}@|@.*[^.]{64}|^.{255}/, false, "RFC 5321 §4.5.3.1: limits of the parts"],
  ["uri", /^[^:]+:([?#]|$)/, true, "RFC 3986 §3: the path may be empty"],
  ["uri", /^[^:]+:\/[^/].*\[/, false, "RFC 3986 §3: brackets are in an authority, which // begins"],
  ["uri", /^[^:]+:\/\/[^/?#[]*:\d*[^\d/?#@[][^@]*$/, false, "RFC 3986 §3.2.3: a port is digits"],
];
let corrected = 0;
for (const [name, texts, verdict] of corrections) {
  const stock = ajv.formats[name];
  const accepts = (text) =>
    stock instanceof RegExp ? stock.test(text) : (stock.validate ?? stock)(text);
  ajv.addFormat(name, (text) => {
    const accepted = accepts(text);
    if (accepted === verdict || !texts.test(text)) return accepted;
    corrected++;
    return verdict;
  });
}

async function main() {
  const lines = readline.createInterface({ input: fs.createReadStream(process.argv[2]) });
  let name, input, output;
  const counts = {};
  let differences = 0;
  const differs = (what, line) => {
    if (++differences <= 20) console.log(`${name}: ${what}: ${JSON.stringify(line)}`);
  };
  for await (const text of lines) {
    const line = JSON.parse(text);
    if (line.name) {
      name = line.name;
      input = ajv.compile(line.input);
      output = ajv.compile(line.output);
      counts[name] = { accepted: 0, refused: 0, written: 0 };
    } else if (line.written !== undefined) {
      counts[name].written++;
      if (!output(JSON.parse(line.written))) differs(ajv.errorsText(output.errors), line);
    } else {
      counts[name][line.accepted ? "accepted" : "refused"]++;
      const verdict = input(JSON.parse(line.text));
      if (verdict !== line.accepted)
        differs(verdict ? "Ajv accepts" : `Ajv refuses: ${ajv.errorsText(input.errors)}`, line);
    }
  }
  console.table(counts);
  console.log(`${corrected} texts on which ajv-formats departs from the specification`);
  console.log(`${differences} differences`);
  process.exit(differences === 0 ? 0 : 1);
}
main();
