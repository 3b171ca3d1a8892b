// Every code of push/codes.h, provoked in the real daemon.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { createRoom, rawSocket, say, subscribeRaw } from '../api/check.mjs';
import { greeted, joinBus, open, signPerson } from './peer.mjs';

const stack = await startStack({ conf: {
  push_connections: 16, push_ping: 1, push_hangup: 3, push_address_connections: 2, push_user_connections: 2, push_handshakes: 1000,
} });
after(() => stack.stop());
const bus = joinBus(stack);
after(() => bus.close());

// Told twice: by an event, for clients that can't see close codes, and by the close.
async function assertCode(socket, code) {
  const closed = await socket.closed;
  assert.equal(closed.code, code);
  const { data } = socket.events.at(-1);
  assert.deepEqual([socket.events.at(-1).event, data.code], ['pusher:error', code]);
  assert.equal(data.message, closed.reason);
}

test('4001, 4005 to 4008: the address is wrong', async () => {
  const addresses = {
    '/app/other?protocol=7': 4001, '/app/?protocol=7': 4005, '/app/maru/x?protocol=7': 4005, '/app/maru?protocol=seven': 4006,
    '/app/maru?protocol=4': 4007, '/app/maru?protocol=99': 4007, '/app/maru': 4008, '/app/maru?client=js': 4008,
  };
  for (const [path, code] of Object.entries(addresses)) await assertCode(await open(stack, path), code);
});

test('4009: a false sign-in', async () => {
  const socket = await greeted(stack);
  socket.send('pusher:signin', { ...signPerson(stack, '1.1', { id: 'ann' }) });
  await assertCode(socket, 4009);
});

test('4009: a person is cut off', async () => {
  const [one, two] = [await greeted(stack), await greeted(stack)];
  await one.signIn({ id: 'ann' });
  await two.signIn({ id: 'bob' });
  bus.cut('ann');
  await assertCode(one, 4009);
  await two.silent();
  await two.close();
});

test('4100: one address has too many', async () => {
  const sockets = [await greeted(stack, undefined, { direct: '192.0.2.1' }), await greeted(stack, undefined, { direct: '192.0.2.1' })];
  await assertCode(await open(stack, undefined, { direct: '192.0.2.1' }), 4100);
  sockets.push(await greeted(stack, undefined, { direct: '192.0.2.2' }));
  await sockets[0].close();
  sockets.push(await greeted(stack, undefined, { direct: '192.0.2.1' }));
  for (const socket of sockets) await socket.close();
});

test('4100: one person has too many', async () => {
  const ann = await signUp(stack);
  const sockets = [];
  for (let i = 0; i < 3; i++) {
    const socket = await greeted(stack);
    sockets.push(socket);
    const { body } = await api(stack, ann).post('/v1/realtime/user-auth', { socket_id: socket.id });
    socket.send('pusher:signin', body);
  }
  await assertCode(sockets[2], 4100);
  for (const socket of sockets.slice(0, 2)) {
    await socket.next('pusher:signin_success');
    await socket.close();
  }
});

test('4100: the server is full', async () => {
  const sockets = [];
  for (let i = 0; i < 16; i++) sockets.push(await greeted(stack));
  await assertCode(await open(stack), 4100);
  for (const socket of sockets) await socket.close();
  await (await greeted(stack)).close();
});

test('4101: who does not read is closed, and events of the log are why, never hints', async () => {
  const [socket, witness] = [await greeted(stack, undefined, { direct: '192.0.2.3' }), await greeted(stack)];
  await socket.subscribe('shop');
  await witness.subscribe('through');
  const taken = async () => { // all that was published
    bus.publish('through', 'through', {});
    await witness.next('through');
  };
  const big = 'x'.repeat(9000);
  socket.ws.pause();
  for (let i = 0; i < 600; i++) bus.publish('shop', 'hint', { i, big });
  await taken();
  socket.ws.resume();
  await until(() => socket.events.some(({ event }) => event === 'hint'), 5000, 'hints');
  assert.equal(socket.code, undefined);
  socket.ws.pause();
  for (let i = 0; i < 600; i++) bus.event('shop', 'event', { i, big });
  await taken();
  socket.ws.resume();
  assert.equal((await socket.closed).code, 4101);
  await witness.close();
});

test('4102: a flood of messages', async () => {
  const socket = await greeted(stack);
  for (let i = 0; i < 1000; i++) socket.send('pusher:ping', {});
  await assertCode(socket, 4102);
});

test('4200: the history was replaced', async () => {
  const ann = await signUp(stack);
  const room = await createRoom(stack, ann);
  const socket = await rawSocket(stack);
  const closed = new Promise((resolve) => socket.ws.on('close', resolve));
  await subscribeRaw(stack, socket, ann, `presence-room-${room.id}`);
  for (let i = 0; i < 2; i++) await say(stack, ann, room);
  await until(() => socket.events.filter(({ event }) => event === 'message.created').length === 2, 5000, 'both messages');
  await stack.sql(`UPDATE stream SET head = head - 1 WHERE kind = 1 AND id = ${room.id}`);
  assert.equal(await closed, 4200);
});

test('4201: no answer to a ping', async () => {
  const socket = await greeted(stack, undefined, { autoPong: false });
  await assertCode(socket, 4201);
});

test('4301: a client event is rejected, and the connection stays', async () => {
  const socket = await greeted(stack);
  const reject = async (event, data, channel, why) => {
    socket.send(event, data, channel);
    const { data: error } = await socket.next('pusher:error');
    assert.equal(error.code, 4301);
    assert.match(error.message, why);
  };
  await socket.subscribe('shop');
  await socket.subscribe('private-x');
  await socket.subscribe('private-encrypted-x');
  await reject('client-e', {}, 'shop', /private or presence/);
  await reject('client-e', {}, 'private-y', /subscription/);
  await reject('client-e', {}, 'private-encrypted-x', /encrypted/);
  await reject('client-e', 'x'.repeat(10241), 'private-x', /10240/);
  await reject(`client-${'e'.repeat(200)}`, {}, 'private-x', /name/);
  for (let i = 0; i < 10; i++) socket.send('client-e', {}, 'private-x');
  await reject('client-e', {}, 'private-x', /^Client event rejected due to rate limit$/);
  await socket.silent();
  await socket.close();
});

test('4302: of a long watchlist the first hundred are watched', async () => {
  const socket = await greeted(stack);
  await socket.signIn({ id: 'ann', watchlist: Array.from({ length: 101 }, (_, i) => `p${i}`) });
  assert.equal((await socket.next('pusher:error')).data.code, 4302);
  await socket.silent();
  await socket.close();
});

test('no code: a frame that can not be understood', async () => {
  const socket = await greeted(stack);
  for (const text of ['x', '[]', '{"event":"pusher:nope"}', '{"event":"pusher:subscribe","data":{"channel":"a b"}}']) {
    socket.ws.send(text);
    assert.equal((await socket.next('pusher:error')).data.code, null);
  }
  await socket.close();
});

test('4100: the daemon stops', async () => {
  const socket = await greeted(stack);
  await stack.stopPush();
  await assertCode(socket, 4100);
  await stack.startPush();
  const ready = () => api(stack).get('/v1/healthz');
  assert.equal((await ready()).status, 200);
  await (await greeted(stack)).close();
});
