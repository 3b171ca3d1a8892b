// What the server throws away by itself: what rooms forget after some days, and what has expired.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, startStack, subscribed, until } from '../harness.mjs';
import { assertOk, assertProblem, joinRoom, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, headOf, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4, audit_days: 10 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob } = all;
const scene = () => roomOfFour(stack, all);
const number = async (sql) => Number((await stack.sql(sql))[0][0]);
const floorOf = (room) => number(`SELECT floor FROM room WHERE id = ${room.id}`);
const seqs = async (room) => (await stack.sql(`SELECT seq FROM message WHERE room = ${room.id}
  UNION SELECT seq FROM event WHERE kind = 1 AND stream = ${room.id} ORDER BY seq`)).flat().map(Number);
const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const age = async (room, last, days = 8, first = 1) => {
  for (const [table, id] of [['message', 'room'], ['event', 'kind = 1 AND stream']])
    await stack.sql(`UPDATE ${table} SET created_at = UTC_TIMESTAMP(3) - INTERVAL ${days} DAY WHERE ${id} = ${room.id} AND seq BETWEEN ${first} AND ${last}`);
};
const forgetAfter = (room, days) => stack.sql(`UPDATE room SET retention = ${days} WHERE id = ${room.id}`);
const erased = (room, floor) => until(async () => (await floorOf(room)) === floor && (await seqs(room))[0] === floor + 1, 60000, `room ${room.id} to forget up to ${floor}`);

test('what is older than the days of the room is gone, with all that belongs to it', async () => {
  const room = await scene();
  const said = [];
  for (let i = 0; i < 6; i++) said.push(assertOk(await say(stack, i % 2 ? ann : bob, room, `m${i}`), 201).seq); // 4 to 9
  const path = `/v1/rooms/${room.id}`;
  for (const i of [1, 4]) {
    assertOk(await host.at.put(`${path}/pins/${said[i]}`), 204);
    assertOk(await host.at.put(`${path}/messages/${said[i]}/reactions/x`), 204);
    assertOk(await ann.at.del(`${path}/messages/${said[i]}?scope=me`), 204);
  }
  const notice = assertOk(await host.at.post(`${path}/notices`, { body: 'stays' }), 201);
  await age(room, said[3]);
  await forgetAfter(room, 7);
  await erased(room, said[3]);
  const head = await headOf(stack, room);
  assert.deepEqual(await seqs(room), upTo(said[4], head));
  for (const table of ['pin', 'reaction', 'hidden']) assert.deepEqual(await stack.sql(`SELECT message FROM ${table} WHERE room = ${room.id}`), [[String(said[4])]], table);
  const { messages } = assertOk(await bob.at.get(`${path}/messages`), 200);
  assert.deepEqual(messages.map(({ seq }) => seq), said.slice(4));
  assert.deepEqual(assertOk(await bob.at.get(`${path}/notices`), 200).notices, [notice]);
  assertProblem(await bob.at.get(`${path}/messages/${said[3]}`), 'not-found');
  assertProblem(await bob.at.put(`${path}/messages/${said[3]}/reactions/y`), 'not-found');
  assertProblem(await bob.at.get(`${path}/events?after=${said[3] - 1}`), 'reload');
  assert.deepEqual(assertOk(await bob.at.get(`${path}/events?limit=1000`), 200).events.map(({ seq }) => seq), upTo(said[4], head));
  const { streams } = assertOk(await bob.at.get(`/v1/sync?since=${channelOf(room)}:${said[3] - 1}`), 200);
  assert.equal(streams[channelOf(room)].reload, true);
  assertOk(await say(stack, ann, room, 'and on it goes'), 201);
});

test('a change that is younger than its message stays without it', async () => {
  const room = await scene();
  const path = `/v1/rooms/${room.id}`;
  const { seq } = assertOk(await say(stack, ann, room, 'long ago'), 201);
  assertOk(await ann.at.patch(`${path}/messages/${seq}`, { body: 'changed' }), 200);
  assertOk(await say(stack, ann, room, 'now'), 201);
  await age(room, seq);
  await forgetAfter(room, 7);
  await erased(room, seq);
  const { events } = assertOk(await bob.at.get(`${path}/events?after=${seq}`), 200);
  assert.deepEqual(events[0].data, {
    room: room.id, message: { room: room.id, seq, hidden: true }, seq: seq + 1, mid: events[0].mid,
  });
  const { streams } = assertOk(await bob.at.get(`/v1/sync?since=${channelOf(room)}:${seq}`), 200);
  assert.deepEqual(streams[channelOf(room)].events, events);
});

test('the last event stays, and a room without days forgets nothing', async () => {
  const [old, kept] = [await scene(), await scene()];
  for (const room of [old, kept]) {
    for (let i = 0; i < 3; i++) assertOk(await say(stack, ann, room, 'long ago'), 201);
    await age(room, 6, 1000);
  }
  await forgetAfter(old, 30);
  await erased(old, 5);
  assert.deepEqual(await seqs(old), [6]);
  assert.deepEqual(await seqs(kept), upTo(1, 6));
  assert.equal(await floorOf(kept), 0);
});

test('only the beginning of the log goes, whatever is old behind it', async () => {
  const room = await scene();
  for (let i = 0; i < 5; i++) assertOk(await say(stack, ann, room, `m${i}`), 201); // 4 to 8
  await age(room, 8);
  await age(room, 6, 1, 6); // in the middle
  await forgetAfter(room, 7);
  await erased(room, 5);
  assert.deepEqual(await seqs(room), [6, 7, 8]);
  await age(room, 8);
  await erased(room, 7);
});

test('a long log goes bit by bit while people talk', async () => {
  const room = await scene();
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, 3 + seq, seq, ${ann.id}, seq, seq, UTC_TIMESTAMP(3) - INTERVAL 3 DAY FROM seq_1_to_2300;
    UPDATE stream SET head = 2303, mid = 2300 WHERE kind = 1 AND id = ${room.id}`);
  await age(room, 3, 3);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = [];
  inside.bind('message.created', ({ seq }) => heard.push(seq));
  await forgetAfter(room, 2);
  let talking = true;
  const talk = (async () => { while (talking) assertOk(await say(stack, ann, room, 'meanwhile'), 201); })();
  await erased(room, 2303);
  talking = false;
  await talk;
  const head = await headOf(stack, room);
  assert.deepEqual(await seqs(room), upTo(2304, head));
  await until(() => heard.at(-1) === head);
  assert.deepEqual(heard, upTo(2304, head));
});

test('whoever joins later begins behind what is gone', async () => {
  const room = await scene();
  assertOk(await say(stack, ann, room, 'old'), 201);
  await age(room, 4);
  assertOk(await say(stack, ann, room, 'new'), 201);
  await forgetAfter(room, 1);
  await erased(room, 4);
  await joinRoom(stack, all.stranger, room);
  const { messages } = assertOk(await all.stranger.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages.map(({ body }) => body), ['new']);
});

test('what has expired is thrown away, and nothing else', async () => {
  const before = "UTC_TIMESTAMP(3) - INTERVAL 1 SECOND";
  await stack.sql(`INSERT INTO session (id, user, address, agent, created_at, seen_at, expires_at)
      VALUES (900001, ${ann.id}, '', '', ${before}, ${before}, ${before}), (900002, ${ann.id}, '', '', ${before}, ${before}, UTC_TIMESTAMP(3) + INTERVAL 1 DAY);
    INSERT INTO refresh_token VALUES (REPEAT('a', 32), 900001, ${before}, ${before}), (REPEAT('b', 32), 900002, ${before}, ${before});
    INSERT INTO email_code (purpose, user, email, hash, expires_at)
      VALUES ('verify', ${ann.id}, 'a', REPEAT('a', 32), ${before}), ('reset', ${ann.id}, 'a', REPEAT('a', 32), UTC_TIMESTAMP(3) + INTERVAL 1 DAY);
    INSERT INTO throttle VALUES ('test:gone', 1, ${before}), ('test:kept', 1, UTC_TIMESTAMP(3) + INTERVAL 1 DAY);
    INSERT INTO invite (code, room, by_user, expires_at, created_at) VALUES ('gone', 1, 1, ${before} - INTERVAL 31 DAY, ${before}),
      ('kept', 1, 1, ${before} - INTERVAL 29 DAY, ${before}), ('ever', 1, 1, NULL, ${before});
    INSERT INTO audit (actor, action, data, created_at) SELECT 1, 'gone', '{}', ${before} - INTERVAL 10 DAY FROM seq_1_to_700;
    INSERT INTO audit (actor, action, data, created_at) VALUES (1, 'kept', '{}', ${before} - INTERVAL 9 DAY)`);
  const left = () => stack.sql(`SELECT id FROM session WHERE id > 900000 UNION ALL SELECT session FROM refresh_token WHERE session > 900000
    UNION ALL SELECT purpose FROM email_code UNION ALL SELECT name FROM throttle WHERE name LIKE 'test:%'
    UNION ALL SELECT code FROM invite WHERE room = 1 UNION ALL SELECT DISTINCT action FROM audit WHERE actor = 1`);
  const kept = ['900002', '900002', 'reset', 'test:kept', 'ever', 'kept', 'kept'];
  await until(async () => (await left()).length === kept.length, 60000, 'what has expired to be gone');
  assert.deepEqual((await left()).flat().sort(), [...kept].sort());
  assertOk(await ann.at.get('/v1/users/me'), 200);
});
