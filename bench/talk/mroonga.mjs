// What Debian's Mroonga takes for searches that Maru answers from its own index: docs/decisions.md says why Maru has one, and
// rests on these figures. The same town, and the same queries, of words and phrases without operators; the answers are compared
// with a plain scan, too. Only the statement is timed, without HTTP.
//
//   make bench-talk ONLY=mroonga [MESSAGES=1000000]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startStack } from '../../tests/harness.mjs';
import { expected, fill, makeTown, PAGE, PEOPLE, randomQuery, READER, termsOf } from './search.mjs';

const QUERIES = 400;

// Filled from the folded texts, as what is compared with them is folded, too.
async function build(stack, town) {
  const file = join(stack.dir, 'found.tsv');
  await stack.sql(`INSTALL SONAME 'ha_mroonga';
    CREATE TABLE found (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, room BIGINT UNSIGNED, seq BIGINT UNSIGNED, at BIGINT, sender BIGINT UNSIGNED, body TEXT,
      FULLTEXT KEY body (body) COMMENT 'normalizer "NormalizerAuto", tokenizer "TokenBigramSplitSymbolAlphaDigit"') ENGINE=Mroonga DEFAULT CHARSET=utf8mb4`);
  const since = performance.now();
  for (const { messages } of town.rooms) {
    if (messages.length === 0) continue;
    writeFileSync(file, messages.map(({ room, seq, at, sender, folded }) => `${room}\t${seq}\t${at}\t${sender}\t${folded}\n`).join(''));
    await stack.sql(`LOAD DATA INFILE '${file}' INTO TABLE found CHARACTER SET utf8mb4 (room, seq, at, sender, body)`);
  }
  return (performance.now() - since) / 1000;
}

const quoted = (text) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;

// Resolves with [milliseconds, ["room:seq"]].
async function ask(stack, user, q) {
  const words = termsOf(q).map((term) => `+"${term.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
  const rows = await stack.sql(`SET @since = SYSDATE(6);
    SELECT f.room, f.seq FROM found f JOIN member m ON m.room = f.room AND m.user = ${user}
        LEFT JOIN hidden h ON h.user = ${user} AND h.room = f.room AND h.message = f.seq
        LEFT JOIN block b ON b.user = ${user} AND b.other = f.sender
      WHERE MATCH (f.body) AGAINST (${quoted(words)} IN BOOLEAN MODE) AND f.seq > m.visible_from AND h.user IS NULL AND b.user IS NULL
      ORDER BY f.at DESC, f.room DESC, f.seq DESC LIMIT ${PAGE};
    SELECT TIMESTAMPDIFF(MICROSECOND, @since, SYSDATE(6))`);
  return [Number(rows.pop()[0]) / 1000, rows.map((row) => row.join(':'))];
}

// The same asked of Groonga itself, which can take the rooms as a filter and sort before anything reaches MariaDB. What is hidden or
// blocked would still have to be left out, and more asked for. Resolves with [milliseconds, how many there are].
async function askGroonga(stack, rooms, q) {
  const words = termsOf(q).map((term) => `"${term.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
  const [answer, [us]] = await stack.sql(`SET @since = SYSDATE(6);
    SELECT mroonga_command('select', 'table', 'found', 'match_columns', 'body', 'query', ${quoted(words)}, 'filter', 'in_values(room, ${[...rooms]})',
      'sortby', '-at,-room,-seq', 'limit', '${2 * PAGE}', 'output_columns', 'room,seq', 'cache', 'no');
    SELECT TIMESTAMPDIFF(MICROSECOND, @since, SYSDATE(6))`);
  return [Number(us) / 1000, JSON.parse(answer[0])[0][0][0]];
}

const near = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];

export async function mroonga({ bar, env }) {
  const stack = await startStack({ conf: { log_level: 'warn', 'db.innodb-buffer-pool-size': '512M', 'db.innodb-log-file-size': '256M' } });
  try {
    const town = makeTown(env('MESSAGES', 1000000));
    await fill(stack, town);
    const seconds = await build(stack, town);
    const [[bytes]] = await stack.sql("SELECT data_length + index_length FROM information_schema.tables WHERE table_name = 'found'");
    console.log(`indexed in ${seconds.toFixed(0)} s, ${(bytes / 1e6).toFixed(0)} MB as information_schema has it`);
    const mine = [...town.people[READER].rooms];
    const taken = [];
    const itself = [];
    let wrong = 0;
    let fewer = 0;
    await stack.sql("CREATE FUNCTION mroonga_command RETURNS STRING SONAME 'ha_mroonga.so'");
    while (taken.length < QUERIES) {
      const user = taken.length % 2 ? READER : 1 + town.random.below(PEOPLE);
      const q = randomQuery(town, mine);
      if (/\w+:/.test(q)) continue; // operators
      const [ms, got] = await ask(stack, user, q);
      const wanted = expected(town, user, q, PAGE);
      const differ = wanted.filter((one, i) => one !== got[i]).length + Math.max(0, got.length - wanted.length);
      if (differ > 0 && wrong < 500) console.log(`person${user} ${q}: ${differ} of ${wanted.length} differ`);
      wrong += differ;
      taken.push([ms, q]);
      const [alone, all] = await askGroonga(stack, town.people[user].rooms, q);
      itself.push(alone);
      if (all < wanted.length) fewer++;
    }
    taken.sort((a, b) => a[0] - b[0]);
    itself.sort((a, b) => a - b);
    console.log(`asked of Groonga itself: p50 ${near(itself, 0.5).toFixed(1)} ms, p95 ${near(itself, 0.95).toFixed(1)} ms; too few in ${fewer} answers`);
    console.log(`p50 ${near(taken, 0.5)[0].toFixed(1)} ms; the slowest: ${taken.slice(-5).map(([ms, q]) => `${q} ${ms.toFixed(0)} ms`).join(', ')}`);
    bar('talk_search_p95_mroonga', near(taken, 0.95)[0], 'ms', '<=100');
    bar('talk_search_wrong_mroonga', wrong, 'results', '<=0');
  } finally {
    await stack.stop();
  }
}
