import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

const log = async (room, query = '', user = hosts) => assertOk(await user.get(`/v1/rooms/${room.id}/events${query}`), 200);

// One of everything that can happen to a room while the host stays in it.
async function eventfulRoom() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, ann, room, '안녕'), 201);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'new' }), 200);
  assertOk(await say(stack, host, room, 'hello'), 201);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  return room;
}
const TYPES = ['member.joined', 'message.created', 'room.updated', 'message.created', 'member.left'];

test('a new room has had no events', async () => {
  assert.deepEqual(await log(await createRoom(stack, host)), { events: [], head: 0 });
});

test('the log has everything that happened, messages among the rest, without a gap', async () => {
  const room = await eventfulRoom();
  const { events, head } = await log(room);
  assert.equal(head, 5);
  assert.deepEqual(events.map(({ type }) => type), TYPES);
  events.forEach(({ seq, mid, data, ...rest }, i) => {
    assert.deepEqual(Object.keys(rest), ['type']);
    assert.equal(seq, i + 1);
    assert.equal(data.seq, seq);
    assert.equal(data.mid, mid);
  });
  assert.equal(new Set(events.map(({ mid }) => mid)).size, 5);
  const { messages } = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages, events.filter(({ type }) => type === 'message.created').map(({ data }) => data));
});

test('the log says the same as was said over the websocket', async () => {
  const room = await createRoom(stack, host);
  const inside = await subscribed(await client(stack, host), `presence-room-${room.id}`);
  const heard = [];
  inside.bind_global((type, data) => { if (!type.startsWith('pusher')) heard.push({ seq: data.seq, mid: data.mid, type, data }); });
  await joinRoom(stack, ann, room);
  assertOk(await say(stack, ann, room, '👋 "\\ \n'), 201);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'new', description: '설명' }), 200);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  const { events } = await log(room);
  await until(() => heard.length >= events.length);
  assert.deepEqual(heard.sort((a, b) => a.seq - b.seq), events);
});

test('the log is read from any place in pages of any size', async () => {
  const room = await eventfulRoom();
  const { events: all } = await log(room);
  for (const [query, from, to] of [['?after=0', 0, 5], ['?after=2', 2, 5], ['?after=5', 5, 5], ['?after=99', 5, 5], ['?limit=2', 0, 2],
    ['?limit=2&after=1', 1, 3], ['?limit=0', 0, 1], ['?limit=1&after=4', 4, 5], ['?limit=99999999999', 0, 5],
    ['?after=18446744073709551615', 5, 5]]) {
    assert.deepEqual(await log(room, query), { events: all.slice(from, to), head: 5 }, query);
  }
  for (const bad of ['-1', 'x', '1.5', '18446744073709551616']) {
    assertInvalid(await hosts.get(`/v1/rooms/${room.id}/events?after=${bad}`), 'after');
    assertInvalid(await hosts.get(`/v1/rooms/${room.id}/events?limit=${bad}`), 'limit');
  }
});

test('messages and other events mix in the right order across every page boundary', async () => {
  const room = await createRoom(stack, host);
  // Two of one kind, one of the other, and so on: 30 events.
  for (let i = 0; i < 10; i++) {
    if (i % 2) for (const k of [1, 2]) assertOk(await say(stack, host, room, `m${i}${k}`), 201);
    else assertOk(await say(stack, host, room, `m${i}`), 201);
    assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: `t${i}` }), 200);
  }
  const { events: all, head } = await log(room, '?limit=1000');
  assert.deepEqual(all.map(({ seq }) => seq), Array.from({ length: head }, (_, i) => i + 1));
  for (const limit of [1, 2, 3, 7]) {
    const pages = [];
    while (pages.length < head) {
      const { events } = await log(room, `?limit=${limit}&after=${pages.length}`);
      assert.equal(events.length, Math.min(limit, head - pages.length));
      pages.push(...events);
    }
    assert.deepEqual(pages, all);
  }
});

test('a page has 100 events if nothing is said, and never more than 1000', async () => {
  const room = await createRoom(stack, host);
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, seq, seq, ${host.id}, seq, seq, UTC_TIMESTAMP(3) FROM seq_1_to_1100;
    UPDATE stream SET head = 1100, mid = 1100 WHERE kind = 1 AND id = ${room.id}`);
  for (const [query, length] of [['', 100], ['?limit=1000', 1000], ['?limit=1001', 1000], ['?limit=5000&after=500', 600]]) {
    const { events, head } = await log(room, query);
    assert.equal(events.length, length, query);
    assert.equal(head, 1100);
  }
});

test('the largest page there can be is still whole', async () => {
  const room = await createRoom(stack, host);
  // Each of these characters takes six bytes in JSON: 1000 x 24 kB.
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, seq, seq, ${host.id}, seq, REPEAT(CHAR(1), 4000), UTC_TIMESTAMP(3) FROM seq_1_to_1000;
    UPDATE stream SET head = 1000, mid = 1000 WHERE kind = 1 AND id = ${room.id}`);
  const { events } = await log(room, '?limit=1000');
  assert.ok(events.length > 0);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, i) => i + 1));
});

test('only members read the log, and those who left no more', async () => {
  const room = await eventfulRoom();
  assertProblem(await api(stack, stranger).get(`/v1/rooms/${room.id}/events`), 'not-member');
  assertProblem(await anns.get(`/v1/rooms/${room.id}/events`), 'not-member');
  assertProblem(await api(stack).get(`/v1/rooms/${room.id}/events`), 'unauthenticated');
});

// ---- state(snapshot at S) + events(S+1..H) = state(snapshot at H)

async function snapshot(room, user) {
  const { joined, liked, ...rest } = assertOk(await user.get(`/v1/rooms/${room.id}`), 200);
  const { members } = assertOk(await user.get(`/v1/rooms/${room.id}/members`), 200);
  const { messages } = assertOk(await user.get(`/v1/rooms/${room.id}/messages?limit=100`), 200);
  const { notices } = assertOk(await user.get(`/v1/rooms/${room.id}/notices`), 200);
  const { pins } = assertOk(await user.get(`/v1/rooms/${room.id}/pins`), 200);
  return { room: rest, members, messages, notices, pins };
}

const unpin = (state, gone) => { state.pins = state.pins.filter(({ message }) => !gone(message)); };

// What a client does with each event.
const apply = {
  'message.created': (state, data) => state.messages.push(data),
  'room.updated': (state, { seq, mid, ...room }) => { state.room = room; },
  'member.updated': (state, { seq, mid, ...member }) => {
    state.members = state.members.map((one) => (one.id === member.id ? member : one));
  },
  'member.joined': (state, { seq, mid, ...member }) => {
    state.members.push(member);
    state.members.sort((a, b) => a.id - b.id);
    state.room.member_count++;
    if (member.role === 'host') state.room.host = member.id;
  },
  'member.left': (state, { seq, mid, id }) => {
    state.members = state.members.filter((member) => member.id !== id);
    state.room.member_count--;
  },
  'message.deleted': (state, { message }) => {
    state.messages = state.messages.map((one) => (one.seq === message.seq ? message : one));
    unpin(state, (seq) => seq === message.seq);
  },
  'messages.purged': (state, { seq: rev, user, after: first, until, deleted_at: deletedAt }) => {
    const isIt = ({ seq, sender, deleted_at: gone }) => sender === user && seq > first && seq <= until && !gone;
    const gone = state.messages.filter(isIt).map(({ seq }) => seq);
    state.messages = state.messages.map((one) => (isIt(one) ? { ...one, body: '', rev, deleted_at: deletedAt } : one));
    unpin(state, (seq) => gone.includes(seq));
  },
  'notice.created': (state, { seq, mid, ...notice }) => state.notices.unshift({ ...notice, confirmed: false }),
  'notice.updated': (state, { seq, mid, ...notice }) => {
    state.notices = state.notices.map((one) => (one.id === notice.id ? { ...notice, confirmed: one.confirmed } : one));
  },
  'notice.deleted': (state, { id }) => { state.notices = state.notices.filter((one) => one.id !== id); },
  'pin.added': (state, { seq, mid, ...pin }) => state.pins.unshift(pin),
  'pin.removed': (state, { message }) => unpin(state, (seq) => seq === message),
};

async function assertEventsTellAll(room, reader, act) {
  const { head } = await log(room, '?limit=1', reader);
  const state = await snapshot(room, reader);
  await act();
  const { events } = await log(room, `?after=${head}&limit=1000`, reader);
  for (const { type, data } of events) apply[type](state, data);
  assert.deepEqual(state, await snapshot(room, reader));
}

test('a snapshot and the events after it make the later snapshot', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, bob, room);
  await assertEventsTellAll(room, bobs, async () => {
    assertOk(await say(stack, bob, room, 'one'), 201);
    await joinRoom(stack, ann, room);
    assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'new', max_members: 5 }), 200);
    assertOk(await say(stack, ann, room, 'two'), 201);
    assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
    await joinRoom(stack, stranger, room);
    assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { description: 'with a text' }), 200);
  });
});

test('when the host leaves, the events say who is host now', async () => {
  const room = await createRoom(stack, host);
  for (const user of [bob, ann, stranger]) await joinRoom(stack, user, room);
  const change = async (user, body) => assertOk(await hosts.patch(`/v1/rooms/${room.id}/members/${user.id}`, body), 200);
  await assertEventsTellAll(room, bobs, async () => {
    for (const user of [ann, stranger]) await change(user, { role: 'moderator', muted_seconds: 60 });
    await change(stranger, { role: 'member' });
    assertOk(await hosts.del(`/v1/rooms/${room.id}/members/me`), 204);
  });
});

test('the events tell of notices, pins and purges', async () => {
  const room = await createRoom(stack, host);
  for (const user of [bob, ann]) await joinRoom(stack, user, room);
  const path = `/v1/rooms/${room.id}`;
  const said = [];
  for (let i = 0; i < 6; i++) said.push(assertOk(await say(stack, i % 2 ? bob : ann, room, `m${i}`), 201).seq);
  for (const seq of said.slice(0, 4)) assertOk(await hosts.put(`${path}/pins/${seq}`), 204);
  const notices = [];
  for (const body of ['one', 'two', 'three']) notices.push(assertOk(await hosts.post(`${path}/notices`, { body }), 201).id);
  await assertEventsTellAll(room, bobs, async () => {
    assertOk(await hosts.put(`${path}/pins/${said[5]}`), 204);
    assertOk(await hosts.del(`${path}/pins/${said[1]}`), 204);
    assertOk(await bobs.del(`${path}/messages/${said[3]}`), 204);
    assertOk(await hosts.patch(`${path}/notices/${notices[0]}`, { body: 'eins' }), 200);
    assertOk(await hosts.del(`${path}/notices/${notices[1]}`), 204);
    assertOk(await hosts.post(`${path}/notices`, { body: 'four' }), 201);
    assertOk(await hosts.post(`${path}/purges`, { user: ann.id }), 200);
    assertOk(await say(stack, ann, room, 'and yet'), 201);
  });
});
