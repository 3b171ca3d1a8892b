// Every statement of api/*.sql, and every procedure that one of them calls, goes through an index: EXPLAIN on tables of
// some thousand rows must show no scan of a whole table or index. New statements and tables are found by themselves.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { root, startStack } from '../harness.mjs';

const ROWS = 3000;
const SCANNED_MAX = 100; // rows; smaller tables may be read whole

// Statements that may read all of a table, and why.
const ALLOWED = {
  categories_list: 'all categories are wanted, and they are few',
  categories_count: 'categories are few',
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
  category: ['7', '0'],
  pattern: ["'sev[e-f]n'"],
  hash: ["RPAD('seven', 32, CHAR(0))"],
};

// Each statement is explained for row 7 of everything; for row 8, which has nothing that is optional and is over; for row 7
// with each word of the columns that a parameter is named like; and for row 7 without one of the parameters, and without all.
const FULL = [{ number: '7', word: "'seven'", without: [] }, { number: '8', word: "'eight'", without: [] }];

function runsOf({ params }, words) {
  const named = params.flatMap(({ name }) => (words.get(name) ?? []).map((text) => ({ ...FULL[0], words: { [name]: text } })));
  const without = [...params.map(({ name }) => [name]), params.map(({ name }) => name)].map((names) => ({ ...FULL[0], without: names }));
  return [...FULL, ...named, ...without];
}

const stack = await startStack();
after(() => stack.stop());
await stack.stopApi(); // its feeder would erase and post some of what is filled in

// [{ name, sql with question marks, params: [{ name, type }] in their order }]
function statements() {
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
const execute = (before, statement, run) => `EXECUTE IMMEDIATE ${quote(before + statement.sql)}${
  statement.params.length > 0 ? ` USING ${statement.params.map((param) => sample(statement, param, run)).join(', ')}` : ''};`;

// An expression for row `seq` of a column; see FULL for the first two rows.
function valueOf({ type, length, full, single, place, optional }) {
  const first = (seven, eight, others) => `CASE seq WHEN 0 THEN ${seven} WHEN 1 THEN ${optional ? 'NULL' : eight} ELSE ${others} END`;
  if (type === 'enum') return `ELT(1 + seq MOD ${full.split(',').length}, ${full.slice(5, -1)})`;
  if (type === 'tinyint') return first(7, 8, 'seq MOD 3');
  if (/int$/.test(type)) return first(7, 8, single ? 'seq + 10' : ['1 + seq MOD 61', '1 + seq DIV 3', 'seq'][Math.min(place, 2)]);
  if (type === 'datetime') return first('UTC_TIMESTAMP(3) + INTERVAL 1 DAY', 'UTC_TIMESTAMP(3) - INTERVAL 1 DAY', `UTC_TIMESTAMP(3) + INTERVAL seq MINUTE - INTERVAL ${ROWS / 2} MINUTE`);
  if (type === 'date') return "DATE('2030-01-01') + INTERVAL seq DAY";
  return `LEFT(${first("'seven'", "'eight'", 'MD5(seq)')}, ${Math.min(length, 32)})`;
}

async function fillTables() {
  const columns = await stack.sql(`SELECT c.table_name, c.column_name, c.data_type, COALESCE(c.character_maximum_length, 0), c.column_type, c.ordinal_position,
      (SELECT COUNT(*) FROM information_schema.statistics s WHERE s.table_schema = c.table_schema AND s.table_name = c.table_name AND s.index_name = 'PRIMARY'),
      c.column_key, c.is_nullable
    FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = 'maru' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'meta' AND c.generation_expression IS NULL`);
  const tables = Map.groupBy ? Map.groupBy(columns, ([table]) => table)
    : columns.reduce((map, column) => map.set(column[0], [...(map.get(column[0]) ?? []), column]), new Map());
  const inserts = [...tables].map(([table, list]) => {
    const values = list.map(([, , type, length, full, place, keys, key, optional]) =>
      valueOf({ type, length: Number(length), full, place: Number(place) - 1, single: key === 'PRI' && keys === '1', optional: optional === 'YES' }));
    return `INSERT IGNORE INTO \`${table}\` (${list.map(([, name]) => `\`${name}\``).join(', ')}) SELECT ${values.join(', ')} FROM seq_0_to_${ROWS};
      ANALYZE TABLE \`${table}\`;`;
  });
  await stack.sql(`SET foreign_key_checks = 0; SET sql_mode = '';\n${inserts.join('\n')}`);
  const sizes = await stack.sql([...tables.keys()].map((table) => `SELECT '${table}', COUNT(*) FROM \`${table}\`;`).join('\n'));
  for (const [table, rows] of sizes) assert.ok(Number(rows) > ROWS / 2, `${table} has only ${rows} rows`);
}

// The words of enumerations by the name of their column: state -> 'active', 'disabled', ...
async function enumerations() {
  const columns = await stack.sql("SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = 'maru' AND data_type = 'enum'");
  const words = new Map();
  for (const [name, type] of columns) words.set(name, [...new Set([...(words.get(name) ?? []), ...type.slice(5, -1).split(',')])]);
  return words;
}

await fillTables();
const words = await enumerations();
const [calls, plain] = [statements().filter(({ sql }) => /^CALL /.test(sql)), statements().filter(({ sql }) => !/^CALL /.test(sql))];

test('no statement reads a whole table', async () => {
  assert.ok(plain.length > 50, 'the statements are found');
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
  for (const one of empty) if (!explained.has(one)) faults.add(`${one}: no row fits, so there is nothing to explain`);
  assert.deepEqual([...faults], []);
  assert.deepEqual(Object.keys(ALLOWED).filter((one) => !used.has(one)), [], 'these need no exception');
});

// EXPLAIN says nothing of a procedure; the server counts what it reads.
test('no procedure reads a whole table', async () => {
  assert.ok(calls.length >= 3, 'the calls are found');
  const faults = [];
  for (const statement of calls) {
    const out = await stack.sql(`SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; FLUSH STATUS; ${execute('', statement, FULL[0])}
      SELECT '@'; SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_rnd_next', 'Handler_read_next', 'Handler_read_prev');`);
    const read = out.slice(out.findIndex(([at]) => at === '@') + 1);
    for (const [name, n] of read) if (Number(n) > SCANNED_MAX) faults.push(`${statement.name}: ${name} ${n}`);
  }
  assert.deepEqual(faults, []);
});
