// GET /v1/calls/:call/sfu, and what the usher does in a real Janus: rooms come and go with calls, and nobody is in them who is
// not in the call.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test, { after, describe } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { janusConf, noJanus, startJanus } from '../janus.mjs';
import { SfuClient } from '../sfuclient.mjs';
import { assertOk, assertProblem, people } from './check.mjs';
import { cast, directRoom, roomOfFour } from './ranks.mjs';

const SECRET = 'ofJanusAnd32CharactersLong0123456789';
const OPTIONS = { signup_attempts: 1000, login_attempts: 1000, workers: 8, call_lost: 250 };
// Of a Janus that is not there: whatever the API says does not depend on it.
const stack = await startStack({ conf: { ...OPTIONS, sfu_url: 'http://127.0.0.1:9/janus', sfu_secret: SECRET, sfu_admin_key: 'key' } });
after(() => stack.stop());

const all = await cast(stack);
const { host, ann, bob, stranger } = all;
const peer = () => randomUUID();
const begin = async (user, room) => assertOk(await user.at.post(`/v1/rooms/${room.id}/calls`, { peer: peer() }), 201);
const join = (user, call) => user.at.put(`/v1/calls/${call.id}/members/me`, { peer: peer() });
const leave = async (user, call) => assertOk(await user.at.del(`/v1/calls/${call.id}/members/me`), 204);
const ask = (user, call) => user.at.get(`/v1/calls/${call.id}/sfu`);

// What Janus makes of a token: who may do what until when; null: it is none of this secret.
function read(token, secret = SECRET) {
  const [text, signature] = token.split(':');
  if (signature !== createHmac('sha1', secret).update(text).digest('base64')) return null;
  const [end, ...rest] = text.split(',');
  return { end: Number(end), rest };
}

test('who is in the call gets two tokens for its room and nothing else, for half a minute', async () => {
  const call = await begin(ann, await roomOfFour(stack, all));
  assert.deepEqual([call.via, call.max_members], ['sfu', 20]);
  const answer = await ask(ann, call);
  const { room, feed, token, room_token: second, ttl, ...more } = assertOk(answer, 200);
  assert.deepEqual([ttl, more], [30, {}]);
  assert.ok(Number.isSafeInteger(room) && room > 0 && Number.isSafeInteger(feed));
  assert.equal(Math.floor(feed / 65536), ann.id);
  assert.deepEqual([read(token).rest, read(second).rest], [['janus', 'janus.plugin.videoroom'], ['janus.plugin.videoroom', `room=${room}`]]);
  for (const { end } of [read(token), read(second)]) assert.ok(Math.abs(end - 30 - Date.now() / 1000) < 5, `${end}`);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assertOk(await join(bob, call), 200);
  const bobs = assertOk(await ask(bob, call), 200);
  assert.equal(bobs.room, room);
  assert.equal(Math.floor(bobs.feed / 65536), bob.id);
  await leave(bob, call);
  assertProblem(await ask(bob, call), 'forbidden');
  await leave(ann, call);
  assertProblem(await ask(ann, call), 'not-found');
});

test('nobody else gets one: not in the room, in the room but not in the call, rung, in another call', async () => {
  const room = await roomOfFour(stack, all);
  const call = await begin(ann, room);
  const other = await begin(host, await roomOfFour(stack, all));
  assertProblem(await ask({ at: api(stack) }, call), 'unauthenticated');
  assertProblem(await ask(stranger, call), 'not-member');
  for (const user of [bob, host]) assertProblem(await ask(user, call), 'forbidden');
  assertOk(await ann.at.put(`/v1/calls/${call.id}/members/${bob.id}`), 200);
  assertProblem(await ask(bob, call), 'forbidden');
  assertProblem(await ask(ann, other), 'forbidden');
  assertProblem(await ask(ann, { id: other.id + 1000 }), 'not-found');
  assert.notEqual(assertOk(await ask(host, other), 200).room, assertOk(await ask(ann, call), 200).room);
  await Promise.all([leave(ann, call), leave(host, other)]);
});

test('whoever is thrown out of the room gets none from then on', async () => {
  const room = await roomOfFour(stack, all);
  const call = await begin(ann, room);
  assertOk(await join(bob, call), 200);
  assertOk(await ask(bob, call), 200);
  assertOk(await host.at.del(`/v1/rooms/${room.id}/members/${bob.id}`), 204);
  assertProblem(await ask(bob, call), 'not-member');
  await leave(ann, call);
});

test('a call of two goes from browser to browser', async () => {
  const call = await begin(ann, await directRoom(stack, ann, bob));
  assert.deepEqual([call.via, call.max_members], ['mesh', 4]);
  assertProblem(await ask(ann, call), 'not-found');
  await leave(ann, call);
});

test('of thirty who try at once, again and again, twenty get in', async () => {
  const room = await roomOfFour(stack, all);
  const crowd = (await people(stack, 30)).map((user) => ({ ...user, at: api(stack, user) }));
  for (const user of crowd) assertOk(await user.at.put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  const call = await begin(ann, room);
  const answers = await Promise.all(Array.from({ length: 90 }, (_, i) => join(crowd[i % 30], call)));
  for (const { status } of answers) assert.ok([200, 409, 503].includes(status), `${status}`);
  // Who was told to try again does.
  for (const user of crowd) await join(user, call);
  const { members } = assertOk(await ann.at.get(`/v1/calls/${call.id}`), 200);
  assert.equal(members.length, 20);
  const inside = new Set(members.map(({ user }) => user));
  for (const user of crowd) assert.equal((await ask(user, call)).status, inside.has(user.id) ? 200 : 403);
  await stack.sql('DELETE FROM call_member; DELETE FROM room_call');
});

test('maru-api does not start with a Janus without a secret, and tells of a call whose Janus is gone', async () => {
  await assert.rejects(startStack({ conf: { sfu_url: 'http://127.0.0.1:8088/janus' } }), /sfu_url needs sfu_secret: 32 or more/);
  const bare = await startStack();
  try {
    const few = await cast(bare);
    const call = await begin(few.ann, await roomOfFour(bare, few));
    assert.equal(call.via, 'mesh');
    await bare.sql("UPDATE room_call SET via = 'sfu'");
    assertProblem(await ask(few.ann, call), 'unavailable');
  } finally {
    await bare.stop();
  }
});

describe('with a real Janus', { skip: noJanus }, async () => {
  if (noJanus) return;
  const janus = await startJanus();
  const real = await startStack({ conf: janusConf(janus, OPTIONS) });
  after(async () => {
    await real.stop();
    await janus.stop();
  });
  const some = await cast(real);
  // Joins in Janus what the API has let one into.
  const enter = async ({ room, feed, token, room_token: second }) => {
    const client = await SfuClient.open(janus.websocket, token);
    assert.equal(await client.greet(), undefined);
    const rooms = await client.rooms();
    return { client, rooms, room, feed, second, join: (more = {}) => rooms({ request: 'join', ptype: 'publisher', room, id: feed, token: second, ...more }) };
  };
  const grant = async (user, call) => assertOk(await ask(user, call), 200);
  const joins = async (one) => {
    let answer;
    await until(async () => (answer = await one.join()).error_code !== 426, 10000, 'the room in Janus');
    assert.equal(answer.videoroom, 'joined', JSON.stringify(answer));
    return answer;
  };
  const isGone = (one, number) => until(async () => (await one.rooms({ request: 'exists', room: number })).exists === false, 10000, 'the end of the room');

  test('a call has a room while it lasts, which only its people can enter', async () => {
    const [call, other] = [await begin(some.ann, await roomOfFour(real, some)), await begin(some.host, await roomOfFour(real, some))];
    const ann = await enter(await grant(some.ann, call));
    const host = await enter(await grant(some.host, other));
    await joins(ann);
    const { private_id: hosts } = await joins(host);
    const spy = await host.client.rooms(); // of another call, with a token that is good there
    const into = { request: 'join', ptype: 'publisher', room: ann.room };
    for (const token of [undefined, host.second, 'x:y']) assert.equal((await spy({ ...into, token })).error_code, 433);
    const listen = { request: 'join', ptype: 'subscriber', room: ann.room, streams: [{ feed: ann.feed }], private_id: hosts };
    for (const token of [undefined, host.second]) assert.equal((await spy({ ...listen, token })).error_code, 433);
    for (const words of [{ request: 'create', room: 1 }, { request: 'create', room: 1, admin_key: 'x' }, { request: 'destroy', room: ann.room },
      { request: 'kick', room: ann.room, id: ann.feed }, { request: 'kick', room: ann.room, id: ann.feed, secret: 'x' }, { request: 'edit', room: ann.room, new_require_pvtid: false }]) {
      assert.ok((await spy(words)).error_code > 0, JSON.stringify(words));
    }
    assert.deepEqual((await spy({ request: 'list' })).list, [], 'nobody sees which calls there are');
    const nobody = await SfuClient.open(janus.websocket, 'x:y');
    assert.equal((await nobody.greet()).code, 403);
    await Promise.all([leave(some.ann, call), leave(some.host, other)]);
    await isGone(host, ann.room);
    for (const client of [ann.client, host.client, nobody]) client.close();
  });

  test('who leaves the call is put out of the room at once, whatever their browser says', async () => {
    const call = await begin(some.ann, await roomOfFour(real, some));
    assertOk(await join(some.bob, call), 200);
    const [ann, bob] = [await enter(await grant(some.ann, call)), await enter(await grant(some.bob, call))];
    await joins(ann);
    await joins(bob);
    await leave(some.bob, call);
    const list = async () => (await ann.rooms({ request: 'listparticipants', room: ann.room })).participants.map(({ id }) => id);
    await until(async () => (await list()).join() === String(ann.feed), 5000, 'Bob out of it');
    const again = await enter({ room: bob.room, feed: bob.feed, token: (await grant(some.ann, call)).token, room_token: bob.second });
    await again.join(); // his token is still good for a moment
    await until(async () => (await list()).join() === String(ann.feed), 5000, 'Bob out of it again');
    await leave(some.ann, call);
  });

  test('a Janus that began anew, and an usher that was killed: the room is there again, and goes when the call has ended meanwhile', async () => {
    const call = await begin(some.ann, await roomOfFour(real, some));
    await joins(await enter(await grant(some.ann, call)));
    await janus.kill();
    await janus.start();
    const ann = await enter(await grant(some.ann, call));
    await joins(ann);
    const usher = () => readFileSync(`/proc/${real.pid('api')}/task/${real.pid('api')}/children`, 'utf8').trim().split(' ')
      .find((pid) => { try { return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'maru-usher\n'; } catch { return false; } }); // which may end meanwhile
    const killed = usher();
    process.kill(Number(killed), 'SIGKILL');
    await leave(some.ann, call);
    await until(() => usher() && usher() !== killed, 10000, 'another usher');
    await isGone(ann, ann.room);
  });
});
