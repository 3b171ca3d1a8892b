// A subscriber gets every durable event once and in order, or is told to reload: through lost connections, lost
// packets, and the death of every process in between.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, startStack, until } from '../harness.mjs';
import { assertOk, createRoom, joinRoom, people, say } from './check.mjs';
import * as kit from './listener.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const [host, ann, bob] = await people(stack, 3);
const [hosts, anns, bobs] = [host, ann, bob].map((user) => api(stack, user));

// A room of the host, Ann and Bob, whose last event is 2.
async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

// All of it in this stack.
const [listen, sayBehindTheBack, killFeeder, restartPush] = [
  kit.listen, kit.sayBehindTheBack, kit.killFeeder, kit.restartPush].map((call) => (...args) => call(stack, ...args));
const { channelOf } = kit;

const log = async (room, from = 0) => {
  const all = [];
  for (let more = true; more;) {
    const { events, head } = assertOk(await hosts.get(`/v1/rooms/${room.id}/events?limit=1000&after=${from + all.length}`), 200);
    all.push(...events);
    more = from + all.length < head;
  }
  return all;
};
const names = (events) => events.map(({ seq, mid, type }) => `${seq} ${mid} ${type}`);

// What was heard is what the log has after a seq: all of it, in its order, nothing twice.
async function assertHeard(heard, room, from) {
  assert.deepEqual(names(heard), names(await log(room, from)));
}

// One of everything, nine events: what the people here do while somebody is away.
async function happenings(room) {
  const path = `/v1/rooms/${room.id}/messages`;
  const first = assertOk(await say(stack, host, room, '안녕'), 201);
  const second = assertOk(await say(stack, host, room, 'to be deleted'), 201);
  assertOk(await hosts.patch(`${path}/${first.seq}`, { body: 'edited' }), 200);
  assertOk(await hosts.put(`${path}/${first.seq}/reactions/%F0%9F%99%82`), 204);
  assertOk(await hosts.del(`${path}/${first.seq}/reactions/%F0%9F%99%82`), 204);
  assertOk(await hosts.del(`${path}/${second.seq}`), 204);
  assertOk(await anns.del(`/v1/rooms/${room.id}/members/me`), 204);
  await joinRoom(stack, ann, room);
  assertOk(await hosts.patch(`/v1/rooms/${room.id}`, { title: `title ${second.seq}` }), 200);
}
const HAPPENINGS = 9;

// ---- resuming

async function assertResumes(room, between) {
  const first = await listen(bob, channelOf(room));
  assertOk(await say(stack, host, room, 'before'), 201);
  await first.until(1);
  const where = first.last();
  assert.equal(where.seq, first.info.head + 1);
  await first.close();
  await happenings(room);
  await between?.();
  const second = await listen(bob, channelOf(room), where);
  assert.equal(second.info.recovered, true);
  assert.equal(second.info.head, where.seq + HAPPENINGS);
  await second.until(HAPPENINGS);
  assertOk(await say(stack, host, room, 'after'), 201);
  await second.until(HAPPENINGS + 1);
  await assertHeard([...first.heard(), ...second.heard()], room, first.info.head);
  const [told] = second.frames();
  assert.equal(told.event, 'pusher_internal:subscription_succeeded', 'nothing comes before the confirmation');
  assert.equal(second.info.mid, second.heard()[HAPPENINGS - 1].mid);
  await second.close();
}

test('a client that was away gets all that happened, in order, nothing twice', async () => {
  await assertResumes(await roomOfThree());
});

test('so it does after maru-push was killed', async () => {
  await assertResumes(await roomOfThree(), restartPush);
});

test('so it does after the feeder was killed', async () => {
  const room = await roomOfThree();
  await assertResumes(room, killFeeder);
  await assertResumes(room, async () => {
    await restartPush();
    await killFeeder();
  });
});

test('who resumes while there is no feeder waits for the next one', async () => {
  await assertResumes(await roomOfThree(), async () => {
    await restartPush();
    process.kill(kit.feederPid(stack), 'SIGKILL'); // its successor comes within a tenth of a second
  });
});

test('who missed nothing is told so', async () => {
  const room = await roomOfThree();
  const first = await listen(bob, channelOf(room));
  assertOk(await say(stack, host, room, 'before'), 201);
  await first.until(1);
  await first.close();
  const { seq, mid } = first.last();
  for (const restart of [false, true]) {
    if (restart) await restartPush();
    const second = await listen(bob, channelOf(room), { seq, mid });
    assert.deepEqual(second.info, { presence: second.info.presence, head: seq, mid, recovered: true });
    await second.close();
  }
});

test('who begins to listen hears what happens from then on', async () => {
  const room = await roomOfThree();
  assertOk(await say(stack, host, room, 'before'), 201);
  for (const restart of [false, true]) {
    if (restart) await restartPush();
    const listener = await listen(ann, channelOf(room));
    assert.equal('recovered' in listener.info, false);
    assertOk(await say(stack, host, room, 'after'), 201);
    await listener.until(1);
    await assertHeard(listener.heard(), room, listener.info.head);
    assert.equal(listener.heard().length, 1);
    await listener.close();
  }
});

test('the lobby and the own channel are resumed like rooms', async () => {
  for (const [channel, act] of [
    ['lobby', () => createRoom(stack, host)],
    [`private-user-${host.id}`, () => createRoom(stack, host)],
  ]) {
    const first = await listen(host, channel);
    await act();
    await first.until(1);
    await first.close();
    for (let i = 0; i < 3; i++) await act();
    for (const restart of [false, true]) {
      if (restart) await restartPush();
      const second = await listen(host, channel, first.last());
      assert.equal(second.info.recovered, true, channel);
      await second.until(3);
      assert.deepEqual(second.heard().map(({ seq }) => seq), [1, 2, 3].map((n) => n + first.last().seq));
      await second.close();
    }
  }
});

// ---- when it can't be given

test('a thousand missed events are given, one more is not', async () => {
  const room = await roomOfThree();
  const first = await listen(bob, channelOf(room));
  assertOk(await say(stack, host, room, 'before'), 201);
  await first.until(1);
  const where = first.last();
  await first.close();
  await sayBehindTheBack(host, room, 1000);
  for (const restart of [false, true]) {
    if (restart) await restartPush();
    const all = await listen(bob, channelOf(room), where);
    assert.equal(all.info.recovered, true);
    await all.until(1000);
    await assertHeard(all.heard(), room, where.seq);
    await all.close();
  }
  await sayBehindTheBack(host, room);
  for (const restart of [false, true]) {
    if (restart) await restartPush();
    const none = await listen(bob, channelOf(room), where);
    assert.deepEqual([none.info.recovered, none.info.head], [false, where.seq + 1001]);
    assertOk(await say(stack, host, room, 'live'), 201);
    await none.until(1);
    assert.equal(none.heard()[0].data.body, 'live', 'never a part');
    await none.close();
    assertOk(await hosts.del(`/v1/rooms/${room.id}/messages/${none.last().seq}`), 204);
    where.seq += 2;
    where.mid = (await log(room)).find(({ seq }) => seq === where.seq).mid;
  }
});

test('a thousand of the largest messages there can be are given, too', async () => {
  const room = await roomOfThree();
  const first = await listen(bob, channelOf(room));
  assertOk(await say(stack, host, room, 'before'), 201);
  await first.until(1);
  await first.close();
  await sayBehindTheBack(host, room, 1000, 'REPEAT(CHAR(1), 4000)'); // 28 kB each, as JSON in JSON
  const second = await listen(bob, channelOf(room), first.last());
  assert.equal(second.info.recovered, true);
  assertOk(await say(stack, host, room, 'live'), 201);
  await second.until(1001, 30000);
  await assertHeard(second.heard(), room, first.last().seq);
  await second.close();
});

test('another history is noticed', async () => {
  const room = await roomOfThree();
  const first = await listen(bob, channelOf(room));
  assertOk(await say(stack, host, room, 'before'), 201);
  await first.until(1);
  const { seq, mid } = first.last();
  assertOk(await say(stack, host, room, 'after'), 201);
  for (const restart of [false, true]) {
    for (const [where, recovered, n] of [
      [{ seq, mid: String(BigInt(mid) ^ 1n) }, false, 0],
      [{ seq: seq - 1, mid }, false, 0],
      [{ seq: seq + 1, mid }, false, 0],
      [{ seq: seq + 2, mid }, false, 0], // has not happened
      [{ seq: 2 ** 53 - 1, mid }, false, 0],
      [{ seq }, true, 1], // it did not say
    ]) {
      if (restart) await restartPush();
      const listener = await listen(bob, channelOf(room), where);
      assert.deepEqual([listener.info.recovered, listener.info.head], [recovered, seq + 1], JSON.stringify(where));
      await listener.until(n);
      assertOk(await say(stack, host, room, 'live'), 201); // comes at once, whatever was said before
      await listener.until(n + 1);
      assert.equal(listener.heard().at(-1).data.body, 'live');
      await listener.close();
      await stack.sql(`DELETE FROM message WHERE room = ${room.id} AND seq > ${seq + 1};
        UPDATE stream SET head = ${seq + 1}, mid = 0 WHERE kind = 1 AND id = ${room.id}`);
      await restartPush();
    }
  }
});

// ---- events that nobody was told of

test('a message arrives although its worker died before it could say so', async (t) => {
  const room = await roomOfThree();
  const listener = await listen(bob, channelOf(room));
  const took = [];
  for (let i = 1; i <= 3; i++) {
    const start = Date.now();
    await sayBehindTheBack(host, room);
    await listener.until(i);
    took.push(Date.now() - start);
  }
  t.diagnostic(`after ${took.join(', ')} ms`);
  assert.ok(Math.max(...took) <= 10000);
  assertOk(await say(stack, host, room, 'after'), 201);
  await listener.until(4);
  await assertHeard(listener.heard(), room, listener.info.head);
  await listener.close();
});

test('a message that is told shows that one before it is missing', async () => {
  const room = await roomOfThree();
  const listener = await listen(bob, channelOf(room));
  for (let i = 1; i <= 20; i++) {
    await sayBehindTheBack(host, room);
    assertOk(await say(stack, host, room, `told ${i}`), 201);
  }
  await listener.until(40);
  await assertHeard(listener.heard(), room, listener.info.head);
  await listener.close();
});

test('the log on the websocket is the log, however the connection and everything else breaks', async () => {
  const room = await roomOfThree();
  const heard = [];
  let listener = await listen(bob, channelOf(room));
  let where = { seq: listener.info.head, mid: listener.info.mid };
  const from = where.seq;
  let talking = true;
  const talk = [host, ann, host, ann].map(async (user, i) => {
    for (let n = 0; talking; n++) {
      const answer = await say(stack, user, room, `${i} ${n}`);
      assert.ok([201, 503].includes(answer.status), JSON.stringify(answer.body));
      if (n % 10 === 0 && i === 0) await sayBehindTheBack(user, room);
    }
  });
  const harm = [() => {}, restartPush, () => {}, killFeeder, () => {}, async () => { await restartPush(); await killFeeder(); }, () => {}];
  for (const act of harm) {
    const length = listener.heard().length;
    await listener.until(length + 20, 30000);
    await listener.close();
    heard.push(...listener.heard());
    const { seq, mid } = heard.at(-1);
    where = { seq, mid };
    await act();
    listener = await listen(bob, channelOf(room), where);
    assert.equal(listener.info.recovered, true);
  }
  talking = false;
  await Promise.all(talk);
  const all = await log(room, from);
  await listener.until(all.length - heard.length);
  heard.push(...listener.heard());
  assert.deepEqual(names(heard), names(all));
  await listener.close();
});
