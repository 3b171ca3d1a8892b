// Checks what TypeScript does not: texts are there in every language and used, no markup from strings, no style
// attributes (the Content-Security-Policy forbids them), files and functions of a readable size.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const MAX_FILE = 500;
const MAX_FUNCTION = 60;
const problems = [];

const filesBelow = (dir, pattern) => readdirSync(dir, { recursive: true }).map((name) => join(dir, String(name))).filter((name) => pattern.test(name));
const sources = [...filesBelow('web/src', /\.tsx?$/), ...filesBelow('web/widget', /(?<!\.d)\.tsx?$/), ...filesBelow('web/worker', /\.ts$/), ...filesBelow('sdk/js/src', /\.ts$/)]
  .filter((name) => !name.endsWith('src/openapi.ts'));

// ---- texts

const textsOf = (language) => {
  const all = new Map();
  for (const file of filesBelow(`web/src/texts/${language}`, /\.json$/)) {
    for (const [key, text] of Object.entries(JSON.parse(readFileSync(file, 'utf8')))) {
      if (all.has(key)) problems.push(`${file}: "${key}" stands in another file, too`);
      all.set(key, text);
    }
  }
  return all;
};
const valuesIn = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort().join(' ');

// Keys that are put together: stateConnected, problem.not-found ...
const BUILT = [/^problem\./, ...[...sources.map((name) => readFileSync(name, 'utf8')).join('\n').matchAll(/`([a-zA-Z.]+)\$\{/g)].map(([, start]) => new RegExp(`^${start.replaceAll('.', '\\.')}`))];

function checkTexts() {
  const [en, ko] = [textsOf('en'), textsOf('ko')];
  const code = sources.map((name) => readFileSync(name, 'utf8')).join('\n');
  for (const [key, text] of en) {
    if (!ko.has(key)) problems.push(`texts/ko: "${key}" is missing`);
    else if (valuesIn(text) !== valuesIn(ko.get(key))) problems.push(`texts: "${key}" has other values in Korean`);
    if (!code.includes(`'${key}'`) && !BUILT.some((pattern) => pattern.test(key))) problems.push(`texts: nobody says "${key}"`);
  }
  // English has no words for the server's problems: the server says them in English.
  for (const key of ko.keys()) if (!en.has(key) && !key.startsWith('problem.')) problems.push(`texts/en: "${key}" is missing`);
}

// ---- code

const FORBIDDEN = [[/dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write\(/, 'markup from a string'],
  [/\sstyle=/, 'a style attribute'], [/\beval\(|new Function\(/, 'code from a string']];

function checkFunctions(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line;
  (function visit(node) {
    if (ts.isFunctionLike(node) && node.body) {
      const lines = lineOf(node.end) - lineOf(node.getStart()) + 1;
      if (lines > MAX_FUNCTION) problems.push(`${name}:${lineOf(node.getStart()) + 1}: a function of ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  })(source);
}

for (const name of sources) {
  const text = readFileSync(name, 'utf8');
  const lines = text.split('\n').length - 1;
  if (lines > MAX_FILE) problems.push(`${name}: ${lines} lines`);
  if (!text.startsWith('// SPDX-License-Identifier: MIT')) problems.push(`${name}: no licence in the first line`);
  for (const [pattern, what] of FORBIDDEN) if (pattern.test(text)) problems.push(`${name}: ${what}`);
  checkFunctions(name, text);
}
checkTexts();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
