// POST /v1/reports, GET /v1/reports, PATCH /v1/reports/:report, GET /v1/users/me/reports
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, signUp, startStack, subscribed } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, people, say } from './check.mjs';
import { cast, directRoom, roomOfFour, setModerator } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const scene = (options) => roomOfFour(stack, all, options);

const forget = () => stack.sql("DELETE FROM throttle WHERE name LIKE 'report:%'");
const report = async (user, body) => { await forget(); return user.at.post('/v1/reports', { reason: 'spam', ...body }); };
const close = (user, { id }, state = 'resolved', more = {}) => user.at.patch(`/v1/reports/${id}`, { state, ...more });
const own = async (user) => assertOk(await user.at.get('/v1/users/me/reports'), 200).reports;
const queue = async (user, query) => assertOk(await user.at.get(`/v1/reports?limit=100&${query}`), 200).reports;
const reported = async (room, sender = bob, reporter = ann) => {
  const message = assertOk(await say(stack, sender, room, 'buy now'), 201);
  return [assertOk(await report(reporter, { room: room.id, message: message.seq, detail: 'again' }), 201), message];
};

test('a reported message keeps its text for those who judge it', async () => {
  const room = await scene();
  const [mine, message] = await reported(room);
  assert.match(mine.created_at, TIME);
  assert.deepEqual(mine, {
    id: mine.id, room: room.id, message: message.seq, user: bob.id, reason: 'spam', detail: 'again', state: 'open', created_at: mine.created_at,
  });
  assert.deepEqual((await own(ann))[0], mine);
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/messages/${message.seq}`), 204);
  const seen = { ...mine, body: 'buy now', note: '' };
  for (const user of [moderator, host]) assert.deepEqual(await queue(user, `room=${room.id}`), [seen]);
  assert.deepEqual(await queue(admin, `room=${room.id}`), [{ ...seen, reporter: ann.id }]);
  assert.deepEqual((await queue(admin, ''))[0], { ...seen, reporter: ann.id });
  assert.deepEqual(await own(bob), []);
});

test('the reporter hears how it ended, not from whom', async () => {
  const room = await scene();
  const [mine] = await reported(room);
  const channel = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(channel, 'report.updated');
  const closed = assertOk(await close(moderator, mine, 'resolved', { note: 'warned him' }), 200);
  assert.match(closed.closed_at, TIME);
  assert.deepEqual(closed, { ...mine, state: 'resolved', body: 'buy now', by_user: moderator.id, note: 'warned him', closed_at: closed.closed_at });
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, { id: mine.id, state: 'resolved' });
  const { events } = assertOk(await ann.at.get('/v1/users/me/events?limit=1000'), 200);
  assert.deepEqual(events.at(-1), { seq, mid, type: 'report.updated', data: { ...data, seq, mid } });
  assert.deepEqual((await own(ann))[0], { ...mine, state: 'resolved', closed_at: closed.closed_at });
  assert.deepEqual(await queue(moderator, `room=${room.id}`), []);
  assert.deepEqual(await queue(moderator, `room=${room.id}&state=resolved`), [closed]);
});

test('a report is closed once', async () => {
  const [mine] = await reported(await scene());
  const closed = assertOk(await close(moderator, mine, 'dismissed', { note: 'no' }), 200);
  assertOk(await close(moderator, mine, 'dismissed', { note: 'other words' }), 200, closed);
  assertProblem(await close(moderator, mine, 'resolved'), 'conflict');
  assertProblem(await close(host, mine, 'dismissed'), 'conflict');
  assertProblem(await close(admin, mine, 'resolved'), 'conflict');
  const { events } = assertOk(await ann.at.get('/v1/users/me/events?limit=1000'), 200);
  assert.equal(events.filter(({ type, data }) => type === 'report.updated' && data.id === mine.id).length, 1);
});

test('of several who close a report at once one is the first', async () => {
  const [mine] = await reported(await scene());
  const answers = await Promise.all([moderator, host, admin, moderator, host, admin].map((user) => close(user, mine)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 409, 409, 409, 409]);
  const { events } = assertOk(await ann.at.get('/v1/users/me/events?limit=1000'), 200);
  assert.equal(events.filter(({ type, data }) => type === 'report.updated' && data.id === mine.id).length, 1);
});

test('of a person nothing is told, not even whether there is one', async () => {
  const answers = [];
  for (const user of [bob.id, stranger.id, ann.id, 999999999]) {
    const { id, created_at: at, user: subject, ...rest } = assertOk(await report(ann, { user }), 201);
    assert.equal(subject, user);
    answers.push(rest);
  }
  for (const answer of answers) assert.deepEqual(answer, { reason: 'spam', detail: '', state: 'open' });
});

test('a room and a message must be such as the asker can see', async () => {
  const room = await scene();
  const group = await scene({ kind: 'group' });
  const message = assertOk(await say(stack, bob, room, 'words'), 201);
  const secret = assertOk(await say(stack, bob, group, 'among us'), 201);
  for (const body of [{ room: 999999 }, { room: group.id }, { room: group.id, message: secret.seq }, { room: 999999, message: 1 }, { room: group.id, user: bob.id }]) {
    assertProblem(await report(stranger, body), 'not-found');
  }
  assertProblem(await report(stranger, { room: room.id, message: message.seq }), 'not-member');
  for (const seq of [1, 999999]) assertProblem(await report(ann, { room: room.id, message: seq }), 'not-found');
  await stack.sql(`UPDATE member SET visible_from = ${message.seq} WHERE room = ${room.id} AND user = ${ann.id}`);
  assertProblem(await report(ann, { room: room.id, message: message.seq }), 'not-found');
  assertOk(await bob.at.del(`/v1/rooms/${room.id}/messages/${message.seq}`), 204);
  assertProblem(await report(host, { room: room.id, message: message.seq }), 'not-found');
  assertOk(await report(stranger, { room: room.id }), 201); // it is listed
  assert.deepEqual(await stack.sql(`SELECT id FROM report WHERE room = ${group.id}`), []);
});

test('a report says what and why, and nothing else', async () => {
  const room = await scene();
  const message = assertOk(await say(stack, bob, room), 201);
  assertInvalid(await report(ann, {}), 'room');
  assertInvalid(await report(ann, { message: 1 }), 'room');
  assertInvalid(await report(ann, { user: bob.id, reason: 'boring' }), 'reason');
  assertInvalid(await report(ann, { user: bob.id, reason: undefined }), 'reason');
  assertInvalid(await report(ann, { user: bob.id, detail: 'x'.repeat(1001) }), 'detail');
  assertInvalid(await report(ann, { room: room.id, message: message.seq, user: host.id }), 'user');
  for (const bad of [0, -1, '1', 1.5, null]) assertInvalid(await report(ann, { user: bad }), 'user');
  assertInvalid(await report(ann, { user: bob.id, reporter: bob.id, state: 'resolved', body: 'he said', by_user: 1 }), 'reporter', 'state', 'body', 'by_user');
  assertProblem(await nobody.at.post('/v1/reports', { user: bob.id, reason: 'spam' }), 'unauthenticated');
  assertOk(await report(ann, { user: bob.id, detail: '가'.repeat(1000), reason: 'other' }), 201);
});

test('moderators see what concerns others in their room; strangers see nothing', async () => {
  const room = await scene();
  const [about] = await reported(room, bob, ann);
  const [aboutModerator] = await reported(room, moderator, ann);
  const aboutRoom = assertOk(await report(ann, { room: room.id }), 201);
  const person = assertOk(await report(ann, { room: room.id, user: stranger.id }), 201);
  const elsewhere = assertOk(await report(ann, { user: bob.id }), 201);
  const ids = async (user, query) => (await queue(user, query)).map(({ id }) => id);
  assert.deepEqual(await ids(moderator, `room=${room.id}`), [person.id, about.id]);
  assert.deepEqual(await ids(host, `room=${room.id}`), [person.id, aboutModerator.id, about.id]);
  assert.deepEqual(await ids(admin, `room=${room.id}`), [person, aboutRoom, aboutModerator, about].map(({ id }) => id));
  assert.equal((await ids(admin, ''))[0], elsewhere.id);
  for (const one of [aboutModerator, aboutRoom, elsewhere]) assertProblem(await close(moderator, one), 'not-found');
  for (const [user, slug] of [[nobody, 'unauthenticated'], [stranger, 'forbidden'], [ann, 'forbidden']]) {
    assertProblem(await user.at.get(`/v1/reports?room=${room.id}`), slug);
    assertProblem(await user.at.get('/v1/reports'), slug);
  }
  assertProblem(await moderator.at.get('/v1/reports'), 'forbidden');
  assertProblem(await moderator.at.get('/v1/reports?room=999999'), 'not-found');
  const missing = assertProblem(await close(stranger, { id: 999999999 }), 'not-found');
  for (const user of [stranger, ann, bob]) assert.equal(assertProblem(await close(user, about), 'not-found').detail, missing.detail);
  await setModerator(stack, room, moderator, 'member');
  assertProblem(await close(moderator, about), 'not-found');
  assertProblem(await close(nobody, about), 'unauthenticated');
  const other = await createRoom(stack, moderator);
  assertProblem(await moderator.at.get(`/v1/reports?room=${room.id}`), 'forbidden');
  assert.deepEqual(await ids(moderator, `room=${other.id}`), []);
});

test('what is reported of a direct room is for admins', async () => {
  const direct = await directRoom(stack, ann, bob);
  const [mine] = await reported(direct);
  assertProblem(await bob.at.get(`/v1/reports?room=${direct.id}`), 'forbidden');
  assertProblem(await host.at.get(`/v1/reports?room=${direct.id}`), 'not-found');
  assert.equal((await queue(admin, `room=${direct.id}`))[0].body, 'buy now');
  assertProblem(await close(bob, mine), 'not-found');
  assertOk(await close(admin, mine), 200);
});

test('a verdict is resolved or dismissed', async () => {
  const [mine] = await reported(await scene());
  for (const state of ['open', 'closed', 1, null]) assertInvalid(await close(moderator, mine, state), 'state');
  assertInvalid(await close(moderator, mine, 'resolved', { note: 'x'.repeat(1001) }), 'note');
  assertInvalid(await moderator.at.patch(`/v1/reports/${mine.id}`, {}), 'state');
  assertInvalid(await close(moderator, mine, 'resolved', { by_user: 1, reporter: 1 }), 'by_user', 'reporter');
  assertInvalid(await admin.at.get('/v1/reports?state=all'), 'state');
  assertInvalid(await admin.at.get('/v1/reports?room=x'), 'room');
});

test('the lists go page by page', async () => {
  const [user] = await people(stack, 1);
  const me = { ...user, at: api(stack, user) };
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift(assertOk(await report(me, { user: bob.id }), 201).id);
  const first = assertOk(await me.at.get('/v1/users/me/reports?limit=3'), 200);
  assert.deepEqual([first.reports.map(({ id }) => id), first.next], [ids.slice(0, 3), ids[2]]);
  const second = assertOk(await me.at.get(`/v1/users/me/reports?limit=3&cursor=${first.next}`), 200);
  assert.deepEqual([second.reports.map(({ id }) => id), second.next], [ids.slice(3), null]);
  const queued = assertOk(await admin.at.get('/v1/reports?limit=2'), 200);
  assert.deepEqual([queued.reports.map(({ id }) => id), queued.next], [ids.slice(0, 2), ids[1]]);
});

test('somebody can report twenty times an hour', async () => {
  const user = await signUp(stack);
  const send = () => api(stack, user).post('/v1/reports', { user: bob.id, reason: 'spam' });
  const answers = await Promise.all(Array.from({ length: 25 }, send));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(20).fill(201), ...Array(5).fill(429)]);
  const refused = await send();
  assertProblem(refused, 'throttled');
  assert.ok(Number(refused.headers.get('retry-after')) > 3000);
});
