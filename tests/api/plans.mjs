// How the statements of api/*.sql are carried out: EXPLAIN of each of them, on tables that somebody has filled.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.mjs';

export const SCANNED_MAX = 100; // rows; smaller tables may be read whole

// Statements that may read all of a table, and why.
export const ALLOWED = {
  categories_list: 'all categories are wanted, and they are few',
  categories_count: 'categories are few',
  categories_newest: 'rooms of all categories are wanted, and these are few',
  packs_list: 'all packs are wanted, and there are a hundred at most',
  packs_count: 'packs are few',
  word_rooms: 'fills a cache, and reads the index only',
  hook_trim: 'the queue has passed its bound: most of what is read is deleted',
  hook_expire: 'the queue is bounded, and this is run only while nothing of it can be posted',
  purge_next: 'LIMIT 1 ends it at the first row',
};

// What parameters are by name, where 7 and 'seven' would not do. With two values the second stands for "not asked for".
const SAMPLES = {
  before: ['9223372036854775807'],
  after: ['0'],
  limit: ['51'],
  value: ['9223372036854775807'],
  send_at: ["'2030-12-31T23:59:59.000Z'", 'NULL'],
  closes_at: ["'2030-12-31T23:59:59.000Z'", 'NULL'],
  newest: ['4102444800000'],
  category: ['7', '0'],
  pattern: ["'sev[e-f]n'", 'NULL'],
  hash: ["RPAD('seven', 32, CHAR(0))"],
};

// Each statement is explained for row 7 of everything; for row 8, which has nothing that is optional and is over; for row 7
// with each word of the columns that a parameter is named like; and for row 7 without one of the parameters, and without all.
export const FULL = [{ number: '7', word: "'seven'", without: [] }, { number: '8', word: "'eight'", without: [] }];

function runsOf({ params }, words) {
  const named = params.flatMap(({ name }) => (words.get(name) ?? []).map((text) => ({ ...FULL[0], words: { [name]: text } })));
  const without = [...params.map(({ name }) => [name]), params.map(({ name }) => name)].map((names) => ({ ...FULL[0], without: names }));
  return [...FULL, ...named, ...without];
}

// [{ name, sql with question marks, params: [{ name, type }] in their order }]
export function statements() {
  const all = [];
  for (const file of readdirSync(join(root, 'api')).filter((name) => name.endsWith('.sql'))) {
    const text = readFileSync(join(root, 'api', file), 'utf8');
    for (const part of text.split(/^(?=-- [a-z_]+\(.*\) (?:exec|row|rows)$)/m)) {
      const head = /^-- ([a-z_]+)\((.*)\) (?:exec|row|rows)$/m.exec(part);
      if (!part.startsWith('-- ') || head?.index !== 0) continue;
      const types = Object.fromEntries(head[2].split(/, */).filter(Boolean).map((param) => param.split(' ').reverse()));
      const body = part.replace(/^--.*$/gm, '').trim().replace(/;$/, '');
      const params = [...body.matchAll(/:([a-z_]+)/g)].map(([, name]) => ({ name, type: types[name] }));
      all.push({ name: head[1], sql: body.replace(/:[a-z_]+/g, '?').replace(/\s+/g, ' '), params });
    }
  }
  return all;
}

// JSON_TABLE gets a list of what fits; everything else that is text is 'seven'.
function sample({ sql }, { name, type }, { number, word, without, words = {} }) {
  const given = !without.includes(name);
  if (words[name]) return words[name];
  if (SAMPLES[name]) return SAMPLES[name][given ? 0 : SAMPLES[name].length - 1];
  if (type === 'id') return number;
  if (type === 'int') return given ? number : '0';
  return /JSON_TABLE/.test(sql) && /s$/.test(name) ? "'[7, 8, 9]'" : given ? word : 'NULL';
}

const quote = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
export const execute = (before, statement, run) => `EXECUTE IMMEDIATE ${quote(before + statement.sql)}${
  statement.params.length > 0 ? ` USING ${statement.params.map((param) => sample(statement, param, run)).join(', ')}` : ''};`;

// The words of enumerations by the name of their column: state -> 'active', 'disabled', ...
async function enumerations(stack) {
  const columns = await stack.sql("SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = 'maru' AND data_type = 'enum'");
  const words = new Map();
  for (const [name, type] of columns) words.set(name, [...new Set([...(words.get(name) ?? []), ...type.slice(5, -1).split(',')])]);
  return words;
}

// What EXPLAIN finds: { faults, [sentence] of tables that are read whole; used, names of ALLOWED that do so; vacant, [sentence] of
// statements that no row fits, so that nothing is known of them }.
export async function explainAll(stack) {
  const words = await enumerations(stack);
  const plain = statements().filter(({ sql }) => !/^CALL /.test(sql));
  const runs = plain.flatMap((statement) => runsOf(statement, words).map((run) => ({ statement, run })));
  const out = await stack.sql(`SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\n${runs.map(({ statement, run }, i) =>
    `SELECT '@', ${i};\n${execute('EXPLAIN ', statement, run)}`).join('\n')}`);
  const faults = new Set();
  const used = new Set();
  const explained = new Set();
  const empty = new Set();
  let name;
  let run;
  for (const [at, part, table, type, , key, , , rows, extra] of out) {
    if (at === '@') { ({ statement: { name }, run } = runs[Number(part)]); continue; }
    const nothing = ['SIMPLE', 'PRIMARY', 'DERIVED'].includes(part) && /after reading const|no matching row/.test(extra ?? '');
    if (run.without.length === 0) (nothing ? empty : explained).add(`${name} ${part}`);
    if (!['ALL', 'index'].includes(type) || !(Number(rows) > SCANNED_MAX) || /^</.test(table)) continue;
    if (name in ALLOWED) used.add(name);
    else faults.add(`${name}: ${type} over ${rows} rows of ${table}, key ${key}, ${extra}`);
  }
  const vacant = [...empty].filter((one) => !explained.has(one)).map((one) => `${one}: no row fits, so there is nothing to explain`);
  return { statements: plain.length, faults: [...faults], used, vacant };
}
