// /v1/blocks: the list, and what somebody who blocks somebody hears and sees of them: nothing.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { MID, TIME, assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, rawSocket, say } from './check.mjs';
import { channelOf, grantFor, listen } from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4, presence_linger: 0 } });
after(() => stack.stop());

const of = (user) => api(stack, user);
const block = (user, other) => of(user).put(`/v1/blocks/${other.id ?? other}`);
const unblock = (user, other) => of(user).del(`/v1/blocks/${other.id ?? other}`);
const list = async (user) => assertOk(await of(user).get('/v1/blocks'), 200).blocks;
const mine = async (user) => assertOk(await of(user).get('/v1/users/me/events?limit=1000'), 200).events;
const history = async (user, room) => assertOk(await of(user).get(`/v1/rooms/${room.id}/messages`), 200).messages;
const events = async (user, room, after = 0) => assertOk(await of(user).get(`/v1/rooms/${room.id}/events?after=${after}&limit=1000`), 200).events;
const rowOf = (user, time) => ({ id: user.id, name: user.name, nickname: user.nickname, avatar: user.avatar, created_at: time });
const heads = async () => stack.sql('SELECT kind, id, head FROM stream ORDER BY kind, id');

// What stands in the place of a message.
const veiled = ({ room, seq, mid, sender, created_at: time, rev }) => ({
  room, seq, mid, sender, created_at: time, ...(rev ? { rev } : {}), hidden: true,
});

async function roomOf(...users) {
  const room = await createRoom(stack, users[0]);
  for (const user of users.slice(1)) await joinRoom(stack, user, room);
  return room;
}

// ---- the list

test('a block is told to the own screens, and to nobody else', async () => {
  const [ann, bob] = await people(stack, 2);
  const own = await subscribed(await client(stack, ann), `private-user-${ann.id}`);
  const told = eventOn(own, 'block.added');
  const row = assertOk(await block(ann, bob), 201);
  assert.match(row.created_at, TIME);
  assert.deepEqual(row, rowOf(bob, row.created_at));
  const { seq, mid, ...data } = await told;
  assert.deepEqual(data, row);
  assert.match(mid, MID);
  assert.deepEqual(await list(ann), [row]);
  const before = await heads();
  assertOk(await block(ann, bob), 200, row);
  assert.deepEqual(await heads(), before, 'nothing happened');
  const lifted = eventOn(own, 'block.removed');
  assertOk(await unblock(ann, bob), 204);
  const gone = await lifted;
  assert.deepEqual([Object.keys(gone).sort(), gone.id], [['id', 'mid', 'seq'], bob.id]);
  assertProblem(await unblock(ann, bob), 'not-found');
  assert.deepEqual(await list(ann), []);
  assert.deepEqual((await mine(ann)).map((event) => [event.type, event.data.id]), [['block.added', bob.id], ['block.removed', bob.id]]);
  assert.deepEqual(await mine(bob), []);
  assert.deepEqual(await list(bob), []);
});

test('nobody, oneself, nobody there', async () => {
  const [ann, bob, gone] = await people(stack, 3);
  await stack.sql(`UPDATE user SET state = 'erased' WHERE id = ${gone.id}`);
  const before = await heads();
  for (const call of [block, unblock]) assertProblem(await call({}, bob), 'unauthenticated');
  assertProblem(await of({}).get('/v1/blocks'), 'unauthenticated');
  assertInvalid(await block(ann, ann), 'user');
  for (const id of [gone.id, 999999999, 0, -1, 'x', '1e3', '9223372036854775807', "'%20OR%20''='"]) {
    assertProblem(await block(ann, id), 'not-found');
    assertProblem(await unblock(ann, id), 'not-found');
  }
  assertOk(await of(ann).put(`/v1/blocks/${bob.id}`, { user: gone.id, other: gone.id }), 201);
  assert.deepEqual((await list(ann)).map(({ id }) => id), [bob.id]);
  assert.deepEqual(await list(bob), []);
  assertProblem(await unblock(bob, ann), 'not-found');
  assert.notDeepEqual(await heads(), before);
});

test('the list goes page by page', async () => {
  const [ann, ...others] = await people(stack, 6);
  const rows = [];
  for (const other of [...others].reverse()) rows.unshift(assertOk(await block(ann, other), 201));
  const first = assertOk(await of(ann).get('/v1/blocks?limit=3'), 200, { blocks: rows.slice(0, 3), next: others[2].id });
  assertOk(await of(ann).get(`/v1/blocks?limit=3&cursor=${first.next}`), 200, { blocks: rows.slice(3), next: null });
  assertInvalid(await of(ann).get('/v1/blocks?limit=x'), 'limit');
});

test('at most a thousand, however many are asked for at once', async () => {
  const [ann, ...others] = await people(stack, 7);
  await stack.sql(`INSERT INTO block SELECT ${ann.id}, 1000000 + seq, UTC_TIMESTAMP(3) FROM seq_1_to_997`);
  const answers = await Promise.all(others.map((other) => block(ann, other)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 409, 409, 409]);
  for (const answer of answers) if (answer.status === 409) assertProblem(answer, 'limit-reached');
  assert.equal((await list(ann)).length, 3);
  const room = await roomOf(others[0], ann, ...others.slice(1)); // so many fit into a claim
  const inside = await listen(stack, ann, channelOf(room));
  assert.ok(inside.ok);
  const words = await Promise.all(others.map((other) => say(stack, other, room, 'x')));
  await inside.until(6);
  const silenced = others.filter((_, i) => answers[i].status === 201).map(({ id }) => id);
  for (const { data } of inside.heard()) assert.equal(data.hidden === true, silenced.includes(data.sender));
  assert.equal(words.length, 6);
  await inside.close();
});

test('of eight equal blocks at once one is the first, and one event tells it', async () => {
  const [ann, bob] = await people(stack, 2);
  const answers = await Promise.all(Array.from({ length: 8 }, () => block(ann, bob)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.equal((await mine(ann)).length, 1);
});

test('two who block each other at the same time both do', async () => {
  for (let round = 0; round < 10; round++) {
    const [ann, bob] = await people(stack, 2);
    for (const answer of await Promise.all([block(ann, bob), block(bob, ann)])) assertOk(answer, 201);
  }
});

test('a block ends what there was: friendship, requests, the place in the direct room', async () => {
  const [ann, bob, carol, dan] = await people(stack, 4);
  const friend = (user, other) => of(user).put(`/v1/friends/${other.id}`);
  assertOk(await friend(ann, bob), 201);
  assertOk(await friend(bob, ann), 200);
  assertOk(await friend(ann, carol), 201);
  assertOk(await friend(dan, ann), 201);
  const room = assertOk(await of(ann).put(`/v1/direct-rooms/${bob.id}`), 201);
  const inside = await listen(stack, ann, channelOf(room));
  for (const other of [bob, carol, dan]) assertOk(await block(ann, other), 201);
  await until(() => inside.gone(), 5000, 'the end of the subscription');
  for (const user of [ann, bob]) assert.deepEqual(assertOk(await of(user).get('/v1/friends'), 200).friends, []);
  assertProblem(await of(ann).get(`/v1/rooms/${room.id}`), 'not-found');
  assertProblem(await say(stack, bob, room), 'not-sendable');
  assertProblem(await friend(ann, bob), 'conflict');
  assertOk(await unblock(ann, bob), 204);
  assertOk(await friend(ann, bob), 201);
  await inside.close();
});

// ---- what is hidden

test('messages of the blocked are placeholders, in history, the log, sync, and by themselves', async () => {
  const [ann, bob, carol] = await people(stack, 3);
  const room = await roomOf(ann, bob, carol);
  const own = assertOk(await say(stack, ann, room, 'from ann'), 201);
  const first = assertOk(await say(stack, bob, room, 'from bob'), 201);
  const second = assertOk(await say(stack, bob, room, 'to be changed'), 201);
  const third = assertOk(await say(stack, bob, room, 'to be deleted'), 201);
  const path = `/v1/rooms/${room.id}/messages`;
  assertOk(await of(carol).put(`${path}/${first.seq}/reactions/${encodeURIComponent('👍')}`), 204);
  assertOk(await of(ann).put(`/v1/rooms/${room.id}/pins/${first.seq}`), 204);
  assertOk(await block(ann, bob), 201);
  const changed = assertOk(await of(bob).patch(`${path}/${second.seq}`, { body: 'changed by bob' }), 200);
  assertOk(await of(bob).del(`${path}/${third.seq}`), 204);
  const deleted = assertOk(await of(carol).get(`${path}/${third.seq}`), 200);
  const hidden = [first, changed, deleted].map(veiled);
  assert.deepEqual(await history(ann, room), [own, ...hidden]);
  assertOk(await of(ann).get(`${path}?after=${own.seq}&limit=1`), 200, { messages: hidden.slice(0, 1), next: first.seq });
  for (const message of hidden) assertOk(await of(ann).get(`${path}/${message.seq}`), 200, message);
  assert.deepEqual(assertOk(await of(ann).get(`/v1/rooms/${room.id}/pins`), 200).messages, hidden.slice(0, 1));
  const log = await events(ann, room);
  assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => i + 1));
  assert.deepEqual(log.filter(({ type }) => type === 'message.created').map(({ data }) => data), [own, ...hidden]);
  assert.deepEqual(log.filter(({ type }) => /message\.(updated|deleted)/.test(type)).map(({ data }) => data.message), hidden.slice(1));
  const sync = assertOk(await of(ann).get(`/v1/sync?since=${channelOf(room)}:0`), 200).streams[channelOf(room)];
  assert.deepEqual(sync.events, log);
  for (const text of [await history(ann, room), log]) assert.doesNotMatch(JSON.stringify(text), /bob|changed|deleted_at|edited_at|"reactions"/);
  assert.equal((await history(carol, room))[1].body, 'from bob');
  assert.equal((await history(bob, room))[0].body, 'from ann', 'the other way round nothing changes');
  assertOk(await unblock(ann, bob), 204);
  assert.equal((await history(ann, room))[1].body, 'from bob');
});

test('live they are placeholders, too, and nobody else notices', async () => {
  const [ann, bob, carol] = await people(stack, 3);
  const room = await roomOf(ann, bob, carol);
  const channel = channelOf(room);
  const path = `/v1/rooms/${room.id}/messages`;
  assertOk(await block(ann, bob), 201);
  const [at, cs] = [await listen(stack, ann, channel), await listen(stack, carol, channel)];
  const word = assertOk(await say(stack, bob, room, 'from bob'), 201);
  const changed = assertOk(await of(bob).patch(`${path}/${word.seq}`, { body: 'changed by bob' }), 200);
  assertOk(await say(stack, carol, room, 'from carol'), 201);
  assertOk(await of(bob).del(`${path}/${word.seq}`), 204);
  await at.until(4);
  await cs.until(4);
  const [created, updated, other, deleted] = at.heard();
  assert.deepEqual(created.data, veiled(word));
  assert.deepEqual(updated.data.message, veiled(changed));
  assert.equal(other.data.body, 'from carol');
  assert.equal(deleted.data.message.hidden, true);
  assert.doesNotMatch(JSON.stringify(at.socket.events), /bob|changed by/);
  assert.equal(cs.heard()[0].data.body, 'from bob');
  // Who was away gets the same from memory, and from the log.
  const back = await listen(stack, ann, channel, { seq: word.seq - 1 });
  assert.equal(back.info.recovered, true);
  await back.until(4);
  assert.deepEqual(back.heard(), at.heard());
  await stack.killPush();
  await stack.startPush();
  const again = await listen(stack, ann, channel, { seq: word.seq - 1 });
  assert.equal(again.info.recovered, true);
  await again.until(4);
  assert.deepEqual(again.heard().map(({ seq, data }) => [seq, (data.message ?? data).hidden]), [
    [word.seq, true], [word.seq + 1, true], [word.seq + 2, undefined], [word.seq + 3, true]]);
  assert.deepEqual(again.heard(), await events(ann, room, word.seq - 1));
  for (const one of [at, cs, back, again]) await one.close();
});

test('a block works on sockets that are open, on all of the screens, and so does lifting it', async () => {
  const [ann, bob] = await people(stack, 2);
  const room = await roomOf(ann, bob);
  const screens = [await listen(stack, ann, channelOf(room)), await listen(stack, ann, channelOf(room))];
  for (const [change, shown] of [[undefined, true], [block, false], [unblock, true], [block, false]]) {
    if (change) assert.ok((await change(ann, bob)).status < 300);
    for (const screen of screens) {
      await until(async () => {
        const { seq } = assertOk(await say(stack, bob, room), 201);
        const { data } = await until(() => screen.heard().find((event) => event.seq === seq));
        return (data.hidden !== true) === shown;
      }, 2000, `bob to be ${shown ? 'heard' : 'hidden'}`);
    }
  }
  for (const screen of screens) await screen.close();
});

test('in a room the blocked is not there, for the blocker alone', async () => {
  const [ann, bob, carol] = await people(stack, 3);
  const room = await roomOf(ann, bob, carol);
  const channel = channelOf(room);
  const ids = (one) => one.info.presence.ids.map(Number).sort((a, b) => a - b);
  const told = (one, event) => one.frames().filter((frame) => frame.event === `pusher_internal:member_${event}`).map(({ data }) => Number(JSON.parse(data).user_id));
  const [cs, bs, before] = [await listen(stack, carol, channel), await listen(stack, bob, channel), await listen(stack, ann, channel)];
  assert.deepEqual(ids(before), [ann.id, bob.id, carol.id]);
  assertOk(await block(ann, bob), 201);
  await until(() => told(before, 'removed').includes(bob.id), 2000, 'bob to vanish');
  const as = await listen(stack, ann, channel);
  assert.deepEqual(ids(as), [ann.id, carol.id]);
  const here = async (user) => assertOk(await of(user).get(`/v1/rooms/${room.id}/presence`), 200).users.map(({ id }) => Number(id)).sort((a, b) => a - b);
  assert.deepEqual(await here(ann), [ann.id, carol.id]);
  assert.deepEqual(await here(bob), [ann.id, bob.id, carol.id]);
  assert.equal(as.info.presence.count, 2);
  assert.deepEqual(Object.keys(as.info.presence.hash).map(Number).sort((a, b) => a - b), [ann.id, carol.id]);
  await bs.close();
  await until(() => told(cs, 'removed').includes(bob.id), 5000, 'carol to hear that bob goes');
  const again = await listen(stack, bob, channel);
  assert.deepEqual(ids(again), [ann.id, bob.id, carol.id], 'they see the blocker');
  again.socket.send('client-typing', {});
  again.socket.ws.send(JSON.stringify({ event: 'client-typing', channel, data: {} }));
  await until(() => cs.frames().some(({ event }) => event === 'client-typing'), 5000, 'carol to see bob type');
  await say(stack, carol, room);
  await as.until(1);
  assert.deepEqual(told(as, 'added').concat(told(as, 'removed')), []);
  assert.equal(as.frames().filter(({ event }) => event === 'client-typing').length, 0);
  assertOk(await unblock(ann, bob), 204);
  await until(() => told(as, 'added').includes(bob.id), 2000, 'bob to be back');
  for (const one of [cs, before, as, again]) await one.close();
});

test('the right to subscribe from before a block is of no use after it', async () => {
  const [ann, bob] = await people(stack, 2);
  const room = await roomOf(ann, bob);
  const channel = channelOf(room);
  const [watcher, bs] = [await listen(stack, ann, channel), await listen(stack, bob, channel)];
  const socket = await rawSocket(stack);
  const grant = await grantFor(stack, ann, socket, channel);
  assertOk(await block(ann, bob), 201);
  await until(() => watcher.frames().some(({ event }) => event === 'pusher_internal:member_removed'), 2000, 'push to know');
  const stale = await listen(stack, ann, channel, undefined, { socket, grant });
  assert.ok(!stale.ok);
  assert.match(stale.info.error, /asked for again/);
  const fresh = await listen(stack, ann, channel, undefined, { socket });
  assert.ok(fresh.ok);
  assertOk(await say(stack, bob, room), 201);
  await fresh.until(1);
  assert.equal(fresh.heard()[0].data.hidden, true);
  for (const one of [watcher, bs, fresh]) await one.close();
});

test('what the blocks are is nobody else\'s business', async () => {
  const [ann, bob, carol] = await people(stack, 3);
  const room = await roomOf(ann, bob, carol);
  assertOk(await block(ann, bob), 201);
  const [bs, cs] = [await listen(stack, bob, channelOf(room)), await listen(stack, carol, channelOf(room))];
  const as = await listen(stack, ann, channelOf(room));
  await until(() => bs.frames().some(({ event }) => event === 'pusher_internal:member_added'), 5000, 'ann to come');
  for (const one of [as, bs, cs]) assert.doesNotMatch(JSON.stringify(one.socket.events), /blocks|"ids\\":\[\d/);
  for (const user of [bob, carol]) assert.doesNotMatch(JSON.stringify([await mine(user), await events(user, room)]), /block/);
  const { body } = await of(ann).post('/v1/realtime/auth', { socket_id: '1.1', channel_name: channelOf(room) });
  assert.deepEqual(JSON.parse(body.channel_data).blocks.ids, [bob.id]);
  for (const one of [as, bs, cs]) await one.close();
});

// ---- under load

test('while a hundred messages a second run, a block is exact in the log, and soon live', async () => {
  const [ann, bob] = await people(stack, 2);
  const room = await roomOf(ann, bob);
  const as = await listen(stack, ann, channelOf(room));
  const sent = [];
  let running = true;
  const talk = Array.from({ length: 4 }, async () => {
    while (running) {
      const asked = performance.now();
      const { body } = await say(stack, bob, room);
      sent.push({ seq: body.seq, asked, answered: performance.now() });
      await new Promise((wake) => { setTimeout(wake, 40 - (performance.now() - asked)); });
    }
  });
  await until(() => sent.length > 50);
  const asked = performance.now();
  assertOk(await block(ann, bob), 201);
  const answered = performance.now();
  // REST: from the answer on not one of them is shown, of whatever time.
  assert.ok((await history(ann, room)).every(({ hidden }) => hidden));
  assert.ok((await events(ann, room)).filter(({ type }) => type === 'message.created').every(({ data }) => data.hidden));
  await until(() => sent.some(({ asked: at }) => at > answered + 2000));
  running = false;
  await Promise.all(talk);
  await as.until(sent.length);
  const heard = as.heard();
  assert.deepEqual(heard.map(({ seq }) => seq), heard.map((_, i) => heard[0].seq + i), 'no gap');
  const turn = heard.findIndex(({ data }) => data.hidden);
  assert.ok(turn > 0 && heard.slice(0, turn).every(({ data }) => !data.hidden) && heard.slice(turn).every(({ data }) => data.hidden));
  // Live: what was there before the block is shown, what was sent 2 s after it is not.
  const place = new Map(sent.map((one) => [one.seq, one]));
  for (const { seq, data } of heard) {
    if (place.get(seq).asked > answered + 2000) assert.equal(data.hidden, true);
    if (place.get(seq).answered < asked - 2000) assert.notEqual(data.hidden, true);
  }
  await as.close();
});
