// The number of unread members on each message: 1,000 members read, write, come and go at random, and fifty clients, some of
// which lose their connection, have to show what a recount in the database finds; and what one read costs.
import { Agent, request } from 'node:http';
import { sleep, startStack, until } from '../../tests/harness.mjs';
import { median } from '../bar.mjs';
import { expect } from '../races.mjs';
import { accessToken, untilIndexed } from '../seed.mjs';
import { NumbersClient, PAGE } from '../../tests/api/numbers.mjs';

const ROOM = 1000;
const SMALL = 10; // members of the room that the large one is compared with
const AT_ONCE = 16;
const QUIET_POINTS = 5;
const RATE = 300; // reads per second, while events are counted

// Many people with sessions, in a room; the last hundred are outside. Resolves with [{ id, token }].
async function populate(stack, members) {
  const rows = await stack.sql(`START TRANSACTION;
    INSERT INTO user (name, nickname, password, created_at) SELECT CONCAT('r', seq), CONCAT('reader ', seq), '!', UTC_TIMESTAMP(3) FROM seq_1_to_${members + 100};
    INSERT INTO session (user, address, agent, created_at, seen_at, expires_at)
      SELECT id, '127.0.0.1', 'bench', created_at, created_at, created_at + INTERVAL 1 DAY FROM user;
    INSERT INTO stream (kind, id) SELECT 2, id FROM user;
    INSERT INTO room (kind, title, host, members, max_members, created_at) SELECT 'public', 'readers', MIN(id), ${members}, 10000, UTC_TIMESTAMP(3) FROM user;
    SET @room = LAST_INSERT_ID();
    INSERT INTO stream (kind, id) VALUES (1, @room);
    INSERT INTO member (room, user, joined_at) SELECT @room, id, created_at FROM user ORDER BY id LIMIT ${members};
    INSERT INTO room (kind, title, host, members, max_members, created_at) SELECT 'public', 'a few', MIN(id), ${SMALL}, 10000, UTC_TIMESTAMP(3) FROM user;
    SET @small = LAST_INSERT_ID();
    INSERT INTO stream (kind, id) VALUES (1, @small);
    INSERT INTO member (room, user, joined_at) SELECT @small, id, created_at FROM user ORDER BY id LIMIT ${SMALL};
    COMMIT;
    SELECT @room, @small;
    SELECT user, id FROM session ORDER BY user;`);
  const [[room, small], ...sessions] = rows.map((row) => row.map(Number));
  const { token_secret: secret } = stack.conf;
  return { room, small, people: sessions.map(([id, session]) => ({ id, token: accessToken(secret, id, session) })) };
}

// Requests over connections that are kept.
function caller(stack) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * AT_ONCE });
  return (user, method, path, body) => new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const sending = request(stack.url + path, { method, agent, headers: { Authorization: `Bearer ${user.token}`, 'Content-Length': Buffer.byteLength(text),
      ...(text ? { 'Content-Type': 'application/json' } : {}) } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => { const all = Buffer.concat(parts).toString(); resolve({ status: answer.statusCode, body: all ? JSON.parse(all) : all }); });
    });
    sending.on('error', reject);
    sending.end(text);
  });
}

const any = (list) => list[Math.floor(Math.random() * list.length)];

// One of the things that people do at random.
async function step(town, clients) {
  const { call, room, people } = town;
  const who = any(people);
  const at = `/v1/rooms/${room}`;
  const dice = Math.random();
  if (dice < 0.88) { // reads: mostly some further, sometimes what another device has read already
    const { status, body } = await call(who, 'PUT', `${at}/read-cursor`, { seq: Math.floor(town.head * (1 - Math.random() ** 3 * 0.2)) });
    if (status === 200) town.moves++;
    else if (status !== 403) throw new Error(JSON.stringify(body));
  } else if (dice < 0.94) {
    const { status, body } = await call(who, 'POST', `${at}/messages`, { client_id: `r${++town.sent}`, body: `message ${town.sent}` });
    if (status === 201) town.head = Math.max(town.head, body.seq);
    else if (status !== 403) throw new Error(JSON.stringify(body));
  } else if (dice < 0.96) expect(await call(who, 'PUT', `${at}/members/me`, {}), 200, 201);
  else if (dice < 0.98) { if (!clients.some(({ user }) => user === who)) expect(await call(who, 'DELETE', `${at}/members/me`), 204, 403); }
  else if (dice < 0.99) expect(await call(who, 'PATCH', '/v1/users/me/settings', { receipts: any(['shown', 'hidden']) }), 200, 429);
  else await any(clients).reconnecting?.();
}

// seq -> number, counted by the database.
async function recount(stack, room) {
  const rows = await stack.sql(`SELECT t.seq, COUNT(u.id)
    FROM (SELECT seq, sender FROM message WHERE room = ${room} ORDER BY seq DESC LIMIT ${PAGE}) t
      LEFT JOIN member m ON m.room = ${room} AND m.read_seq < t.seq AND m.user <> t.sender
      LEFT JOIN user u ON u.id = m.user AND u.receipts = 'shown'
    GROUP BY t.seq ORDER BY t.seq`);
  return new Map(rows.map(([seq, count]) => [Number(seq), Number(count)]));
}

function wrong(client, truth) {
  const shown = client.numbers();
  return [...truth].filter(([seq, count]) => shown.get(seq) !== count).length + (shown.size === truth.size ? 0 : 1);
}

// How many numbers are wrong among those that the clients show, some seconds after the last step.
async function compare(stack, room, clients) {
  const truth = await recount(stack, room);
  const sum = () => clients.reduce((all, client) => all + wrong(client, truth), 0);
  await until(() => sum() === 0, 10000).catch(() => {});
  return { wrong: sum(), numbers: truth.size * clients.length, highest: Math.max(...truth.values()) };
}

// A client that is told to come back does so alone, however often it is told.
function mayReconnect(client) {
  let now;
  client.reconnecting = async () => {
    now ??= client.reconnect().finally(() => { now = undefined; });
    await now;
  };
  return client;
}

async function atRandom(stack, town, clients, steps) {
  let all = { wrong: 0, numbers: 0 };
  for (let part = 0; part < QUIET_POINTS; part++) {
    let left = Math.ceil(steps / QUIET_POINTS);
    const worker = async () => { while (left-- > 0) await step(town, clients); };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const found = await compare(stack, town.room, clients);
    console.log(`quiet point ${part + 1}: ${found.numbers} numbers shown, the highest ${found.highest}, ${found.wrong} wrong`);
    all = { wrong: all.wrong + found.wrong, numbers: all.numbers + found.numbers };
  }
  return all;
}

const COUNTERS = ['read_first', 'read_key', 'read_last', 'read_next', 'read_prev', 'read_rnd', 'read_rnd_next', 'update', 'write', 'delete'];

// What the server has read and written in all; the question itself costs some, the same each time.
async function rows(stack) {
  const list = await stack.sql(`SHOW GLOBAL STATUS WHERE Variable_name IN (${COUNTERS.map((name) => `'Handler_${name}'`).join(', ')})`);
  return list.reduce((sum, [, count]) => sum + Number(count), 0);
}

// Rows that one move of a cursor reads and writes.
async function rowsOf(stack, town, room, user, moves) {
  for (let i = 0; i < moves; i++) expect(await town.call(user, 'POST', `/v1/rooms/${room}/messages`, { client_id: `rows${i}`, body: 'x' }), 201);
  const [[first, head]] = (await stack.sql(`SELECT m.read_seq, s.head FROM member m JOIN stream s ON s.kind = 1 AND s.id = m.room WHERE m.room = ${room} AND m.user = ${user.id}`)).map((row) => row.map(Number));
  await untilIndexed(stack); // what follows a message is over, on a busy machine too
  await sleep(5000);
  const costs = [];
  for (let i = moves - 1; i >= 0; i--) {
    const before = await rows(stack);
    expect(await town.call(user, 'PUT', `/v1/rooms/${room}/read-cursor`, { seq: Math.max(first + 1, head - i) }), 200);
    const after = await rows(stack);
    costs.push(after - before - (await rows(stack) - after)); // less what the question costs
  }
  return median(costs); // now and then the server reads something by itself
}

// How many maru:read a client hears per second, while everybody reads.
async function eventsPerSecond(town, client, seconds) {
  const inside = town.people.slice(0, ROOM);
  const from = performance.now();
  let reads = 0;
  client.told.length = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() - from < seconds * 1000) {
      const wait = from + (reads++ * 1000) / RATE - performance.now();
      if (wait > 0) await sleep(wait);
      await town.call(any(inside), 'PUT', `/v1/rooms/${town.room}/read-cursor`, { seq: Math.ceil(Math.random() * town.head) });
    }
  }));
  const { told } = client;
  console.log(`${(reads / seconds).toFixed(0)} reads per second for ${seconds} s, ${told.length} events`);
  return told.length < 2 ? told.length : (told.length - 1) / ((told.at(-1) - told[0]) / 1000);
}

// The longest time from a read until another device of the same person knows it, in seconds.
async function ownDevices(stack, town, device, times) {
  let worst = 0;
  for (let i = 0; i < times; i++) {
    const { seq } = expect(await town.call(town.people[1], 'POST', `/v1/rooms/${town.room}/messages`, { client_id: `own${i}`, body: 'x' }), 201);
    const from = performance.now();
    expect(await town.call(device.user, 'PUT', `/v1/rooms/${town.room}/read-cursor`, { seq }), 200);
    await until(() => device.own.some((one) => one.room === town.room && one.seq >= seq), 10000, 'the other device');
    worst = Math.max(worst, (device.own.find((one) => one.seq >= seq).at - from) / 1000);
  }
  return worst;
}

export async function reads({ bar, env }) {
  const [steps, count, seconds] = [env('STEPS', 10000), env('CLIENTS', 50), env('SECS', 30)];
  const stack = await startStack({ conf: { log_level: 'warn' } });
  try {
    const town = { ...await populate(stack, ROOM), call: caller(stack), head: 0, sent: 0, moves: 0 };
    for (let i = 0; i < PAGE; i++) town.head = expect(await town.call(any(town.people.slice(0, ROOM)), 'POST', `/v1/rooms/${town.room}/messages`, { client_id: `first${i}`, body: 'x' }), 201).seq;
    const clients = town.people.slice(0, count).map((user) => mayReconnect(new NumbersClient(stack, user, town.room, town.call)));
    await Promise.all(clients.map((client) => client.connect()));
    const few = await rowsOf(stack, town, town.small, town.people[0], 200);
    const many = await rowsOf(stack, town, town.room, town.people[0], 200);
    town.head += 200;
    console.log(`rows of one read: ${few.toFixed(2)} in a room of ${SMALL}, ${many.toFixed(2)} in one of ${ROOM}`);
    const rate = await eventsPerSecond(town, clients[0], seconds);
    const own = await ownDevices(stack, town, clients[0], 100);
    const found = await atRandom(stack, town, clients, steps);
    console.log(`${steps} steps, ${town.moves} of them reads; ${count} clients came back ${clients.reduce((sum, { connections }) => sum + connections, 0) - count} times`);
    bar('talk_unread_wrong', found.wrong, 'numbers', '<=0');
    bar('talk_unread_compared', found.numbers, 'numbers', `>=${count * PAGE * QUIET_POINTS}`);
    bar('talk_read_rows', Math.max(few, many), 'rows', '<=6');
    bar('talk_read_events_per_second', rate, 'events', '<=1');
    bar('talk_read_own_device', own, 's', '<=1');
    clients.forEach((client) => client.close());
  } finally {
    await stack.stop();
  }
}
