// Reading what was said: pages of history, resuming, catching up without a websocket, in rooms of 10^4,
// 10^6 and 10^7 messages. None of it may depend on how much lies further back.
//
//   make bench-history [QUICK=1] [ROUNDS=5] [REQUESTS=1000] [RESUMES=20] [POOL=128]
//
// QUICK takes rooms of 10^4, 10^5 and 10^6. POOL is the buffer pool in MB, MariaDB's own default: the
// greatest room must not fit. Rooms are asked in turn, request by request, so that noise hits all alike.
import { statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { api, root, startStack, until } from '../tests/harness.mjs';
import { bar, median, printBars } from './bar.mjs';
import { figure } from './chart.mjs';
import { env, runLoad } from './load.mjs';
import { table } from './report.mjs';
import { FIRST_ROOM, seed } from './seed.mjs';

const WebSocket = createRequire(join(root, 'tests/'))('ws');
const quick = Boolean(process.env.QUICK);
const rounds = env('ROUNDS', 5);
const requests = env('REQUESTS', 1000);
const resumes = env('RESUMES', 20);
const pool = env('POOL', 128);

const SIZES = quick ? [1e4, 1e5, 1e6] : [1e4, 1e6, 1e7];
const CANARY = FIRST_ROOM + SIZES.length; // a room that nobody measures
const CHUNK = 1e6; // messages in one transaction
const PAGE = 50;
const BACK = 1000; // pages
const FEW = 10;
const MANY = 1000; // as many as a client is given when it resumes
const ROOMS_OF_READER = 200;
const ROW_BYTES = 420; // on disk, indexes included
const GB = 2 ** 30;

const ms = (us) => Number((us / 1000).toFixed(2));

// ---- the rooms -------------------------------------------------------------------------------------

function checkDisk() {
  const needed = SIZES.reduce((a, b) => a + b) * ROW_BYTES + GB;
  const { bavail, bsize } = statfsSync(tmpdir());
  console.log(`needs ${(needed / GB).toFixed(1)} GB in ${tmpdir()}, of which ${(bavail * bsize / GB).toFixed(1)} GB are free`
    + ' (TMPDIR chooses another place)');
  if (bavail * bsize < needed) throw new Error('too little room on the disk');
}

// One chunk of a room: 200 characters each, by all senders in turn, client ids as long as a browser's.
// These ascend, for random ones would be spread over an index that is larger than the pool, and take hours.
function fill(stack, senders, room, first, last, size) {
  return stack.sql(`SET unique_checks = 0;
    INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room}, seq, FLOOR(1 + RAND() * 1e15), ELT(1 + seq MOD ${senders.length}, ${senders.map((s) => s.user)}),
          CONCAT('00000000-0000-4000-8000-', LPAD(seq, 12, '0')),
          RPAD(CONCAT('message ', seq, ' '), 200, 'is what somebody has to say about the weather in the hills today. '),
          UTC_TIMESTAMP(3) - INTERVAL ${size} - seq SECOND
        FROM seq_${first}_to_${last}`);
}

async function fillRoom(stack, senders, room, size) {
  const begun = performance.now();
  for (let first = 1; first <= size; first += CHUNK) {
    const last = Math.min(size, first + CHUNK - 1);
    await fill(stack, senders, room, first, last, size);
    console.log(`room ${room}: ${figure(last)} of ${figure(size)} messages, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  // Nobody searches here: making these messages found would take as long as writing them, and disturb what is measured.
  await stack.sql(`REPLACE INTO search_room (room, seq) VALUES (${room}, ${size});
    UPDATE stream SET head = ${size}, mid = (SELECT mid FROM message WHERE room = ${room} AND seq = ${size})
    WHERE kind = 1 AND id = ${room}`);
}

// Until all that was written is on the disk: nothing shall be written while it is read.
async function settle(stack, dirtyPercent) {
  await stack.sql('SET GLOBAL innodb_max_dirty_pages_pct = 0');
  await until(async () => {
    const [[, dirty]] = await stack.sql("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'");
    return Number(dirty) < 50;
  }, 120000, 'the database to write everything down');
  await stack.sql(`SET GLOBAL innodb_max_dirty_pages_pct = ${dirtyPercent}`);
}

// Fills the first rooms, and the canary's; takes the last sender out of all but the first 200 rooms.
// Resolves with the rooms, [{ room, size }].
async function fillRooms(stack, senders) {
  const [[flush, dirtyPercent]] = await stack.sql('SELECT @@innodb_flush_log_at_trx_commit, @@innodb_max_dirty_pages_pct');
  await stack.sql('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
  const rooms = SIZES.map((size, i) => ({ room: FIRST_ROOM + i, size }));
  for (const { room, size } of [...rooms, { room: CANARY, size: 2 * FEW }]) await fillRoom(stack, senders, room, size);
  await stack.sql(`SET GLOBAL innodb_flush_log_at_trx_commit = ${flush};
    DELETE FROM member WHERE user = ${senders.at(-1).user} AND room >= ${FIRST_ROOM + ROOMS_OF_READER}`);
  await settle(stack, dirtyPercent);
  return rooms;
}

// What the reader has to know of the setting.
function describeRooms(stack, rooms) {
  const bytes = statSync(join(stack.dir, 'data/maru/message.ibd')).size;
  const share = rooms.at(-1).size / rooms.reduce((n, { size }) => n + size, 0);
  return `InnoDB's buffer pool has ${pool} MB, the table of messages ${figure(bytes / 2 ** 20)} MB, the greatest room of it`
    + ` about ${figure(bytes * share / 2 ** 20)} MB; messages of 200 characters.`;
}

// ---- requests --------------------------------------------------------------------------------------

// Asks for paths one after the other, each of the given lists in turn; resolves with the figures of each list.
async function fetchAll(stack, { token }, lists) {
  const lines = lists[0].flatMap((_, i) => lists.map((list, k) => `${k} ${list[i]}\n`));
  const figures = await runLoad('fetch', [stack.port, token], { input: lines.join('') });
  if (figures.some(({ other }) => other > 0)) throw new Error(`other answers than 200: ${JSON.stringify(figures)}`);
  return figures;
}

// Asks each case `count` times in each round, and in one before to warm up; cases: [{ ..., path() }].
// Resolves with the cases, each with its results of all rounds.
async function inRounds(stack, user, cases, count = requests) {
  const results = [];
  for (let round = 0; round <= rounds; round++) {
    const n = round === 0 ? Math.ceil(count / 4) : count;
    results.push(await fetchAll(stack, user, cases.map(({ path }) => Array.from({ length: n }, path))));
  }
  return cases.map((c, i) => ({ ...c, results: results.slice(1).map((r) => r[i]) }));
}

// Medians of the rounds, in milliseconds; the greatest of all.
function timesOf({ results }) {
  const middle = (key) => ms(median(results.map((r) => r[key])));
  return { n: results.reduce((n, r) => n + r.n, 0), kB: median(results.map((r) => r.bytes)) / 1000,
    p50: middle('p50'), p95: middle('p95'), p99: middle('p99'), max: ms(Math.max(...results.map((r) => r.max))) };
}

const TIME_COLUMNS = ['requests', 'kB', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'];
const timeCells = (c) => { const { n, kB, p50, p95, p99, max } = timesOf(c); return [n, kB, p50, p95, p99, max]; };

// An answer that lacks something would be quick.
async function assertAnswers(stack, user, path, list, count) {
  const { status, body } = await api(stack, user).get(path);
  if (status !== 200 || body[list]?.length !== count)
    throw new Error(`${path}: ${status}, ${body[list]?.length} ${list} instead of ${count}`);
}

// ---- pages of history ------------------------------------------------------------------------------

const between = (low, high) => Math.floor(low + Math.random() * (high - low + 1));

// A small room has no thousand pages: there it is the middle. A tenth more or less each time, so that it is
// not one page that is always in memory.
const pagesBack = (size) => Math.min(BACK, size / PAGE / 2);
const KINDS = [
  { name: 'last', bar: 'history_last_ratio', before: ({ size }) => size + 1 },
  { name: '1,000 pages back', bar: 'history_back_ratio',
    before: ({ size }) => size + 1 - PAGE * between(0.9 * pagesBack(size), 1.1 * pagesBack(size)) },
  { name: 'anywhere', before: ({ size }) => between(PAGE + 1, size + 1) },
];

function pagePath({ before }, room) {
  const at = before(room);
  return `/v1/rooms/${room.room}/messages?limit=${PAGE}${at > room.size ? '' : `&before=${at}`}`;
}

async function pages(stack, user, rooms, note) {
  const rows = [];
  const series = [];
  for (const kind of KINDS) {
    for (const room of rooms) await assertAnswers(stack, user, pagePath(kind, room), 'messages', PAGE);
    const cases = await inRounds(stack, user, rooms.map((room) => ({ ...room, path: () => pagePath(kind, room) })));
    rows.push(...cases.map((c) => [kind.name, c.size, ...timeCells(c)]));
    for (const p of ['p50', 'p99']) series.push({ name: `${kind.name}, ${p}`, values: cases.map((c) => timesOf(c)[p]) });
    const ratio = median(cases.at(-1).results.map((r, i) => r.p99 / cases[0].results[i].p99));
    if (kind.bar) bar(kind.bar, ratio, 'x', '<=1.3');
    else console.log(`p99 of pages anywhere: ${ratio.toFixed(2)} times that of the small room, which fits into memory`);
  }
  const shallow = rooms.filter(({ size }) => pagesBack(size) < BACK)
    .map(({ size }) => `The room of ${figure(size)} has no 1,000 pages: there it is ${figure(pagesBack(size))}.`);
  return {
    table: { title: 'Pages of history', columns: ['page', 'messages in the room', ...TIME_COLUMNS], rows,
      note: [note, `Pages of ${PAGE} messages through nginx, one reader; medians of ${rounds} rounds.`, ...shallow].join(' ') },
    chart: { title: 'A page of history, by size of the room', unit: 'ms', kind: 'lines', x: SIZES, series },
  };
}

// ---- resuming on the websocket ---------------------------------------------------------------------

// Calls back with the text of each frame, once it is connected: { ws, id }.
function open(stack, onFrame) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${stack.port}/app/${stack.conf.app_key ?? 'maru'}?protocol=7&client=bench`);
    ws.on('error', reject);
    ws.once('message', (hello) => {
      resolve({ ws, id: JSON.parse(JSON.parse(hello).data).socket_id });
      ws.on('message', (data) => onFrame(data));
    });
  });
}

// Subscribes after the event `after`; resolves with the milliseconds until the last of the missed ones came.
async function resume(stack, user, { room, head }, after) {
  const channel = `presence-room-${room}`;
  const events = [];
  let finish;
  const finished = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${channel} after ${after.seq}: ${events.length} events`)), 20000);
    finish = () => { clearTimeout(timer); resolve(performance.now()); };
  });
  const confirmed = (frame) => frame.includes('subscription_succeeded');
  let answer;
  const { ws, id } = await open(stack, (frame) => {
    if (frame.includes('"message.created"')) events.push(frame);
    else if (confirmed(frame) || frame.includes('subscription_error')) answer = JSON.parse(frame);
    if (events.length === head - after.seq) finish();
  });
  const { body: grant } = await api(stack, user).post('/v1/realtime/auth', { socket_id: id, channel_name: channel });
  const begun = performance.now();
  ws.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, ...grant, after } }));
  const ended = await finished;
  ws.terminate();
  const { seq } = JSON.parse(JSON.parse(events.at(-1)).data);
  if (!confirmed(answer.event) || JSON.parse(answer.data).recovered !== true || seq !== head)
    throw new Error(`${channel} was not resumed: ${JSON.stringify(answer)}, last ${seq}`);
  return ended - begun;
}

async function eventBefore(stack, { room, size }, missed) {
  const seq = size - missed;
  const [[mid]] = await stack.sql(`SELECT mid FROM message WHERE room = ${room} AND seq = ${seq}`);
  return { seq, mid };
}

// A daemon that knows nothing yet, and has its feeder: the canary came through that.
async function freshPush(stack, user, canary) {
  await stack.restart('push');
  await resume(stack, user, { room: CANARY, head: 2 * FEW }, canary);
}

async function resumeAll(stack, user, rooms) {
  const canary = await eventBefore(stack, { room: CANARY, size: 2 * FEW }, FEW);
  const ways = [{ missed: FEW, from: 'database' }, { missed: FEW, from: 'memory' }, { missed: MANY, from: 'database' }];
  const cases = [];
  for (const way of ways)
    for (const { room, size } of rooms)
      cases.push({ ...way, room, head: size, times: [], after: await eventBefore(stack, { room, size }, way.missed) });
  for (let i = 0; i <= resumes; i++) {
    for (const { missed, from } of ways) {
      if (from === 'database') await freshPush(stack, user, canary);
      const turn = cases.filter((c) => c.missed === missed && c.from === from);
      for (const k of turn.keys()) {
        const c = turn[(k + i) % turn.length]; // each is the first as often as the others
        const time = await resume(stack, user, c, c.after);
        if (i > 0) c.times.push(time);
      }
    }
  }
  const figures = ({ times }) => [median(times), Math.max(...times)].map((time) => Number(time.toFixed(2)));
  const name = ({ missed, from }) => `${figure(missed)}, from ${from === 'memory' ? 'maru-push\'s memory' : 'the database'}`;
  return {
    table: { title: 'Resuming on the websocket', columns: ['events missed', 'messages in the room', 'times', 'median ms', 'max ms'],
      note: 'From subscribing until the last missed event is there. "From the database": maru-push was just started. It keeps the'
        + ' last 256 events of a room in memory: a thousand always come from the database.',
      rows: cases.map((c) => [name(c), c.head, c.times.length, ...figures(c)]) },
    chart: { title: 'Resuming, by size of the room', unit: 'ms', kind: 'lines', x: SIZES,
      series: ways.map((way) => ({ name: `${name(way)}, median`,
        values: cases.filter((c) => c.missed === way.missed && c.from === way.from).map((c) => figures(c)[0]) })) },
  };
}

// ---- catching up by HTTP ---------------------------------------------------------------------------

async function catchUp(stack, user, rooms) {
  const since = Array.from({ length: ROOMS_OF_READER }, (_, i) =>
    `presence-room-${FIRST_ROOM + i}:${Math.max(0, (rooms[i]?.size ?? (FIRST_ROOM + i === CANARY ? 2 * FEW : 0)) - FEW)}`);
  const asked = [
    ...[FEW, MANY].flatMap((missed) => rooms.map(({ room, size }) => [`${figure(missed)} events, room of ${figure(size)}`,
      `/v1/rooms/${room}/events?after=${size - missed}&limit=${MANY}`, missed])),
    [`heads of ${ROOMS_OF_READER} rooms (sync)`, '/v1/sync'],
    [`the same, and ${FEW} events in ${rooms.length + 1} of them`, `/v1/sync?since=${since}`],
  ];
  for (const [, path, missed] of asked)
    if (missed) await assertAnswers(stack, user, path, 'events', missed);
  const { body: { streams } } = await api(stack, user).get(asked.at(-1)[1]);
  const inRooms = Object.entries(streams).filter(([name]) => name.startsWith('presence-room-'));
  const told = inRooms.filter(([, stream]) => stream.events.length === FEW).length;
  if (inRooms.length !== ROOMS_OF_READER || told !== rooms.length + 1)
    throw new Error(`sync told of ${inRooms.length} rooms and events in ${told}`);
  // Some of these answers are large: a quarter of the requests is enough.
  const cases = await inRounds(stack, user, asked.map(([name, path]) => ({ name, path: () => path })), Math.ceil(requests / 4));
  return { table: { title: 'Catching up without a websocket', columns: ['what', ...TIME_COLUMNS],
    note: 'GET /v1/rooms/:room/events and /v1/sync through nginx. Maru keeps no marks of what was read: the heads of all'
      + ' rooms are what a client counts unread messages from.',
    rows: cases.map((c) => [c.name, ...timeCells(c)]) } };
}

// ---- all of it -------------------------------------------------------------------------------------

// Measures everything; resolves with { tables, charts } for bench/report.mjs. The bars are bench/bar.mjs's.
export async function measureHistory() {
  checkDisk();
  const stack = await startStack({ conf: { log_level: 'warn', 'db.innodb-buffer-pool-size': `${pool}M` } });
  try {
    const { senders } = await seed(stack);
    const reader = senders.at(-1);
    const rooms = await fillRooms(stack, senders);
    const note = describeRooms(stack, rooms);
    console.log(note);
    const parts = [];
    for (const part of [pages, catchUp, resumeAll]) {
      parts.push(await part(stack, reader, rooms, note));
      console.log(`\n${parts.at(-1).table.title}. ${parts.at(-1).table.note}\n\n${table(parts.at(-1).table)}\n`);
    }
    return { tables: parts.map((part) => part.table), charts: parts.flatMap((part) => part.chart ?? []) };
  } finally {
    await stack.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await measureHistory();
  process.exitCode = printBars() ? 0 : 1;
}
