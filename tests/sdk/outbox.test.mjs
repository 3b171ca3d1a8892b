// The outbox: what was written arrives once and in the order of writing, whatever happens on the way.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack, until } from '../harness.mjs';
import { MemoryStore, PASSWORD, bodies, join, member, newClient, newRoom, open, problemAnswer, shared, tap, told } from './kit.mjs';

const stack = await startStack({ conf: { login_attempts: 1000 } });
after(() => stack.stop());

const stored = async (id) => (await stack.sql(`SELECT body FROM message WHERE room = ${id} ORDER BY seq`)).map(([body]) => body);
const sends = (id) => (method, path) => method === 'POST' && path === `/v1/rooms/${id}/messages`;
const lost = () => new TypeError('fetch failed');

// An item is another object when it has changed.
const now = (room, { id }) => room.outbox.items.find((item) => item.id === id);
const stateOf = (room, item) => now(room, item)?.state;

// The room and outbox of somebody, and a wire whose answers to sends a test decides.
async function scene(options) {
  const ann = await member(stack, options);
  const [room] = await shared(ann);
  const wire = tap();
  const isSend = sends(room.id);
  const ids = [];
  let decide = () => undefined;
  wire.answer = (method, path, { body }, goOn) => {
    if (!isSend(method, path)) return undefined;
    ids.push(JSON.parse(body).client_id);
    return decide(goOn);
  };
  return { ann, room, wire, ids, onSend: (what) => { decide = what; } };
}

test('many messages at once arrive in the order of writing', async () => {
  const { room, wire } = await scene();
  try {
    const texts = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    for (const text of texts) room.send(text);
    await until(() => room.outbox.items.length === 0, 30000);
    assert.deepEqual(await stored(room.id), texts);
    await until(() => bodies(room).length === 40);
    assert.deepEqual(bodies(room), texts);
  } finally {
    wire.close();
  }
});

test('lost requests are repeated with the same client_id, and what is behind waits', async () => {
  const { room, wire, ids, onSend } = await scene();
  try {
    let failures = 2;
    onSend(() => (failures-- > 0 ? lost() : undefined));
    const first = room.send('first');
    room.send('second');
    await until(() => stateOf(room, first) === 'waiting');
    assert.equal(now(room, first).problem.slug, 'network');
    await until(() => room.outbox.items.length === 0, 30000);
    assert.deepEqual(await stored(room.id), ['first', 'second']);
    assert.deepEqual([...new Set(ids.slice(0, 3))], [first.id]);
    assert.equal(ids.length, 4);
  } finally {
    wire.close();
  }
});

test('a message whose answer was lost is sent again, and stored once', async () => {
  // Without a connection only an answer can tell that it has arrived.
  const store = new MemoryStore();
  const { ann, room, wire, ids, onSend } = await scene({ store });
  ann.close();
  try {
    let losses = 2;
    onSend(async (goOn) => {
      const answer = await goOn();
      return losses-- > 0 ? lost() : answer;
    });
    const outbox = newClient(stack, { store }).outbox(room.id);
    outbox.add({ body: 'once' });
    await until(() => outbox.items.length === 0, 30000);
    assert.deepEqual(await stored(room.id), ['once']);
    assert.deepEqual([ids.length, new Set(ids).size], [3, 1]);
  } finally {
    wire.close();
  }
});

test('what is refused stays, says why, and is sent again or discarded by hand; the others go on', async () => {
  const { room, wire, onSend } = await scene();
  try {
    let refusals = 2;
    onSend(() => (refusals-- > 0 ? problemAnswer(422, 'strange', { detail: 'very much so' }) : undefined));
    const [first, second, third] = ['first', 'second', 'third'].map((text) => room.send(text, { note: text }));
    await until(() => stateOf(room, first) === 'failed' && stateOf(room, second) === 'failed' && !now(room, third));
    assert.deepEqual([now(room, first).problem.slug, now(room, first).problem.detail, now(room, first).extra], ['strange', 'very much so', { note: 'first' }]);
    assert.deepEqual(await stored(room.id), ['third']);
    room.outbox.discard(second.id);
    room.outbox.retry(first.id);
    assert.deepEqual([stateOf(room, first), now(room, first).problem], ['sending', null]);
    await until(() => room.outbox.items.length === 0);
    assert.deepEqual(await stored(room.id), ['third', 'first']);
  } finally {
    wire.close();
  }
});

test('a reload loses nothing, sends nothing twice, and keeps what had failed', async () => {
  const store = new MemoryStore();
  const { ann, room, wire, ids, onSend } = await scene({ store });
  try {
    let n = 0;
    onSend(() => (n++ === 0 ? problemAnswer(422, 'strange') : lost()));
    const written = ['refused', 'one', 'two'].map((text) => room.send(text));
    await until(() => stateOf(room, written[0]) === 'failed' && stateOf(room, written[1]) === 'waiting');
    room.close();
    ann.close(); // the page is gone
    onSend(() => undefined);
    ids.length = 0;
    const again = newClient(stack, { store });
    await again.start();
    await until(async () => (await stored(room.id)).length === 2, 20000);
    const outbox = again.outbox(room.id);
    await until(() => outbox.items.length === 1);
    assert.deepEqual(await stored(room.id), ['one', 'two']);
    assert.deepEqual(ids, [written[1].id, written[2].id]);
    assert.deepEqual([outbox.items[0].id, outbox.items[0].state, outbox.items[0].body], [written[0].id, 'failed', { body: 'refused' }]);
    outbox.discard(written[0].id);
    assert.equal(store.get(`outbox.${again.me.id}.${room.id}`), null);
    assert.equal(store.get(`outboxes.${again.me.id}`), null);
  } finally {
    wire.close();
  }
});

test('two windows with one store send each message once, and what one discards the other does not send', async () => {
  const store = new MemoryStore();
  const { room, wire, onSend } = await scene({ store });
  try {
    onSend(lost);
    const [keep, drop] = ['keep', 'drop'].map((text) => room.send(text));
    await until(() => stateOf(room, keep) === 'waiting');
    const other = newClient(stack, { store });
    await other.start();
    const outbox = other.outbox(room.id);
    assert.deepEqual(outbox.items.map(({ id }) => id), [keep.id, drop.id]);
    room.outbox.discard(drop.id);
    onSend(() => undefined);
    outbox.wake();
    await until(() => outbox.items.length === 0 && room.outbox.items.length === 0, 20000);
    assert.deepEqual(await stored(room.id), ['keep']);
  } finally {
    wire.close();
  }
});

test('what waits while the login ends is sent by the same person only, after the next login', async () => {
  const store = new MemoryStore();
  const { ann, room, wire, onSend } = await scene({ store });
  const { id, name } = ann.me;
  try {
    onSend(lost);
    const item = room.send('wait for me');
    await until(() => stateOf(room, item) === 'waiting');
    room.close();
    await ann.logOut();
    onSend(() => undefined);
    const other = await member(stack);
    await ann.logIn(other.me.name, PASSWORD);
    await ann.start();
    await join(ann, room.id);
    assert.deepEqual(ann.outbox(room.id).items, []);
    await ann.logOut();
    assert.deepEqual(await stored(room.id), []);
    await ann.logIn(name, PASSWORD);
    assert.equal(ann.me.id, id);
    await ann.start();
    await until(async () => (await stored(room.id)).length === 1, 20000);
    assert.deepEqual(await stored(room.id), ['wait for me']);
  } finally {
    wire.close();
  }
});

test('an outbox works without its room being open', async () => {
  const ann = await member(stack);
  const id = await newRoom(ann);
  const outbox = ann.outbox(id);
  const sent = told(outbox, 'sent');
  outbox.add({ body: 'from outside' });
  const [message] = await sent;
  assert.equal(message.body, 'from outside');
  const room = await open(ann, id);
  assert.deepEqual(bodies(room), ['from outside']);
});

test('slow mode is waited for, not refused', async () => {
  const { room, wire, onSend } = await scene();
  try {
    let slow = 1;
    onSend(() => (slow-- > 0 ? problemAnswer(429, 'slow-mode', {}, { 'Retry-After': '1' }) : undefined));
    const item = room.send('later');
    await until(() => stateOf(room, item) === 'waiting');
    assert.deepEqual([now(room, item).problem.slug, now(room, item).problem.retryAfter], ['slow-mode', 1000]);
    await until(() => room.outbox.items.length === 0, 20000);
    assert.deepEqual(await stored(room.id), ['later']);
  } finally {
    wire.close();
  }
});
