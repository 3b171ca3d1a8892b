// GET /v1/rooms/:room/messages/:message/reactions/*emoji
// PUT /v1/rooms/:room/messages/:message/reactions/*emoji
// DELETE /v1/rooms/:room/messages/:message/reactions/*emoji
// PUT /v1/rooms/:room/messages/:message/reactions/*emoji and DELETE /v1/rooms/:room/messages/:message/reactions/*emoji:
// what a collation might take for one another, and who may react at all.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup, say } from './check.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const [host, ann, stranger] = await people(stack, 3);
const [hosts, anns, strangers] = [host, ann, stranger].map((user) => api(stack, user));

async function scene(kind = 'public') {
  const room = await createRoom(stack, host, { kind });
  if (kind === 'group') await putIntoGroup(stack, ann, room);
  else await joinRoom(stack, ann, room);
  const message = assertOk(await say(stack, host, room, 'words'), 201);
  return { room, message, path: `/v1/rooms/${room.id}/messages/${message.seq}` };
}

const reaction = (path, emoji) => `${path}/reactions/${encodeURIComponent(emoji)}`;
const seen = async (user, path) => assertOk(await user.get(path), 200).reactions;

// To a collation all of a row may be the same; to people they are not.
const ALIKE = [
  ['🙂', '👍', '🎉', '👎', '🏳', '𝒳'], // beyond the basic plane
  ['👍', '👍🏻', '👍🏿', '❤', '❤️', '👨‍👩‍👧‍👦', '👨👩👧👦'], // joined and varied
  ['a', 'A', 'á', 'a\u0301', 'ä', 'ａ', 'ⓐ'], // case, accents, forms
  ['한', '한'.normalize('NFD'), 'ß', 'ss', 'İ', 'i', 'ı'],
];

test('what looks alike to a database is not one emoji', async () => {
  for (const emojis of ALIKE) {
    const { path } = await scene();
    for (const emoji of emojis) assertOk(await anns.put(reaction(path, emoji)), 204);
    assertOk(await hosts.put(reaction(path, emojis[0])), 204);
    const expected = (mine) => emojis.map((emoji, i) => ({ emoji, count: i === 0 ? 2 : 1, mine: mine(i) }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.emoji), Buffer.from(b.emoji)));
    assert.deepEqual(await seen(anns, path), expected(() => true));
    assert.deepEqual(await seen(hosts, path), expected((i) => i === 0));
    assertOk(await anns.del(reaction(path, emojis[1])), 204);
    assert.deepEqual((await seen(anns, path)).map(({ emoji }) => emoji).sort(), [...emojis.slice(0, 1), ...emojis.slice(2)].sort());
  }
});

test('an emoji is written in the path as it is or encoded', async () => {
  const { room, message, path } = await scene();
  assertOk(await anns.put(`${path}/reactions/🙂`), 204);
  assertOk(await anns.put(`${path}/reactions/%F0%9F%99%82`), 204);
  assertOk(await anns.put(`${path}/reactions/%f0%9f%99%82`), 204);
  assertOk(await anns.put(`${path}/reactions/a%2Fb`), 204);
  assertOk(await anns.put(`${path}/reactions/a+b`), 204);
  assertOk(await anns.put(`${path}/reactions/%25%3F%23`), 204);
  assert.deepEqual((await seen(anns, path)).map(({ emoji }) => emoji).sort(), ['%?#', 'a+b', 'a/b', '🙂']);
  const { events } = assertOk(await anns.get(`/v1/rooms/${room.id}/events?after=${message.seq}`), 200);
  assert.deepEqual(events.map(({ data }) => data.emoji), ['🙂', 'a/b', 'a+b', '%?#']);
});

test('an emoji is short, and can be seen', async () => {
  const { path } = await scene();
  for (const emoji of ['x'.repeat(65), ' ', 'a b', '\n']) {
    for (const call of [anns.put, anns.del]) assertInvalid(await call(reaction(path, emoji)), 'emoji');
  }
});

test('only members react, and only to what is a message', async () => {
  for (const kind of ['public', 'group']) {
    const { room, path } = await scene(kind);
    const slug = kind === 'public' ? 'not-member' : 'not-found';
    for (const call of [strangers.put, strangers.del]) assertProblem(await call(reaction(path, 'x')), slug);
    for (const call of [api(stack).put, api(stack).del]) assertProblem(await call(reaction(path, 'x')), 'unauthenticated');
    const { events } = assertOk(await hosts.get(`/v1/rooms/${room.id}/events`), 200);
    const join = events.find(({ type }) => type === 'member.joined');
    for (const seq of [99, ...(join ? [join.seq] : [])]) {
      for (const call of [anns.put, anns.del]) assertProblem(await call(reaction(`/v1/rooms/${room.id}/messages/${seq}`, 'x')), 'not-found');
    }
    assert.equal(await seen(hosts, path), undefined);
    assert.equal(assertOk(await hosts.get(`/v1/rooms/${room.id}/events`), 200).head, events.length);
  }
});

test('reactions stand at their messages on every page of history', async () => {
  const room = await createRoom(stack, host);
  const all = [];
  for (let i = 0; i < 10; i++) all.push(assertOk(await say(stack, host, room, `m${i}`), 201));
  for (const i of [0, 3, 4, 9]) assertOk(await hosts.put(reaction(`/v1/rooms/${room.id}/messages/${all[i].seq}`, `e${i}`)), 204);
  assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${all[4].seq}?scope=me`), 204); // hidden, with its reaction
  const expected = all.map((message, i) => ([0, 3, 9].includes(i)
    ? { ...message, reactions: [{ emoji: `e${i}`, count: 1, mine: true }] } : message)).filter((_, i) => i !== 4);
  for (const limit of [1, 2, 3, 4, 100]) {
    const got = [];
    for (let next = 0; next !== null;) {
      const page = assertOk(await hosts.get(`/v1/rooms/${room.id}/messages?after=${next}&limit=${limit}`), 200);
      got.push(...page.messages);
      next = page.next;
    }
    assert.deepEqual(got, expected);
  }
});

test('who reacted is told to members, page by page, but not of people whom one blocks', async () => {
  const { room, path } = await scene();
  const row = ({ id, name, nickname, avatar }) => ({ id, name, nickname, avatar });
  assertOk(await hosts.get(reaction(path, '👍')), 200, { users: [], next: null });
  for (const user of [hosts, anns]) assertOk(await user.put(reaction(path, '👍')), 204);
  const [first, second] = [host, ann].sort((a, b) => a.id - b.id);
  assertOk(await hosts.get(reaction(path, '👍')), 200, { users: [row(first), row(second)], next: null });
  assertOk(await hosts.get(`${reaction(path, '👍')}?limit=1`), 200, { users: [row(first)], next: first.id });
  assertOk(await hosts.get(`${reaction(path, '👍')}?limit=1&cursor=${first.id}`), 200, { users: [row(second)], next: null });
  assertOk(await hosts.get(reaction(path, '👎')), 200, { users: [], next: null });
  assertOk(await hosts.put(`/v1/blocks/${ann.id}`), 201);
  assertOk(await hosts.get(reaction(path, '👍')), 200, { users: [row(host)], next: null });
  assertOk(await hosts.del(`/v1/blocks/${ann.id}`), 204);
  assertProblem(await strangers.get(reaction(path, '👍')), 'not-member');
  assertProblem(await hosts.get(reaction(`/v1/rooms/${room.id}/messages/999`, '👍')), 'not-found');
  assertInvalid(await hosts.get(reaction(path, 'no emoji')), 'emoji');
  assertInvalid(await hosts.get(`${reaction(path, '👍')}?limit=x`), 'limit');
});
