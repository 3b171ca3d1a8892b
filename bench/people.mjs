// People and rooms in great numbers: every list among 10^5 people, 10^4 rooms and 10^6 messages, whether a statement reads
// a whole table there; a hundred people at the door of a room with one free seat; and what moderators do while people talk.
//
//   make bench-people [REQUESTS=500] [POOL=128] [ONLY=lists,plans,races,effects,matrix]
//
// POOL is the buffer pool in MB while it is measured, MariaDB's own default. Of each list there are several variants (what
// is searched for, in which order, how far back), each asked one after the other and then four at a time, in turn, so
// that noise hits all alike; the bar is for the worst. Status 1 if one is short.
import { startStack } from '../tests/harness.mjs';
import { explainAll } from '../tests/api/plans.mjs';
import { MATRIX_CONF, runMatrix } from '../tests/api/matrix.mjs';
import { bar, printBars } from './bar.mjs';
import { effects } from './effects.mjs';
import { variants } from './lists.mjs';
import { env, runLoad } from './load.mjs';
import { races } from './races.mjs';
import { table } from './report.mjs';
import { fillTown, MESSAGES, PEOPLE, ROOMS } from './town.mjs';

const requests = env('REQUESTS', 500);
const pool = env('POOL', 128);
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
const isWanted = (part) => only.length === 0 || only.includes(part);
const WARMUP = 50;
const AT_ONCE = 4;
const LIMIT = 20; // ms

// Asks for each path `count` times, all of them in turn; resolves with the figures of each.
async function ask(stack, { token }, paths, count, readers) {
  const lines = Array.from({ length: count }, () => paths.map((path, k) => `${k} ${path}\n`)).flat();
  const figures = await runLoad('fetch', [stack.port, token, readers], { input: lines.join('') });
  const wrong = figures.findIndex(({ other }) => other > 0);
  if (wrong >= 0) throw new Error(`${paths[wrong]}: ${figures[wrong].other} other answers than 200`);
  return figures;
}

// Adds `one` and `four`, what became of it one after the other and four at a time, to each variant.
async function measure(stack, people, all) {
  for (const [who, user] of Object.entries(people)) {
    const mine = all.filter((variant) => variant.who === who);
    const paths = mine.map(({ path }) => path);
    await ask(stack, user, paths, WARMUP, 1);
    const one = await ask(stack, user, paths, requests, 1);
    const four = await ask(stack, user, paths, requests, AT_ONCE);
    mine.forEach((variant, i) => Object.assign(variant, { one: one[i], four: four[i] }));
  }
}

const ms = (us) => Number((us / 1000).toFixed(2));

async function lists(stack, people) {
  const all = await variants(stack, people);
  await measure(stack, people, all);
  const columns = ['list', 'asked for', 'kB', 'p50 ms', 'p95 ms', 'p99 ms', 'p50 of 4 at a time', 'p95'];
  const rows = all.map(({ name, shown, one, four }) => [name, decodeURIComponent(shown).slice(0, 70), one.bytes / 1000,
    ms(one.p50), ms(one.p95), ms(one.p99), ms(four.p50), ms(four.p95)]);
  console.log(`\n${PEOPLE} people, ${ROOMS} rooms, ${MESSAGES} messages; InnoDB's buffer pool has ${pool} MB; ${requests} requests each, through nginx.\n`);
  console.log(`${table({ columns, rows })}\n`);
  for (const name of new Set(all.map((variant) => variant.name)))
    bar(`people_list_p95_${name}`, Math.max(...all.filter((v) => v.name === name).flatMap(({ one, four }) => [ms(one.p95), ms(four.p95)])), 'ms', `<=${LIMIT}`);
}

async function plans(stack) {
  const { statements, faults } = await explainAll(stack);
  console.log(`${statements} statements explained${faults.map((fault) => `\n  ${fault}`).join('')}`);
  bar('people_explain_scans', faults.length, 'statements', '<=0');
}

// Who may do what, each of it tried, on a Maru of its own.
async function matrix() {
  const stack = await startStack({ conf: { log_level: 'warn', ...MATRIX_CONF } });
  try {
    const { cells, tried, deviations } = await runMatrix(stack);
    console.log(`${tried} of ${cells} cells of the matrix tried${deviations.map((one) => `\n  ${one}`).join('')}`);
    bar('matrix_cells_tried', 100 * tried / cells, '%', '>=100');
    bar('matrix_deviations', deviations.length, 'cells', '<=0');
  } finally {
    await stack.stop();
  }
}

async function town() {
  const parts = Object.entries({ lists, plans, races, effects }).filter(([name]) => isWanted(name));
  if (parts.length === 0) return;
  const stack = await startStack({ conf: { log_level: 'warn', 'db.innodb-buffer-pool-size': '1G', 'db.innodb-log-file-size': '512M' } });
  try {
    const people = await fillTown(stack, pool);
    for (const [, part] of parts) await part(stack, people);
  } finally {
    await stack.stop();
  }
}

await town();
if (isWanted('matrix')) await matrix();
process.exitCode = printBars() ? 0 : 1;
