// The frames of Pusher Channels, protocol 7, byte by byte enough, through nginx and the real daemon.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sleep, startStack, until } from '../harness.mjs';
import { greeted, joinBus, sign, signPerson } from './peer.mjs';

const LINGER = 1;
const stack = await startStack({ conf: {
  presence_linger: LINGER, push_subscription_count: 'on',
  webhook_events: 'channel_occupied channel_vacated member_added member_removed client_event cache_miss subscription_count',
} });
after(() => stack.stop());
const bus = joinBus(stack);
after(() => bus.close());

test('the greeting, pings and pongs', async () => {
  const socket = await greeted(stack);
  assert.match(socket.id, /^\d+\.\d+$/);
  assert.equal(JSON.parse(socket.events[0].data).activity_timeout, 120);
  socket.send('pusher:ping', {});
  assert.deepEqual((await socket.next('pusher:pong')).data, {});
  await socket.close();
});

test('signing in: the answer, user events, and once only', async () => {
  const [one, two] = [await greeted(stack), await greeted(stack)];
  const person = { id: 'ann "1"', user_info: { name: '안' } };
  assert.deepEqual(await one.signIn(person), { user_data: JSON.stringify(person) });
  await two.signIn(person);
  bus.publish('#server-to-user-ann "1"', 'news', { n: 1 });
  for (const socket of [one, two]) {
    assert.deepEqual(await socket.next('news'), { event: 'news', channel: '#server-to-user-ann "1"', data: { n: 1 } });
  }
  one.send('pusher:signin', signPerson(stack, one.id, { id: 'bob' }));
  assert.equal((await one.next('pusher:error')).data.code, null);
  await one.signIn(person); // the same once more is fine
  for (const channel of ['#server-to-user-bob', '#system', '#']) {
    one.send('pusher:subscribe', { channel });
    assert.match((await one.next('pusher:error')).data.message, /channel name/);
  }
  await one.close();
  await two.close();
});

test('a watchlist: who is online, who comes, who goes', async () => {
  const [bob, ann] = [await greeted(stack), await greeted(stack)];
  const heard = async () => (await ann.next('pusher_internal:watchlist_events')).data.events;
  await bob.signIn({ id: 'bob' });
  await ann.signIn({ id: 'ann', watchlist: ['bob', 'cem', 'dan'] });
  assert.deepEqual(await heard(), [{ name: 'online', user_ids: ['bob'] }]);
  const cem = await greeted(stack);
  await cem.signIn({ id: 'cem' });
  assert.deepEqual(await heard(), [{ name: 'online', user_ids: ['cem'] }]);
  await cem.close();
  const again = await greeted(stack); // within presence_linger
  await again.signIn({ id: 'cem' });
  await again.silent();
  await ann.silent();
  bus.cut('bob');
  assert.deepEqual(await heard(), [{ name: 'offline', user_ids: ['bob'] }]);
  await again.close();
  assert.deepEqual(await heard(), [{ name: 'offline', user_ids: ['cem'] }]);
  await ann.close();
});

test('the number of subscriptions', async () => {
  const [one, two] = [await greeted(stack), await greeted(stack)];
  await one.subscribe('counted');
  assert.deepEqual(await one.next('pusher_internal:subscription_count'),
    { event: 'pusher_internal:subscription_count', channel: 'counted', data: { subscription_count: 1 } });
  await two.subscribe('counted');
  for (const socket of [one, two]) {
    assert.equal((await socket.next('pusher_internal:subscription_count')).data.subscription_count, 2);
  }
  await two.close();
  assert.equal((await one.next('pusher_internal:subscription_count')).data.subscription_count, 1);
  await one.subscribe('presence-quiet', { user_id: '1' });
  await one.silent();
  await one.close();
});

test('cache channels keep the last event, whether anybody listens or not', async () => {
  const person = { user_id: '1' };
  const names = { 'cache-a': undefined, 'private-cache-a': undefined, 'presence-cache-a': person, 'private-encrypted-cache-a': undefined };
  for (const [channel, data] of Object.entries(names)) {
    const [one, two] = [await greeted(stack), await greeted(stack)];
    const counted = async (socket) => data ?? socket.next('pusher_internal:subscription_count');
    await one.subscribe(channel, data);
    await counted(one);
    assert.deepEqual(await one.next('pusher:cache_miss'), { event: 'pusher:cache_miss', channel, data: {} });
    for (const n of [1, 2]) bus.publish(channel, 'price', { n });
    for (const n of [1, 2]) assert.equal((await one.next('price')).data.n, n);
    if (!channel.startsWith('cache-') && !/encrypted/.test(channel)) one.send('client-price', { n: 3 }, channel); // is not kept
    await one.close();
    await two.subscribe(channel, data);
    await until(() => two.events.some(({ event }) => event === 'price'), 5000, `the price on ${channel}`);
    assert.equal(JSON.parse(two.events.find(({ event }) => event === 'price').data).n, 2);
    await two.close();
  }
});

test('presence: a page that is loaded again does not flicker', async () => {
  const channel = 'presence-hall';
  const [ann, bob] = [await greeted(stack), await greeted(stack)];
  const info = (n) => ({ user_id: n, user_info: { n } });
  await ann.subscribe(channel, info('ann'));
  assert.deepEqual((await bob.subscribe(channel, info('bob'))).presence,
    { count: 2, ids: ['bob', 'ann'], hash: { bob: { n: 'bob' }, ann: { n: 'ann' } } });
  assert.deepEqual((await ann.next('pusher_internal:member_added')).data, info('bob'));
  bob.ws.terminate();
  await bob.closed;
  const again = await greeted(stack);
  assert.equal((await again.subscribe(channel, info('bob'))).presence.count, 2);
  await sleep(LINGER * 1000 + 300);
  await ann.silent();
  again.ws.terminate();
  assert.deepEqual((await ann.next('pusher_internal:member_removed')).data, { user_id: 'bob' });
  const purpose = await greeted(stack);
  await purpose.subscribe(channel, info('bob'));
  await ann.next('pusher_internal:member_added');
  purpose.send('pusher:unsubscribe', { channel });
  await ann.next('pusher_internal:member_removed');
  await purpose.close();
  await ann.close();
});

test('presence: more than a hundred are counted', async () => {
  const sockets = [];
  const channel = 'presence-crowd';
  for (let i = 0; i < 102; i++) {
    const socket = await greeted(stack);
    sockets.push(socket);
    socket.list = (await socket.subscribe(channel, { user_id: `p${i}` })).presence;
  }
  assert.deepEqual([sockets[101].list.count, sockets[101].list.ids.length], [102, 100]);
  assert.equal(sockets[101].list.ids[0], 'p101');
  const first = sockets[0];
  const told = (name) => first.events.filter(({ event }) => event === name);
  await until(() => told('maru:presence_count').some(({ data }) => JSON.parse(data).count === 102), 5000, 'the count');
  assert.equal(told('pusher_internal:member_added').length, 99);
  for (const socket of sockets.slice(90)) socket.send('pusher:unsubscribe', { channel });
  await until(() => told('maru:presence').length === 1, 5000, 'the list');
  assert.equal(JSON.parse(told('maru:presence')[0].data).presence.ids.length, 90);
  for (const socket of sockets) await socket.close();
});

test('who signed in is a member without being named again', async () => {
  const socket = await greeted(stack);
  await socket.signIn({ id: 'ann', user_info: { n: 1 } });
  socket.send('pusher:subscribe', { channel: 'presence-x', ...sign(stack, socket.id, 'presence-x') });
  const { data } = await socket.next('pusher_internal:subscription_succeeded');
  assert.deepEqual(data.presence.hash, { ann: { n: 1 } });
  await socket.close();
});

test('client events: to the others, with who says it in presence channels', async () => {
  const [one, two] = [await greeted(stack), await greeted(stack)];
  for (const socket of [one, two]) {
    await socket.subscribe('presence-x', { user_id: socket.id });
    await socket.subscribe('private-x');
  }
  one.send('client-a', { n: 1 }, 'private-x');
  one.send('client-b', 'text', 'presence-x');
  await until(() => two.events.filter(({ event }) => event.startsWith('client-')).length === 2, 5000, 'both');
  const heard = two.events.filter(({ event }) => event.startsWith('client-'));
  assert.deepEqual(heard, [{ event: 'client-a', channel: 'private-x', data: '{"n":1}' },
    { event: 'client-b', channel: 'presence-x', data: 'text', user_id: one.id }]);
  assert.ok(!one.events.some(({ event }) => event.startsWith('client-')));
  await one.close();
  await two.close();
});

test('the socket that published is left out', async () => {
  const [one, two] = [await greeted(stack), await greeted(stack)];
  for (const socket of [one, two]) await socket.subscribe('presence-y', { user_id: socket.id });
  await one.next('pusher_internal:member_added');
  bus.publish('presence-y', 'mine', {}, one.id);
  await two.next('mine');
  await one.silent();
  await one.close();
  await two.close();
});

test('webhooks: told to the feeder, kept while there is none', async () => {
  const socket = await greeted(stack);
  const feeder = joinBus(stack);
  await socket.subscribe('presence-z', { user_id: '7' });
  feeder.feed(); // takes the place of the real one
  feeder.publish('presence-z', 'done', {});
  await socket.next('done');
  await socket.subscribe('presence-cache-hook', { user_id: '7' });
  for (const expected of [
    { name: 'channel_occupied', channel: 'presence-cache-hook' },
    { name: 'member_added', channel: 'presence-cache-hook', user_id: '7' },
    { name: 'cache_miss', channel: 'presence-cache-hook' },
  ]) assert.deepEqual(await feeder.hook(expected.name, expected.channel), expected);
  socket.send('client-e', { n: 1 }, 'presence-cache-hook');
  assert.deepEqual(await feeder.hook('client_event', 'presence-cache-hook'), { name: 'client_event', channel: 'presence-cache-hook', event: 'client-e',
    data: '{"n":1}', socket_id: socket.id, user_id: '7' });
  await feeder.close();
  await socket.close();
  await sleep(LINGER * 1000 + 300);
  const next = joinBus(stack);
  next.feed();
  assert.deepEqual(await next.hook('member_removed', 'presence-cache-hook'), { name: 'member_removed', channel: 'presence-cache-hook', user_id: '7' });
  assert.deepEqual(await next.hook('channel_vacated', 'presence-cache-hook'), { name: 'channel_vacated', channel: 'presence-cache-hook' });
  await next.close();
});
