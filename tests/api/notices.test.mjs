// Notices, and who has confirmed them:
// GET /v1/rooms/:room/notices, POST /v1/rooms/:room/notices
// PATCH /v1/rooms/:room/notices/:notice, DELETE /v1/rooms/:room/notices/:notice
// PUT /v1/rooms/:room/notices/:notice/confirmation
// GET /v1/rooms/:room/notices/:notice/confirmations
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people } from './check.mjs';
import { channelOf } from './listener.mjs';
import { cast, directRoom, headOf, mute, roomOfFour, setModerator } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const pathOf = (room, notice) => `/v1/rooms/${room.id}/notices${notice === undefined ? '' : `/${notice.id ?? notice}`}`;
const post = (user, room, body = 'please read') => user.at.post(pathOf(room), { body });
const list = async (user, room, query = '') => assertOk(await user.at.get(`${pathOf(room)}${query}`), 200);
const confirm = (user, room, notice) => user.at.put(`${pathOf(room, notice)}/confirmation`);
const events = async (room, user = host) => assertOk(await user.at.get(`/v1/rooms/${room.id}/events?limit=1000`), 200).events;
const last = async (room) => {
  const { type, data: { seq, mid, ...data } } = (await events(room)).at(-1);
  return { type, data };
};
const withoutOwn = ({ confirmed, ...notice }) => notice;

test('a notice is answered, told, logged and listed', async () => {
  const room = await scene();
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'notice.created');
  const notice = assertOk(await post(moderator, room, '공지 📌\nsecond line'), 201);
  assert.match(notice.created_at, TIME);
  assert.deepEqual(notice, {
    room: room.id, id: await headOf(stack, room), body: '공지 📌\nsecond line', by_user: moderator.id, confirmations: 0, confirmed: false,
    created_at: notice.created_at,
  });
  const { seq, mid, ...data } = await told;
  assert.equal(seq, notice.id);
  assert.deepEqual(data, withoutOwn(notice));
  assert.deepEqual(await last(room), { type: 'notice.created', data });
  assert.deepEqual(await list(ann, room), { notices: [notice], next: null });
});

test('a changed notice keeps its place, its author and its confirmations', async () => {
  const room = await scene();
  const notice = assertOk(await post(moderator, room), 201);
  assertOk(await confirm(ann, room, notice), 204);
  for (const [user, body] of [[moderator, 'by its author'], [host, 'by the host'], [admin, 'by an admin']]) {
    const inside = await subscribed(await client(stack, bob), channelOf(room));
    const told = eventOn(inside, 'notice.updated');
    const changed = assertOk(await user.at.patch(pathOf(room, notice), { body }), 200);
    assert.match(changed.edited_at, TIME);
    assert.deepEqual(changed, { ...notice, body, confirmations: 1, edited_at: changed.edited_at });
    const { seq, mid, ...data } = await told;
    assert.deepEqual(data, withoutOwn(changed));
    assert.deepEqual(await last(room), { type: 'notice.updated', data });
    assert.deepEqual((await list(ann, room)).notices, [{ ...changed, confirmed: true }]);
    const head = await headOf(stack, room);
    assertOk(await user.at.patch(pathOf(room, notice), { body }), 200, changed); // the same words change nothing
    assert.equal(await headOf(stack, room), head);
  }
});

test('a deleted notice is gone with its confirmations, and the one before it is present again', async () => {
  const room = await scene();
  const first = assertOk(await post(host, room, 'first'), 201);
  const second = assertOk(await post(moderator, room, 'second'), 201);
  assertOk(await confirm(ann, room, second), 204);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'notice.deleted');
  assertOk(await moderator.at.del(pathOf(room, second)), 204);
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, { room: room.id, id: second.id });
  assert.deepEqual(await last(room), { type: 'notice.deleted', data });
  assert.deepEqual((await list(ann, room)).notices, [first]);
  assert.deepEqual(await stack.sql(`SELECT * FROM notice_confirmation WHERE room = ${room.id}`), []);
  for (const again of [moderator.at.del(pathOf(room, second)), moderator.at.patch(pathOf(room, second), { body: 'x' }), confirm(ann, room, second),
    ann.at.get(`${pathOf(room, second)}/confirmations`)]) assertProblem(await again, 'not-found');
  assertOk(await host.at.del(pathOf(room, first)), 204);
  assert.deepEqual((await list(ann, room)).notices, []);
});

test('moderators and the host put notices up in open rooms, everybody in groups and direct rooms', async () => {
  const room = await scene();
  const head = await headOf(stack, room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden']]) {
    assertProblem(await post(user, room), slug);
  }
  assert.equal(await headOf(stack, room), head);
  for (const user of [moderator, host, admin]) assertOk(await post(user, room), 201);
  const group = await scene({ kind: 'group' });
  for (const user of [ann, moderator, host, admin]) assertOk(await post(user, group), 201);
  assertProblem(await post(stranger, group), 'not-found');
  const direct = await directRoom(stack, ann, bob);
  for (const user of [ann, bob]) assertOk(await post(user, direct), 201);
  for (const user of [stranger, admin]) assertProblem(await post(user, direct), 'not-found');
});

test('only its author and the host change and delete a notice', async () => {
  const room = await scene();
  await setModerator(stack, room, bob);
  const notice = assertOk(await post(moderator, room), 201);
  const head = await headOf(stack, room);
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden'], [bob, 'forbidden']]) {
    assertProblem(await user.at.patch(pathOf(room, notice), { body: 'mine' }), slug);
    assertProblem(await user.at.del(pathOf(room, notice)), slug);
  }
  assertOk(await moderator.at.del(`/v1/rooms/${room.id}/members/me`), 204); // who left is nobody
  assertProblem(await moderator.at.patch(pathOf(room, notice), { body: 'mine' }), 'forbidden');
  assert.equal(await headOf(stack, room), head + 1);
  assert.equal((await list(host, room)).notices[0].body, notice.body);
  const direct = await directRoom(stack, ann, bob);
  const theirs = assertOk(await post(ann, direct), 201);
  assertProblem(await bob.at.del(pathOf(direct, theirs)), 'forbidden');
  assertProblem(await admin.at.del(pathOf(direct, theirs)), 'not-found');
  assertOk(await ann.at.del(pathOf(direct, theirs)), 204);
});

test('whoever is muted puts nothing up', async () => {
  const group = await scene({ kind: 'group' });
  const notice = assertOk(await post(ann, group), 201);
  await mute(stack, group, ann);
  assert.match(assertProblem(await post(ann, group), 'muted').detail, /^until 20/);
  assertProblem(await ann.at.patch(pathOf(group, notice), { body: 'still me' }), 'muted');
  assertProblem(await ann.at.del(pathOf(group, notice)), 'muted');
});

test('a conversation that the other has left takes no notice: who comes back would see it', async () => {
  const room = await directRoom(stack, ann, bob);
  const notice = assertOk(await post(ann, room), 201);
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  const head = await headOf(stack, room);
  assertProblem(await post(ann, room), 'not-sendable');
  assertProblem(await ann.at.patch(pathOf(room, notice), { body: 'another' }), 'not-sendable');
  assert.equal(await headOf(stack, room), head);
  assertOk(await ann.at.del(pathOf(room, notice)), 204);
});

test('a notice belongs to its room', async () => {
  const [room, other] = [await scene(), await createRoom(stack, ann)];
  const notice = assertOk(await post(moderator, room), 201);
  assertProblem(await ann.at.patch(pathOf(other, notice), { body: 'x' }), 'not-found');
  assertProblem(await ann.at.del(pathOf(other, notice)), 'not-found');
  assertProblem(await confirm(ann, other, notice), 'not-found');
  assertProblem(await ann.at.get(`${pathOf(other, notice)}/confirmations`), 'not-found');
  for (const id of [0, 'x', 999999]) assertProblem(await host.at.del(pathOf(room, id)), 'not-found');
});

test('a notice has 1 to 4000 characters and nothing else', async () => {
  const room = await scene();
  for (const body of ['', 'x'.repeat(4001), 5, null, []]) assertInvalid(await post(host, room, body), 'body');
  assertInvalid(await host.at.post(pathOf(room), {}), 'body');
  assertInvalid(await host.at.post(pathOf(room), { body: 'x', id: 1, by_user: ann.id, confirmations: 9, room: 3 }), 'id', 'by_user', 'confirmations', 'room');
  assert.equal(assertOk(await post(host, room, '🙂'.repeat(4000)), 201).body.length, 8000);
  const { id } = assertOk(await post(host, room), 201);
  assertInvalid(await host.at.patch(pathOf(room, id), { body: '' }), 'body');
  assertInvalid(await host.at.patch(pathOf(room, id), {}), 'body');
});

test('the list goes page by page, the newest first, and is for members', async () => {
  const room = await scene();
  const made = [];
  for (let i = 0; i < 5; i++) made.unshift(assertOk(await post(host, room, `n${i}`), 201));
  const first = await list(ann, room, '?limit=2');
  assert.deepEqual(first, { notices: made.slice(0, 2), next: made[1].id });
  assert.deepEqual(await list(ann, room, `?limit=3&cursor=${first.next}`), { notices: made.slice(2), next: null });
  assertInvalid(await ann.at.get(`${pathOf(room)}?limit=x`), 'limit');
  assertProblem(await nobody.at.get(pathOf(room)), 'unauthenticated');
  assertProblem(await stranger.at.get(pathOf(room)), 'not-member');
  assertProblem(await stranger.at.get(pathOf(await scene({ kind: 'group' }))), 'not-found');
});

test('whoever comes later sees the notice, but not what was said', async () => {
  const room = await scene();
  const notice = assertOk(await post(host, room, 'the rules'), 201);
  await stack.sql(`UPDATE member SET visible_from = ${notice.id} WHERE room = ${room.id} AND user = ${ann.id}`);
  assert.deepEqual((await list(ann, room)).notices, [notice]);
  assert.deepEqual(await events(room, ann), []);
});

// ---- confirmations

test('a confirmation counts once, is signalled, and takes no seq', async () => {
  const room = await scene();
  const notice = assertOk(await post(host, room), 201);
  const inside = await subscribed(await client(stack, bob), channelOf(room));
  const told = eventOn(inside, 'notice.confirmed');
  assertOk(await confirm(ann, room, notice), 204);
  assert.deepEqual(await told, { room: room.id, notice: notice.id, confirmations: 1 });
  assertOk(await confirm(ann, room, notice), 204);
  assertOk(await confirm(moderator, room, notice), 204);
  assert.equal(await headOf(stack, room), notice.id);
  assert.deepEqual((await list(ann, room)).notices, [{ ...notice, confirmations: 2, confirmed: true }]);
  assert.deepEqual((await list(bob, room)).notices, [{ ...notice, confirmations: 2, confirmed: false }]);
  const { confirmations, next } = assertOk(await bob.at.get(`${pathOf(room, notice)}/confirmations`), 200);
  assert.equal(next, null);
  assert.deepEqual(confirmations.map(({ confirmed_at: at, ...who }) => [TIME.test(at), who]),
    [moderator, ann].map(({ id, name, nickname, avatar }) => [true, { id, name, nickname, avatar }]));
  const page = assertOk(await bob.at.get(`${pathOf(room, notice)}/confirmations?limit=1`), 200);
  assert.equal(page.next, moderator.id);
  assert.deepEqual(assertOk(await bob.at.get(`${pathOf(room, notice)}/confirmations?cursor=${page.next}`), 200).confirmations.map(({ id }) => id), [ann.id]);
});

test('only members confirm and see who did', async () => {
  const room = await scene();
  const group = await scene({ kind: 'group' });
  for (const [where, slug] of [[room, 'not-member'], [group, 'not-found']]) {
    const notice = assertOk(await post(host, where), 201);
    assertProblem(await confirm(stranger, where, notice), slug);
    assertProblem(await confirm(stranger, where, 99999), slug);
    assertProblem(await stranger.at.get(`${pathOf(where, notice)}/confirmations`), slug);
    assertProblem(await confirm(nobody, where, notice), 'unauthenticated');
    assertProblem(await confirm(ann, where, 99999), 'not-found');
    assert.equal((await list(ann, where)).notices[0].confirmations, 0);
  }
});

test('fifty who confirm at once, some of them twice, are fifty', async () => {
  const room = await createRoom(stack, host);
  const crowd = await people(stack, 25);
  for (const user of crowd) await joinRoom(stack, user, room);
  const notice = assertOk(await post(host, room), 201);
  const calls = [...crowd, ...crowd].map((user) => confirm({ at: api(stack, user) }, room, notice));
  for (const answer of await Promise.all(calls)) assertOk(answer, 204);
  assert.equal((await list(host, room)).notices[0].confirmations, 25);
  const { confirmations } = assertOk(await host.at.get(`${pathOf(room, notice)}/confirmations`), 200);
  assert.deepEqual(confirmations.map(({ id }) => id), crowd.map(({ id }) => id));
});

test('confirming while the notice is deleted leaves nothing behind', async () => {
  const room = await scene();
  for (let round = 0; round < 5; round++) {
    const notice = assertOk(await post(host, room), 201);
    const answers = await Promise.all([...[ann, bob, moderator].map((user) => confirm(user, room, notice)), host.at.del(pathOf(room, notice))]);
    assert.ok(answers.every(({ status }) => status === 204 || status === 404));
  }
  assert.deepEqual(await stack.sql(`SELECT * FROM notice_confirmation WHERE room = ${room.id}`), []);
});
