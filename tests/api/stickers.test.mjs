// GET /v1/sticker-packs, POST /v1/sticker-packs, PATCH /v1/sticker-packs/:pack, DELETE /v1/sticker-packs/:pack, POST /v1/rooms/:room/stickers
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, startStack, subscribed } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, say } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, mute, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 2 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

let last = 0;
const PACKS = '/v1/sticker-packs';
const STICKERS = [{ name: '안녕', emoji: '👋', image: '/stickers/ours/hi.svg' }, { name: 'bye', emoji: '🙇' }];
const pathOf = (room) => `/v1/rooms/${room.id}/stickers`;
const send = (user, room, sticker = {}) => user.at.post(pathOf(room), { client_id: `s${++last}`, pack: 1, sticker: 'hello', ...sticker });
const packs = async (user) => assertOk(await user.at.get(PACKS), 200).packs;
const add = (user, pack = {}) => user.at.post(PACKS, { title: '우리 것', stickers: STICKERS, ...pack });

test('there is a pack to begin with, whose pictures the web server has', async () => {
  const [pack] = await packs(ann);
  assert.deepEqual([pack.id, pack.title, pack.stickers.length], [1, 'Maru', 8]);
  for (const { name, emoji, image } of pack.stickers) {
    assert.match(emoji, /\p{Emoji}/u, name);
    const answer = await fetch(stack.url + image);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/svg+xml'], image);
    assert.match(answer.headers.get('content-security-policy'), /script-src 'self'/);
    const text = await answer.text();
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox/);
    assert.doesNotMatch(text, /<script|href|on\w+=|<foreignObject/i);
  }
});

test('a sticker is a message, with a copy of what it shows', async () => {
  const room = await scene();
  const { seq: reply_to } = assertOk(await say(stack, bob, room), 201);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const heard = eventOn(inside, 'message.created');
  const message = assertOk(await send(ann, room, { client_id: 'once', reply_to }), 201);
  assert.deepEqual([message.type, message.body, message.reply_to], ['sticker', '👋', reply_to]);
  assert.deepEqual(message.content, { sticker: { name: 'hello', emoji: '👋', image: '/stickers/maru/hello.svg', pack: 1 } });
  assert.deepEqual(await heard, message);
  assert.deepEqual(assertOk(await send(ann, room, { client_id: 'once', reply_to }), 201), message);
  assertProblem(await send(ann, room, { client_id: 'once', sticker: 'love' }), 'client-id-reused');
  assert.deepEqual(assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages`), 200).messages.at(-1), message);
  assertProblem(await ann.at.patch(`/v1/rooms/${room.id}/messages/${message.seq}`, { body: 'x' }), 'forbidden');
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/messages/${message.seq}`), 204);
  assert.equal(assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages/${message.seq}`), 200).content, undefined);
});

test('admins keep the packs, and what was sent stays as it was', async () => {
  const room = await scene();
  const pack = assertOk(await add(admin), 201);
  assert.match(pack.created_at, TIME);
  assert.deepEqual(pack, { id: pack.id, title: '우리 것', stickers: STICKERS, created_at: pack.created_at });
  const message = assertOk(await send(ann, room, { pack: pack.id, sticker: '안녕' }), 201);
  const stickers = [{ name: '안녕', emoji: '🖐' }];
  assert.deepEqual(assertOk(await admin.at.patch(`${PACKS}/${pack.id}`, { stickers }), 200), { ...pack, stickers });
  assert.deepEqual(assertOk(await admin.at.patch(`${PACKS}/${pack.id}`, { title: 'new' }), 200), { ...pack, title: 'new', stickers });
  assert.deepEqual(assertOk(await admin.at.patch(`${PACKS}/${pack.id}`, {}), 200), { ...pack, title: 'new', stickers });
  assertInvalid(await send(ann, room, { pack: pack.id, sticker: 'bye' }), 'sticker');
  assertOk(await admin.at.del(`${PACKS}/${pack.id}`), 204);
  assertInvalid(await send(ann, room, { pack: pack.id, sticker: '안녕' }), 'pack');
  assert.deepEqual(assertOk(await bob.at.get(`/v1/rooms/${room.id}/messages`), 200).messages.at(-1), message);
  assertProblem(await admin.at.patch(`${PACKS}/${pack.id}`, { title: 'x' }), 'not-found');
  assertProblem(await admin.at.del(`${PACKS}/${pack.id}`), 'not-found');
});

test('nobody else does, and a pack is what it must be', async () => {
  const before = await packs(ann);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [ann, 'forbidden']]) {
    assertProblem(await add(user), slug);
    assertProblem(await user.at.patch(`${PACKS}/1`, { title: 'mine' }), slug);
    assertProblem(await user.at.del(`${PACKS}/1`), slug);
  }
  assertProblem(await nobody.at.get(PACKS), 'unauthenticated');
  assertInvalid(await admin.at.post(PACKS, {}), 'title', 'stickers');
  for (const stickers of [[], {}, 'x', ['x'], Array.from({ length: 61 }, (_, i) => ({ name: `${i}`, emoji: 'x' }))]) assertInvalid(await add(admin, { stickers }), 'stickers');
  assertInvalid(await add(admin, { stickers: [{}] }), 'name', 'emoji');
  assertInvalid(await add(admin, { stickers: [STICKERS[0], STICKERS[0]] }), 'name');
  for (const image of ['', 'https://elsewhere/x.svg', '//elsewhere/x.svg', '/v1/users/me', '/stickers/../v1/x', 'javascript:alert(1)', '/stickers/X.svg'])
    assertInvalid(await add(admin, { stickers: [{ name: 'x', emoji: 'x', image }] }), 'image');
  assertInvalid(await admin.at.patch(`${PACKS}/1`, { title: '', more: 1 }), 'more', 'title');
  await stack.sql("INSERT INTO sticker_pack (title, stickers, created_at) SELECT 'x', '[]', UTC_TIMESTAMP(3) FROM seq_1_to_99");
  assertProblem(await add(admin), 'limit-reached');
  await stack.sql("DELETE FROM sticker_pack WHERE stickers = '[]'");
  assert.deepEqual(await packs(ann), before);
});

test('it is sent as messages are', async () => {
  const [room, group] = [await scene(), await scene({ kind: 'group' })];
  assertProblem(await send(nobody, room), 'unauthenticated');
  assertProblem(await send(stranger, room), 'not-member');
  assertProblem(await send(stranger, group), 'not-found');
  assertInvalid(await ann.at.post(pathOf(room), {}), 'client_id', 'pack', 'sticker');
  assertInvalid(await send(ann, room, { reply_to: 999 }), 'reply_to');
  await mute(stack, room, bob);
  assertProblem(await send(bob, room), 'muted');
  assertOk(await host.at.patch(`/v1/rooms/${room.id}`, { slow_seconds: 600 }), 200);
  assertOk(await send(ann, room), 201);
  assertProblem(await send(ann, room), 'slow-mode');
  const direct = await directRoom(stack, ann, bob);
  assertOk(await bob.at.del(`/v1/rooms/${direct.id}/members/me`), 204);
  assertProblem(await send(ann, direct), 'not-sendable');
});
