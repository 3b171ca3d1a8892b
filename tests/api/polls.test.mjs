// POST /v1/rooms/:room/polls, GET /v1/rooms/:room/polls/:message, POST /v1/rooms/:room/polls/:message/close,
// PUT /v1/rooms/:room/polls/:message/vote and DELETE /v1/rooms/:room/polls/:message/vote, GET /v1/rooms/:room/polls/:message/votes
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, joinRoom, people, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const OPTIONS = ['김밥', 'ramen', '🍕'];
let last = 0;
const pathOf = (room, poll) => `/v1/rooms/${room.id}/polls${poll === undefined ? '' : `/${poll.seq ?? poll}`}`;
const ask = (user, room, poll = {}) => user.at.post(pathOf(room), { client_id: `p${++last}`, question: '점심?', options: OPTIONS, ...poll });
const asked = async (user, room, poll) => assertOk(await ask(user, room, poll), 201);
const vote = (user, room, poll, ...options) => user.at.put(`${pathOf(room, poll)}/vote`, { options });
const takeBack = (user, room, poll) => user.at.del(`${pathOf(room, poll)}/vote`);
const close = (user, room, poll) => user.at.post(`${pathOf(room, poll)}/close`);
const stand = async (user, room, poll) => {
  const { room: where, message, ...rest } = assertOk(await user.at.get(pathOf(room, poll)), 200);
  assert.deepEqual([where, message], [room.id, poll.seq]);
  return rest;
};
const voters = async (user, room, poll) => assertOk(await user.at.get(`${pathOf(room, poll)}/votes`), 200).votes.map(({ id, options }) => [id, ...options]);
const eventsOf = async (room, type) => assertOk(await host.at.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events.filter((event) => event.type === type);
const ownEvents = async (user) => assertOk(await user.at.get('/v1/users/me/events?limit=1000'), 200).events.filter(({ type }) => type === 'poll.answered');
// What is told within a second of the event before waits for the feeder; so nothing waits any more.
const told = (room) => until(async () => (await stack.sql(`SELECT 1 FROM poll WHERE room = ${room.id} AND untold = 1`)).length === 0, 10000, 'all votes to be told');
const counted = async (user, room, poll) => {
  await told(room);
  return stand(user, room, poll);
};
const rows = async (table, room) => Number((await stack.sql(`SELECT COUNT(*) FROM ${table} WHERE room = ${room.id}`))[0][0]);

test('a poll is a message, and the same one again is the same message', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = eventOn(inside, 'message.created');
  const poll = { client_id: 'once', question: '점심?', options: OPTIONS };
  const message = assertOk(await ann.at.post(pathOf(room), poll), 201);
  assert.deepEqual(message.content, { poll: { question: '점심?', options: OPTIONS, multiple: false, anonymous: false } });
  assert.deepEqual([message.type, message.body, message.sender], ['poll', '점심?', ann.id]);
  assert.deepEqual(await heard, message);
  assert.deepEqual(assertOk(await ann.at.post(pathOf(room), poll), 201), message);
  assertProblem(await ann.at.post(pathOf(room), { ...poll, options: ['other', 'ones'] }), 'client-id-reused');
  assertProblem(await say(stack, ann, room, '점심?', 'once'), 'client-id-reused');
  const { messages } = assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(messages, [{ ...message, poll: { counts: [0, 0, 0], voters: 0, mine: [] } }]);
  assertProblem(await ann.at.patch(`/v1/rooms/${room.id}/messages/${message.seq}`, { body: 'another question' }), 'forbidden');
});

test('what is asked is checked', async () => {
  const room = await scene();
  const head = await headOf(stack, room);
  assertInvalid(await ann.at.post(pathOf(room), {}), 'client_id', 'question', 'options');
  for (const question of ['', ' ', 'two\nlines', 'x'.repeat(501), 7]) assertInvalid(await ask(ann, room, { question }), 'question');
  for (const options of [[], ['one'], ['a', 'a'], ['a', ''], ['a', 'x'.repeat(101)], Array.from({ length: 21 }, (_, i) => `${i}`), ['a', 7], 'a'])
    assertInvalid(await ask(ann, room, { options }), 'options');
  for (const closes_at of ['tomorrow', '2026-02-30T00:00:00Z', '2001-01-01T00:00:00Z', '2090-01-01T00:00:00+09:00']) assertInvalid(await ask(ann, room, { closes_at }), 'closes_at');
  assertInvalid(await ask(ann, room, { multiple: 1, anonymous: 'yes' }), 'multiple', 'anonymous');
  assert.equal(await headOf(stack, room), head);
});

test('words are masked in all of it, or it is refused', async () => {
  const room = await scene();
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'ramen', action: 'mask' }), 201);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'pork', action: 'refuse' }), 201);
  const masked = async () => { // each worker hears of new words within two seconds
    const { body } = await ask(ann, room, { question: 'ramen today?' });
    return body.body.startsWith('*') && body;
  };
  const message = await until(masked, 10000, 'the word to be masked');
  assert.equal(message.body, '***** today?');
  assert.deepEqual(message.content.poll.options, ['김밥', '*****', '🍕']);
  assert.equal(message.content.poll.question, '***** today?');
  await until(async () => (await ask(ann, room, { options: ['beef', 'pork'] })).status === 422, 10000, 'the word to be refused');
  await until(async () => (await ask(ann, room, { question: 'pork?' })).body.type === '/problems/refused-word', 10000, 'the word to be refused');
  assertProblem(await ask(stranger, room, { question: 'pork?' }), 'not-member');
});

test('a vote is told to the room, and what one chose to the own devices', async () => {
  const room = await scene();
  const poll = await asked(ann, room);
  const [inside, own] = [await subscribed(await client(stack, bob), channelOf(room)), await subscribed(await client(stack, ann), `private-user-${ann.id}`)];
  const [heard, answered] = [eventOn(inside, 'poll.voted'), eventOn(own, 'poll.answered')];
  assertOk(await vote(ann, room, poll, 2), 204);
  const { seq, mid, ...data } = await heard;
  assert.deepEqual(data, { room: room.id, message: poll.seq, counts: [0, 0, 1], voters: 1 });
  const choice = await answered;
  assert.deepEqual([choice.room, choice.message, choice.options], [room.id, poll.seq, [2]]);
  assert.deepEqual(await stand(ann, room, poll), { counts: [0, 0, 1], voters: 1, mine: [2] });
  assert.deepEqual(await stand(bob, room, poll), { counts: [0, 0, 1], voters: 1, mine: [] });
  assert.deepEqual(await voters(bob, room, poll), [[ann.id, 2]]);
});

test('the latest vote counts, and one vote of each', async () => {
  const room = await scene();
  const poll = await asked(ann, room);
  for (const choice of [0, 1, 1, 2]) assertOk(await vote(bob, room, poll, choice), 204);
  assertOk(await vote(ann, room, poll, 0), 204);
  assert.deepEqual(await counted(bob, room, poll), { counts: [1, 0, 1], voters: 2, mine: [2] });
  assertOk(await takeBack(bob, room, poll), 204);
  assertOk(await takeBack(bob, room, poll), 204);
  assert.deepEqual(await counted(bob, room, poll), { counts: [1, 0, 0], voters: 1, mine: [] });
  assert.deepEqual((await ownEvents(bob)).filter(({ data }) => data.room === room.id).map(({ data }) => data.options), [[0], [1], [2], []]);
  for (const options of [[], [0, 1], [3], [-1], ['0'], [0, 0]]) assertInvalid(await vote(bob, room, poll, ...options), 'options');
  assertInvalid(await bob.at.put(`${pathOf(room, poll)}/vote`, {}), 'options');
});

test('where one may choose several, each of them counts', async () => {
  const room = await scene();
  const poll = await asked(ann, room, { multiple: true });
  assertOk(await vote(bob, room, poll, 2, 0), 204);
  assertOk(await vote(ann, room, poll, 0, 1, 2), 204);
  assert.deepEqual(await counted(bob, room, poll), { counts: [2, 1, 2], voters: 2, mine: [0, 2] });
  assertOk(await vote(bob, room, poll, 1), 204);
  assert.deepEqual(await counted(bob, room, poll), { counts: [1, 2, 1], voters: 2, mine: [1] });
  assert.deepEqual(await voters(host, room, poll), [[ann.id, 0, 1, 2], [bob.id, 1]]);
});

test('who voted is listed in pages, and of an anonymous poll not at all', async () => {
  const room = await scene();
  const [open, secret] = [await asked(ann, room), await asked(ann, room, { anonymous: true })];
  for (const user of [host, moderator, ann, bob]) {
    assertOk(await vote(user, room, open, 1), 204);
    assertOk(await vote(user, room, secret, 1), 204);
  }
  const path = `${pathOf(room, open)}/votes?limit=3`;
  const first = assertOk(await bob.at.get(path), 200);
  const second = assertOk(await bob.at.get(`${path}&cursor=${first.next}`), 200);
  assert.deepEqual([...first.votes, ...second.votes].map(({ id }) => id), [host, moderator, ann, bob].map(({ id }) => id).sort((a, b) => a - b));
  assert.equal(second.next, null);
  assertInvalid(await bob.at.get(`${path}&cursor=x`), 'cursor');
  assertProblem(await host.at.get(`${pathOf(room, secret)}/votes`), 'forbidden');
  assert.deepEqual(await counted(bob, room, secret), { counts: [0, 4, 0], voters: 4, mine: [1] });
});

test('many votes at once are all counted, and told together', async () => {
  const room = await scene();
  const crowd = (await people(stack, 20)).map((user) => ({ ...user, at: api(stack, user) }));
  for (const user of crowd) await joinRoom(stack, user, room);
  const poll = await asked(ann, room);
  for (const answer of await Promise.all(crowd.map((user, i) => vote(user, room, poll, i % 3)))) assertOk(answer, 204);
  assert.deepEqual(await counted(ann, room, poll), { counts: [7, 7, 6], voters: 20, mine: [] });
  const events = await eventsOf(room, 'poll.voted');
  assert.ok(events.length < 20, `${events.length} events`);
  const { seq, mid, ...data } = events.at(-1).data;
  assert.deepEqual(data, { room: room.id, message: poll.seq, counts: [7, 7, 6], voters: 20 });
});

test('the author and moderators close a poll, once', async () => {
  const room = await scene();
  const [one, two] = [await asked(ann, room), await asked(ann, room)];
  assertOk(await vote(bob, room, one, 1), 204);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'not-member'], [admin, 'not-member'], [bob, 'forbidden']])
    assertProblem(await close(user, room, one), slug);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = eventOn(inside, 'poll.closed');
  assertOk(await close(ann, room, one), 204);
  const { seq, mid, ...data } = await heard;
  assert.match(data.closed_at, TIME);
  assert.deepEqual(data, { room: room.id, message: one.seq, counts: [0, 1, 0], voters: 1, closed_at: data.closed_at });
  assert.deepEqual(await stand(bob, room, one), { counts: [0, 1, 0], voters: 1, closed_at: data.closed_at, mine: [1] });
  const head = await headOf(stack, room);
  assertOk(await close(moderator, room, one), 204);
  assertProblem(await vote(ann, room, one, 1), 'poll-closed');
  assertProblem(await takeBack(bob, room, one), 'poll-closed');
  assert.equal(await headOf(stack, room), head);
  assertOk(await close(moderator, room, two), 204);
});

test('a poll closes when its time has come', async () => {
  const room = await scene();
  const poll = await asked(ann, room, { closes_at: '2090-01-01T00:00:00Z' });
  assert.equal(poll.content.poll.closes_at, '2090-01-01T00:00:00.000Z');
  assertOk(await vote(bob, room, poll, 0), 204);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = eventOn(inside, 'poll.closed', 15000);
  await stack.sql(`UPDATE poll SET closes_at = UTC_TIMESTAMP(3) WHERE room = ${room.id}`);
  assertProblem(await vote(ann, room, poll, 0), 'poll-closed'); // before anybody was told
  const { counts, closed_at } = await heard;
  assert.deepEqual(counts, [1, 0, 0]);
  assert.deepEqual(await stand(bob, room, poll), { counts: [1, 0, 0], voters: 1, closed_at, mine: [0] });
});

test('a poll whose row a crash kept from being written is finished by who comes first', async () => {
  const room = await scene();
  const poll = await asked(ann, room, { closes_at: '2090-01-01T00:00:00Z' });
  await stack.sql(`DELETE FROM poll WHERE room = ${room.id}`);
  assert.deepEqual(await stand(bob, room, poll), { counts: [0, 0, 0], voters: 0, mine: [] });
  assert.deepEqual(await stack.sql(`SELECT closes_at FROM poll WHERE room = ${room.id}`), [['2090-01-01 00:00:00.000']]);
});

test('only members who may speak vote, and only on a poll', async () => {
  for (const kind of ['public', 'group']) {
    const room = await scene({ kind });
    const poll = await asked(ann, room);
    const { seq } = assertOk(await say(stack, ann, room, 'no poll'), 201);
    const slug = kind === 'public' ? 'not-member' : 'not-found';
    for (const [user, refusal] of [[nobody, 'unauthenticated'], [stranger, slug]]) {
      assertProblem(await ask(user, room), refusal);
      assertProblem(await user.at.get(pathOf(room, poll)), refusal);
      assertProblem(await vote(user, room, poll, 1), refusal);
      assertProblem(await takeBack(user, room, poll), refusal);
      assertProblem(await user.at.get(`${pathOf(room, poll)}/votes`), refusal);
    }
    for (const none of [seq, 1, 999999]) {
      assertProblem(await bob.at.get(pathOf(room, none)), 'not-found');
      assertProblem(await vote(bob, room, none, 0), 'not-found');
      assertProblem(await takeBack(bob, room, none), 'not-found');
      assertProblem(await close(host, room, none), 'not-found');
      assertProblem(await bob.at.get(`${pathOf(room, none)}/votes`), 'not-found');
    }
    assertOk(await vote(bob, room, poll, 1), 204);
    await mute(stack, room, bob);
    assertProblem(await ask(bob, room), 'muted');
    assertProblem(await vote(bob, room, poll, 2), 'muted');
    assertOk(await takeBack(bob, room, poll), 204);
  }
});

test('a poll is sent as messages are: not too fast, and not to nobody', async () => {
  const room = await scene();
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { slow_seconds: 600 }), 200);
  await asked(ann, room);
  assertProblem(await ask(ann, room), 'slow-mode');
  const direct = await directRoom(stack, ann, bob);
  const poll = await asked(ann, direct);
  assertOk(await vote(bob, direct, poll, 1), 204);
  assertProblem(await close(bob, direct, poll), 'forbidden');
  assertOk(await bob.at.del(`/v1/rooms/${direct.id}/members/me`), 204);
  assertProblem(await ask(ann, direct), 'not-sendable');
});

test('who came later sees no poll of before', async () => {
  const room = await scene();
  const poll = await asked(ann, room);
  await stack.sql(`UPDATE member SET visible_from = ${poll.seq} WHERE room = ${room.id} AND user = ${bob.id}`);
  assertProblem(await bob.at.get(pathOf(room, poll)), 'not-found');
  assertProblem(await vote(bob, room, poll, 1), 'not-found');
  assertProblem(await bob.at.get(`${pathOf(room, poll)}/votes`), 'not-found');
});

test('of somebody whom one blocks a poll has no words', async () => {
  const room = await scene();
  const poll = await asked(ann, room);
  assertOk(await bob.at.put(`/v1/blocks/${ann.id}`), 201);
  const { messages } = assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages`), 200);
  assert.deepEqual(Object.keys(messages[0]).sort(), ['created_at', 'hidden', 'mid', 'room', 'sender', 'seq']);
  assert.deepEqual(await stand(bob, room, poll), { counts: [0, 0, 0], voters: 0, mine: [] });
  assertOk(await bob.at.del(`/v1/blocks/${ann.id}`), 204);
});

test('how a poll stands comes with its message, on each page and with pins', async () => {
  const room = await scene();
  const polls = [];
  for (let i = 0; i < 3; i++) {
    polls.push(await asked(ann, room, { question: `q${i}` }));
    assertOk(await say(stack, bob, room, `m${i}`), 201);
  }
  assertOk(await vote(bob, room, polls[1], 2), 204);
  assertOk(await host.at.put(`/v1/rooms/${room.id}/pins/${polls[1].seq}`), 204);
  const seen = { ...polls[1], poll: { counts: [0, 0, 1], voters: 1, mine: [2] } };
  for (const limit of [1, 2, 100]) {
    const got = [];
    for (let next = 0; next !== null;) {
      const page = assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages?after=${next}&limit=${limit}`), 200);
      got.push(...page.messages);
      next = page.next;
    }
    assert.deepEqual(got.filter(({ type }) => type).map(({ poll }) => poll.counts[2]), [0, 1, 0]);
    assert.deepEqual(got.find(({ seq }) => seq === polls[1].seq), seen);
  }
  assert.deepEqual(assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages/${polls[1].seq}`), 200), seen);
  assert.deepEqual(assertOk(await bob.at.get(`/v1/rooms/${room.id}/pins`), 200).messages, [seen]);
});

test('a poll that is deleted takes its votes along', async () => {
  const room = await scene();
  const [one, two] = [await asked(ann, room), await asked(bob, room)];
  for (const poll of [one, two]) assertOk(await vote(host, room, poll, 0), 204);
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${one.seq}`), 204);
  assertProblem(await vote(bob, room, one, 0), 'not-found');
  assertProblem(await bob.at.get(pathOf(room, one)), 'not-found');
  assertProblem(await bob.at.get(`${pathOf(room, one)}/votes`), 'not-found');
  assert.deepEqual([await rows('poll', room), await rows('poll_vote', room)], [1, 1]);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/purges`, { user: bob.id }), 200);
  assert.deepEqual([await rows('poll', room), await rows('poll_vote', room)], [0, 0]);
});

test('so do a room that forgets, and one that is deleted', async () => {
  const [old, gone] = [await scene(), await scene()];
  for (const room of [old, gone]) {
    const poll = await asked(ann, room);
    assertOk(await vote(host, room, poll, 0), 204);
    assertOk(await say(stack, ann, room, 'later'), 201);
    await stack.sql(`UPDATE message SET created_at = created_at - INTERVAL 8 DAY WHERE room = ${room.id};
      UPDATE event SET created_at = created_at - INTERVAL 8 DAY WHERE kind = 1 AND stream = ${room.id}`);
  }
  await stack.sql(`UPDATE room SET retention = 7 WHERE id = ${old.id}`);
  assertOk(await host.at.del(`/v1/rooms/${gone.id}`), 204);
  for (const room of [old, gone])
    await until(async () => (await rows('poll', room)) + (await rows('poll_vote', room)) === 0, 60000, 'the votes to be erased');
});

test('a poll of a room that is gone, or without its message, is no more closed', async () => {
  const [left, erased] = [await scene(), await scene()];
  const [one, two] = [await asked(ann, left), await asked(ann, erased)];
  await stack.sql(`DELETE FROM room WHERE id = ${left.id}; DELETE FROM message WHERE room = ${erased.id} AND seq = ${two.seq};
    UPDATE poll SET closes_at = UTC_TIMESTAMP(3) WHERE room IN (${left.id}, ${erased.id})`);
  for (const room of [left, erased]) await until(async () => (await rows('poll', room)) === 0, 60000, 'the poll to be given up');
  assert.equal(await headOf(stack, left), one.seq);
  assert.equal(await headOf(stack, erased), two.seq);
});

test('an account that is erased has voted nowhere, but a result stays', async () => {
  const room = await scene();
  const [leaver] = (await people(stack, 1)).map((user) => ({ ...user, at: api(stack, user) }));
  await joinRoom(stack, leaver, room);
  const [open, closed] = [await asked(ann, room), await asked(ann, room)];
  for (const poll of [open, closed]) {
    assertOk(await vote(leaver, room, poll, 0), 204);
    assertOk(await vote(bob, room, poll, 1), 204);
  }
  assertOk(await close(ann, room, closed), 204);
  assertOk(await leaver.at.call('DELETE', '/v1/users/me', { password: leaver.password, messages: 'keep' }), 204);
  await until(async () => (await stack.sql(`SELECT 1 FROM poll_vote WHERE user = ${leaver.id}`)).length === 0, 60000, 'the votes to be erased');
  assert.deepEqual(await counted(bob, room, open), { counts: [0, 1, 0], voters: 1, mine: [1] });
  assert.deepEqual((await stand(bob, room, closed)).counts, [1, 1, 0]);
  assert.deepEqual(await voters(bob, room, open), [[bob.id, 1]]);
});
