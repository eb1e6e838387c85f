// One request in the languages that people call APIs from.

const quoted = (text) => JSON.stringify(text); // C++, TypeScript, Python and Rust read it alike
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const rust = (text) => quoted(text).replace(/\\u([0-9a-f]{4})/gi, '\\u{$1}').replaceAll('\\b', '\\u{8}').replaceAll('\\f', '\\u{c}');
// Raw text keeps JSON readable; the delimiter is one that the text doesn't hold.
const cpp = (text) => {
  if (!text.includes('"')) return quoted(text);
  let mark = '';
  while (text.includes(`)${mark}"`)) mark += '_';
  return `R"${mark}(${text})${mark}"`;
};
const python = (text) => text.includes('\n') && !text.includes("'''") && !text.includes('\\') && !text.endsWith("'") ? `'''${text}'''` : quoted(text);

function curl({method, url, headers, body}) {
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}${shell(url)}`];
  for (const [name, value] of headers) parts.push(`-H ${shell(`${name}: ${value}`)}`);
  if (body != null) parts.push(`--data-binary ${shell(body)}`);
  return parts.join(' \\\n  ');
}

function cplusplus({method, url, headers, body}) {
  const name = method === 'DELETE' ? 'delete_' : method.toLowerCase();
  const type = headers.find(([key]) => key.toLowerCase() === 'content-type')?.[1] ?? 'application/octet-stream';
  const lines = headers.filter(([key]) => body == null || key.toLowerCase() !== 'content-type')
    .map(([key, value]) => `.header(${quoted(key)}, ${quoted(value)})`);
  if (body != null) lines.push(`.body(${quoted(type)}, Body{std::string{\n            ${cpp(body)}}})`);
  const request = [`ClientRequest{Method::${name}, ${quoted(url)}}`, ...lines].join('\n        ');
  return `#include <armature/client/client.hpp>

using namespace armature;

Task<std::string> call(Client& client) {
    ClientRequest request = ${request};
    ClientResponse response = co_await client.send(std::move(request));
    co_return co_await response.text();
}`;
}

function typescript({method, url, headers, body}) {
  const lines = [`  method: ${quoted(method)},`];
  if (headers.length) {
    lines.push('  headers: {', ...headers.map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`), '  },');
  }
  if (body != null) lines.push(`  body: ${quoted(body)},`);
  return `const response = await fetch(${quoted(url)}, {\n${lines.join('\n')}\n});
if (!response.ok) throw new Error(\`\${response.status}: \${await response.text()}\`);
console.log(await response.text());`;
}

function pythonRequests({method, url, headers, body}) {
  const lines = [`    ${quoted(method)},`, `    ${quoted(url)},`];
  if (headers.length) {
    lines.push('    headers={', ...headers.map(([name, value]) => `        ${quoted(name)}: ${quoted(value)},`), '    },');
  }
  if (body != null) lines.push(`    data=${python(body)}.encode(),`);
  return `import requests\n\nresponse = requests.request(\n${lines.join('\n')}\n    timeout=30,\n)
response.raise_for_status()\nprint(response.text)`;
}

function rustReqwest({method, url, headers, body}) {
  const lines = [`.request(reqwest::Method::${method}, ${rust(url)})`,
    ...headers.map(([name, value]) => `.header(${rust(name)}, ${rust(value)})`)];
  if (body != null) lines.push(`.body(${rust(body)})`);
  return `// reqwest with the feature "blocking"
fn main() -> Result<(), reqwest::Error> {
    let response = reqwest::blocking::Client::new()
        ${lines.join('\n        ')}
        .send()?
        .error_for_status()?;
    println!("{}", response.text()?);
    Ok(())
}`;
}

export const languages = [
  ['curl', curl], ['C++', cplusplus], ['TypeScript', typescript], ['Python', pythonRequests], ['Rust', rustReqwest],
];
