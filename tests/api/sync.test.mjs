// Coming back: what a client has is compared with what there is now, and retries after changes.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

const events = async (user, path, query = '?limit=1000') => assertOk(await user.get(`${path}/events${query}`), 200).events;
const other = (mid) => String(BigInt(mid) ^ 1n);

// ---- is the history still the same?

async function assertMidIsCompared(user, path) {
  const all = await events(user, path);
  for (const { seq, mid } of all) {
    const rest = all.filter((event) => event.seq > seq);
    assert.deepEqual(await events(user, path, `?after=${seq}&mid=${mid}`), rest);
    for (const wrong of [other(mid), '', '0', 'x', `${mid}0`, ` ${mid}`, `0${mid}`, '18446744073709551616']) {
      assertProblem(await user.get(`${path}/events?after=${seq}&mid=${encodeURIComponent(wrong)}`), 'reload');
    }
  }
  const { seq, mid } = all.at(-1);
  assertProblem(await user.get(`${path}/events?after=${seq + 1}&mid=${mid}`), 'reload'); // has not happened
  assert.deepEqual(await events(user, path, '?after=0&mid=5'), all); // there is nothing that it could be of
}

test('whoever names the mid of its last event is told to reload if that is another event now', async () => {
  const room = await roomOfThree();
  const message = assertOk(await say(stack, ann, room, 'words'), 201);
  assertOk(await anns.patch(`/v1/rooms/${room.id}/messages/${message.seq}`, { body: 'other words' }), 200);
  await assertMidIsCompared(hosts, `/v1/rooms/${room.id}`);
  await assertMidIsCompared(hosts, '/v1/users/me');
});

test('a seq that a crash or a backup gave out twice is noticed', async () => {
  const room = await roomOfThree();
  const message = assertOk(await say(stack, ann, room, 'lost'), 201);
  await stack.sql(`DELETE FROM message WHERE room = ${room.id} AND seq = ${message.seq};
    UPDATE stream SET head = ${message.seq - 1}, mid = 0 WHERE kind = 1 AND id = ${room.id}`);
  const path = `/v1/rooms/${room.id}/events?after=${message.seq}&mid=${message.mid}`;
  assertProblem(await hosts.get(path), 'reload');
  const again = assertOk(await say(stack, ann, room, 'instead'), 201);
  assert.equal(again.seq, message.seq);
  assertProblem(await hosts.get(path), 'reload');
});

// ---- a retry after the message was changed

test('a repeated send is recognised although the message was changed meanwhile', async () => {
  const room = await roomOfThree();
  const send = (body) => anns.post(`/v1/rooms/${room.id}/messages`, { client_id: 'same', body });
  const sent = assertOk(await send('as it was'), 201);
  const path = `/v1/rooms/${room.id}/messages/${sent.seq}`;
  const same = async () => {
    const again = assertOk(await send('as it was'), 201);
    assert.deepEqual([again.seq, again.mid, again.created_at], [sent.seq, sent.mid, sent.created_at]);
  };
  assertOk(await anns.patch(path, { body: 'changed once' }), 200);
  await same();
  assertOk(await anns.patch(path, { body: 'changed twice' }), 200);
  await same();
  for (const body of ['changed once', 'changed twice', 'as it was ', 'As it was']) assertProblem(await send(body), 'client-id-reused');
  assertOk(await anns.del(path), 204);
  await same();
  for (const body of ['changed twice', 'x']) assertProblem(await send(body), 'client-id-reused');
  const types = (await events(hosts, `/v1/rooms/${room.id}`)).map(({ type }) => type);
  assert.deepEqual(types, ['member.joined', 'member.joined', 'message.created', 'message.updated', 'message.updated', 'message.deleted']);
});

test('changing to what it is already, and what can not be changed, uses no seq', async () => {
  const room = await roomOfThree();
  const message = assertOk(await say(stack, ann, room, 'words'), 201);
  const path = `/v1/rooms/${room.id}/messages/${message.seq}`;
  assertOk(await anns.patch(path, { body: 'words' }), 200, message);
  assertOk(await bobs.put(`${path}/reactions/x`), 204);
  assertOk(await bobs.put(`${path}/reactions/x`), 204);
  assertOk(await anns.del(`${path}/reactions/x`), 204); // hers was not there
  assertProblem(await bobs.patch(path, { body: 'not his' }), 'forbidden');
  assertProblem(await bobs.del(path), 'forbidden');
  assert.equal((await events(hosts, `/v1/rooms/${room.id}`)).length, 4);
  assertOk(await anns.del(path), 204);
  for (const answer of [await anns.patch(path, { body: 'late' }), await anns.del(path), await hosts.del(path), await bobs.put(`${path}/reactions/y`),
    await bobs.del(`${path}/reactions/x`)]) assertProblem(answer, 'not-found');
  assert.equal((await events(hosts, `/v1/rooms/${room.id}`)).length, 5);
  assert.deepEqual(await stack.sql(`SELECT * FROM reaction WHERE room = ${room.id}`), []);
});

// ---- state(snapshot at S) + events(S+1..H) = state(snapshot at H)

const snapshot = async (room, user) => assertOk(await user.get(`/v1/rooms/${room.id}/messages?limit=100`), 200).messages;

// What a client does with the events about messages; `me` sees `mine`.
function applyTo(messages, me, { type, data }) {
  const find = (seq) => messages.find((message) => message.seq === seq);
  const { message, emoji, user, count } = data;
  if (type === 'message.created') messages.push(structuredClone(data));
  if (type === 'message.updated' || type === 'message.deleted') {
    const old = find(message.seq);
    const reactions = type === 'message.updated' && old.reactions ? { reactions: old.reactions } : {};
    messages[messages.indexOf(old)] = { ...message, ...reactions };
  }
  if (type === 'reaction.added' || type === 'reaction.removed') {
    const target = find(message);
    if (!target || target.deleted_at) return; // the log shows messages as they are now
    const list = (target.reactions ?? []).filter((reaction) => reaction.emoji !== emoji);
    const mine = user === me.id ? type === 'reaction.added'
      : target.reactions?.find((reaction) => reaction.emoji === emoji)?.mine ?? false;
    if (count > 0) list.push({ emoji, count, mine });
    list.sort((a, b) => Buffer.compare(Buffer.from(a.emoji), Buffer.from(b.emoji)));
    target.reactions = list;
    if (list.length === 0) delete target.reactions;
  }
}

test('a snapshot and the events after it make the later snapshot, for each of those who look', async () => {
  const room = await roomOfThree();
  const path = `/v1/rooms/${room.id}`;
  const sent = [];
  for (let i = 0; i < 6; i++) sent.push(assertOk(await say(stack, [ann, bob][i % 2], room, `m${i}`), 201));
  const url = (i, ...more) => [`${path}/messages/${sent[i].seq}`, ...more].join('/');
  const react = (i, emoji) => url(i, 'reactions', encodeURIComponent(emoji));
  for (const user of [anns, bobs]) assertOk(await user.put(react(0, '👍🏽')), 204);
  assertOk(await bobs.put(react(1, '❤️')), 204);
  const views = await Promise.all([[ann, anns], [bob, bobs]].map(async ([me, user]) => ({ me, user, state: await snapshot(room, user) })));
  const from = (await events(hosts, path)).at(-1).seq;

  assertOk(await anns.patch(url(0), { body: 'changed' }), 200);
  assertOk(await anns.del(react(0, '👍🏽')), 204);
  assertOk(await bobs.del(react(1, '❤️')), 204);
  assertOk(await anns.put(react(1, '한글')), 204);
  assertOk(await hosts.put(react(2, '🙂')), 204);
  assertOk(await anns.put(react(2, '👨‍👩‍👧‍👦')), 204);
  assertOk(await bobs.put(react(2, '🙂')), 204);
  assertOk(await hosts.put(react(3, '💥')), 204);
  assertOk(await bobs.del(url(3)), 204);
  assertOk(await hosts.del(url(4)), 204);
  sent.push(assertOk(await say(stack, bob, room, 'new'), 201));
  assertOk(await bobs.patch(url(6), { body: 'new and changed' }), 200);
  assertOk(await anns.put(react(6, '🆕')), 204);
  sent.push(assertOk(await anns.post(`${path}/messages`, { client_id: 'r', body: 'answer', reply_to: sent[3].seq }), 201));

  for (const { me, user, state } of views) {
    for (const event of await events(user, path, `?after=${from}&limit=1000`)) applyTo(state, me, event);
    assert.deepEqual(state, await snapshot(room, user));
  }
});

// ---- all streams at once

test('sync gives a thousand events at a time and says where there are more', async () => {
  const [one, two] = [await createRoom(stack, ann), await createRoom(stack, ann)];
  for (const room of [one, two]) {
    await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
        SELECT ${room.id}, seq, seq, ${ann.id}, seq, seq, UTC_TIMESTAMP(3) FROM seq_1_to_700;
      UPDATE stream SET head = 700, mid = 700 WHERE kind = 1 AND id = ${room.id}`);
  }
  const got = { [`presence-room-${one.id}`]: [], [`presence-room-${two.id}`]: [] };
  const names = Object.keys(got);
  let rounds = 0;
  for (let more = true; more; rounds++) {
    const since = names.map((name) => `${name}:${got[name].length}`).join();
    const { streams } = assertOk(await anns.get(`/v1/sync?since=${since}`), 200);
    const count = names.reduce((n, name) => n + streams[name].events.length, 0);
    assert.ok(count <= 1000);
    assert.ok(count > 0);
    more = false;
    for (const name of names) {
      got[name].push(...streams[name].events.map(({ seq }) => seq));
      assert.equal(streams[name].head, 700);
      assert.equal(streams[name].more, got[name].length < 700);
      more ||= streams[name].more;
    }
  }
  assert.equal(rounds, 2);
  for (const name of names) assert.deepEqual(got[name], Array.from({ length: 700 }, (_, i) => i + 1));
});

test('at the head there are no events, and beyond it the history has changed', async () => {
  const room = await roomOfThree();
  const name = `presence-room-${room.id}`;
  const { streams } = assertOk(await anns.get(`/v1/sync?since=${name}:2`), 200);
  assert.deepEqual(streams[name], { head: 2, events: [], more: false });
  for (const cursor of ['3', '1000', '18446744073709551615', '2:12345', '1:x']) {
    const { streams: changed } = assertOk(await anns.get(`/v1/sync?since=${name}:${cursor}`), 200);
    assert.deepEqual(changed[name], { head: 2, reload: true }, cursor);
  }
});
