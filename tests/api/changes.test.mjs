// What happens to messages after they were sent, to members after they joined, and how it is read.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import {
  MID, ROOM_PASSWORD, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, rawSocket, say, shared,
  subscribeRaw,
} from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const nobody = api(stack);
const [host, ann, bob, stranger] = await people(stack, 4);
const [hosts, anns, bobs, strangers] = [host, ann, bob, stranger].map((user) => api(stack, user));

// A room of the host, Ann and Bob (seq 1 and 2) with a message of Ann's (seq 3).
async function scene() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  const message = assertOk(await say(stack, ann, room, 'first words'), 201);
  const path = `/v1/rooms/${room.id}/messages/${message.seq}`;
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  return { room, message, path, inside };
}

const reaction = (path, emoji) => `${path}/reactions/${encodeURIComponent(emoji)}`;
const head = async (room) => assertOk(await hosts.get(`/v1/rooms/${room.id}/events?after=99999`), 200).head;

// An event that carries something, at a place in its stream.
function assertEvent({ seq, mid, ...rest }, expected, at) {
  assert.equal(seq, at);
  assert.match(mid, MID);
  assert.deepEqual(rest, expected);
}

// ---- changing the text

test('a changed message is answered, stored and told as it now is', async () => {
  const { room, message, path, inside } = await scene();
  const told = eventOn(inside, 'message.updated');
  const changed = assertOk(await anns.patch(path, { body: '바뀐 말 🙂' }), 200);
  assert.match(changed.edited_at, TIME);
  assert.deepEqual(changed, { ...message, body: '바뀐 말 🙂', rev: 4, edited_at: changed.edited_at });
  assertEvent(await told, { room: room.id, message: changed }, 4);
  assertOk(await bobs.get(path), 200, changed);
  assertOk(await bobs.get(`/v1/rooms/${room.id}/messages`), 200, { messages: [changed], next: null });
});

test('only its sender changes a message, not even the host', async () => {
  const { room, message, path } = await scene();
  for (const user of [hosts, bobs]) assertProblem(await user.patch(path, { body: 'other words' }), 'forbidden');
  assertOk(await bobs.get(path), 200, message);
  assert.equal(await head(room), 3);
});

test('the new text has the limits of a new message', async () => {
  const { room, message, path } = await scene();
  for (const body of ['', 'x'.repeat(4001), 5, null]) assertInvalid(await anns.patch(path, { body }), 'body');
  assertInvalid(await anns.patch(path, {}), 'body');
  assertInvalid(await anns.patch(path, { body: 'x', sender: bob.id, seq: 1, client_id: 'x', rev: 9, deleted_at: null }),
    'sender', 'seq', 'client_id', 'rev', 'deleted_at');
  assertOk(await anns.patch(path, { body: message.body }), 200, message); // the same words change nothing
  assert.equal(await head(room), 3);
  assert.equal(assertOk(await anns.patch(path, { body: '🙂'.repeat(4000) }), 200).body.length, 8000);
});

// ---- deleting

test('a deleted message leaves its place and nothing of what was said', async () => {
  for (const user of [anns, hosts]) {
    const { room, message, path, inside } = await scene();
    assertOk(await bobs.put(reaction(path, '👍')), 204); // seq 4
    const told = eventOn(inside, 'message.deleted');
    assertOk(await user.del(path), 204);
    const { deleted_at: deletedAt, ...rest } = assertOk(await bobs.get(path), 200);
    assert.match(deletedAt, TIME);
    assert.deepEqual(rest, { ...message, body: '', rev: 5 });
    assertEvent(await told, { room: room.id, message: { ...rest, deleted_at: deletedAt } }, 5);
    assert.deepEqual(await stack.sql(`SELECT body FROM message WHERE room = ${room.id}`), [['']]);
    for (const again of [() => anns.del(path), () => anns.patch(path, { body: 'back' }), () => bobs.put(reaction(path, '👍')), () => bobs.del(reaction(path, '👍'))]) {
      assertProblem(await again(), 'not-found');
    }
    assert.equal(await head(room), 5);
  }
});

test('nobody else deletes a message', async () => {
  const { message, path } = await scene();
  assertProblem(await bobs.del(path), 'forbidden');
  assertProblem(await bobs.del(`${path}?scope=all`), 'forbidden');
  assertInvalid(await anns.del(`${path}?scope=everybody`), 'scope');
  assertOk(await bobs.get(path), 200, message);
});

test('what was said before and after a change is gone too when the message is deleted', async () => {
  const { room, path } = await scene();
  assertOk(await anns.patch(path, { body: 'words that she regrets' }), 200);
  assertOk(await anns.del(path), 204);
  const { body } = await bobs.get(`/v1/rooms/${room.id}/events`);
  assert.ok(!JSON.stringify(body).includes('regrets'));
  assert.deepEqual(await stack.sql("SELECT seq FROM event WHERE data LIKE '%regrets%'"), []);
});

test('a message hidden for oneself is hidden on all own screens and for nobody else', async () => {
  const { room, message, path } = await scene();
  const own = await subscribed(await client(stack, bob), `private-user-${bob.id}`);
  const told = eventOn(own, 'message.hidden');
  assertOk(await bobs.del(`${path}?scope=me`), 204);
  const { seq, mid, ...event } = await told;
  assert.deepEqual(event, { room: room.id, message: message.seq });
  assertOk(await bobs.del(`${path}?scope=me`), 204);
  assert.deepEqual(await stack.sql(`SELECT head FROM stream WHERE kind = 2 AND id = ${bob.id}`), [[String(seq)]]);
  assert.deepEqual(assertOk(await bobs.get(`/v1/rooms/${room.id}/messages`), 200).messages, []);
  assert.deepEqual(assertOk(await anns.get(`/v1/rooms/${room.id}/messages`), 200).messages, [message]);
  assert.equal(await head(room), 3);
});

test('pages of history are full although messages between are hidden', async () => {
  const room = await createRoom(stack, host);
  const all = [];
  for (let i = 0; i < 6; i++) all.push(assertOk(await say(stack, host, room, `m${i}`), 201));
  for (const i of [1, 2, 4]) assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${all[i].seq}?scope=me`), 204);
  const page = (query) => hosts.get(`/v1/rooms/${room.id}/messages?${query}`);
  assertOk(await page('limit=2'), 200, { messages: [all[3], all[5]], next: 4 });
  assertOk(await page('limit=2&before=4'), 200, { messages: [all[0]], next: null });
  assertOk(await page('limit=2&after=0'), 200, { messages: [all[0], all[3]], next: 4 });
});

// ---- answering

test('an answer names the message that it answers, and that must be one of the room', async () => {
  const { room, message } = await scene();
  const { room: other, message: elsewhere } = await scene();
  for (let i = 0; i < 3; i++) assertOk(await say(stack, ann, other), 201);
  const reply = (to, id = 'reply') => bobs.post(`/v1/rooms/${room.id}/messages`, { client_id: id, body: 'answer', reply_to: to });
  const answer = assertOk(await reply(message.seq), 201);
  assert.equal(answer.reply_to, message.seq);
  assertOk(await reply(message.seq), 201, answer);
  assertOk(await anns.get(`/v1/rooms/${room.id}/messages/${answer.seq}`), 200, answer);
  assert.equal(elsewhere.seq, message.seq);
  for (const to of [0, -1, 1, 2, 99, 6, '3', 3.5, true, null]) assertInvalid(await reply(to, 'bad'), 'reply_to'); // 1 and 2 are joins, 6 is of the other room
  assert.equal(await head(room), 4);
});

// ---- reactions

test('a reaction counts once for each person and each emoji', async () => {
  const { room, message, path, inside } = await scene();
  const steps = [
    [anns.put, '👍', 'reaction.added', ann, 1], [anns.put, '👍', null], [bobs.put, '👍', 'reaction.added', bob, 2],
    [bobs.put, '❤️', 'reaction.added', bob, 1], [anns.del, '❤️', null], [anns.del, '👍', 'reaction.removed', ann, 1],
    [anns.del, '👍', null], [bobs.put, '👩‍👩‍👧‍👦', 'reaction.added', bob, 1],
  ];
  let seq = message.seq;
  for (const [call, emoji, type, user, count] of steps) {
    const told = type ? eventOn(inside, type) : undefined;
    assertOk(await call(reaction(path, emoji)), 204);
    if (type) assertEvent(await told, { room: room.id, message: message.seq, emoji, user: user.id, count, rev: ++seq }, seq);
  }
  assert.equal(await head(room), seq);
  const seen = (mine) => [...['👍', '❤️', '👩‍👩‍👧‍👦'].map((emoji) => ({ emoji, count: 1, mine }))].sort((a, b) => (a.emoji < b.emoji ? -1 : 1));
  for (const [user, mine] of [[anns, false], [bobs, true]]) {
    const { reactions, ...rest } = assertOk(await user.get(path), 200);
    assert.deepEqual(rest, message);
    assert.deepEqual([...reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1)), seen(mine));
    assert.deepEqual(assertOk(await user.get(`/v1/rooms/${room.id}/messages`), 200).messages, [{ ...rest, reactions }]);
  }
});

test('many who react at the same time are counted exactly', async () => {
  const { room, path } = await scene();
  const crowd = await people(stack, 8);
  await Promise.all(crowd.map((user) => joinRoom(stack, user, room)));
  const answers = await Promise.all([...crowd, ...crowd].map((user) => api(stack, user).put(reaction(path, '🎉'))));
  answers.forEach((answer) => assertOk(answer, 204));
  assert.deepEqual(assertOk(await anns.get(path), 200).reactions, [{ emoji: '🎉', count: 8, mine: false }]);
  const { events } = assertOk(await anns.get(`/v1/rooms/${room.id}/events`), 200);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, i) => i + 1));
  assert.deepEqual(events.filter(({ type }) => type === 'reaction.added').map(({ data }) => data.count), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a large room is told how many have reacted, at most once a second, and oneself what one has chosen', async () => {
  const large = await startStack({ conf: { named_reactions: 8, workers: 2 } });
  try {
    const [first, ...crowd] = await people(large, 12);
    const at = (user) => api(large, user);
    const room = await createRoom(large, first);
    await Promise.all(crowd.map((user) => joinRoom(large, user, room)));
    const message = assertOk(await say(large, first, room, 'what do you think?'), 201);
    const path = `/v1/rooms/${room.id}/messages/${message.seq}`;
    const logOf = async (which) => assertOk(await at(first).get(`${which}/events?after=0&limit=1000`), 200).events;
    const told = async () => (await logOf(`/v1/rooms/${room.id}`)).filter(({ type }) => type.startsWith('reaction'));
    const own = await subscribed(await client(large, first), `private-user-${first.id}`);
    const chosen = eventOn(own, 'reaction.chosen');
    // The first is told so slowly that the second after it is over then.
    await large.sql('CREATE TRIGGER slowly BEFORE INSERT ON reaction_told FOR EACH ROW DO IF((SELECT COUNT(*) FROM reaction_told) = 0, SLEEP(1.2), 0)');
    await Promise.all([first, ...crowd].map(async (user) => assertOk(await at(user).put(reaction(path, '👍')), 204)));
    assertOk(await at(crowd[0]).put(reaction(path, '👍')), 204); // for the second time
    assertOk(await at(crowd[0]).put(reaction(path, '마')), 204);
    assertOk(await at(crowd[1]).del(reaction(path, '👍')), 204);
    const { seq, mid, ...mine } = await chosen;
    assert.deepEqual(mine, { room: room.id, message: message.seq, emoji: '👍', chosen: true });
    const events = await until(async () => { const all = await told(); return all.at(-1).data.reactions[1]?.count === 11 && all; }, 10000, 'all to be told');
    assert.ok(events.length <= 4, `${events.length} events`);
    for (const { type, seq: rev, data } of events) {
      assert.equal(type, 'reactions.counted');
      assert.deepEqual([data.room, data.message, data.rev], [room.id, message.seq, rev]);
    }
    assert.deepEqual(events.at(-1).data.reactions, [{ emoji: '마', count: 1 }, { emoji: '👍', count: 11 }]);
    const times = (await large.sql(`SELECT UNIX_TIMESTAMP(created_at) FROM event WHERE kind = 1 AND stream = ${room.id} AND type = 'reactions.counted' ORDER BY seq LIMIT ${events.length}`)).flat();
    for (let i = 1; i < times.length; i++) assert.ok(times[i] - times[i - 1] > 0.99, `${times}`);
    assert.deepEqual(assertOk(await at(crowd[1]).get(path), 200).reactions, [{ emoji: '마', count: 1, mine: false }, { emoji: '👍', count: 11, mine: false }]);
    // What waits to be told of a message that is deleted meanwhile is told by nothing.
    for (const user of crowd) assertOk(await at(user).put(reaction(path, '🎉')), 204);
    assertOk(await at(first).del(path), 204);
    await until(async () => (await large.sql('SELECT 1 FROM reaction_told')).length === 0, 20000, 'it to be forgotten');
    assert.equal((await logOf(`/v1/rooms/${room.id}`)).at(-1).type, 'message.deleted');
    assert.deepEqual((await logOf('/v1/users/me')).filter(({ type }) => type === 'reaction.chosen').map(({ data }) => data.chosen), [true]);
  } finally {
    await large.stop();
  }
});

test('an emoji is some visible text of up to 64 bytes', async () => {
  const { room, path } = await scene();
  for (const emoji of ['x', 'ㅋㅋ', ':+1:', 'a'.repeat(64)]) assertOk(await bobs.put(reaction(path, emoji)), 204);
  for (const bad of ['a'.repeat(65), '%20', 'a%20b', '%0A', '%7F', '%FF', '%ED%A0%80', '%C0%AF', '한'.repeat(22)]) {
    assertInvalid(await bobs.put(`${path}/reactions/${/%/.test(bad) ? bad : encodeURIComponent(bad)}`), 'emoji');
  }
  assert.ok([404, 422].includes((await bobs.put(`${path}/reactions/`)).status));
  assert.equal(await head(room), 7);
});

test('a message has at most fifty different emoji', async () => {
  const { path } = await scene();
  for (let i = 0; i < 50; i++) assertOk(await anns.put(reaction(path, `e${i}`)), 204);
  assertProblem(await bobs.put(reaction(path, 'e50')), 'conflict');
  assertOk(await bobs.put(reaction(path, 'e7')), 204);
  assertOk(await anns.del(reaction(path, 'e0')), 204);
  assertOk(await bobs.put(reaction(path, 'e50')), 204);
});

// ---- removing a member

test('the host removes a member, who is told and gets nothing more', async () => {
  const { room, inside } = await scene();
  const socket = await rawSocket(stack);
  const channel = `presence-room-${room.id}`;
  await subscribeRaw(stack, socket, ann, channel);
  await subscribeRaw(stack, socket, ann, `private-user-${ann.id}`);
  const member = assertOk(await anns.put(`/v1/rooms/${room.id}/members/me`), 200);
  const told = eventOn(inside, 'member.kicked');
  const talk = Array.from({ length: 20 }, (_, i) => say(stack, bob, room, `while ${i}`));
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/${ann.id}`), 204);
  (await Promise.all(talk)).forEach((answer) => assertOk(answer, 201));
  const { seq: kickedAt, ...kicked } = await told;
  assertEvent({ seq: kickedAt, ...kicked }, member, kickedAt);
  const removed = await socket.next('room.removed');
  assert.equal(JSON.parse(removed.data).id, room.id);
  assertOk(await say(stack, bob, room, 'after'), 201);
  assertOk(await anns.patch('/v1/users/me', { nickname: `fence ${room.id}` }), 200);
  await socket.next('user.updated');
  const seqs = socket.events.filter(({ channel: on, data }) => on === channel && data).map(({ data }) => JSON.parse(data).seq).filter(Boolean);
  assert.ok(seqs.every((seq) => seq <= kickedAt), `kicked at ${kickedAt}, got ${seqs}`);
  assertProblem(await say(stack, ann, room), 'not-member');
  assertProblem(await anns.get(`/v1/rooms/${room.id}/messages`), 'not-member');
  assertProblem(await anns.post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channel }), 'not-member');
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 2);
  socket.ws.close();
});

test('only the host removes members, not himself and nobody who is not there', async () => {
  const { room } = await scene();
  const kick = (user, id) => user.del(`/v1/rooms/${room.id}/members/${id}`);
  assertProblem(await kick(anns, bob.id), 'forbidden');
  assertProblem(await kick(anns, ann.id), 'forbidden');
  assertProblem(await kick(anns, host.id), 'forbidden');
  assertProblem(await kick(strangers, bob.id), 'forbidden');
  assertProblem(await kick(nobody, bob.id), 'unauthenticated');
  assertProblem(await kick(hosts, host.id), 'forbidden');
  assertProblem(await kick(hosts, stranger.id), 'not-found');
  assertProblem(await kick(hosts, 999999), 'not-found');
  assert.equal(await head(room), 3);
  assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}`), 200).member_count, 3);
});

// ---- who may do what to a message, and only through its room

const actions = {
  get: (user, path) => user.get(path),
  patch: (user, path) => user.patch(path, { body: 'x' }),
  delete: (user, path) => user.del(path),
  hide: (user, path) => user.del(`${path}?scope=me`),
  react: (user, path) => user.put(reaction(path, '👍')),
  unreact: (user, path) => user.del(reaction(path, '👍')),
};

for (const [kind, slug] of [['public', 'not-member'], ['secret', 'not-member'], ['group', 'not-found']]) {
  test(`strangers and those who left do nothing to the messages of a ${kind} room`, async () => {
    const room = await createRoom(stack, host, { kind });
    const left = await signUp(stack);
    if (kind === 'group') await putIntoGroup(stack, left, room);
    else await joinRoom(stack, left, room, kind === 'secret' ? ROOM_PASSWORD : undefined);
    const own = assertOk(await say(stack, left, room, 'own words'), 201);
    assertOk(await api(stack, left).del(`/v1/rooms/${room.id}/members/me`), 204);
    const before = await head(room);
    for (const act of Object.values(actions)) {
      assertProblem(await act(nobody, `/v1/rooms/${room.id}/messages/${own.seq}`), 'unauthenticated');
      for (const user of [strangers, api(stack, left)]) assertProblem(await act(user, `/v1/rooms/${room.id}/messages/${own.seq}`), slug);
    }
    assert.equal(await head(room), before);
    assertOk(await hosts.get(`/v1/rooms/${room.id}/messages/${own.seq}`), 200, own);
  });
}

test('a message is reached through its own room only, and an event that is no message not at all', async () => {
  const { room } = await scene();
  const foreign = await createRoom(stack, bob);
  for (let i = 0; i < 5; i++) assertOk(await say(stack, bob, foreign, 'private'), 201); // seq 1 to 5
  const before = await head(room);
  for (const seq of [1, 2, 4, 5, 99, 0, -1, 'x']) {
    for (const act of Object.values(actions)) assertProblem(await act(anns, `/v1/rooms/${room.id}/messages/${seq}`), 'not-found');
  }
  assert.equal(await head(room), before);
});

// ---- the other streams

test('the own stream is read like that of a room, by its user only', async () => {
  const carl = await signUp(stack);
  const carls = api(stack, carl);
  assertOk(await carls.get('/v1/users/me/events'), 200, { events: [], head: 0 });
  const room = await createRoom(stack, carl);
  assertOk(await carls.patch('/v1/users/me', { nickname: 'Carl' }), 200);
  const { events, head: last } = assertOk(await carls.get('/v1/users/me/events'), 200);
  assert.equal(last, 2);
  assert.deepEqual(events.map(({ seq, type }) => [seq, type]), [[1, 'room.added'], [2, 'user.updated']]);
  const { seq, mid, ...added } = events[0].data;
  assert.deepEqual([added, seq, mid], [shared(room), 1, events[0].mid]);
  assertOk(await carls.get('/v1/users/me/events?after=1&limit=1'), 200, { events: [events[1]], head: 2 });
  assertInvalid(await carls.get('/v1/users/me/events?after=x'), 'after');
  assertProblem(await nobody.get('/v1/users/me/events'), 'unauthenticated');
});

test('sync tells the heads of all own streams, and the events after what is known', async () => {
  const carl = await signUp(stack);
  const carls = api(stack, carl);
  const room = await createRoom(stack, carl);
  const messages = [];
  for (let i = 0; i < 3; i++) messages.push(assertOk(await say(stack, carl, room, `m${i}`), 201));
  const [own, inside] = [`private-user-${carl.id}`, `presence-room-${room.id}`];
  const { streams } = assertOk(await carls.get('/v1/sync'), 200);
  assert.deepEqual(Object.keys(streams).sort(), ['lobby', inside, own].sort());
  assert.deepEqual(streams[inside], { head: 3 });
  assert.deepEqual(streams[own], { head: 1 });
  const known = assertOk(await carls.get(`/v1/sync?since=${inside}:1,${own}:1`), 200).streams;
  assert.deepEqual(known[inside], {
    head: 3, more: false, events: messages.slice(1).map((data) => ({ seq: data.seq, mid: data.mid, type: 'message.created', data })),
  });
  assert.deepEqual(known[own], { head: 1, more: false, events: [] });
  assert.deepEqual(Object.keys(known.lobby), ['head']);
  assertProblem(await nobody.get('/v1/sync'), 'unauthenticated');
});

test('sync says nothing about the streams of others, and takes no harm from nonsense', async () => {
  const group = await createRoom(stack, host, { kind: 'group' });
  assertOk(await say(stack, host, group, 'among ourselves'), 201);
  for (const since of [`presence-room-${group.id}:0`, `private-user-${host.id}:0`, ',,,', 'x', ':', 'lobby', 'lobby:', 'lobby:x', 'lobby:-1',
    'lobby:99999999999999999999999', 'lobby:1x', `${'lobby:0,'.repeat(500)}`, '%00', '%ff']) {
    const { streams } = assertOk(await strangers.get(`/v1/sync?since=${since}`), 200);
    assert.deepEqual(Object.keys(streams).sort(), ['lobby', `private-user-${stranger.id}`], since);
    assert.ok(!JSON.stringify(streams).includes('among ourselves'));
  }
});

test('each counter knows the mid of its last event, whatever that was', async () => {
  const [[streams]] = await stack.sql('SELECT COUNT(*) FROM stream WHERE head > 0');
  const wrong = await stack.sql(`SELECT s.kind, s.id, s.head FROM stream s
    LEFT JOIN event e ON e.kind = s.kind AND e.stream = s.id AND e.seq = s.head
    LEFT JOIN message m ON s.kind = 1 AND m.room = s.id AND m.seq = s.head
    WHERE s.head > 0 AND NOT s.mid <=> COALESCE(e.mid, m.mid)`);
  assert.ok(Number(streams) > 10);
  assert.deepEqual(wrong, []);
});
