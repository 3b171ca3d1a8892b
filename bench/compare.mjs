// Maru beside what it wants to replace: the usual chat server on Node (bench/rivals/node), sending by HTTP
// or over the socket, and Nchan. Everything on this machine, in alternating rounds, in one run.
//
//   make bench [QUICK=1] [ROUNDS=3] [SECS=4] [ONLY=maximum,latency]
//
// Writes bench/results/<date>.md with charts, and prints one line per bar; status 1 if one is short. QUICK
// takes three minutes instead of about twenty, and its figures are good for a look only. ONLY: some of the
// parts below, by name.
import { join } from 'node:path';
import { api, root } from '../tests/harness.mjs';
import { bar, barLines, median, printBars } from './bar.mjs';
import { chat, cpuOf, faults, findMaximum, timeCells, timeColumns } from './chat.mjs';
import { measureFanout } from './fanout.mjs';
import { measureHistory } from './history.mjs';
import { env } from './load.mjs';
import { machine, report, table } from './report.mjs';
import { seed } from './seed.mjs';
import { sendRates } from './sends.mjs';
import { firstUser, stageMaru, stageNode } from './stage.mjs';

const quick = Boolean(process.env.QUICK);
const rounds = env('ROUNDS', quick ? 1 : 3);
const seconds = env('SECS', quick ? 1.5 : 4);
const warmup = quick ? 0.5 : 1;
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);

// Room sizes; as many rooms as make about a thousand people, but never more than 50.
const SIZES = quick ? [20, 1000] : [2, 20, 100, 1000];
const roomsOf = (size) => Math.min(50, Math.max(1, 1000 / size));
const SHARES = [0.25, 0.5, 0.8]; // of what Node holds
const CROWDS = quick ? [100, 1000] : [100, 1000, 10000]; // connections
const STEADY = 100; // messages per second
const BURST = 50;
const SYSTEMS = ['maru', 'node', 'socket'];
const TITLES = { maru: 'Maru', node: 'Node, HTTP', socket: 'Node, socket only' };

const results = { date: '', machine: machine(), quick, tables: [], charts: [], bars: [] };
const how = { warmup, seconds };
let maru;
let node;

const stageOf = (name) => name === 'maru' ? maru : node;
const run = (name, what, meanwhile) => chat(stageOf(name), { ...how, ...what, name }, meanwhile);

async function reseed(people) {
  for (const stage of [maru, node]) await stage.reseed(people);
}

// Takes a table into the report and shows it.
function show(t) {
  results.tables.push(t);
  console.log(`\n## ${t.title}\n${t.note ?? ''}\n\n${table(t)}\n`);
}

const progress = (name, what, { rate, p }) => console.log(`  ${TITLES[name]}, ${what}: ${rate.toFixed(0)} msg/s,`
  + ` T_ack p99 ${p.ack.p99.toFixed(1)}, T_echo p99 ${p.echo.p99.toFixed(1)}, T_last p99 ${p.last.p99.toFixed(1)} ms`);

// The run whose figure is the median one.
const middle = (runs, of) => runs.find((r) => of(r) === median(runs.map(of))) ?? runs[0];

// ---- the most messages per second ------------------------------------------------------------------

const maxima = {}; // of Node by HTTP, by size

async function maximum() {
  const rows = [];
  const series = SYSTEMS.map((name) => ({ name: TITLES[name], values: [] }));
  for (const size of SIZES) {
    const cell = { rooms: roomsOf(size), size };
    const runs = Object.fromEntries(SYSTEMS.map((name) => [name, []]));
    await reseed(cell);
    for (let round = 0; round < rounds; round++) {
      for (const name of SYSTEMS) {
        runs[name].push(await findMaximum(stageOf(name), { ...how, ...cell, name }));
        progress(name, `rooms of ${size}`, runs[name].at(-1));
      }
    }
    for (const [i, name] of SYSTEMS.entries()) {
      const best = middle(runs[name], (r) => r.rate);
      rows.push([size, TITLES[name], Math.round(best.rate), ...timeCells(best, ['ack', 'last'], ['p50', 'p99']),
        Object.entries(cpuOf(best)).map(([program, ms]) => `${program} ${ms.toFixed(3)}`).join(', '),
        (best.bytes_in + best.bytes_out) / (best.rate * best.seconds)]);
      series[i].values.push(best.rate);
    }
    maxima[size] = median(runs.node.map((r) => r.rate));
    bar(`sends_vs_node_room_${size}`, median(runs.maru.map((r, i) => r.rate / runs.node[i].rate)), 'x', '>=5');
  }
  show({ title: 'The most messages per second', columns: ['room size', 'system', 'msg/s',
    ...timeColumns(['ack', 'last'], ['p50', 'p99']).map((c) => `${c} ms`), 'CPU ms per message', 'bytes per message'], rows,
  note: 'Durable messages of 200 characters, acknowledged and delivered with a 99th percentile below 200 ms. At most 50 rooms and'
    + ' about 1,000 people, all of them listening; bytes are those of the clients. Nobody stands before Node; nginx stands before Maru.' });
  results.charts.push({ title: 'Messages per second, by room size', unit: 'msg/s', kind: 'bars', log: true,
    x: SIZES.map((n) => `${n} people`), series });
}

// ---- how long it takes -----------------------------------------------------------------------------

async function nodeMaximum(size) {
  maxima[size] ??= (await findMaximum(node, { ...how, rooms: roomsOf(size), size, name: 'node' })).rate;
  return maxima[size];
}

async function latency() {
  const kinds = ['ack', 'echo', 'first', 'last'];
  const rows = [];
  for (const size of SIZES.filter((n) => n <= 100)) {
    const cell = { rooms: roomsOf(size), size };
    await reseed(cell);
    const most = await nodeMaximum(size);
    for (const share of SHARES) {
      const rate = Math.max(1, Math.round(most * share));
      const runs = Object.fromEntries(SYSTEMS.map((name) => [name, []]));
      for (let round = 0; round < rounds; round++)
        for (const name of SYSTEMS) runs[name].push(await run(name, { ...cell, rate }));
      for (const name of SYSTEMS) {
        const r = middle(runs[name], (one) => one.p.echo.p99);
        progress(name, `rooms of ${size} at ${rate} msg/s`, r);
        rows.push([size, rate, TITLES[name], ...timeCells(r, kinds), r.lost, r.duplicated, r.disordered]);
      }
      if (share === SHARES.at(-1))
        bar(`echo_p99_vs_node_room_${size}`, median(runs.maru.map((r, i) => r.p.echo.p99 / runs.node[i].p.echo.p99)), 'x', '<=0.33');
    }
    results.charts.push({ title: `T_echo p99 in rooms of ${size}`, unit: 'ms', kind: 'lines', log: true,
      x: SHARES.map((share) => `${Math.round(most * share)} msg/s`),
      series: SYSTEMS.map((name) => ({ name: TITLES[name], values: rows
        .filter((row) => row[0] === size && row[2] === TITLES[name]).map((row) => row[3 + timeColumns(['ack']).length + 2]) })) });
  }
  show({ title: 'From sending to every screen', columns: ['room size', 'msg/s', 'system', ...timeColumns(kinds), 'lost', 'twice', 'out of order'],
    rows, note: `Milliseconds from the moment at which a message was due. T_ack: the answer; T_echo: the sender's own screen; T_first and`
      + ` T_last: the first and the last of the room. Rates are ${SHARES.map((s) => `${s * 100} %`).join(', ')} of what Node holds by HTTP.` });
}

// ---- connections -----------------------------------------------------------------------------------

const total = (memory) => Object.values(memory).reduce((a, b) => a + b, 0);
const KEY_OF = { maru: ['api', 'push'], node: ['node'] };
const own = (name, memory) => KEY_OF[name].reduce((sum, program) => sum + memory[program], 0);

async function connections() {
  const rows = [];
  const memory = { maru: {}, node: {} };
  for (const crowd of CROWDS) {
    const cell = { rooms: crowd / 20, size: 20, rate: STEADY };
    await reseed(cell);
    for (const name of ['maru', 'node']) {
      const r = await run(name, cell, () => stageOf(name).memory());
      progress(name, `${crowd} connections`, r);
      memory[name][crowd] = r.seen;
      rows.push([crowd, TITLES[name], r.connect_seconds, ...timeCells(r, ['ack', 'echo', 'last'], ['p50', 'p99', 'max']),
        Object.entries(r.seen).map(([program, mb]) => `${program} ${mb.toFixed(1)}`).join(', ')]);
    }
  }
  show({ title: 'Connections', columns: ['connections', 'system', 'connected in s',
    ...timeColumns(['ack', 'echo', 'last'], ['p50', 'p99', 'max']), 'memory, MB'], rows,
  note: `Rooms of 20, ${STEADY} msg/s in all, milliseconds. Memory: Pss of all processes of a program while they are connected.` });
  bar('memory_vs_node_1000', own('maru', memory.maru[1000]) / own('node', memory.node[1000]), 'x', '<=0.33');
  console.log(`with nginx: ${((total(memory.maru[1000]) - memory.maru[1000].db) / own('node', memory.node[1000])).toFixed(2)} x`);
}

// ---- bursts, and a connection for each request -----------------------------------------------------

async function bursts() {
  const rows = [];
  const cell = { rooms: 50, size: 20 };
  await reseed(cell);
  for (const [what, ways, systems] of [[`a burst of ${BURST}`, { burst: BURST }, SYSTEMS],
    [`${STEADY} msg/s, connections kept`, { rate: STEADY }, ['maru', 'node']],
    [`${STEADY} msg/s, a connection for each`, { rate: STEADY, keep: false }, ['maru', 'node']]]) {
    for (const name of systems) {
      const r = await run(name, { ...cell, ...ways });
      progress(name, what, r);
      rows.push([what, TITLES[name], Math.round(r.rate), ...timeCells(r, ['ack', 'echo', 'last'], ['p50', 'p99', 'max'])]);
    }
  }
  show({ title: 'Bursts, and connections that are not kept', columns: ['load', 'system', 'msg/s', ...timeColumns(['ack', 'echo', 'last'], ['p50', 'p99', 'max'])],
    rows, note: `One member sends ${BURST} messages at once, without waiting; again when all have all. Rooms of 20, milliseconds.` });
}

// ---- what durability costs -------------------------------------------------------------------------

async function durability() {
  const cell = { rooms: 1, size: 20 };
  const rows = [];
  const measure = async (title, log) => {
    for (const name of ['maru', 'node']) {
      const r = await run(name, { ...cell, rate: 0, inflight: 32 });
      progress(name, title, r);
      rows.push([title, log, TITLES[name], Math.round(r.rate), ...timeCells(r, ['ack', 'last'], ['p50', 'p99'])]);
    }
  };
  const both = async (log) => {
    for (const level of [1, 2]) {
      await maru.durable(level);
      await measure(`innodb_flush_log_at_trx_commit=${level}`, log);
    }
    await maru.durable(1);
  };
  await reseed(cell);
  await both('off');
  const plain = [maru, node];
  maru = await stageMaru({ ...cell, conf: { 'db.log_bin': 'binlog' } });
  node = await stageNode({ ...cell, stack: maru.stack });
  await both('on');
  for (const stage of [node, maru]) await stage.stop();
  [maru, node] = plain;
  show({ title: 'What durability costs', columns: ['setting', 'binary log', 'system', 'msg/s', ...timeColumns(['ack', 'last'], ['p50', 'p99'])], rows,
    note: 'One room of 20, 32 messages on their way at a time, milliseconds. With 2 a crash of the machine may take a second of messages.' });
}

// ---- where the time goes ---------------------------------------------------------------------------

async function timing() {
  const stage = await stageMaru({ rooms: 1, size: 20, conf: { server_timing: 'on' } });
  const { room, token } = firstUser(stage);
  const parts = {};
  for (let i = 0; i < 500; i++) {
    const { headers } = await api(stage.stack, { token }).post(`/v1/rooms/${room}/messages`, { client_id: `t${i}`, body: 'x'.repeat(200) });
    for (const [, name, dur] of headers.get('server-timing').matchAll(/(\w+);dur=([\d.]+)/g)) (parts[name] ??= []).push(Number(dur));
  }
  await stage.stop();
  const sorted = (list) => [...list].sort((a, b) => a - b);
  show({ title: 'Where the time of a message goes', columns: ['part', 'p50 ms', 'p99 ms'],
    rows: Object.entries(parts).map(([name, list]) => [name, median(list), sorted(list)[Math.floor(list.length * 0.99)]]),
    note: 'The Server-Timing header of 500 messages, one after the other: within maru-api, without nginx.' });
}

// ---- the parts that have targets of their own ------------------------------------------------------

async function ceiling() {
  const { stack } = maru;
  await stack.sql('DELETE FROM user; DELETE FROM room; DELETE FROM stream WHERE kind = 1');
  const { file } = await seed(stack);
  show(await sendRates(stack, file, { rounds, warmup, seconds, limits: ['>=0.65', '>=0.45'] }));
}

function take({ tables, charts }) {
  results.tables.push(...tables);
  results.charts.push(...charts);
}

// ---- all of it -------------------------------------------------------------------------------------

const parts = { maximum, latency, connections, bursts, durability, timing, ceiling,
  fanout: async () => take(await measureFanout()), history: async () => take(await measureHistory()) };
const wanted = Object.keys(parts).filter((name) => only.length === 0 || only.includes(name));
const staged = wanted.some((name) => !['fanout', 'history', 'timing'].includes(name));

if (staged) {
  maru = await stageMaru({ rooms: 1, size: 2 });
  node = await stageNode({ rooms: 1, size: 2, stack: maru.stack });
}
const broken = [];
const begun = performance.now();
for (const name of wanted) {
  console.log(`---- ${name}, after ${((performance.now() - begun) / 60000).toFixed(1)} minutes`);
  if (name === 'fanout' && staged) for (const stage of [node, maru]) await stage.stop();
  await parts[name]().catch((error) => { // what the others measured is worth keeping
    console.error(error);
    broken.push(name);
  });
}
if (staged) for (const stage of [node, maru]) await stage.stop();
for (const [name, sums] of Object.entries(faults)) {
  console.log(`${TITLES[name]}: ${Object.entries(sums).map(([key, n]) => `${key} ${n}`).join(', ')}`);
  if (name === 'maru') for (const key of ['lost', 'duplicated', 'disordered']) bar(`maru_${key}`, sums[key], 'messages', '<=0');
}
show({ title: 'What went wrong', columns: ['system', ...Object.keys(Object.values(faults)[0] ?? {})],
  rows: Object.entries(faults).map(([name, sums]) => [TITLES[name], ...Object.values(sums)]),
  note: 'Over all runs, those included in which a rate was tried that could not be held.' });
const now = new Date();
results.date = `${now.toISOString().slice(0, 10)}${quick ? '-quick' : ''}`;
const passed = printBars();
results.bars = barLines();
if (only.length === 0) console.log(`written: ${report(results, join(root, 'bench/results'))}`);
if (broken.length > 0) console.error(`these parts failed: ${broken.join(', ')}`);
process.exitCode = passed && broken.length === 0 ? 0 : 1;
