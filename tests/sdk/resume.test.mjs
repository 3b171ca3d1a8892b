// Connections that break: a room goes on where it was, by (seq, mid), and begins anew where the history is another one.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openTcpProxy } from '../chaos/proxy.mjs';
import { startStack, until } from '../harness.mjs';
import { bodies, connected, member, newRoom, join, open, record, tap } from './kit.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const proxy = await openTcpProxy(stack.port);
after(() => proxy.close());

const bob = await member(stack);
const say = (room, body) => bob.rest.post('/v1/rooms/{room}/messages', { room: room.id ?? room }, { client_id: `t${Math.random()}`, body });

// Somebody behind the proxy in a room of Bob: { ann, room, events, subscriptions }.
async function scene() {
  const ann = await member(stack, { at: `http://127.0.0.1:${proxy.port}` });
  const id = await newRoom(bob);
  await join(ann, id);
  const subscriptions = [];
  const events = [];
  const last = () => (events.length > 0 ? { seq: events.at(-1).seq, mid: events.at(-1).mid } : null);
  ann.hub.subscribe(`presence-room-${id}`, (event, data) => { if (event === 'subscribed') subscriptions.push(data); }, last);
  const wire = tap();
  const room = await open(ann, id);
  room.on('events', (more) => events.push(...more));
  await until(() => subscriptions.length > 0, 10000, 'the subscription');
  // A reading of the log that was cut off is done again, and would be ahead of the subscription.
  await until(() => wire.waiting === 0, 10000, 'the answers');
  wire.close();
  return { ann, room, events, subscriptions };
}

const frames = [];
const plainSend = WebSocket.prototype.send;
WebSocket.prototype.send = function send(text, ...rest) {
  frames.push(JSON.parse(text));
  return plainSend.call(this, text, ...rest);
};
const asked = (room) => frames.filter(({ event, data }) => event === 'pusher:subscribe' && data.channel === room.channel).at(-1).data.after;

async function away(client, work) {
  const { port } = stack;
  proxy.target = 1; // nobody is there
  proxy.reset();
  await until(() => client.state === 'waiting');
  await work();
  proxy.target = port;
  await connected(client);
}

test('what was missed comes by the subscription, from (seq, mid), without asking for the log', async () => {
  const { ann, room, events, subscriptions } = await scene();
  const last = await say(room, 'before');
  await until(() => events.length === 1);
  const wire = tap();
  try {
    const before = subscriptions.length;
    await away(ann, async () => {
      for (const body of ['one', 'two', 'three']) await say(room, body);
    });
    await until(() => events.length === 4, 20000, 'what was missed');
    assert.deepEqual(asked(room), { seq: last.seq, mid: last.mid });
    assert.equal(subscriptions.length, before + 1);
    assert.equal(subscriptions.at(-1).recovered, true);
    assert.deepEqual(bodies(room), ['before', 'one', 'two', 'three']);
    assert.deepEqual(wire.calls.filter((call) => call.endsWith(`/rooms/${room.id}/events`)), []);
  } finally {
    wire.close();
  }
});

test('a room where nothing has happened yet is gone on with, too', async () => {
  const { ann, room, events } = await scene();
  await away(ann, () => say(room, 'the first'));
  await until(() => events.length === 1, 20000);
  assert.equal(asked(room).seq, events[0].seq - 1);
  assert.match(asked(room).mid, /^\d+$/);
  assert.deepEqual(bodies(room), ['the first']);
});

test('without a connection the log is asked, and nobody is shown as present', async () => {
  const { ann, room, events } = await scene();
  await until(() => room.presence.people.size === 1);
  const { port } = stack;
  await stack.stopPush();
  await until(() => ann.state === 'waiting', 10000);
  assert.equal(room.presence.people.size, 0);
  await say(room, 'quiet');
  await until(() => events.length === 1, 20000, 'the log to be asked');
  await stack.startPush();
  ann.hub.wake(); // by itself it may wait for half a minute by now
  await connected(ann);
  await until(() => room.presence.people.size === 1, 20000);
  assert.equal(stack.port, port);
  assert.deepEqual(bodies(room), ['quiet']);
});

test('a history that was replaced is loaded anew', async () => {
  const { ann, room } = await scene();
  let resets = 0;
  room.on('reset', () => resets++);
  for (const body of ['kept', 'gone 1', 'gone 2']) await say(room, body);
  await until(() => bodies(room).length === 3);
  await stack.stopPush();
  await stack.sql(`DELETE FROM message WHERE room = ${room.id} AND body LIKE 'gone%';
    UPDATE stream SET head = head - 2, mid = 0 WHERE kind = 1 AND id = ${room.id}`);
  for (const body of ['other 1', 'other 2', 'other 3']) await say(room, body);
  await stack.startPush();
  await connected(ann);
  await until(() => JSON.stringify(bodies(room)) === JSON.stringify(['kept', 'other 1', 'other 2', 'other 3']), 20000, 'the other history');
  assert.equal(resets, 1);
  const events = record(room);
  await say(room, 'and on');
  await until(() => events.length === 1);
  assert.deepEqual(events.map(({ data }) => data.body), ['and on']);
});

// So many messages of bob at once, past maru-api and maru-push.
const writeMany = (room, count) => stack.sql(`SET @head = (SELECT head FROM stream WHERE kind = 1 AND id = ${room.id});
  INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
    SELECT ${room.id}, @head + seq, FLOOR(1 + RAND() * 1e15), ${bob.me.id}, CONCAT('many', seq), CONCAT('m', seq), UTC_TIMESTAMP(3) FROM seq_1_to_${count};
  UPDATE stream SET head = head + ${count}, mid = 0 WHERE kind = 1 AND id = ${room.id}`);

test('who was away too long begins anew with the newest page', async () => {
  const { ann, room, events } = await scene();
  let resets = 0;
  room.on('reset', () => resets++);
  await say(room, 'long ago');
  await until(() => events.length === 1);
  await away(ann, () => writeMany(room, 3500));
  await until(() => resets === 1 && bodies(room).at(-1) === 'm3500', 20000, 'the newest page');
  assert.equal(bodies(room).length, 50);
  assert.equal(room.hasOlder, true);
  await say(room, 'now');
  await until(() => bodies(room).at(-1) === 'now');
});

test('what is further behind than one page of the log, while more comes, has no hole', async () => {
  const { ann, room, events } = await scene();
  await say(room, 'long ago');
  await until(() => events.length === 1);
  await away(ann, () => writeMany(room, 2900));
  const more = Array.from({ length: 30 }, (_, i) => `live ${i}`);
  for (const body of more) await say(room, body);
  await until(() => events.length >= 1 + 2900 + more.length, 30000, 'all of it');
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, i) => events[0].seq + i));
  assert.deepEqual(events.slice(-more.length).map(({ data }) => data.body), more);
});
