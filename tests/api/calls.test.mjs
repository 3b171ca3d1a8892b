// POST /v1/rooms/:room/calls, GET /v1/calls, GET /v1/calls/:call, PUT and DELETE /v1/calls/:call/members/me, PUT /v1/calls/:call/members/:user,
// and the channel presence-call-:call
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after } from 'node:test';
import { api, client, eventOn, sleep, startStack, subscribed, until } from '../harness.mjs';
import { TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people } from './check.mjs';
import { channelOf, listen } from './listener.mjs';
import { cast, directRoom, headOf, roomOfFour } from './ranks.mjs';

const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000, workers: 8, call_ring: 8, call_lost: 10, presence_linger: 0 } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger } = all;
const scene = () => roomOfFour(stack, all);
const peer = () => randomUUID();
const begin = (user, room, more = {}) => user.at.post(`/v1/rooms/${room.id}/calls`, { peer: peer(), ...more });
const begins = async (user, room, more) => assertOk(await begin(user, room, more), 201);
const join = (user, call, name = peer()) => user.at.put(`/v1/calls/${call.id}/members/me`, { peer: name });
const joins = async (user, call, name) => assertOk(await join(user, call, name), 200);
const leave = (user, call) => user.at.del(`/v1/calls/${call.id}/members/me`);
const leaves = async (user, call) => assertOk(await leave(user, call), 204);
const ring = (user, call, other) => user.at.put(`/v1/calls/${call.id}/members/${other.id}`);
const states = ({ members }) => Object.fromEntries(members.map(({ user, state }) => [user, state]));
const lineOf = (call) => `presence-call-${call.id}`;
const rest = ({ seq, mid, ...data }) => data;
// Somebody at a device: their own channel, and those of rooms.
const device = async (user, ...rooms) => {
  const pusher = await client(stack, user);
  const own = await subscribed(pusher, `private-user-${user.id}`);
  const inside = await Promise.all(rooms.map((room) => subscribed(pusher, channelOf(room))));
  return { pusher, own, inside, close: () => pusher.disconnect() };
};
const stays = async (user, call) => subscribed(await client(stack, user), lineOf(call));
const places = async () => (await stack.sql('SELECT COUNT(*) FROM call_member'))[0][0];

test('one begins, others come and go, and the room is told; the last who leaves ends it', async () => {
  const room = await scene();
  const { inside: [heard] } = await device(host, room);
  const started = eventOn(heard, 'call.started');
  const call = await begins(ann, room, { video: false });
  const { peer: name, joined_at: joined } = call.members[0];
  assert.match(joined, TIME);
  assert.deepEqual(call, { id: call.id, room: room.id, video: false, via: 'mesh', started_by: ann.id, started_at: call.started_at, max_members: 4,
    members: [{ user: ann.id, state: 'in', peer: name, joined_at: joined }] });
  assert.deepEqual(rest(await started), call);
  const updated = eventOn(heard, 'call.updated');
  const both = await joins(bob, call);
  assert.deepEqual(states(both), { [ann.id]: 'in', [bob.id]: 'in' });
  assert.deepEqual(rest(await updated), both);
  const head = await headOf(stack, room);
  assert.deepEqual(await joins(bob, call, both.members[1].peer), both, 'twice is once');
  assert.equal(await headOf(stack, room), head, 'nothing happened, so no seq is used');
  for (const user of [host, ann]) assert.deepEqual(assertOk(await user.at.get(`/v1/calls/${call.id}`), 200), both);
  assert.deepEqual(assertOk(await host.at.get('/v1/calls'), 200).calls, [both]);
  assert.deepEqual(assertOk(await stranger.at.get('/v1/calls'), 200).calls, []);
  assert.deepEqual(states(assertOk(await begin(host, room), 200)), { [ann.id]: 'in', [bob.id]: 'in', [host.id]: 'in' }, 'there is one call in a room');
  const ended = eventOn(heard, 'call.ended');
  for (const user of [ann, host]) await leaves(user, call);
  assert.deepEqual(states(assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200)), { [bob.id]: 'in' });
  await leaves(bob, call);
  const { duration, ...end } = rest(await ended);
  assert.deepEqual(end, { id: call.id, room: room.id, reason: 'left' });
  assert.ok(duration > 0 && duration < 60000, `${duration} ms`);
  for (const answer of [await leave(bob, call), await join(bob, call), await ann.at.get(`/v1/calls/${call.id}`)]) assertProblem(answer, 'not-found');
});

test('the list of calls tells of each what it tells by itself, and costs as many statements as that of one', async () => {
  const crowd = (await people(stack, 5)).map((user) => ({ ...user, at: api(stack, user) }));
  const [me, ...callers] = crowd;
  const work = async () => {
    await stack.sql("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON");
    const { calls } = assertOk(await me.at.get('/v1/calls'), 200);
    await stack.sql('SET GLOBAL general_log = OFF');
    // Whether words were changed is asked every two seconds, whatever for.
    const [[statements]] = await stack.sql(`SELECT COUNT(*) FROM mysql.general_log WHERE command_type = 'Execute' AND argument NOT LIKE '%FROM word_change%' AND thread_id =
      (SELECT MAX(thread_id) FROM mysql.general_log WHERE command_type = 'Execute' AND argument LIKE '%FROM room_call c JOIN member m%')`);
    return { calls, statements: Number(statements) };
  };
  const made = [];
  const costs = [];
  for (const user of callers) {
    const room = await createRoom(stack, me);
    for (const other of callers) await joinRoom(stack, other, room);
    made.unshift(await begins(user, room));
    await stays(user, made[0]);
    costs.push((await work()).statements);
  }
  assert.ok(costs[0] > 0);
  assert.deepEqual(costs, callers.map(() => costs[0]));
  const here = await device(me);
  assertOk(await ring(callers[1], made[2], me), 200);
  await stack.sql(`UPDATE call_member SET rings_until = rings_until + INTERVAL 1 HOUR WHERE user = ${me.id}`);
  const { calls } = await work();
  assert.deepEqual(calls.map(({ id }) => id), made.map(({ id }) => id), 'the newest first');
  for (const one of calls) assert.deepEqual(one, assertOk(await me.at.get(`/v1/calls/${one.id}`), 200));
  assert.deepEqual(states(calls[2]), { [callers[1].id]: 'in', [me.id]: 'ringing' });
  for (const [i, user] of callers.entries()) await leaves(user, made[made.length - 1 - i]);
  assert.deepEqual(assertOk(await me.at.get('/v1/calls'), 200).calls, []);
  here.close();
});

test('of many who come at once no more get in than there are seats, however often they try', async () => {
  const room = await scene();
  const crowd = (await people(stack, 10)).map((user) => ({ ...user, at: api(stack, user) }));
  for (const user of crowd) assertOk(await user.at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  const call = await begins(ann, room);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => join(crowd[i % 10], call)));
  const now = assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200);
  assert.equal(now.members.length, 4);
  const inside = new Set(now.members.map(({ user }) => user));
  answers.forEach((answer, i) => {
    if (answer.status === 503) return;
    if (inside.has(crowd[i % 10].id)) assertOk(answer, 200);
    else assertProblem(answer, 'call-full');
  });
  assert.ok(answers.filter(({ status }) => status === 409).length >= 30, 'most were refused');
  const [first, last] = [crowd.find(({ id }) => inside.has(id)), crowd.find(({ id }) => !inside.has(id))];
  assertProblem(await ring(ann, call, last), 'call-full');
  assertProblem(await begin(last, room), 'call-full');
  await leaves(first, call);
  await joins(last, call);
  for (const { user } of now.members) await stack.sql(`DELETE FROM call_member WHERE user = ${user}`);
  await leaves(last, call);
});

test('in a room of two the other is rung, accepts, and the call ends with the first who leaves', async () => {
  const room = await directRoom(stack, ann, bob);
  const here = await device(bob, room);
  const ringing = eventOn(here.own, 'call.ringing');
  const call = await begins(ann, room);
  assert.deepEqual(states(call), { [ann.id]: 'in', [bob.id]: 'ringing' });
  assert.match(call.members[1].rings_until, TIME);
  assert.deepEqual(rest(await ringing), { call, from: ann.id });
  assert.deepEqual(assertOk(await bob.at.get('/v1/calls'), 200).calls, [call], 'a page that is loaded now rings as well');
  const silenced = eventOn(here.own, 'call.silenced');
  assert.deepEqual(states(await joins(bob, call)), { [ann.id]: 'in', [bob.id]: 'in' });
  assert.deepEqual(rest(await silenced), { id: call.id, room: room.id, reason: 'accepted' });
  const ended = eventOn(here.inside[0], 'call.ended');
  await leaves(ann, call);
  const { reason, duration } = await ended;
  assert.deepEqual([reason, duration > 0], ['left', true]);
  assert.equal(await places(), '0');
  here.close();
});

test('whoever is rung may reject, the caller may give up, and it does not ring for ever', async () => {
  const room = await directRoom(stack, ann, bob);
  const here = await device(bob, room);
  for (const [end, reason] of [[(call) => leaves(bob, call), 'rejected'], [(call) => leaves(ann, call), 'cancelled'], [() => {}, 'unanswered']]) {
    const [ended, silenced] = [eventOn(here.inside[0], 'call.ended', 15000), eventOn(here.own, 'call.silenced', 15000)];
    const call = await begins(ann, room);
    await stays(ann, call);
    await end(call);
    assert.deepEqual(rest(await ended), { id: call.id, room: room.id, reason, duration: 0 });
    assert.deepEqual(rest(await silenced), { id: call.id, room: room.id, reason });
  }
  here.close();
});

test('nobody is rung who is busy or connected nowhere; both who call each other at once meet', async () => {
  const [room, other] = [await directRoom(stack, ann, bob), await directRoom(stack, host, bob)];
  const [a, b] = [await device(ann, room), await device(bob, room)];
  const call = await begins(ann, room);
  assertProblem(await begin(host, other), 'callee-busy');
  assertOk(await begin(bob, room), 200);
  assertProblem(await begin(host, other), 'callee-busy');
  assert.deepEqual(assertOk(await host.at.get('/v1/calls'), 200).calls, [], 'a refused call is none');
  const before = eventOn(a.inside[0], 'call.ended');
  await leaves(bob, call);
  await before;
  b.close();
  const ended = eventOn(a.inside[0], 'call.ended', 10000);
  const again = await begins(ann, room);
  assert.deepEqual(rest(await ended), { id: again.id, room: room.id, reason: 'offline', duration: 0 });
  a.close();
});

test('one is in one call: whoever begins, joins or answers another one has left the first', async () => {
  const [one, two] = [await scene(), await directRoom(stack, ann, bob)];
  const here = await device(bob, two);
  const first = await begins(ann, one);
  await joins(bob, first);
  const second = await begins(host, await scene());
  await joins(ann, second);
  assert.deepEqual(states(assertOk(await bob.at.get(`/v1/calls/${first.id}`), 200)), { [bob.id]: 'in' });
  await leaves(bob, first);
  const third = await begins(ann, two);
  assert.deepEqual(states(assertOk(await host.at.get(`/v1/calls/${second.id}`), 200)), { [host.id]: 'in' });
  const fourth = await begins(bob, one); // who is rung and begins another one rejects it
  assertProblem(await ann.at.get(`/v1/calls/${third.id}`), 'not-found');
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? join(ann, fourth) : begin(ann, two))));
  for (const { status } of answers) assert.ok([200, 201, 409, 404, 503].includes(status), `${status}`);
  assert.ok(Number((await stack.sql(`SELECT COUNT(*) FROM call_member WHERE user = ${ann.id}`))[0][0]) <= 1);
  await stack.sql('DELETE FROM call_member; DELETE FROM room_call');
  here.close();
});

test('somebody in the call rings members of its room', async () => {
  const room = await scene();
  const here = await device(bob, room);
  const call = await begins(ann, room);
  for (const answer of [await ring(host, call, bob), await ring(stranger, call, bob)]) assert.equal(answer.status, 403);
  assertProblem(await ring(ann, call, stranger), 'not-found');
  const ringing = eventOn(here.own, 'call.ringing');
  const rung = assertOk(await ring(ann, call, bob), 200);
  assert.deepEqual(states(rung), { [ann.id]: 'in', [bob.id]: 'ringing' });
  assert.equal((await ringing).from, ann.id);
  assert.deepEqual(assertOk(await ring(ann, call, bob), 200), rung, 'twice is once');
  const other = await begins(host, await scene());
  assertProblem(await ring(host, other, bob), 'callee-busy');
  await leaves(host, other);
  const updated = eventOn(here.inside[0], 'call.updated');
  await leaves(bob, call);
  assert.deepEqual(states(await updated), { [ann.id]: 'in' }, 'elsewhere a rejection ends nothing');
  await leaves(ann, call);
  here.close();
});

test('who is blocked can not ring, nor who blocks', async () => {
  const room = await directRoom(stack, ann, bob);
  const others = await scene();
  const call = await begins(ann, others);
  assertOk(await bob.at.put(`/v1/blocks/${ann.id}`, {}), 201);
  assertProblem(await ring(ann, call, bob), 'unreachable');
  await joins(bob, call);
  await leaves(ann, call);
  assertProblem(await ring(bob, call, ann), 'conflict');
  await joins(ann, call);
  await leaves(bob, call);
  assertProblem(await begin(ann, room), 'not-sendable');
  assertProblem(await begin(bob, room), 'not-found');
  await leaves(ann, call);
  assertOk(await bob.at.del(`/v1/blocks/${ann.id}`), 204);
});

test('a closed account is not called', async () => {
  const room = await directRoom(stack, ann, bob);
  await stack.sql(`UPDATE user SET state = 'disabled' WHERE id = ${bob.id}`);
  assertProblem(await begin(ann, room), 'unreachable');
  await stack.sql(`UPDATE user SET state = 'active' WHERE id = ${bob.id}`);
  assert.equal(await places(), '0');
});

test('what is said in the call hears who is in it, and nobody else, from the moment that one leaves', async () => {
  const room = await scene();
  const call = await begins(ann, room);
  const refused = async (user) => {
    const grant = await user.at.post('/v1/realtime/auth', { socket_id: '1.2', channel_name: lineOf(call) });
    assertProblem(grant, 'forbidden');
  };
  for (const user of [host, bob, stranger]) await refused(user);
  await joins(bob, call);
  const [a, b] = [await stays(ann, call), await stays(bob, call)];
  const heard = eventOn(b, 'client-signal');
  a.trigger('client-signal', { from: 'x', hello: true });
  assert.deepEqual((await heard).from, 'x');
  await joins(host, call);
  const spy = await listen(stack, host, lineOf(call)); // a raw socket, which keeps what it gets
  await leaves(host, call);
  await until(() => spy.gone(), 5000, 'to be thrown out');
  const again = eventOn(b, 'client-signal');
  a.trigger('client-signal', { from: 'y' });
  await again;
  await sleep(200);
  assert.equal(spy.frames().filter(({ event }) => event === 'client-signal').length, 0);
  await refused(host);
  for (const user of [ann, bob]) await leaves(user, call);
});

test('a right to hear that was asked for before does not outlive the leaving', async () => {
  const room = await scene();
  const call = await begins(ann, room);
  await joins(bob, call);
  const { pusher } = await device(bob);
  const grant = assertOk(await bob.at.post('/v1/realtime/auth', { socket_id: pusher.connection.socket_id, channel_name: lineOf(call) }), 200);
  const frames = [];
  pusher.connection.bind('message', (frame) => frames.push(frame));
  await leaves(bob, call);
  pusher.send_event('pusher:subscribe', { channel: lineOf(call), ...grant });
  await until(() => frames.some(({ event, channel }) => event === 'pusher:subscription_error' && channel === lineOf(call)), 5000, 'to be refused');
  await leaves(ann, call);
});

test('who hears a call and is not in it, as a word of that was lost, is found', async () => {
  const room = await scene();
  const call = await begins(ann, room);
  await stays(ann, call);
  await joins(bob, call);
  const spy = await listen(stack, bob, lineOf(call));
  await stack.sql(`DELETE FROM call_member WHERE user = ${bob.id}`);
  await until(() => spy.gone(), 5000, 'to be thrown out');
  assert.deepEqual(states(assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200)), { [ann.id]: 'in' });
  await leaves(ann, call);
});

test('a seat moves to another window', async () => {
  const room = await scene();
  const { inside: [heard] } = await device(host, room);
  const call = await begins(ann, room);
  const updated = eventOn(heard, 'call.updated');
  const moved = await joins(ann, call);
  assert.notEqual(moved.members[0].peer, call.members[0].peer);
  assert.equal(moved.members.length, 1);
  assert.deepEqual(rest(await updated), moved);
  await leaves(ann, call);
});

test('whoever is gone has left after some seconds; a restart of push ends nothing', async () => {
  const room = await scene();
  const call = await begins(ann, room);
  await joins(bob, call);
  const [anns, bobs] = [await client(stack, ann), await client(stack, bob)];
  for (const pusher of [anns, bobs]) await subscribed(pusher, lineOf(call));
  const missed = async () => Math.max(...(await stack.sql(`SELECT missed FROM call_member WHERE of_call = ${call.id}`)).map(Number));
  await sleep(4000);
  assert.equal(await missed(), 0, 'who is there is not missed');
  await stack.stopPush();
  await sleep(4500);
  assert.equal(await missed(), 0, 'nobody is there to say so');
  await stack.startPush();
  await until(async () => { // however long a connection takes here
    await stack.sql(`UPDATE call_member SET missed = 0 WHERE of_call = ${call.id}`);
    return [anns, bobs].every((pusher) => pusher.connection.state === 'connected' && pusher.channel(lineOf(call)).subscribed);
  }, 30000, 'to be back');
  bobs.disconnect();
  await until(async () => Object.keys(states(assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200))).length === 1, 30000, 'to be lost');
  assert.deepEqual(states(assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200)), { [ann.id]: 'in' });
  await leaves(ann, call);
});

test('who leaves the room, is thrown out of it or deletes it is in its call no more', async () => {
  const room = await scene();
  const call = await begins(host, room);
  await joins(ann, call);
  await joins(bob, call);
  const spy = await listen(stack, bob, lineOf(call));
  assertOk(await ann.at.del(`/v1/rooms/${room.id}/members/me`), 204);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/${bob.id}`), 204);
  await until(() => spy.gone(), 5000, 'to be thrown out');
  assert.deepEqual(states(assertOk(await host.at.get(`/v1/calls/${call.id}`), 200)), { [host.id]: 'in' });
  assertProblem(await join(bob, call), 'not-member');
  const mine = await listen(stack, host, lineOf(call));
  assertOk(await host.at.del(`/v1/rooms/${room.id}`), 204);
  await until(() => mine.gone(), 5000, 'to be thrown out');
  assertProblem(await host.at.get(`/v1/calls/${call.id}`), 'not-found');
  assert.equal(await places(), '0');
});

test('with the account goes its place in a call', async () => {
  const [gone] = (await people(stack, 1)).map((user) => ({ ...user, at: api(stack, user) }));
  const room = await scene();
  assertOk(await gone.at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  await begins(gone, room);
  assertOk(await gone.at.call('DELETE', '/v1/users/me', { password: 'correct horse battery', messages: 'keep' }), 204);
  await until(async () => await places() === '0', 20000, 'the call to end');
  assert.deepEqual(assertOk(await host.at.get('/v1/calls'), 200).calls, []);
});

test('members alone call, with a name for their window that is none of a few letters', async () => {
  const room = await scene();
  assertProblem(await begin(stranger, room), 'not-member');
  for (const bad of ['short', 'x'.repeat(65), 'with spaces in the name', 7, undefined]) assertInvalid(await ann.at.post(`/v1/rooms/${room.id}/calls`, { peer: bad }), 'peer');
  assertInvalid(await begin(ann, room, { video: 'yes' }), 'video');
  const call = await begins(ann, room);
  assertInvalid(await join(bob, call, 'short'), 'peer');
  for (const answer of [await join(stranger, call), await stranger.at.get(`/v1/calls/${call.id}`)]) assertProblem(answer, 'not-member');
  assertProblem(await leave(bob, call), 'not-found');
  await leaves(ann, call);
});

test('nobody calls without an end', async () => {
  const [eager] = (await people(stack, 1)).map((user) => ({ ...user, at: api(stack, user) }));
  const room = await scene();
  assertOk(await eager.at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  let last;
  for (let i = 0; i < 61; i++) last = await begin(eager, room);
  assertProblem(last, 'throttled');
  assert.ok(Number(last.headers.get('retry-after')) > 0);
});
