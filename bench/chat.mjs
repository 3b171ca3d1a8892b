// Runs build/bench/chat against a stage of bench/stage.mjs, and finds out how much a system can hold.
import { sleep } from '../tests/harness.mjs';
import { runLoad } from './load.mjs';

const SLOW = 200; // ms: whoever takes longer at the 99th percentile does not hold the rate
const KEPT = 0.97; // of the messages that were due have to be acknowledged in time

// Counted over all runs of a process, by the name of the system.
export const faults = {};

const ms = (us) => us / 1000;
const HEADINGS = { ack: 'T_ack', echo: 'T_echo', first: 'T_first', last: 'T_last' };
const POINTS = { p50: 'p50', p95: 'p95', p99: 'p99', p999: 'p99.9', max: 'max' };

function count(name, { lost, duplicated, disordered, refused, unanswered, closed }) {
  const sums = faults[name] ??= { lost: 0, duplicated: 0, disordered: 0, refused: 0, unanswered: 0, closed: 0 };
  for (const [key, n] of Object.entries({ lost, duplicated, disordered, refused, unanswered, closed })) sums[key] += n;
}

// One run; how: { rooms, size, rate, inflight, burst, warmup, seconds, keep }. The stage must have
// been seeded for these rooms. meanwhile(): is called in the middle of the window. Resolves with what
// bench/chat prints, times in milliseconds, and what meanwhile() resolved with.
export async function chat(stage, how, meanwhile = async () => {}) {
  const { rooms, size, rate = 0, inflight = 64, burst = 0, warmup = 1, seconds, keep = true } = how;
  const before = await stage.stored();
  const running = runLoad('chat', ['-s', how.name ?? stage.name, '-p', stage.port,
    '-r', rooms, '-k', size, '-R', rate, '-i', inflight, '-b', burst, '-w', warmup, '-t', seconds, '-a', keep ? 1 : 0,
    '-u', stage.usersFile, ...Object.entries(stage.watches).flatMap(([name, pid]) => ['-c', `${name}=${pid}`])]);
  const [result, seen] = await Promise.all([running, sleep((warmup + seconds) * 500).then(meanwhile)]);
  const { rows, gaps } = await stage.stored();
  // What was not answered may have been stored.
  const missing = Math.max(0, result.acked - (rows - before.rows)) + gaps;
  count(how.name ?? stage.name, { ...result, lost: result.lost + missing });
  const p = Object.fromEntries(Object.entries(result.p).map(([key, { n, ...us }]) =>
    [key, { n, ...Object.fromEntries(Object.entries(us).map(([point, t]) => [point, ms(t)])) }]));
  return { ...result, p, seen };
}

// Whether the system held the rate, so that nobody waited long.
const holds = ({ p, rate, refused, unanswered, closed }, wanted) =>
  p.ack.p99 < SLOW && p.last.p99 < SLOW && rate >= KEPT * wanted && refused + unanswered + closed === 0;

// The most messages per second that are held: as many as 32 busy senders bring about, if that is held;
// else fixed rates below, halving the distance. Resolves with that run.
export async function findMaximum(stage, how, steps = 6) {
  let best = await chat(stage, { ...how, rate: 0, inflight: 32 });
  if (holds(best, 0)) return best;
  let [low, high] = [0, best.rate];
  best = undefined;
  for (let i = 0; i < steps || (best === undefined && i < 2 * steps); i++) {
    const rate = (low + high) / 2;
    const run = await chat(stage, { ...how, rate, inflight: 64 });
    if (holds(run, rate)) [low, best] = [rate, run];
    else high = rate;
    if (high - low < 0.05 * high) break;
  }
  if (best === undefined) throw new Error(`${stage.name} holds no rate at all in rooms of ${how.size}`);
  return best;
}

// ---- for tables ------------------------------------------------------------------------------------

export const timeColumns = (kinds, points = ['p50', 'p95', 'p99', 'p999', 'max']) =>
  kinds.flatMap((kind) => points.map((point) => `${HEADINGS[kind]} ${POINTS[point]}`));
export const timeCells = ({ p }, kinds, points = ['p50', 'p95', 'p99', 'p999', 'max']) =>
  kinds.flatMap((kind) => points.map((point) => p[kind][point]));

// Milliseconds of processor for each message, by program.
export const cpuOf = ({ cpu, rate, seconds }) =>
  Object.fromEntries(Object.entries(cpu).filter(([name]) => !['load', 'idle'].includes(name))
    .map(([name, s]) => [name, s * 1000 / (rate * seconds)]));
