// maru-push stands still while people go on talking: no POST may notice, and when it goes on, every
// screen is soon where the others are.
import { Load } from './load.mjs';
import { makeRooms, people, quantile, sleep, startChaos } from './kit.mjs';

const RATE = 500;
const ROOMS = 100;
const LISTENERS = 40;
const ROOMS_EACH = 5;
const PART_MS = 1000;

// Latencies in ms and failures of what was sent in a span of time. parts: p99 of each second; their
// median is what is compared, for one hiccup of the machine decides the p99 of a whole span.
function figures(load, from, to) {
  const answers = load.answers.filter(({ at }) => at >= from && at < to);
  const parts = [];
  for (let at = from; at + PART_MS <= to + 1; at += PART_MS)
    parts.push(quantile(load.answers.filter((answer) => answer.at >= at && answer.at < at + PART_MS).map(({ ms }) => ms), 0.99));
  return { n: answers.length, failed: answers.filter(({ status }) => status !== 201).length, parts,
    p50: quantile(answers.map(({ ms }) => ms), 0.5), p99: quantile(answers.map(({ ms }) => ms), 0.99) };
}

const show = ({ n, failed, p50, p99 }) => `${n} POSTs, ${failed} failed, p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`;

// Stops maru-push for a while; resolves with how long all screens took to get to the head after it went on.
async function pause(stack, load, span, ms) {
  stack.signal('push', 'SIGSTOP');
  try {
    await span(ms);
  } finally {
    stack.signal('push', 'SIGCONT');
  }
  const on = performance.now();
  // Those who talk go on; whoever is at the head of what was there a moment ago has caught up.
  await load.stop();
  const took = await load.converged(10000, on);
  load.run(RATE);
  await sleep(1000);
  return took;
}

// Several short pauses rather than one, with as much usual time between them: the machine has its moods.
const SHORT = { pauses: 3, ms: 8000 };
const LONG = { pauses: 1, ms: 60000 };

export async function run(t) {
  const { pauses, ms } = t.long ? LONG : SHORT;
  // In the short set a client counts as dead sooner, so that the pause is longer than that there, too.
  const stack = await startChaos({ conf: t.long ? { workers: 8 } : { workers: 8, push_ping: 3, push_hangup: 6 } });
  const users = await people(stack, LISTENERS);
  const rooms = await makeRooms(stack, ROOMS, users);
  const load = new Load(stack, { users, rooms, receivers: { jitter: 1000 } });
  users.forEach((user, i) => load.listen(user, Array.from({ length: ROOMS_EACH }, (_, k) => rooms[(i * ROOMS_EACH + k) % ROOMS])));
  await load.ready();
  load.run(RATE);
  await sleep(2000);
  const usual = [];
  const stopped = [];
  const spanOf = (list) => async (length) => {
    const from = performance.now();
    await sleep(length);
    list.push([from, performance.now()]);
  };
  let slowest = 0;
  await spanOf(usual)(ms / 2);
  for (let i = 0; i < pauses; i++) {
    slowest = Math.max(slowest, await pause(stack, load, spanOf(stopped), ms));
    await spanOf(usual)(i + 1 < pauses ? ms : ms / 2);
  }
  await load.stop();
  await load.converged(5000);
  await t.check(load);
  const parts = (spans) => spans.map(([from, to]) => figures(load, from, to));
  const [then, during] = [parts(usual), parts(stopped)];
  t.say(`usual: ${then.map(show).join('; ')}`);
  t.say(`maru-push stopped for ${ms / 1000} s: ${during.map(show).join('; ')}`);
  const closed = load.receivers.flatMap(({ log }) => log.filter(({ k }) => k === 'close').map(({ code }) => code));
  t.say(`at the head at most ${slowest.toFixed(0)} ms after it went on; ${closed.length} connections were closed (${[...new Set(closed)].join(', ')}),`
    + ` ${load.sum('recovered')} recovered, ${load.sum('unrecovered')} told to reload`);
  t.bar('pause_connections_lost', closed.length, 'connections', '<=0');
  t.bar('pause_failed', during.reduce((sum, { failed }) => sum + failed, 0), 'POSTs', '<=0');
  const [usually, meanwhile] = [then, during].map((list) => quantile(list.flatMap((one) => one.parts), 0.5));
  t.say(`p99 of a second, in the middle: ${usually.toFixed(1)} ms, while it was stopped ${meanwhile.toFixed(1)} ms`);
  t.bar('pause_p99', meanwhile / usually, 'x', '<=1.1');
  t.bar('pause_converged', slowest / 1000, 's', '<=2');
  load.close();
  await stack.stop();
}
