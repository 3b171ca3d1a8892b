// GET /v1/audit
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, say } from './check.mjs';
import { cast, directRoom, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, moderator, ann, bob, stranger, admin, nobody } = all;
const audit = async (user, query = '') => assertOk(await user.at.get(`/v1/audit?limit=100${query}`), 200).audit;

test('what those with power do is noted, and nothing else', async () => {
  const room = await roomOfFour(stack, all);
  const path = `/v1/rooms/${room.id}`;
  const words = async (user) => assertOk(await say(stack, user, room, 'words'), 201).seq;
  const [own, others] = [await words(ann), await words(bob)];
  assertOk(await ann.at.del(`${path}/messages/${own}`), 204); // one's own is nobody's business
  assertOk(await moderator.at.del(`${path}/messages/${others}`), 204);
  const seq = await words(bob);
  const { after: first, until, deleted_at: at } = assertOk(await moderator.at.post(`${path}/purges`, { user: bob.id }), 200);
  assertOk(await host.at.put(`${path}/bans/${bob.id}`, { reason: 'a reason', seconds: 60 }), 201);
  const { bans: [{ until: end }] } = assertOk(await host.at.get(`${path}/bans`), 200);
  assertOk(await host.at.del(`${path}/bans/${bob.id}`), 204);
  assertOk(await host.at.del(`${path}/members/${ann.id}`), 204);
  const word = assertOk(await moderator.at.post(`${path}/words`, { word: 'bad', action: 'mask' }), 201);
  assertOk(await moderator.at.del(`${path}/words/${word.id}`), 204);
  const report = assertOk(await stranger.at.post('/v1/reports', { room: room.id, user: bob.id, reason: 'abuse' }), 201);
  assertOk(await moderator.at.patch(`/v1/reports/${report.id}`, { state: 'dismissed' }), 200);
  const noted = await audit(host, `&room=${room.id}`);
  assert.ok(noted.every(({ id, created_at: time, room: where }) => id > 0 && TIME.test(time) && where === room.id));
  assert.deepEqual(noted.map(({ actor, action, user, data }) => [actor, action, user, data]).reverse(), [
    [moderator.id, 'message.deleted', bob.id, { message: others }],
    [moderator.id, 'messages.purged', bob.id, { room: room.id, user: bob.id, after: first, until, count: 1, deleted_at: at, strokes: 0, todos: 0 }],
    [host.id, 'member.banned', bob.id, { until: end }],
    [host.id, 'member.unbanned', bob.id, {}],
    [host.id, 'member.kicked', ann.id, {}],
    [moderator.id, 'word.added', undefined, word],
    [moderator.id, 'word.removed', undefined, word],
    [moderator.id, 'report.closed', bob.id, { report: report.id, state: 'dismissed' }],
  ]);
  assert.equal(seq, until);
  assertOk(await host.at.del(path), 204);
  assertProblem(await host.at.get(`/v1/audit?room=${room.id}`), 'not-found');
  const [last] = await audit(admin, `&room=${room.id}`); // admins also of rooms that are gone
  assert.deepEqual([last.actor, last.action, last.user], [host.id, 'room.deleted', host.id]);
  assert.deepEqual((await audit(admin, `&room=${room.id}&user=${ann.id}`)).map(({ action }) => action), ['member.kicked']);
});

test('what was refused is not noted', async () => {
  const room = await roomOfFour(stack, all);
  const path = `/v1/rooms/${room.id}`;
  assertProblem(await ann.at.del(`${path}/members/${bob.id}`), 'forbidden');
  assertProblem(await host.at.del(`${path}/members/${stranger.id}`), 'not-found');
  assertProblem(await host.at.del(`${path}/bans/${bob.id}`), 'not-found');
  assertOk(await host.at.post(`${path}/purges`, { user: bob.id }), 200); // nothing was there
  assertOk(await host.at.put(`${path}/bans/${bob.id}`), 201);
  assertOk(await host.at.put(`${path}/bans/${bob.id}`), 200); // nothing happened
  assert.deepEqual((await audit(host, `&room=${room.id}`)).map(({ action }) => action), ['member.banned']);
});

test('admins read all of it, hosts that of their room, page by page', async () => {
  const [room, other] = [await roomOfFour(stack, all), await createRoom(stack, ann)];
  const direct = await directRoom(stack, ann, bob);
  for (const user of [bob, stranger, bob, stranger]) {
    const { status } = await host.at.put(`/v1/rooms/${room.id}/bans/${user.id}`, { seconds: 60 });
    assert.ok(status === 200 || status === 201, String(status));
  }
  const ids = (list) => list.map(({ id }) => id);
  const whole = await audit(host, `&room=${room.id}`);
  assert.equal(whole.length, 4);
  assert.deepEqual(await audit(admin, `&room=${room.id}`), whole);
  assert.deepEqual(ids(await audit(admin)).slice(0, 4), ids(whole));
  const ofBob = await audit(admin, `&user=${bob.id}`);
  assert.deepEqual(ids(ofBob).slice(0, 2), ids(whole.filter(({ user }) => user === bob.id)));
  assert.ok(ofBob.every(({ user }) => user === bob.id));
  assert.deepEqual(await audit(host, `&room=${room.id}&user=${bob.id}`), whole.filter(({ user }) => user === bob.id));
  const page = assertOk(await host.at.get(`/v1/audit?room=${room.id}&limit=3`), 200);
  assert.deepEqual(page, { audit: whole.slice(0, 3), next: whole[2].id });
  assert.deepEqual(assertOk(await host.at.get(`/v1/audit?room=${room.id}&limit=3&cursor=${page.next}`), 200), { audit: whole.slice(3), next: null });
  for (const [user, slug] of [[nobody, 'unauthenticated'], [host, 'forbidden'], [ann, 'forbidden']]) {
    assertProblem(await user.at.get('/v1/audit'), slug);
    assertProblem(await user.at.get(`/v1/audit?user=${user.id}`), slug);
  }
  for (const user of [moderator, ann, stranger]) assertProblem(await user.at.get(`/v1/audit?room=${room.id}`), 'forbidden');
  assert.deepEqual(await audit(ann, `&room=${other.id}`), []);
  assertProblem(await ann.at.get(`/v1/audit?room=${direct.id}`), 'forbidden');
  assertProblem(await host.at.get(`/v1/audit?room=${direct.id}`), 'not-found');
  assertInvalid(await admin.at.get('/v1/audit?room=x'), 'room');
  assertInvalid(await admin.at.get('/v1/audit?user=-1'), 'user');
});
