// One room through the library: what is said, changed, deleted and reacted to, who is here, who has read what.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack, until } from '../harness.mjs';
import { bodies, join, member, newRoom, open, problemOf, record, shared, tap, told } from './kit.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const [ann, bob] = [await member(stack), await member(stack)];
const THUMB = '👍';
const path = '/v1/rooms/{room}/messages/{message}/reactions/{emoji}';
const react = (client, room, seq, emoji = THUMB) => client.rest.put(path, { room: room.id, message: seq, emoji });
const unreact = (client, room, seq, emoji = THUMB) => client.rest.delete(path, { room: room.id, message: seq, emoji });
const say = async (client, room, body) => client.rest.post('/v1/rooms/{room}/messages', { room: room.id }, { client_id: `t${Math.random()}`, body });
const shows = (room, expected) => until(() => JSON.stringify(bodies(room)) === JSON.stringify(expected), 10000, `${JSON.stringify(expected)} instead of ${JSON.stringify(bodies(room))}`);

test('what one says the other hears, in order, and each event is told once', async () => {
  const [mine, other] = await shared(ann, bob);
  const events = record(other);
  mine.send('one');
  mine.send({ body: 'two' });
  await shows(mine, ['one', 'two']);
  await shows(other, ['one', 'two']);
  other.send('three');
  await shows(mine, ['one', 'two', 'three']);
  await until(() => events.length >= 3);
  assert.deepEqual(events.map(({ type, data }) => `${type} ${data.body}`), ['message.created one', 'message.created two', 'message.created three']);
  assert.deepEqual(events.map(({ seq }) => seq), [events[0].seq, events[0].seq + 1, events[0].seq + 2]);
  assert.equal(other.head, events.at(-1).seq);
  assert.deepEqual([mine.outbox.items, other.outbox.items], [[], []]);
});

test('edits and deletions show on messages that were loaded and on those that were heard', async () => {
  const [mine] = await shared(ann);
  const first = await say(ann, mine, 'loaded');
  const other = await open(ann, mine.id);
  const second = await say(ann, mine, 'heard');
  await shows(other, ['loaded', 'heard']);
  for (const [seq, body] of [[first.seq, 'loaded, edited'], [second.seq, 'heard, edited']])
    await ann.rest.patch('/v1/rooms/{room}/messages/{message}', { room: mine.id, message: seq }, { body });
  await shows(other, ['loaded, edited', 'heard, edited']);
  assert.ok(other.timeline.get(first.seq).edited_at);
  await ann.rest.delete('/v1/rooms/{room}/messages/{message}', { room: mine.id, message: first.seq });
  await shows(other, ['', 'heard, edited']);
  assert.ok(other.timeline.get(first.seq).deleted_at);
});

test('reactions count right, whether they come by event, with a page, or by both', async () => {
  const [mine, other] = await shared(ann, bob);
  const { seq } = await say(ann, mine, 'react!');
  await until(() => other.timeline.get(seq));
  await react(ann, mine, seq);
  await react(bob, mine, seq);
  const seen = (room) => room.timeline.get(seq)?.reactions ?? [];
  const expected = [{ emoji: THUMB, count: 2, mine: true }];
  for (const room of [mine, other]) {
    await until(() => seen(room)[0]?.count === 2);
    assert.deepEqual(seen(room), expected);
  }
  const late = await open(bob, mine.id);
  assert.deepEqual(seen(late), expected);
  // The same again, as a page and the events after it may tell them.
  const { events } = await bob.rest.get('/v1/rooms/{room}/events', { room: mine.id, after: seq });
  for (const event of events) late.timeline.apply(event);
  assert.deepEqual(seen(late), expected);
  await unreact(bob, mine, seq);
  await until(() => seen(late)[0]?.count === 1);
  assert.deepEqual(seen(late), [{ emoji: THUMB, count: 1, mine: false }]);
  await unreact(ann, mine, seq);
  await until(() => seen(late).length === 0);
});

test('an event that overtakes the page of history which it changes is not lost', async () => {
  const id = await newRoom(ann);
  await join(bob, id);
  const { seq } = await say(bob, { id }, 'before');
  const wire = tap();
  let release;
  wire.answer = async (method, at, _, goOn) => {
    if (release || method !== 'GET' || at !== `/v1/rooms/${id}/messages`) return undefined;
    // What the server answers now arrives only later.
    const answer = await goOn();
    await new Promise((resolve) => { release = resolve; });
    return answer;
  };
  const room = ann.room(id);
  try {
    await until(() => release, 10000, 'the page to be asked for');
    const events = record(room);
    await bob.rest.patch('/v1/rooms/{room}/messages/{message}', { room: id, message: seq }, { body: 'after' });
    await say(bob, { id }, 'new');
    await until(() => events.length === 2);
    release();
    await room.opened;
    assert.deepEqual(bodies(room), ['after', 'new']);
  } finally {
    wire.close();
    room.close();
  }
});

test('older pages come before, until there are none', async () => {
  const id = await newRoom(ann);
  for (let i = 0; i < 120; i++) await say(ann, { id }, `${i}`);
  const room = await open(ann, id);
  const all = Array.from({ length: 120 }, (_, i) => `${i}`);
  assert.deepEqual(bodies(room), all.slice(70));
  assert.equal(room.hasOlder, true);
  await Promise.all([room.older(), room.older()]); // asked for twice, read once
  assert.deepEqual(bodies(room), all.slice(20));
  await room.older();
  assert.deepEqual(bodies(room), all);
  assert.equal(room.hasOlder, false);
  const seqs = room.timeline.lines.map(({ seq }) => seq);
  assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
});

test('who is here, and who writes', async () => {
  const [mine, other] = await shared(ann, bob);
  await until(() => mine.presence.people.size === 2 && other.presence.people.size === 2);
  assert.deepEqual([...mine.presence.people.keys()].sort(), [ann.me.id, bob.me.id].sort());
  assert.equal(mine.presence.people.get(bob.me.id).nickname, bob.me.nickname);
  assert.equal(mine.names.of(bob.me.id), bob.me.nickname);
  const typing = told(mine, 'typing');
  other.typing();
  assert.deepEqual(await typing, [bob.me.id]);
  // Nobody writes in somebody else's name.
  const forged = told(mine, 'typing');
  bob.hub.trigger(other.channel, 'client-typing', { user: ann.me.id });
  assert.deepEqual(await forged, [bob.me.id]);
  other.close();
  await until(() => mine.presence.people.size === 1, 15000, 'bob to be gone');
});

test('what a member sends as a client event is no event of the room, whatever it claims to be', async () => {
  const [mine, other] = await shared(ann, bob);
  await say(bob, mine, 'before');
  await until(() => bodies(mine).length === 1);
  const events = record(mine);
  const heard = new Promise((resolve) => { mine.on('typing', resolve); });
  bob.hub.trigger(other.channel, 'client-forged', { seq: mine.head + 1, mid: '1', body: 'forged' });
  other.typing(); // comes after it
  await heard;
  await say(bob, mine, 'after');
  await until(() => events.length > 0);
  assert.deepEqual(events.map(({ type }) => type), ['message.created']);
  assert.deepEqual(bodies(mine), ['before', 'after']);
});

test('the numbers of those who have not read are what a recount finds', async () => {
  const carol = await member(stack);
  const [mine, hers, his] = await shared(ann, carol, bob);
  for (let i = 0; i < 6; i++) await say([ann, carol, bob][i % 3], mine, `${i}`);
  await until(() => [mine, hers, his].every((room) => bodies(room).length === 6));
  const messages = mine.timeline.lines.filter(({ message }) => message).map(({ message }) => message);
  const recount = async () => {
    const members = await stack.sql(`SELECT user, read_seq FROM member WHERE room = ${mine.id}`);
    return messages.map(({ seq, sender }) => members.filter(([id, read]) => Number(read) < seq && Number(id) !== sender).length);
  };
  const numbers = (room) => messages.map((message) => room.readers.unread(message));
  const agree = async () => {
    const truth = JSON.stringify(await recount());
    await until(() => [mine, hers, his].every((room) => JSON.stringify(numbers(room)) === truth), 10000,
      `${truth}: ${[mine, hers, his].map((room) => JSON.stringify(numbers(room)))}`);
  };
  await agree();
  hers.read(messages[3].seq);
  await until(async () => (await recount())[0] < 2, 5000, 'the cursor to move');
  await agree();
  his.read(messages[1].seq);
  his.read(messages[5].seq);
  await until(async () => (await recount())[4] < 2, 5000, 'the other cursor to move');
  await agree();
  const gone = told(mine, 'events', (events) => events.some(({ type }) => type === 'member.left'));
  await bob.rest.delete('/v1/rooms/{room}/members/me', { room: mine.id });
  await gone;
  his.close();
  const truth = JSON.stringify(await recount());
  await until(() => [mine, hers].every((room) => JSON.stringify(numbers(room)) === truth), 10000, truth);
});

test('reading the same again asks the server once', async () => {
  const [mine] = await shared(ann);
  await join(bob, mine.id);
  const { seq } = await say(bob, mine, 'read me');
  await until(() => mine.timeline.get(seq));
  const wire = tap();
  try {
    const asked = () => wire.calls.filter((call) => call === `PUT /v1/rooms/${mine.id}/read-cursor`).length;
    mine.read(seq);
    await until(async () => Number((await stack.sql(`SELECT read_seq FROM member WHERE room = ${mine.id} AND user = ${ann.me.id}`))[0][0]) === seq);
    await until(() => mine.readers.cursorOf(ann.me.id) === seq);
    for (let i = 0; i < 5; i++) mine.read(seq);
    assert.equal(asked(), 1);
  } finally {
    wire.close();
  }
});

test('a kicked member is told, and the room says no more', async () => {
  const [mine, his] = await shared(ann, bob);
  const events = record(his);
  const lost = told(his, 'lost');
  await ann.rest.delete('/v1/rooms/{room}/members/{user}', { room: mine.id, user: bob.me.id });
  await lost;
  assert.equal(his.isLost, true);
  const heard = events.length;
  const { seq } = await say(ann, mine, 'not for him');
  await until(() => mine.timeline.get(seq));
  assert.equal(events.length, heard);
  assert.ok(events.every(({ type }) => type !== 'message.created'));
  // In again, another Room hears again.
  his.close();
  await join(bob, mine.id);
  const again = await open(bob, mine.id);
  await say(ann, mine, 'for him again');
  await until(() => bodies(again).at(-1) === 'for him again');
});

test('a room that one may not see is lost at once', async () => {
  const id = await newRoom(ann);
  const room = bob.room(id);
  const [problem] = await told(room, 'lost');
  assert.deepEqual([problem.status, problem.slug], [403, 'not-member']);
  await room.opened;
  assert.equal((await problemOf(() => bob.rest.get('/v1/rooms/{room}/messages', { room: id }))).slug, 'not-member');
});

test('what happens to oneself is told once, in order', async () => {
  const carol = await member(stack);
  const own = [];
  carol.on('own', (event) => own.push(event));
  await until(() => carol.state === 'connected');
  const id = await newRoom(carol);
  const second = await newRoom(carol);
  await until(() => own.filter(({ type }) => type === 'room.added').length === 2);
  assert.deepEqual(own.filter(({ type }) => type === 'room.added').map(({ data }) => data.id), [id, second]);
  await carol.rest.patch('/v1/users/me', {}, { nickname: '새 이름' });
  await until(() => carol.me.nickname === '새 이름');
  assert.deepEqual(own.map(({ seq }) => seq), own.map((_, i) => own[0].seq + i));
});
