// GET and POST /v1/rooms/:room/webhooks, PATCH /v1/rooms/:room/webhooks/:webhook, DELETE /v1/rooms/:room/webhooks/:webhook
// Webhooks of rooms: who may have them, and what reaches their targets, signed and in order.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say, TIME } from './check.mjs';
import { Elsewhere, HOOKS, OPEN, Target, assertInOrder, deliveries, hook, isSigned, refuse, settled } from './targets.mjs';

const stack = await new Elsewhere({ conf: HOOKS }).up();
const [ann, bob, eve, root] = await stack.people(4);
await stack.sql(`UPDATE user SET role = 'admin' WHERE id = ${root.id}`);
const targets = [];
after(async () => {
  await stack.stop();
  for (const target of targets) await target.close().catch(() => {});
});
async function open() {
  const target = await new Target().open();
  targets.push(target);
  return target;
}
const at = (user) => api(stack, user);
const pathOf = ({ room, id }) => `/v1/rooms/${room}/webhooks/${id}`;
const sayAll = async (user, room, n) => {
  const seqs = [];
  for (let i = 0; i < n; i++) seqs.push(assertOk(await say(stack, user, room, `number ${i}`), 201).seq);
  return seqs;
};

test('an event is posted, signed as Standard Webhooks has it', async () => {
  const target = await open();
  const room = await createRoom(stack, ann);
  await say(stack, ann, room, 'before');
  const { secret, ...made } = await hook(stack, ann, room, target.url);
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{32}$/);
  assert.match(made.created_at, TIME);
  assert.deepEqual({ ...made, created_at: '' }, { id: made.id, room: room.id, by_user: ann.id, url: target.url, events: ['message.created'],
    state: 'active', waiting: 0, created_at: '' });
  const message = assertOk(await say(stack, ann, room, '"\\ 안녕 🙂'), 201);
  await target.got(1);
  const [post] = target.posts;
  assert.deepEqual(post.body, { id: post.id, webhook: made.id, room: room.id, event: 'message.created', seq: message.seq, data: message });
  assert.ok(isSigned(secret, post));
  assert.ok(!isSigned(secret, { ...post, raw: `${post.raw} ` }));
  assert.ok(Math.abs(post.time - Date.now() / 1000) < 30);
  assert.deepEqual([post.method, post.path, post.headers['content-type'], post.headers.cookie], ['POST', '/hook', 'application/json', undefined]);
  assert.deepEqual(await settled(stack, ann, made), made);
  const { deliveries: [one], next } = await deliveries(stack, ann, made);
  assert.equal(next, null);
  for (const time of ['created_at', 'tried_at', 'done_at']) assert.match(one[time], TIME);
  assert.deepEqual([one.id, one.seq, one.event, one.state, one.tries, one.status, one.error], [post.id, message.seq, 'message.created', 'delivered', 1, 200, undefined]);
  assert.deepEqual(assertOk(await at(ann).get(`/v1/rooms/${room.id}/webhooks`), 200), { webhooks: [made], next: null });
});

test('what it did not ask for is not posted, and a message is as it is when it is posted', async () => {
  const target = await open();
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, target.url, ['member.joined', 'message.updated', 'message.deleted']);
  const first = assertOk(await say(stack, ann, room, 'first'), 201);
  await joinRoom(stack, bob, room);
  assertOk(await at(ann).patch(`/v1/rooms/${room.id}/messages/${first.seq}`, { body: 'better' }), 200);
  await target.got(2);
  assertOk(await at(ann).del(`/v1/rooms/${room.id}/messages/${first.seq}`), 204);
  await target.got(3);
  assert.deepEqual(target.posts.map(({ body }) => body.event), ['member.joined', 'message.updated', 'message.deleted']);
  assert.equal(target.posts[0].body.data.id, bob.id);
  assert.equal(target.posts[2].body.data.message.body, '');
  await settled(stack, ann, made);
});

test('a target that fails holds back its own, in order, and nobody else', async () => {
  const [bad, good] = [await open(), await open()];
  const room = await createRoom(stack, ann);
  const hooks = [await hook(stack, ann, room, bad.url), await hook(stack, ann, room, good.url)];
  let failures = 3;
  bad.answer = (res) => (failures-- > 0 ? refuse([500, 302, 404][failures], { Location: good.url })(res) : res.end());
  const seqs = await sayAll(ann, room, 5);
  await good.got(5);
  assertInOrder(good, seqs);
  await until(() => { stack.pass(2000); return failures < 0; }, 20000, 'three failures');
  await bad.got(8);
  assert.deepEqual(bad.seqs, [...Array(3).fill(seqs[0]), ...seqs]);
  assert.equal(new Set(bad.posts.map(({ id }) => id)).size, 5);
  for (const one of hooks) await settled(stack, ann, one);
  assert.equal(good.posts.length, 5, 'no redirect is followed');
  const { deliveries: list } = await deliveries(stack, ann, hooks[0]);
  assert.deepEqual(list.map(({ seq, tries }) => [seq, tries]), seqs.map((seq, i) => [seq, i === 0 ? 4 : 1]).reverse());
});

test('slow targets leave room for the others', async () => {
  const [slow, quick] = [await open(), await open()];
  const held = [];
  slow.answer = (res) => held.push(res);
  const rooms = [];
  for (let i = 0; i < 7; i++) rooms.push(await createRoom(stack, ann));
  for (const room of rooms) for (let i = 0; i < 9; i++) await hook(stack, ann, room, slow.url);
  await hook(stack, ann, rooms[0], quick.url);
  for (const room of rooms) await say(stack, ann, room);
  await slow.got(63);
  await quick.got(1);
  await sayAll(ann, rooms[0], 5);
  await quick.got(6);
  slow.answer = (res) => res.end();
  held.forEach((res) => res.end());
  await slow.got(63 + 45);
});

test('a delivery is given up after three days, the next one has its turn, and after five the webhook stops', async () => {
  const target = await open();
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, target.url);
  target.answer = refuse(503);
  const [first, second] = await sayAll(ann, room, 2);
  const list = async () => (await deliveries(stack, ann, made)).deliveries.map(({ seq, state, status }) => [seq, state, status]);
  await until(async () => (await list())[1]?.[2] === 503, 20000, 'a first try to be noted');
  assert.deepEqual((await list())[1], [first, 'waiting', 503]);
  stack.pass(72 * 3600_000);
  await until(async () => (await list())[0][1] === 'failed', 20000, 'both to be given up');
  assert.deepEqual(await list(), [[second, 'failed', 503], [first, 'failed', 503]]);
  const found = await settled(stack, ann, made);
  assert.equal(found.state, 'active');
  assert.match(found.failing_since, TIME);
  const [third] = await sayAll(ann, room, 1);
  await target.got(4);
  stack.pass(48 * 3600_000);
  await until(async () => (await settled(stack, ann, made)).state === 'failed', 20000, 'it to stop');
  assert.deepEqual((await list())[0], [third, 'failed', 503]);
  const tried = target.posts.length;
  await sayAll(ann, room, 1); // is not posted
  target.answer = (res) => res.end();
  const resumed = assertOk(await at(ann).patch(pathOf(made), { active: true }), 200);
  assert.deepEqual([resumed.state, resumed.failing_since], ['active', undefined]);
  const [fifth] = await sayAll(ann, room, 1);
  await target.got(tried + 1);
  assert.equal(target.seqs.at(-1), fifth);
});

test('410 stops it at once', async () => {
  const target = await open();
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, target.url);
  target.answer = refuse(410);
  await say(stack, ann, room);
  await until(async () => assertOk(await at(ann).get(`/v1/rooms/${room.id}/webhooks`), 200).webhooks[0].state === 'failed');
  assert.deepEqual((await deliveries(stack, ann, made)).deliveries.map(({ state, status }) => [state, status]), [['failed', 410]]);
});

test('it can be stopped, changed, resumed and deleted', async () => {
  const [target, other] = [await open(), await open()];
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, target.url);
  assert.equal(assertOk(await at(ann).patch(pathOf(made), { active: false }), 200).state, 'paused');
  await sayAll(ann, room, 2);
  const changed = assertOk(await at(ann).patch(pathOf(made), { active: true, url: other.url, events: ['message.created', 'pin.added'] }), 200);
  assert.deepEqual([changed.state, changed.url, changed.events], ['active', other.url, ['message.created', 'pin.added']]);
  const seqs = await sayAll(ann, room, 1);
  await other.got(1);
  assertInOrder(other, seqs);
  assertOk(await at(ann).del(pathOf(made)), 204);
  assertProblem(await at(ann).del(pathOf(made)), 'not-found');
  assertProblem(await at(ann).patch(pathOf(made), {}), 'not-found');
  assertProblem(await at(ann).get(`${pathOf(made)}/deliveries`), 'not-found');
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM delivery WHERE webhook = ${made.id}`), [['0']]);
  assert.equal(target.posts.length, 0);
});

test('it stops when whoever answers for it leaves, and the next host may take it over', async () => {
  const target = await open();
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room);
  const made = await hook(stack, ann, room, target.url);
  assertOk(await at(ann).del(`/v1/rooms/${room.id}/members/me`), 204);
  await sayAll(bob, room, 2);
  const [found] = assertOk(await at(bob).get(`/v1/rooms/${room.id}/webhooks`), 200).webhooks;
  assert.deepEqual([found.state, found.by_user], ['left', ann.id]);
  assert.equal(assertOk(await at(bob).patch(pathOf(made), { active: true }), 200).by_user, bob.id);
  const seqs = await sayAll(bob, room, 1);
  await target.got(1);
  assertInOrder(target, seqs);
});

test('what was said before whoever answers for it may read is not shown by a change', async () => {
  const target = await open();
  const room = await createRoom(stack, ann, { history: 'joined' });
  const old = assertOk(await say(stack, ann, room, 'of old'), 201);
  await joinRoom(stack, bob, room);
  assertOk(await at(ann).put(`/v1/rooms/${room.id}/host`, { user: bob.id }), 200);
  await hook(stack, bob, room, target.url, ['message.updated']);
  assertOk(await at(ann).patch(`/v1/rooms/${room.id}/messages/${old.seq}`, { body: 'still of old' }), 200);
  await target.got(1);
  const { message } = target.posts[0].body.data;
  assert.deepEqual([message.seq, message.hidden, message.body], [old.seq, true, undefined]);
});

test('bad input is refused and changes nothing', async () => {
  const room = await createRoom(stack, ann);
  const make = (body) => at(ann).post(`/v1/rooms/${room.id}/webhooks`, body);
  const events = ['message.created'];
  for (const url of ['', 'x', 'ftp://x.example/', 'gopher://x.example', 'file:///etc/passwd', 'https://', 'https://a:b@x.example/', 'https://a@x.example/',
    'https://[fe80::1%25eth0]/', 'https://x .example/', 'https://x.example/\n', 'https://x.example/안녕', `https://x.example/${'x'.repeat(500)}`, 'javascript:alert(1)', 7])
    assertInvalid(await make({ url, events }), 'url');
  const url = 'https://x.example/';
  for (const wrong of [[], ['message.creates'], [''], [7], 'message.created', ['message.created', 'message.created'], Array.from({ length: 33 }, (_, i) => `e${i}`)])
    assertInvalid(await make({ url, events: wrong }), 'events');
  assertInvalid(await make({}), 'url', 'events');
  assert.deepEqual(assertOk(await at(ann).get(`/v1/rooms/${room.id}/webhooks`), 200).webhooks, []);
  const made = await hook(stack, ann, room, url);
  assertInvalid(await at(ann).patch(pathOf(made), { url: 'ftp://x.example/' }), 'url');
  assertInvalid(await at(ann).patch(pathOf(made), { events: [] }), 'events');
  assertInvalid(await at(ann).patch(pathOf(made), { active: 1 }), 'active');
  for (let i = 1; i < 10; i++) await hook(stack, ann, room, url);
  assertProblem(await make({ url, events }), 'limit-reached');
});

test('others may not, and learn no address', async () => {
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room);
  const made = await hook(stack, ann, room, 'https://x.example/token');
  const tries = [at(eve), at(bob)].flatMap((who) => [who.get(`/v1/rooms/${room.id}/webhooks`), who.post(`/v1/rooms/${room.id}/webhooks`, { url: 'https://x.example', events: ['pin.added'] }),
    who.patch(pathOf(made), { active: false }), who.del(pathOf(made)), who.get(`${pathOf(made)}/deliveries`), who.post(`${pathOf(made)}/deliveries/1/replay`)]);
  for (const answer of await Promise.all(tries)) assertProblem(answer, 'forbidden');
  const other = await createRoom(stack, eve);
  assertProblem(await at(eve).del(pathOf({ ...made, room: other.id })), 'not-found');
  assertOk(await at(root).del(pathOf(made)), 204);
});

test('a room takes its webhooks along', async () => {
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, `http://${OPEN}:1/`);
  await say(stack, ann, room);
  await until(async () => (await deliveries(stack, ann, made)).deliveries.length === 1);
  assertOk(await at(ann).del(`/v1/rooms/${room.id}`), 204);
  await until(async () => (await stack.sql(`SELECT COUNT(*) FROM webhook WHERE room = ${room.id}`))[0][0] === '0', 10000);
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM delivery WHERE webhook = ${made.id}`), [['0']]);
});

test('a server without the setting says so', async () => {
  const closed = await startStack();
  const [one] = await people(closed, 1);
  const room = await createRoom(closed, one);
  assertProblem(await api(closed, one).post(`/v1/rooms/${room.id}/webhooks`, { url: 'https://x.example', events: ['pin.added'] }), 'forbidden');
  await closed.stop();
});
