// Every statement of api/*.sql, and every procedure that one of them calls, goes through an index: EXPLAIN on tables of
// some thousand rows must show no scan of a whole table or index. New statements and tables are found by themselves.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { ALLOWED, execute, explainAll, FULL, SCANNED_MAX, statements } from './plans.mjs';

const ROWS = 3000;

const stack = await startStack();
after(() => stack.stop());
await stack.stopApi(); // its feeder would erase and post some of what is filled in

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

await fillTables();
const calls = statements().filter(({ sql }) => /^CALL /.test(sql));

test('no statement reads a whole table', async () => {
  const found = await explainAll(stack);
  assert.ok(found.statements > 50, 'the statements are found');
  assert.deepEqual([...found.faults, ...found.vacant], []);
  assert.deepEqual(Object.keys(ALLOWED).filter((one) => !found.used.has(one)), [], 'these need no exception');
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
