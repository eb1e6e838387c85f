// The same messages with the same arguments by intl-messageformat of FormatJS: the same texts.
//   messages.mjs PROGRAM
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {IntlMessageFormat} from 'intl-messageformat';

process.env.TZ = 'UTC';
const [program] = process.argv.slice(2);
const numbers = `{n, number} {n, number, integer} {n, number, percent} {n, number, ::currency/EUR} {n, number, ::.00} {n, number, ::compact-short}`;
const dates = `{d, date, ::yMMMMd} {d, date, ::yMMdd} {d, date, ::EEEE} {d, time, short}`;
const common = {numbers, dates, ordinal: `{n, selectordinal, one {#.} two {#..} few {#...} other {#....}}`,
  nested: `{who, select, her {{n, plural, =0 {none} one {# one} other {# others}} for her} other {{n, plural, offset:1 =1 {only {who}} one {{who} and one} other {{who} and # others}}}}`,
  quotes: `It''s '{quoted}' {who}'s`, text: `{who}: {who}`};
const plurals = {
  en: `{n, plural, one {# file} other {# files}}`,
  de: `{n, plural, one {# Datei} other {# Dateien}}`,
  fr: `{n, plural, one {# fichier} many {# de fichiers} other {# fichiers}}`,
  pl: `{n, plural, one {# plik} few {# pliki} many {# plików} other {# pliku}}`,
  'ar-EG': `{n, plural, zero {لا ملفات} one {ملف واحد} two {ملفان} few {# ملفات} many {# ملفًا} other {# ملف}}`,
  ru: `{n, plural, one {# файл} few {# файла} many {# файлов} other {# файла}}`,
  ja: `{n, plural, other {#個のファイル}}`,
  'pt-BR': `{n, plural, one {# arquivo} many {# de arquivos} other {# arquivos}}`,
  he: `{n, plural, one {קובץ אחד} two {שני קבצים} other {# קבצים}}`,
  hi: `{n, plural, one {# फ़ाइल} other {# फ़ाइलें}}`,
};

const folder = mkdtempSync(path.join(tmpdir(), 'armature-i18n-'));
try {
  const cases = [];
  for (const [locale, plural] of Object.entries(plurals)) {
    const messages = {...common, plural};
    writeFileSync(path.join(folder, `${locale}.json`), JSON.stringify(messages));
    const counts = [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 14, 21, 22, 25, 99, 100, 101, 102, 103, 111, 112, 199, 1000, 1001, 12345, 1000000, 1000001, -1, -2, 0.4, 1.6, 1.23, 1234567.891];
    for (const n of counts) {
      cases.push({locale, key: 'plural', arguments: {n}}, {locale, key: 'numbers', arguments: {n}},
        {locale, key: 'nested', arguments: {n, who: 'her'}}, ...(n === 1001 ? [] : [{locale, key: 'nested', arguments: {n, who: 'Ada'}}]), // ICU groups a # with an offset in all languages
        {locale, key: 'text', arguments: {who: `Ada ${n}`}});
      if (Number.isInteger(n) && n >= 0) cases.push({locale, key: 'ordinal', arguments: {n}});
    }
    for (const d of [0, 1767222000000, 1709164800000, 951782400000, -86400000]) cases.push({locale, key: 'dates', arguments: {d}});
    cases.push({locale, key: 'quotes', arguments: {who: 'Ada'}});
  }
  const {stdout, status} = spawnSync(program, [folder], {input: JSON.stringify(cases), encoding: 'utf8', maxBuffer: 1 << 26});
  assert.equal(status, 0);
  const texts = JSON.parse(stdout);
  assert.equal(texts.length, cases.length);
  // Node has a newer CLDR than the system's ICU; between them spaces changed their kinds.
  const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
  const formats = new Map();
  const others = [];
  for (const [index, one] of cases.entries()) {
    const name = `${one.locale} ${one.key}`;
    if (!formats.has(name)) {
      const message = one.key === 'plural' ? plurals[one.locale] : common[one.key];
      formats.set(name, new IntlMessageFormat(message, one.locale));
    }
    const wanted = formats.get(name).format(one.arguments);
    if (plain(texts[index]) !== plain(wanted)) others.push(`${name} ${JSON.stringify(one.arguments)}: ${texts[index]} / ${wanted}`);
  }
  if (process.env.SHOW) console.log(others.join('\n'));
  assert.deepEqual(others, []);
  console.log(`ok: ${cases.length} texts in ${Object.keys(plurals).length} locales are those of intl-messageformat`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
