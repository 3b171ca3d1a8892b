// make chaos [LONG=1] [ONLY=kick,bus]: breaks everything in turn and checks what must hold. Each
// scenario says what it did; at the end there is one line per bar. Status 1 if one is short, an
// invariant is violated, or a scenario comes to grief.
//
// A scenario is a file that exports run(t). t.long: the full figures. t.say(text).
// t.bar(name, figure, unit, limit). t.check(load, options): all invariants; resolves with the number
// of violations. t.count(good, all): repetitions that passed.
import { bar, printBars } from '../../bench/bar.mjs';
import { check } from './checker.mjs';
import { readRows } from './kit.mjs';

const all = ['crash', 'kills', 'deliveries', 'quiet', 'later', 'desks', 'calls', 'bus', 'pause', 'database', 'doubt', 'kick', 'snapshot', 'mids', 'sockets',
  'halfopen', 'resources', 'frames'];
const long = process.env.LONG === '1';
const only = (process.env.ONLY ?? '').split(/[ ,]+/).filter(Boolean);
const LIMIT = long ? 3600000 : 150000; // for one scenario

const unknown = only.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such scenario: ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

const started = performance.now();
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
let failed = 0;

function tools(name) {
  const say = (text) => console.log(`${name}: ${text}`);
  return {
    long,
    say,
    bar,
    async check(load, options = {}) {
      const report = check(load.history(), await readRows(load.stack, load.rooms), options);
      if (report.total > 0) {
        failed++;
        say(`VIOLATED ${[...report.counts].map(([rule, n]) => `${rule} x ${n}`).join(', ')}`);
        console.log(String(report));
      }
      return report;
    },
  };
}

async function runOne(name) {
  const since = performance.now();
  const watchdog = setTimeout(() => {
    console.log(`${name}: not done after ${LIMIT / 1000} s`);
    process.exit(1); // the harness stops the stacks
  }, LIMIT);
  console.log(`---- ${name}`);
  try {
    const { run } = await import(`./${name}.mjs`);
    await run(tools(name));
  } catch (error) {
    failed++;
    console.log(`${name}: came to grief: ${error.stack}`);
  }
  clearTimeout(watchdog);
  console.log(`${name}: ${seconds(since)} s`);
}

for (const name of only.length > 0 ? only : all) await runOne(name);
const ok = printBars();
console.log(`${long ? 'the long set' : 'the short set'}: ${seconds(started)} s, ${failed} failures`);
process.exit(ok && failed === 0 ? 0 : 1);
