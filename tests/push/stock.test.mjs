// Stock clients, unmodified: pusher-js and Laravel Echo, against an application's backend that signs with the stock
// library for servers.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { after } from 'node:test';
import Echo from 'laravel-echo';
import Server from 'pusher';
import nacl from 'tweetnacl';
import { client, connected, eventOn, signUp, startStack, subscribed, until } from '../harness.mjs';
import { createRoom, joinRoom } from '../api/check.mjs';
import { joinBus } from './peer.mjs';

const LINGER = 1;
const stack = await startStack({ conf: { presence_linger: LINGER, push_subscription_count: 'on' } });
after(() => stack.stop());
let bus = joinBus(stack);
after(() => bus.close());

const backend = new Server({ appId: '1', key: 'maru', secret: stack.conf.app_secret, encryptionMasterKeyBase64: randomBytes(32).toString('base64') });

// A client of the application, whose backend takes everybody for who they say they are.
function come(id, { watchlist = [], ...options } = {}) {
  const person = { id, user_info: { name: id.toUpperCase() }, watchlist };
  const presence = { user_id: id, user_info: person.user_info };
  return client(stack, undefined, {
    channelAuthorization: { customHandler: ({ socketId, channelName }, done) => done(null,
      backend.authorizeChannel(socketId, channelName, channelName.startsWith('presence-') ? presence : undefined)) },
    userAuthentication: { customHandler: ({ socketId }, done) => done(null, backend.authenticateUser(socketId, person)) },
    ...options,
  });
}

// As the stock library for servers encrypts.
function encrypt(channel, data) {
  const { shared_secret: secret } = backend.authorizeChannel('1.1', channel);
  const nonce = randomBytes(24);
  const cipher = nacl.secretbox(Buffer.from(JSON.stringify(data)), nonce, Buffer.from(secret, 'base64'));
  return { nonce: nonce.toString('base64'), ciphertext: Buffer.from(cipher).toString('base64') };
}

test('public, private and cache channels', async () => {
  const pusher = await come('ann');
  for (const name of ['shop', 'private-shop', 'cache-shop', 'private-cache-shop']) {
    const missed = name.includes('cache') ? eventOn(pusher.channel(name) ?? pusher.subscribe(name), 'pusher:cache_miss') : undefined;
    const channel = await subscribed(pusher, name);
    await missed;
    const heard = eventOn(channel, 'price');
    bus.publish(name, 'price', { n: 1 });
    assert.deepEqual(await heard, { n: 1 });
    assert.equal(channel.subscriptionCount, 1);
  }
  const late = await come('bob');
  assert.deepEqual(await eventOn(late.subscribe('cache-shop'), 'price'), { n: 1 });
  assert.deepEqual(await eventOn(late.subscribe('private-cache-shop'), 'price'), { n: 1 });
  late.disconnect();
  pusher.disconnect();
});

test('encrypted channels: only the backend and the subscribers can read', async () => {
  const pusher = await come('ann');
  for (const name of ['private-encrypted-vault', 'private-encrypted-cache-vault']) {
    const channel = await subscribed(pusher, name);
    const heard = eventOn(channel, 'secret');
    bus.publish(name, 'secret', encrypt(name, { hidden: '비밀' }));
    assert.deepEqual(await heard, { hidden: '비밀' });
  }
  const late = await come('bob');
  assert.deepEqual(await eventOn(late.subscribe('private-encrypted-cache-vault'), 'secret'), { hidden: '비밀' });
  late.disconnect();
  pusher.disconnect();
});

test('presence: members, comings and goings, and client events with who says them', async () => {
  const [ann, bob] = [await come('ann'), await come('bob')];
  const hers = await subscribed(ann, 'presence-hall');
  const added = eventOn(hers, 'pusher:member_added');
  const his = await subscribed(bob, 'presence-hall');
  assert.deepEqual(await added, { id: 'bob', info: { name: 'BOB' } });
  assert.equal(his.members.count, 2);
  assert.deepEqual(his.members.me, { id: 'bob', info: { name: 'BOB' } });
  assert.deepEqual(his.members.get('ann'), { id: 'ann', info: { name: 'ANN' } });
  const said = new Promise((resolve) => his.bind('client-hello', (data, meta) => resolve({ data, meta })));
  hers.trigger('client-hello', { to: 'all' });
  assert.deepEqual(await said, { data: { to: 'all' }, meta: { user_id: 'ann' } });
  const removed = eventOn(hers, 'pusher:member_removed');
  bob.disconnect();
  assert.equal((await removed).id, 'bob');
  assert.equal(hers.members.count, 1);
  ann.disconnect();
});

test('signing in: user events, the watchlist, and presence without channel_data', async () => {
  const ann = await come('ann', { watchlist: ['bob'] });
  ann.signin();
  await ann.user.signinDonePromise;
  assert.equal(ann.user.user_data.id, 'ann');
  await until(() => ann.user.serverToUserChannel?.subscribed, 5000, 'the channel of the person');
  const heard = eventOn(ann.user, 'news');
  bus.publish('#server-to-user-ann', 'news', { n: 1 });
  assert.deepEqual(await heard, { n: 1 });
  const online = eventOn(ann.user.watchlist, 'online');
  const bob = await come('bob', {
    channelAuthorization: { customHandler: ({ socketId, channelName }, done) => done(null, backend.authorizeChannel(socketId, channelName)) },
  });
  bob.signin();
  assert.deepEqual((await online).user_ids, ['bob']);
  await bob.user.signinDonePromise;
  const channel = await subscribed(bob, 'presence-signed-in');
  assert.deepEqual(channel.members.me, { id: 'bob', info: { name: 'BOB' } });
  const offline = eventOn(ann.user.watchlist, 'offline');
  bob.disconnect();
  assert.deepEqual((await offline).user_ids, ['bob']);
  const closed = eventOn(ann.connection, 'disconnected');
  bus.cut('ann');
  await closed; // and does not come back
});

test('users of Maru sign in with its own endpoints', async () => {
  const ann = await signUp(stack);
  const pusher = await client(stack, ann, { userAuthentication: {
    endpoint: `${stack.url}/v1/realtime/user-auth`, transport: 'ajax', headers: { Authorization: `Bearer ${ann.token}` },
  } });
  pusher.signin();
  await pusher.user.signinDonePromise;
  assert.deepEqual(pusher.user.user_data.user_info, { name: ann.name, nickname: ann.nickname, avatar: ann.avatar });
  await until(() => pusher.user.serverToUserChannel?.subscribed, 5000, 'the channel of the person');
  const heard = eventOn(pusher.user, 'news');
  bus.publish(`#server-to-user-${ann.id}`, 'news', { n: 2 });
  assert.deepEqual(await heard, { n: 2 });
  pusher.disconnect();
});

test('typing in a room of Maru is a client event', async () => {
  const [ann, bob] = [await signUp(stack), await signUp(stack)];
  const room = await createRoom(stack, ann);
  await joinRoom(stack, bob, room);
  const [hers, his] = [await client(stack, ann), await client(stack, bob)];
  const channels = [await subscribed(hers, `presence-room-${room.id}`), await subscribed(his, `presence-room-${room.id}`)];
  const heard = new Promise((resolve) => channels[1].bind('client-typing', (data, meta) => resolve(meta.user_id)));
  channels[0].trigger('client-typing', {});
  assert.equal(await heard, String(ann.id));
  hers.disconnect();
  his.disconnect();
});

test('Laravel Echo: channels, here, joining, leaving, whispers', async () => {
  const [ann, bob] = [await come('ann'), await come('bob')];
  const [hers, his] = [ann, bob].map((pusher) => new Echo({ broadcaster: 'pusher', client: pusher }));
  const got = [];
  hers.channel('orders').listen('.shipped', (data) => got.push(data));
  hers.private('orders').listen('.shipped', (data) => got.push(data));
  hers.encryptedPrivate('orders').listen('.shipped', (data) => got.push(data));
  await Promise.all(['orders', 'private-orders', 'private-encrypted-orders'].map((name) => subscribed(ann, name)));
  bus.publish('orders', 'shipped', { n: 1 });
  bus.publish('private-orders', 'shipped', { n: 2 });
  bus.publish('private-encrypted-orders', 'shipped', encrypt('private-encrypted-orders', { n: 3 }));
  await until(() => got.length === 3, 5000, 'three events');
  assert.deepEqual(got, [{ n: 1 }, { n: 2 }, { n: 3 }]);

  const seen = { here: [], joining: [], leaving: [], whispers: [] };
  hers.join('hall').here((all) => seen.here.push(...all)).joining((one) => seen.joining.push(one))
    .leaving((one) => seen.leaving.push(one)).listenForWhisper('typing', (data) => seen.whispers.push(data));
  await subscribed(ann, 'presence-hall');
  assert.deepEqual(seen.here, [{ name: 'ANN' }]);
  const hall = his.join('hall');
  await subscribed(bob, 'presence-hall');
  await until(() => seen.joining.length === 1, 5000, 'joining()');
  hall.whisper('typing', { in: 'hall' });
  await until(() => seen.whispers.length === 1, 5000, 'a whisper');
  his.leave('hall');
  await until(() => seen.leaving.length === 1, 5000, 'leaving()');
  assert.deepEqual(seen, { here: [{ name: 'ANN' }], joining: [{ name: 'BOB' }], leaving: [{ name: 'BOB' }], whispers: [{ in: 'hall' }] });
  hers.disconnect();
  his.disconnect();
});

test('after a restart of the daemon everybody is back, signed in and subscribed', async () => {
  const pusher = await come('ann');
  pusher.signin();
  await until(() => pusher.user.serverToUserChannel?.subscribed, 5000, 'the channel of the person');
  const channel = await subscribed(pusher, 'presence-hall');
  for (const stop of [() => stack.stopPush(), () => stack.killPush()]) {
    const again = eventOn(channel, 'pusher:subscription_succeeded', 20000);
    await bus.close();
    await stop();
    await stack.startPush();
    bus = joinBus(stack);
    await again;
    await connected(pusher);
    await until(() => pusher.user.serverToUserChannel?.subscribed, 5000, 'the channel of the person');
    const heard = [eventOn(pusher.user, 'news'), eventOn(channel, 'news')];
    bus.publish('#server-to-user-ann', 'news', {});
    bus.publish('presence-hall', 'news', {});
    await Promise.all(heard);
  }
  pusher.disconnect();
});
