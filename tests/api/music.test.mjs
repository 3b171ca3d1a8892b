// GET and PUT /v1/rooms/:room/music, POST /v1/rooms/:room/tracks, DELETE /v1/rooms/:room/tracks/:track, GET /v1/time
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { client, eventOn, sleep, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, headOf, mute, roomOfFour } from './ranks.mjs';
import { png, upload } from './filekit.mjs';
import { wav } from './wav.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, stranger } = all;
const scene = () => roomOfFour(stack, all);
let count = 0;
// A message with a file.
async function attached(user, room, bytes = wav(1000), name = 'tea.wav') {
  const { id: file } = assertOk(await upload(stack, user, bytes, { name }), 201);
  const { seq: message } = assertOk(await user.at.post(`/v1/rooms/${room.id}/messages`, { client_id: `m${++count}`, attachments: [file] }), 201);
  return { message, file };
}
const add = (user, room, where, more = {}) => user.at.post(`/v1/rooms/${room.id}/tracks`, { ...where, title: 'Tea song', licence: 'CC0, by Ann', duration: 60000, ...more });
const adds = async (user, room, more) => assertOk(await add(user, room, await attached(user, room), more), 201);
const get = async (user, room) => assertOk(await user.at.get(`/v1/rooms/${room.id}/music`), 200);
const set = (user, room, change) => user.at.put(`/v1/rooms/${room.id}/music`, change);
const sets = async (...args) => assertOk(await set(...args), 200);
const remove = (user, room, { id }) => user.at.del(`/v1/rooms/${room.id}/tracks/${id}`);
const ear = async (user, room) => subscribed(await client(stack, user), channelOf(room));
const rest = ({ seq, mid, ...data }) => data;
const place = ({ track, state, position, since }) => ({ track, state, position, since });
// As if it had been so for a while.
const earlier = (room, ms) => stack.sql(`UPDATE room_music SET since = since - INTERVAL ${ms} * 1000 MICROSECOND WHERE room = ${room.id}`);
const near = (found, expected) => assert.ok(found >= expected && found < expected + 5000, `${found} is not about ${expected}`);

test('a host makes a list and plays it; all are told where it is, and who comes late finds it', async () => {
  const room = await scene();
  const heard = await ear(ann, room);
  const nothing = { room: room.id, tracks: [], track: null, state: 'paused', position: 0, since: null };
  assert.deepEqual(await get(ann, room), nothing);
  assertProblem(await set(host, room, { state: 'playing' }), 'conflict');
  const added = eventOn(heard, 'track.added');
  const where = await attached(host, room);
  const one = assertOk(await add(host, room, where), 201);
  assert.match(one.added_at, TIME);
  assert.deepEqual(one, { room: room.id, id: one.id, ...where, name: 'tea.wav', url: `/v1/files/${where.file}`, title: 'Tea song', licence: 'CC0, by Ann', duration: 60000,
    added_by: host.id, added_at: one.added_at });
  assert.deepEqual(rest(await added), one);
  const two = await adds(host, room, { duration: 30000 });
  assert.deepEqual(await get(ann, room), { ...nothing, tracks: [one, two] });
  const updated = eventOn(heard, 'music.updated');
  const playing = await sets(host, room, { state: 'playing' });
  assert.deepEqual([playing.track, playing.state, playing.position], [one.id, 'playing', 0]);
  assert.match(playing.since, TIME);
  assert.deepEqual(rest(await updated), { room: room.id, ...place(playing) });
  await earlier(room, 70000);
  const later = await get(ann, room);
  assert.deepEqual([later.track, later.state], [two.id, 'playing'], 'the second has begun by itself');
  near(later.position, 10000);
  await earlier(room, 90000);
  near((await get(ann, room)).position, 10000);
  const paused = await sets(host, room, { state: 'paused' });
  assert.deepEqual([paused.track, paused.since], [two.id, null]);
  near(paused.position, 10000);
  assert.deepEqual(place(await get(ann, room)), place(paused), 'it stands');
  assert.deepEqual(place(await sets(host, room, { track: one.id, position: 59999 })), { track: one.id, state: 'paused', position: 59999, since: null });
  assert.equal((await sets(host, room, { track: two.id })).position, 0);
});

test('a track that comes or goes does not move what plays; without the one that plays the next begins', async () => {
  const room = await scene();
  const [one, two] = [await adds(host, room), await adds(host, room)];
  await sets(host, room, { state: 'playing', position: 50000 });
  await earlier(room, 5000);
  const three = await adds(host, room);
  let now = await get(ann, room);
  assert.equal(now.track, one.id);
  near(now.position, 55000);
  const heard = await ear(ann, room);
  const [removed, updated] = [eventOn(heard, 'track.removed'), eventOn(heard, 'music.updated')];
  assertOk(await remove(host, room, one), 204);
  assert.deepEqual(rest(await removed), { room: room.id, id: one.id });
  assert.deepEqual([(await updated).track, (await updated).position, (await updated).state], [two.id, 0, 'playing']);
  assertOk(await remove(host, room, three), 204);
  assertOk(await remove(host, room, two), 204);
  now = await get(ann, room);
  assert.deepEqual([now.tracks, place(now)], [[], { track: null, state: 'paused', position: 0, since: null }]);
  assertProblem(await remove(host, room, two), 'not-found');
});

test('a track goes with its message', async () => {
  const room = await scene();
  const [one, two] = [await adds(host, room), await adds(host, room)];
  await sets(host, room, { state: 'playing' });
  assertOk(await host.at.del(`/v1/rooms/${room.id}/messages/${one.message}`), 204);
  const now = await get(ann, room);
  assert.deepEqual([now.tracks.map(({ id }) => id), now.track, now.state], [[two.id], two.id, 'playing'], 'the next one begins');
  near(now.position, 0);
  await adds(host, room);
  assert.equal((await stack.sql(`SELECT COUNT(*) FROM track WHERE room = ${room.id}`))[0][0], '2', 'what is gone is tidied up');
});

test('what plays goes on where it is when the messages of other tracks go, one or many at once', async () => {
  const room = await scene();
  const [one, two, three] = [await adds(all.moderator, room), await adds(host, room), await adds(all.moderator, room)];
  await sets(host, room, { state: 'playing' });
  await earlier(room, 70000);
  const heard = await ear(ann, room);
  const told = eventOn(heard, 'music.updated');
  assertOk(await host.at.del(`/v1/rooms/${room.id}/messages/${one.message}`), 204);
  const { track, position } = await told;
  assert.equal(track, two.id);
  near(position, 10000);
  await earlier(room, 60000);
  assert.equal((await get(ann, room)).track, three.id);
  assertOk(await host.at.post(`/v1/rooms/${room.id}/purges`, { user: all.moderator.id }), 200);
  const now = await get(ann, room);
  assert.deepEqual([now.tracks.length, now.track, now.state], [1, two.id, 'playing'], 'that of the one who is gone is no more, so the next begins');
  near(now.position, 0);
});

test('who came later hears it, though not the messages from before; who is not in the room does not', async () => {
  const room = await roomOfFour(stack, all, { history: 'joined' });
  const track = await adds(host, room);
  const sounds = ({ at }) => at.get(track.url);
  assertProblem(await sounds(stranger), 'not-found');
  assertOk(await stranger.at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  assert.equal((await sounds(stranger)).status, 200);
  assertOk(await remove(host, room, track), 204);
  assertProblem(await sounds(stranger), 'not-found');
  assert.equal((await sounds(ann)).status, 200, 'that stands at a message that she may read');
});

test('moderators direct the music, nobody else; a file must be a sound of the room', async () => {
  const room = await scene();
  const track = await adds(all.moderator, room);
  for (const [user, slug] of [[ann, 'forbidden'], [stranger, 'forbidden']]) {
    assertProblem(await set(user, room, { state: 'playing' }), slug);
    assertProblem(await remove(user, room, track), slug);
    assertProblem(await add(user, room, { message: track.message, file: track.file }), slug);
  }
  assertProblem(await stranger.at.get(`/v1/rooms/${room.id}/music`), 'not-member');
  const head = await headOf(stack, room);
  const other = await scene();
  const elsewhere = await attached(host, other);
  assertInvalid(await add(host, room, elsewhere), 'file');
  assertInvalid(await set(host, room, { track: 999999 }), 'track');
  assertInvalid(await set(host, room, { position: 60000 }), 'position');
  assertInvalid(await set(host, room, { state: 'louder' }), 'state');
  for (const bad of [{ duration: 99 }, { duration: 86400001 }, { duration: '1' }]) assertInvalid(await add(host, room, { message: track.message, file: track.file }, bad), 'duration');
  const { id, message, file } = track;
  for (const [field, bad] of [['title', ''], ['title', 'x'.repeat(201)], ['title', 'two\nlines'], ['licence', undefined], ['licence', ' ']])
    assertInvalid(await add(host, room, { message, file }, { [field]: bad }), field);
  assert.equal(await headOf(stack, room), head, 'nothing happened');
  assertInvalid(await add(host, room, await attached(host, room, png(8, 8), 'tea.png')), 'file');
  assert.deepEqual((await get(ann, room)).tracks.map((one) => one.id), [id]);
});

test('in a group all direct the music, by its rules', async () => {
  const room = await roomOfFour(stack, all, { kind: 'group' });
  assertOk(await host.at.post(`/v1/rooms/${room.id}/words`, { word: 'zzforbidden', action: 'refuse' }), 201);
  const where = await attached(ann, room);
  // Each worker reads words every two seconds.
  await until(async () => (await add(ann, room, where, { title: 'zzforbidden song' })).status === 422, 10000, 'the word to be refused');
  await stack.sql(`DELETE FROM track WHERE room = ${room.id}`);
  await sleep(2500);
  for (const field of ['title', 'licence']) assertProblem(await add(ann, room, where, { [field]: 'zzforbidden song' }), 'refused-word');
  const track = assertOk(await add(ann, room, where), 201);
  assert.equal((await sets(all.bob, room, { state: 'playing' })).track, track.id);
  await mute(stack, room, all.bob);
  assertProblem(await set(all.bob, room, { state: 'paused' }), 'muted');
  assertProblem(await remove(all.bob, room, track), 'muted');
  assertProblem(await add(all.bob, room, where), 'muted');
});

test('there are a hundred tracks at most', async () => {
  const room = await scene();
  const { message, file } = await attached(host, room);
  for (let i = 0; i < 100; i++) assertOk(await add(host, room, { message, file }), 201);
  assertProblem(await add(host, room, { message, file }), 'limit-reached');
  assert.equal((await get(ann, room)).tracks.length, 100);
});

test('everybody is told what time it is', async () => {
  const [before, { now }, later] = [Date.now(), assertOk(await all.nobody.at.get('/v1/time'), 200), Date.now() + 1];
  assert.match(now, TIME);
  assert.ok(Date.parse(now) >= before - 1 && Date.parse(now) <= later + 1000);
});
