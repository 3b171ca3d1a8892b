// The send path: maru through nginx against the database alone, in alternating rounds on the same
// machine, so that the ratio means something however noisy the machine is. For bench/core.mjs and
// bench/compare.mjs.
import { availableParallelism } from 'node:os';
import { sleep } from '../tests/harness.mjs';
import { bar, median } from './bar.mjs';
import { runLoad } from './load.mjs';
import { checkHistory, emptyHistory, ROOMS, SENDERS } from './seed.mjs';

// ---- one measurement -------------------------------------------------------------------------------

const totals = { lost: 0, failed: 0, noise: [] };

async function measure(stack, file, program, rooms, { warmup, seconds }) {
  await emptyHistory(stack);
  await sleep(500);
  const watched = Object.entries(stack.pids).flatMap(([name, pid]) => ['-c', `${name}=${pid}`]);
  const target = program === 'send' ? String(stack.port) : stack.conf.db_socket;
  const result = await runLoad(program, ['-r', rooms, '-w', warmup, '-t', seconds, '-k', file, ...watched, target],
    { password: stack.conf.db_password });
  const { stored, gaps } = await checkHistory(stack);
  totals.failed += result.other + result.lost;
  // A request without an answer may have been stored or not; whatever else differs is an error.
  const unexplained = Math.max(0, result.acked - stored, stored - result.acked - result.lost);
  totals.lost += unexplained + gaps;
  if (unexplained + gaps > 0)
    console.log(`${program}, ${rooms} rooms: acknowledged ${result.acked}, stored ${stored}, ${gaps} rooms with gaps`);
  return { ...result, rate: result.measured / result.seconds };
}

const ms = (us) => (us / 1000).toFixed(1);

function printRate(title, { rate, p50, p95, p99, max }) {
  console.log(`${title.padEnd(30)} ${rate.toFixed(0).padStart(6)} msg/s   p50 ${ms(p50)}  p95 ${ms(p95)}`
    + `  p99 ${ms(p99)}  max ${ms(max)} ms`);
}

// Where the time goes: CPU microseconds per message of each program.
function printCpu(title, { cpu, measured, seconds: window }) {
  const { idle, ...programs } = cpu;
  const all = window * availableParallelism();
  const used = Object.values(programs).reduce((a, b) => a + b, 0);
  const each = Object.entries(programs).map(([name, s]) => `${name} ${(s / measured * 1e6).toFixed(0)}`);
  const others = Math.max(0, all - idle - used);
  totals.noise.push(others / all);
  const share = (s) => `${(s / all * 100).toFixed(0)} %`;
  console.log(`${title.padEnd(30)} CPU us per message: ${each.join('  ')}; idle ${share(idle)},`
    + ` others and interrupts ${share(others)}`);
}

// ---- send rates ------------------------------------------------------------------------------------

const QUIET = 0.1; // of the processors may be busy with something else
const shapes = [{ bar: 'hot_room_ratio', rooms: 1 }, { bar: 'thousand_rooms_ratio', rooms: ROOMS }];

const titleOf = (program, rooms) =>
  `${program === 'send' ? 'maru' : 'database alone'}, ${rooms === 1 ? '1 room' : `${rooms} rooms`}`;
const middle = (results, key) => median(results.map((r) => r[key]));

function summary(results) {
  const keys = ['rate', 'p50', 'p95', 'p99', 'max'];
  return Object.fromEntries(keys.map((key) => [key, middle(results, key)]));
}

// Maru and the database alone in turn, in one room and in a thousand. how: { rounds, warmup,
// seconds, limits: of the bars, in the order of the shapes }. Resolves with a table for bench/report.mjs.
export async function sendRates(stack, file, how) {
  const { rounds, seconds, limits } = how;
  const runs = shapes.map(() => ({ ceiling: [], send: [] }));
  for (let round = 1; round <= rounds; round++) {
    for (const [i, { rooms }] of shapes.entries()) {
      for (const program of ['ceiling', 'send']) {
        const result = await measure(stack, file, program, rooms, how);
        printRate(`${round}: ${titleOf(program, rooms)}`, result);
        printCpu('', result);
        runs[i][program].push(result);
      }
    }
  }
  const note = `Medians of ${rounds} rounds of ${seconds} s, ${SENDERS} senders, each with its next message as soon as the`
    + ' one before is stored, 200 characters, nobody listens.';
  console.log(note);
  const rows = [];
  for (const [i, { bar: name, rooms }] of shapes.entries()) {
    for (const program of ['ceiling', 'send']) {
      const { rate, ...times } = summary(runs[i][program]);
      printRate(titleOf(program, rooms), { rate, ...times });
      rows.push([titleOf(program, rooms), Math.round(rate), ...Object.values(times).map((us) => us / 1000)]);
    }
    bar(name, median(runs[i].send.map((r, k) => r.rate / runs[i].ceiling[k].rate)), 'x', limits[i]);
  }
  if (Math.max(...totals.noise) > QUIET)
    console.log(`the machine is not quiet (others took up to ${(Math.max(...totals.noise) * 100).toFixed(0)} %):`
      + ' these ratios mean little');
  bar('send_failed', totals.failed, 'requests', '<=0');
  bar('acked_lost', totals.lost, 'messages', '<=0');
  return { title: 'Sending, against the database alone', note, columns: ['', 'msg/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'], rows };
}
