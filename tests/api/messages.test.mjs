import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import {
  MID, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, say, subscribeRaw,
} from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room; // whose first two events are the joins
}

const post = (user, room, message) => user.post(`/v1/rooms/${room.id}/messages`, message);
const history = async (user, room, query = '') => assertOk(await user.get(`/v1/rooms/${room.id}/messages${query}`), 200);

test('a message is answered as it is stored, told and read', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const told = eventOn(inside, 'message.created');
  const answer = await post(anns, room, { client_id: 'one', body: '안녕 🙂' });
  const { mid, created_at: createdAt } = answer.body;
  assertOk(answer, 201, { room: room.id, seq: 3, mid, sender: ann.id, client_id: 'one', body: '안녕 🙂', created_at: createdAt });
  assert.match(mid, MID);
  assert.match(createdAt, TIME);
  assert.deepEqual(await told, answer.body);
  assert.deepEqual(await history(bobs, room), { messages: [answer.body], next: null });
  assert.deepEqual(await stack.sql(`SELECT seq, mid, sender, client_id, body FROM message WHERE room = ${room.id}`),
    [['3', mid, String(ann.id), 'one', '안녕 🙂']]);
});

test('the sender hears the own message on other devices like everybody else', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, ann), `presence-room-${room.id}`);
  const told = eventOn(inside, 'message.created');
  const message = assertOk(await say(stack, ann, room), 201);
  assert.deepEqual(await told, message);
});

test('whatever is written comes out unchanged, from the answer, the history and the websocket', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const heard = [];
  const all = new Promise((resolve) => inside.bind('message.created', ({ body }) => heard.push(body) === texts.length && resolve()));
  const texts = ['plain', ' blanks at both ends ', ' ', '\n', 'line\nbreak\r\nand\ttab', '한국어 문장입니다', 'שלום عليكم \u202eRTL\u202c', '👩‍👩‍👧‍👦 🇰🇷 🙂🏽',
    'e\u0301 is not \u00e9', '가 is not \u1100\u1161', '\u200b\ufeff\u2028\u2029', '\u0001\u001b[31m\u007f\u0085', '\uffff\ufdd0\u{10ffff}\u{1ffff}',
    '"quotes" \'and\' \\backslashes\\ \\u0041 \\n /', '</script><script>alert(1)</script>', "'; DROP TABLE message; -- %s %n {} ${x} `y`",
    '{"event":"pusher:error","data":{}}', 'null', '0', `z${'\u0301'.repeat(500)}`];
  for (const text of texts) {
    const answer = await say(stack, ann, room, text);
    assertOk(answer, 201);
    assert.equal(answer.body.body, text);
  }
  await all;
  assert.deepEqual(heard, texts);
  assert.deepEqual((await history(bobs, room)).messages.map(({ body }) => body), texts);
});

test('a message has 1 to 4000 characters, counted as people count them', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  for (const letter of ['x', '가', '🙂', '\u0001', '"']) {
    const told = eventOn(inside, 'message.created');
    const answer = await say(stack, ann, room, letter.repeat(4000));
    assert.equal(assertOk(answer, 201).body, letter.repeat(4000));
    assert.deepEqual(await told, answer.body);
    assertInvalid(await say(stack, ann, room, letter.repeat(4001)), 'body');
  }
  assertInvalid(await say(stack, ann, room, ''), 'body');
  assert.equal((await history(bobs, room)).messages.length, 5);
});

test('a message needs a body and a client_id, and has nothing else', async () => {
  const room = await roomOfThree();
  const [[before]] = await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`);
  assertInvalid(await post(anns, room, {}), 'client_id');
  assertInvalid(await post(anns, room), 'client_id');
  assertInvalid(await post(anns, room, { client_id: 'x' }), 'body'); // which only a file could stand for
  for (const value of [1, null, true, ['x'], { x: 1 }]) {
    assertInvalid(await post(anns, room, { client_id: 'x', body: value }), 'body');
    assertInvalid(await post(anns, room, { client_id: value, body: 'x' }), 'client_id');
  }
  assertInvalid(await post(anns, room, { client_id: 'x', body: 'x', seq: 1, mid: '1', sender: bob.id, room: 1, role: 'host',
    created_at: '2000-01-01T00:00:00.000Z' }), 'seq', 'mid', 'sender', 'room', 'role', 'created_at');
  assert.deepEqual(await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room.id}`), [[before]]);
});

test('a client_id has 1 to 64 bytes', async () => {
  const room = await roomOfThree();
  for (const good of ['x', 'x'.repeat(64), '한'.repeat(21), '🙂'.repeat(16), ' ', '\u0001']) {
    assert.equal(assertOk(await say(stack, ann, room, 'hi', good), 201).client_id, good);
  }
  for (const bad of ['', 'x'.repeat(65), '한'.repeat(22), '🙂'.repeat(17)]) {
    assertInvalid(await say(stack, ann, room, 'hi', bad), 'client_id');
  }
});

// ---- sending again

test('the same message sent eight times at the same time is one message with one answer', async () => {
  const room = await roomOfThree();
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const heard = [];
  inside.bind('message.created', (data) => heard.push(data));
  const answers = await Promise.all(Array.from({ length: 8 }, () => say(stack, ann, room, 'once', 'same')));
  for (const answer of answers) assertOk(answer, 201, answers[0].body);
  assert.equal(answers[0].body.seq, 3);
  const fence = eventOn(inside, 'message.created', 5000, ({ body }) => body === 'fence');
  const next = assertOk(await say(stack, ann, room, 'fence'), 201);
  await fence;
  assert.equal(next.seq, 4); // no seq was lost on the repetitions
  assert.deepEqual(heard, [answers[0].body, next]);
  assert.deepEqual((await history(bobs, room)).messages, [answers[0].body, next]);
});

test('a message sent again later, after others, still gets its first answer', async () => {
  const room = await roomOfThree();
  const first = assertOk(await say(stack, ann, room, 'hello', 'again'), 201);
  for (let i = 0; i < 3; i++) assertOk(await say(stack, bob, room), 201);
  assertOk(await say(stack, ann, room, 'hello', 'again'), 201, first);
  assert.equal((await history(bobs, room)).messages.length, 4);
});

test('the same client_id with another body is refused, to the byte', async () => {
  const room = await roomOfThree();
  let i = 0;
  for (const [one, other] of [['tea', 'coffee'], ['tea', 'Tea'], ['tea', 'tea '], ['tea', 'tea\n'], ['\u00e9', 'e\u0301'], ['ss', 'ß'], ['tea', 'téa'],
    ['가', '\u1100\u1161'], ['x', '𝕩'], ['🙂', '🙃']]) {
    const id = `id${++i}`;
    const first = assertOk(await say(stack, ann, room, one, id), 201);
    assertProblem(await say(stack, ann, room, other, id), 'client-id-reused');
    assertOk(await say(stack, ann, room, one, id), 201, first);
  }
  assert.equal((await history(bobs, room)).messages.length, i);
});

test('client_ids are compared as bytes', async () => {
  const room = await roomOfThree();
  const ids = ['a', 'A', 'a ', ' a', 'a\u0001', 'á', 'a\u0301', '\u00e1 ', 'ａ', '가', '\u1100\u1161'];
  const seqs = [];
  for (const id of ids) seqs.push(assertOk(await say(stack, ann, room, `body of ${id}`, id), 201).seq);
  assert.deepEqual(seqs, ids.map((_, i) => i + 3));
  assert.deepEqual((await history(bobs, room)).messages.map(({ client_id: id }) => id), ids);
});

test('a client_id belongs to one sender in one room', async () => {
  const [room, other] = [await roomOfThree(), await roomOfThree()];
  const sent = [await say(stack, ann, room, 'a', 'same'), await say(stack, bob, room, 'b', 'same'), await say(stack, ann, other, 'c', 'same')];
  sent.forEach((answer) => assertOk(answer, 201));
  assert.equal(new Set(sent.map(({ body }) => body.mid)).size, 3);
});

test('of many different messages with one client_id sent at the same time exactly one is kept', async () => {
  const room = await roomOfThree();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => say(stack, ann, room, `body ${i}`, 'race')));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 'client-id-reused');
  const { messages } = await history(bobs, room);
  assert.deepEqual(messages, [answers.find(({ status }) => status === 201).body]);
});

// ---- order

// A hundred messages from five people at once, and what two of them heard.
async function storm() {
  const room = await createRoom(stack, host);
  const crowd = [host, ann, bob, ...await people(stack, 2)];
  for (const user of crowd.slice(1)) await joinRoom(stack, user, room); // seq 1 to 4
  const listeners = await Promise.all([ann, bob].map(async (user) => {
    const inside = await subscribed(await client(stack, user), `presence-room-${room.id}`);
    const heard = [];
    return { heard, done: new Promise((resolve) => inside.bind('message.created', (data) => heard.push(data) === 100 && resolve())) };
  }));
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => say(stack, crowd[i % 5], room, `message ${i}`)));
  await Promise.all(listeners.map(({ done }) => done));
  return { room, answers, heard: listeners.map(({ heard }) => heard) };
}

const bySeq = (messages) => [...messages].sort((a, b) => a.seq - b.seq);
const numbers = (messages) => messages.map(({ seq }) => seq);
const fiveTo104 = Array.from({ length: 100 }, (_, i) => i + 5);

test('a hundred messages sent at once by several people have one gapless order, and everybody hears each once', async () => {
  const { room, answers, heard } = await storm();
  const messages = bySeq(answers.map((answer) => assertOk(answer, 201)));
  assert.deepEqual(numbers(messages), fiveTo104);
  assert.equal(new Set(messages.map(({ mid }) => mid)).size, 100);
  assert.deepEqual((await history(bobs, room, '?limit=100')).messages, messages);
  for (const each of heard) assert.deepEqual(bySeq(each), messages);
});

test('everybody hears them in the order of their seq', async () => {
  const { heard } = await storm();
  for (const each of heard) assert.deepEqual(numbers(each), fiveTo104);
});

test('an answer in hand is earlier than every message sent after it', async () => {
  const room = await roomOfThree();
  let last = 0;
  for (let i = 0; i < 20; i++) {
    const { seq } = assertOk(await say(stack, [ann, bob, host][i % 3], room), 201);
    assert.equal(seq, i + 3);
    assert.ok(seq > last);
    last = seq;
  }
});

// ---- who may

test('only members speak and read', async () => {
  const room = await roomOfThree();
  assertProblem(await say(stack, stranger, room), 'not-member');
  assertProblem(await api(stack, stranger).get(`/v1/rooms/${room.id}/messages`), 'not-member');
  assertProblem(await say(stack, {}, room), 'unauthenticated');
  assertOk(await say(stack, ann, room, 'bye', 'last'), 201);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertProblem(await say(stack, ann, room, 'one more'), 'not-member');
  assertProblem(await say(stack, ann, room, 'bye', 'last'), 'not-member'); // not even what was said already
  assertProblem(await anns.get(`/v1/rooms/${room.id}/messages`), 'not-member');
});

test('no message is stored after the leaving of its sender', async () => {
  const room = await roomOfThree();
  const sends = Array.from({ length: 30 }, (_, i) => say(stack, ann, room, `m${i}`));
  const left = anns.del(`/v1/rooms/${room.id}/members/me`);
  for (const answer of await Promise.all(sends)) {
    if (answer.status === 201) assertOk(answer, 201);
    else assertProblem(answer, 'not-member');
  }
  assertOk(await left, 204);
  const { events } = assertOk(await bobs.get(`/v1/rooms/${room.id}/events`), 200);
  const { seq: leftAt } = events.find(({ type }) => type === 'member.left');
  const after = events.filter(({ type, data }) => type === 'message.created' && data.sender === ann.id && data.seq > leftAt);
  assert.deepEqual(after, []);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, i) => i + 1));
});

// ---- history

test('history goes page by page in both directions and always reads from old to new', async () => {
  const room = await createRoom(stack, host);
  const all = [];
  for (let i = 0; i < 12; i++) all.push(assertOk(await say(stack, host, room, `m${i}`), 201)); // seq 1 to 12
  const expect = async (query, messages, next) => assert.deepEqual(await history(hosts, room, query), { messages, next }, query);
  await expect('', all, null);
  await expect('?limit=12', all, null);
  await expect('?limit=5', all.slice(7), 8);
  await expect('?limit=5&before=8', all.slice(2, 7), 3);
  await expect('?limit=5&before=3', all.slice(0, 2), null);
  await expect('?limit=5&before=1', [], null);
  await expect('?limit=5&before=99', all.slice(7), 8);
  await expect('?limit=5&after=0', all.slice(0, 5), 5);
  await expect('?limit=5&after=5', all.slice(5, 10), 10);
  await expect('?limit=5&after=10', all.slice(10), null);
  await expect('?limit=5&after=12', [], null);
  await expect('?limit=5&after=99', [], null);
  await expect('?limit=1', all.slice(11), 12);
  await expect('?limit=0', all.slice(11), 12);
  await expect('?limit=2&before=3', all.slice(0, 2), null);
});

test('history counts only messages, whatever else happened between them', async () => {
  const room = await createRoom(stack, host);
  const first = assertOk(await say(stack, host, room, 'one'), 201);
  await joinRoom(stack, ann, room);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: 'changed' }), 200);
  const second = assertOk(await say(stack, host, room, 'two'), 201);
  assert.equal(second.seq, 4);
  assert.deepEqual(await history(anns, room), { messages: [first, second], next: null });
  assert.deepEqual(await history(anns, room, '?limit=1&before=4'), { messages: [first], next: null });
  assert.deepEqual(await history(anns, room, '?limit=1&after=1'), { messages: [second], next: null });
});

test('a page of history has at most 100 messages, and 50 if nothing is said', async () => {
  const room = await createRoom(stack, host);
  await stack.sql(`INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, seq, seq, ${host.id}, seq, seq, UTC_TIMESTAMP(3) FROM seq_1_to_150;
    UPDATE stream SET head = 150, mid = 150 WHERE kind = 1 AND id = ${room.id}`);
  for (const [query, from, to] of [['', 101, 150], ['?limit=100', 51, 150], ['?limit=101', 51, 150], ['?limit=99999999999', 51, 150],
    ['?after=0', 1, 50], ['?after=0&limit=1000', 1, 100], ['?before=51&limit=1000', 1, 50]]) {
    const { messages } = await history(hosts, room, query);
    assert.deepEqual([messages[0].seq, messages.at(-1).seq, messages.length], [from, to, to - from + 1], query);
  }
});

test('what is no number is no place in history', async () => {
  const room = await createRoom(stack, host);
  for (const bad of ['-1', 'x', '1x', '1.0', '99999999999999999999999', '%20']) {
    for (const name of ['before', 'after', 'limit']) {
      assertInvalid(await hosts.get(`/v1/rooms/${room.id}/messages?${name}=${bad}`), name);
    }
  }
});

test('no message of one room is found under another', async () => {
  const [mine, other] = [await createRoom(stack, host), await createRoom(stack, ann)];
  for (let i = 0; i < 3; i++) assertOk(await say(stack, ann, other, 'private'), 201);
  const own = assertOk(await say(stack, host, mine, 'own'), 201);
  assert.deepEqual(await history(hosts, mine, '?after=0'), { messages: [own], next: null });
  assert.deepEqual((await history(hosts, mine, '?before=99')).messages, [own]);
});

test('a socket hears only the rooms that it subscribed to', async () => {
  const [room, other] = [await roomOfThree(), await roomOfThree()];
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, bob, `presence-room-${room.id}`);
  assertOk(await say(stack, ann, other, 'elsewhere'), 201);
  const here = assertOk(await say(stack, ann, room, 'here'), 201);
  const event = await socket.next('message.created');
  assert.deepEqual(event, { event: 'message.created', channel: `presence-room-${room.id}`, data: event.data });
  assert.deepEqual(JSON.parse(event.data), here);
  socket.ws.close();
});
