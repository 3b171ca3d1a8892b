// Pusher's HTTP API, by the stock server library and by requests that no library makes.
import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import test, { after } from 'node:test';
import PusherServer from 'pusher';
import nacl from 'tweetnacl';
import { api, client, eventOn, sleep, startStack, subscribed, until } from '../harness.mjs';
import { OPS, takeBus } from './busend.mjs';
import { assertOk, assertProblem, createRoom, fcgi, people, rawSocket } from './check.mjs';
import { listen } from './listener.mjs';

const stack = await startStack();
after(() => stack.stop());

const { app_secret: secret } = stack.conf;
const nobody = api(stack);

function library(options = {}) {
  return new PusherServer({ appId: '1', key: 'maru', secret, host: '127.0.0.1', port: stack.port, useTLS: false, ...options });
}
const server = library({ encryptionMasterKeyBase64: randomBytes(32).toString('base64') });

// A client that the application's own backend signs for.
const guest = (options = {}) => client(stack, undefined, {
  channelAuthorization: { customHandler: ({ socketId, channelName }, done) => {
    const member = channelName.startsWith('presence-') ? { user_id: `u${socketId}` } : undefined;
    done(null, server.authorizeChannel(socketId, channelName, member));
  } },
  userAuthentication: { customHandler: ({ socketId }, done) => done(null, server.authenticateUser(socketId, { id: 'mina' })) },
  ...options,
});

const md5 = (text) => createHash('md5').update(text).digest('hex');
const now = () => Math.floor(Date.now() / 1000);

// The query of a signed request. sign: what is signed, where it shall differ from what is sent.
function signed(method, path, body = '', { params = {}, sign = {}, key = secret } = {}) {
  const all = { auth_key: 'maru', auth_timestamp: String(now()), auth_version: '1.0', ...(body ? { body_md5: md5(body) } : {}), ...params };
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  const text = [sign.method ?? method, sign.path ?? path, sign.query ?? Object.keys(all).sort().map((name) => `${name}=${all[name]}`).join('&')].join('\n');
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `${path}?${Object.entries({ ...all, auth_signature: signature }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

const json = { 'Content-Type': 'application/json' };
const EVENTS = '/apps/1/events';
const post = (body, options = {}, path = EVENTS) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return nobody.post(signed('POST', path, text, options), text, json);
};
const get = (path, params = {}) => nobody.get(signed('GET', path, '', { params }));
const event = { name: 'greeting', channel: 'news', data: '{"text":"hello"}' };

// ---- what the stock library does, and what a stock client gets

test('POST /apps/*app/events by the stock library reaches a stock client', async () => {
  const pusher = await guest();
  const [news, secretNews] = [await subscribed(pusher, 'news'), await subscribed(pusher, 'private-news')];
  const got = [eventOn(news, 'greeting'), eventOn(secretNews, 'greeting')];
  const answer = await server.trigger(['news', 'private-news'], 'greeting', { text: '안녕 "you" \u2028 🙂' });
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), {});
  for (const data of await Promise.all(got)) assert.deepEqual(data, { text: '안녕 "you" \u2028 🙂' });
  const plain = eventOn(news, 'plain');
  await server.trigger('news', 'plain', 'no JSON at all');
  assert.equal(await plain, 'no JSON at all');
  pusher.disconnect();
});

test('the frame is what Pusher sends: data is a text, whatever is in it', async () => {
  const socket = await rawSocket(stack);
  socket.send('pusher:subscribe', { channel: 'frames' });
  await socket.next('pusher_internal:subscription_succeeded');
  for (const data of ['{"a":1}', '', '[1,"x"]', 'text', '"\\\b\u0001\u007f']) {
    assertOk(await post({ name: 'e"v', channel: 'frames', data }), 200, {});
    assert.deepEqual(await socket.next('e"v'), { event: 'e"v', channel: 'frames', data });
    socket.events.length = 0;
  }
  socket.ws.close();
});

test('POST /apps/*app/batch_events by the stock library, in order', async () => {
  const pusher = await guest();
  const channels = [await subscribed(pusher, 'batch-a'), await subscribed(pusher, 'batch-b')];
  const heard = [];
  channels.forEach((channel) => channel.bind_global((name, data) => heard.push([channel.name, name, data])));
  const batch = Array.from({ length: 10 }, (_, i) => ({ channel: i % 2 ? 'batch-a' : 'batch-b', name: `e${i}`, data: { i } }));
  const answer = await server.triggerBatch(batch);
  assert.deepEqual(await answer.json(), {});
  await until(() => heard.length === 10);
  assert.deepEqual(heard, Array.from({ length: 10 }, (_, i) => [i % 2 ? 'batch-a' : 'batch-b', `e${i}`, { i }]));
  pusher.disconnect();
});

test('an encrypted channel: only those who share the secret read it', async () => {
  const pusher = await guest({ nacl });
  const channel = await subscribed(pusher, 'private-encrypted-diary');
  const got = eventOn(channel, 'page');
  await server.trigger('private-encrypted-diary', 'page', { text: '비밀' });
  assert.deepEqual(await got, { text: '비밀' });
  pusher.disconnect();
});

test('the largest call goes through: a hundred channels, 10 kB for each', async () => {
  const pusher = await guest();
  const names = Array.from({ length: 100 }, (_, i) => `wide-${i}`);
  const heard = new Set();
  for (const name of names) (await subscribed(pusher, name)).bind('big', (data) => { assert.equal(data.length, 10240); heard.add(name); });
  await server.trigger(names, 'big', 'x'.repeat(10240));
  await until(() => heard.size === 100);
  const batch = Array.from({ length: 10 }, (_, i) => ({ channel: `wide-${i}`, name: 'big', data: '"'.repeat(10240) }));
  heard.clear();
  await server.triggerBatch(batch);
  await until(() => heard.size === 10);
  pusher.disconnect();
});

test('webhooks of the stock library are checked with the same key', () => {
  const rawBody = '{"time_ms":1,"events":[]}';
  const headers = { 'content-type': 'application/json', 'x-pusher-key': 'maru',
    'x-pusher-signature': createHmac('sha256', secret).update(rawBody).digest('hex') };
  assert.ok(server.webhook({ headers, rawBody }).isValid());
  assert.ok(!server.webhook({ headers, rawBody: `${rawBody} ` }).isValid());
});

// ---- what may be said

test('an event is refused as Pusher refuses it', async () => {
  const bad = (change) => ({ ...event, ...change });
  const cases = {
    name: [undefined, null, '', 1, {}, 'x'.repeat(201), '한'.repeat(201), 'pusher:error', 'pusher_internal:member_added', 'maru:reset'],
    data: [undefined, null, 1, true, {}, [], { text: 'x' }],
    channel: [undefined, null, '', 1, {}, [], 'a b', 'a:b', 'a/b', '한', 'a"b', 'a\nb', '#x', '#server-to-user-', '#server-to-user-a b', 'x'.repeat(201)],
    channels: ['news', [], [1], [null], [['news']], {}, Array(101).fill('news'), ['news', 'a b']],
    socket_id: ['', '1', '1.', '.1', '1.1.1', 'a.b', '1.1 ', 1.1, {}, ['1.1']],
    info: [1, {}, ['user_count']],
  };
  for (const [field, values] of Object.entries(cases)) {
    for (const value of values) {
      const body = bad({ [field]: value });
      if (field === 'channels') delete body.channel;
      assert.ok(assertProblem(await post(body), 'bad-request').detail, JSON.stringify(body).slice(0, 100));
      if (field !== 'channels') assertProblem(await post({ batch: [event, body] }, {}, '/apps/1/batch_events'), 'bad-request');
    }
  }
  assertProblem(await post(bad({ channels: ['news'] })), 'bad-request'); // and channel
  for (const body of ['{', 'x', '[]', '"x"', 'null', '{"name":"a","name":"b"}', `${'['.repeat(1000)}`, '{"name":"\\u0000"}']) assertProblem(await post(body), 'bad-json');
  for (const batch of [undefined, null, 'x', {}, [], Array(11).fill(event), [null], [[event]], ['x'], [{}]]) {
    assertProblem(await post({ batch }, {}, '/apps/1/batch_events'), 'bad-request');
  }
});

test('what the limits allow is taken, and fields that are not known are passed over', async () => {
  for (const change of [{ name: 'x'.repeat(200) }, { name: '한'.repeat(200) }, { channel: 'x'.repeat(200) }, { channel: 'aZ09_-=@,.;' },
    { data: 'x'.repeat(10240) }, { socket_id: null }, { socket_id: '1.1' }, { socket_id: '99999999999.1' }, { info: 'user_count' }, { more: [1] },
    { channel: '#server-to-user-7' }, { name: 'client-typing' }]) {
    assertOk(await post({ ...event, ...change }), 200, {});
  }
  assertProblem(await post({ ...event, data: 'x'.repeat(10241) }), 'too-large');
  assertProblem(await post({ ...event, data: '한'.repeat(3414) }), 'too-large');
  assertProblem(await post({ batch: [event, { ...event, data: 'x'.repeat(10241) }] }, {}, '/apps/1/batch_events'), 'too-large');
});

test('only the log speaks in the channels of Maru itself', async () => {
  const [ann] = await people(stack, 1);
  const room = await createRoom(stack, ann);
  const ear = await listen(stack, ann, `presence-room-${room.id}`);
  for (const channel of [`presence-room-${room.id}`, 'presence-room-x', `private-user-${ann.id}`, 'private-user-', 'lobby']) {
    assertProblem(await post({ ...event, channel }), 'forbidden');
    assertProblem(await post({ ...event, channel: undefined, channels: ['news', channel] }), 'forbidden');
    assertProblem(await post({ batch: [event, { ...event, channel }] }, {}, '/apps/1/batch_events'), 'forbidden');
  }
  assertProblem(await post({ ...event, channel: '#system' }), 'bad-request');
  assertOk(await post({ ...event, channel: 'presence-rooms' }), 200);
  assert.deepEqual(ear.heard(), []);
  await ear.close();
});

// ---- the signature

const assertUnsigned = (answer, word) => assert.match(assertProblem(answer, 'bad-signature').detail, word);
const text = JSON.stringify(event);

test('each part of the signature is looked at', async () => {
  assertOk(await post(text), 200, {});
  assertUnsigned(await nobody.post(EVENTS, text, json), /auth_key/);
  for (const [params, word] of [
    [{ auth_key: 'other' }, /auth_key/], [{ auth_key: '' }, /auth_key/], [{ auth_key: undefined }, /auth_key/], [{ auth_key: 'MARU' }, /auth_key/],
    [{ auth_version: '1.1' }, /auth_version/], [{ auth_version: '1' }, /auth_version/], [{ auth_version: undefined }, /auth_version/],
    [{ auth_timestamp: undefined }, /auth_timestamp/], [{ auth_timestamp: 'now' }, /auth_timestamp/], [{ auth_timestamp: '' }, /auth_timestamp/],
    [{ auth_timestamp: String(now() - 610) }, /auth_timestamp/], [{ auth_timestamp: String(now() + 610) }, /auth_timestamp/],
    [{ auth_timestamp: `${now()}000` }, /auth_timestamp/], [{ auth_timestamp: `-${now()}` }, /auth_timestamp/],
    [{ body_md5: undefined }, /body_md5/], [{ body_md5: '' }, /body_md5/], [{ body_md5: md5('x') }, /body_md5/],
    [{ body_md5: md5(text).toUpperCase() }, /body_md5/],
  ]) assertUnsigned(await post(text, { params }), word);
  for (const seconds of [-590, 590]) assertOk(await post(text, { params: { auth_timestamp: String(now() + seconds) } }), 200);
  assertUnsigned(await post(text, { key: 'another secret' }), /auth_signature/);
  assertUnsigned(await post(text, { key: '' }), /auth_signature/);
});

test('the signature of another request is worth nothing', async () => {
  const good = signed('POST', EVENTS, text);
  assertOk(await nobody.post(good, text, json), 200);
  assertUnsigned(await nobody.post(good, text.replace('hello', 'jello'), json), /body_md5/);
  assertUnsigned(await nobody.post(good, `${text} `, json), /body_md5/);
  assertUnsigned(await nobody.post(good, undefined), /body_md5/);
  assertUnsigned(await nobody.post(good.replace('/events', '/batch_events'), text, json), /auth_signature/);
  assertUnsigned(await nobody.post(good.replace('/events', '/users/7/terminate_connections'), text, json), /auth_signature/);
  assertUnsigned(await nobody.post(`${good}&info=user_count`, text, json), /auth_signature/);
  assertUnsigned(await nobody.post(`${good}&auth_signature=`, text, json), /twice/);
  assertUnsigned(await nobody.post(good.replace(/auth_timestamp=\d+/, `auth_timestamp=${now() + 1}`), text, json), /auth_signature/);
  assertUnsigned(await nobody.post(good.replace(/.$/, (c) => (c === '0' ? '1' : '0')), text, json), /auth_signature/);
  assertUnsigned(await nobody.post(good.slice(0, -1), text, json), /auth_signature/);
  assertUnsigned(await nobody.post(good.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase()), text, json), /auth_signature/);
  for (const sign of [{ method: 'GET' }, { method: 'post' }, { path: '/events' }, { path: '/apps/1/events/' }, { query: '' }]) {
    assertUnsigned(await post(text, { sign }), /auth_signature/);
  }
  assertUnsigned(await nobody.get(signed('POST', '/apps/1/channels')), /auth_signature/);
  assertProblem(await nobody.get(good), 'method-not-allowed');
  // An access token of a person is no signature.
  const [ann] = await people(stack, 1);
  assertUnsigned(await api(stack, ann).post(EVENTS, text, json), /auth_key/);
});

test('another application is not known, whoever asks', async () => {
  for (const id of ['2', '01', 'maru', '1%20', '%31x']) {
    const path = `/apps/${id}/events`;
    assert.equal((await post(event, {}, path)).status, 404, id);
    assert.equal((await nobody.post(path, event)).status, 404, id);
  }
  await assert.rejects(library({ appId: '2' }).trigger('news', 'x', 'y'), { status: 404 });
  await assert.rejects(library({ key: 'x' }).trigger('news', 'x', 'y'), { status: 401 });
  await assert.rejects(library({ secret: 'x' }).trigger('news', 'x', 'y'), { status: 401 });
});

test('absurd sizes and types', async () => {
  const big = JSON.stringify({ ...event, data: 'x'.repeat(262144) });
  assert.equal((await post(big)).status, 413);
  assert.equal((await nobody.post(`${EVENTS}?${'x'.repeat(7000)}`, text, json)).status, 401);
  assertUnsigned(await nobody.post(`${EVENTS}?${Array.from({ length: 500 }, (_, i) => `a${i}=`).join('&')}`, text, json), /many/);
  for (const query of ['=', '&&&', 'auth_key', '%', 'auth_key=%zz', '%00=1', 'a%0Ab=1', 'a=%ff']) {
    assert.equal((await nobody.post(`${EVENTS}?${query}`, text, json)).status, 401, query);
  }
  assertProblem(await nobody.post(signed('POST', EVENTS, text), text, { 'Content-Type': 'text/plain' }), 'unsupported-media-type');
  for (const length of ['262145', '99999999999999999999', '-1']) {
    assertProblem(await fcgi(stack, { REQUEST_METHOD: 'POST', REQUEST_URI: EVENTS, CONTENT_TYPE: 'application/json', CONTENT_LENGTH: length }), 'too-large');
  }
});

// ---- what maru-push is told, and asked

const SIGNAL = { op: OPS.signal, channel: 'news', user: '0', body: JSON.stringify({ event: event.name, channel: 'news', data: event.data }) };

// POST /apps/*app/users/*user/terminate_connections
test('one packet for each channel, naming the socket that does not get it; none if one of them is wrong', async () => {
  const bus = await takeBus(stack);
  await post(event);
  assert.deepEqual(await bus.next(OPS.signal), SIGNAL);
  await server.trigger(['a', 'b'], 'x', 'y', { socket_id: '3.5' });
  for (const channel of ['a', 'b']) {
    assert.deepEqual(await bus.next(OPS.signal), { ...SIGNAL, channel, user: String(3n << 32n | 5n), body: JSON.stringify({ event: 'x', channel, data: 'y' }) });
  }
  await server.sendToUser('mina', 'x', { y: 1 });
  assert.equal((await bus.next(OPS.signal)).channel, '#server-to-user-mina');
  await server.terminateUserConnections('mina');
  assert.deepEqual(await bus.next(OPS.cut), { op: OPS.cut, channel: '', user: '0', body: 'mina' });
  await server.terminateUserConnections('민아 @:1');
  assert.equal((await bus.next(OPS.cut)).body, '민아 @:1');
  assertProblem(await post('', {}, `/apps/1/users/${'x'.repeat(201)}/terminate_connections`), 'bad-request');
  assertUnsigned(await post('', {}, '/apps/1/users/a%0Ab/terminate_connections'), /path/);
  await post({ ...event, channel: undefined, channels: ['a', 'lobby'] });
  await post({ batch: [event, { ...event, name: '' }] }, {}, '/apps/1/batch_events');
  await post(event);
  assert.deepEqual(await bus.next(OPS.signal), SIGNAL);
  assert.equal(bus.packets.filter(({ op }) => op === OPS.signal).length, 0);
  await bus.close();
  await stack.startPush();
});

test('without maru-push, and while it does not read, nothing is said to be done', async () => {
  await stack.stopPush();
  assertProblem(await post(event), 'unavailable');
  assertProblem(await post({}, {}, '/apps/1/users/7/terminate_connections'), 'unavailable');
  assert.equal((await get('/apps/1/channels')).status, 503);
  await stack.startPush();
  const bus = await takeBus(stack);
  bus.freeze();
  const wide = JSON.stringify({ name: 'x', channels: Array.from({ length: 100 }, (_, i) => `c${i}`), data: 'x'.repeat(10240) });
  const waiting = post(wide);
  await sleep(50);
  bus.thaw();
  assertOk(await waiting, 200, {});
  await until(() => bus.packets.filter(({ op }) => op === OPS.signal).length === 100);
  bus.freeze();
  assertProblem(await post(wide), 'unavailable');
  bus.thaw();
  await bus.close();
  await stack.startPush();
});

// What the worker hands to nginx, seen past nginx.
async function handedOver(path, params = {}) {
  const answer = await fcgi(stack, { REQUEST_METHOD: 'GET', REQUEST_URI: signed('GET', path, '', { params }) });
  assert.equal(answer.status, 200);
  return answer.headers.get('x-accel-redirect');
}

// GET /apps/*app/channels, GET /apps/*app/channels/*channel, GET /apps/*app/channels/*channel/users
test('who listens is asked with a signature, and answered by maru-push', async () => {
  assert.equal(await handedOver('/apps/1/channels'), '/_push/channels?filter_by_prefix=&info=');
  assert.equal(await handedOver('/apps/1/channels', { filter_by_prefix: 'presence-a', info: 'user_count' }), '/_push/channels?filter_by_prefix=presence-a&info=user_count');
  assert.equal(await handedOver('/apps/1/channels', { info: 'subscription_count,nonsense,' }), '/_push/channels?filter_by_prefix=&info=subscription_count');
  assert.equal(await handedOver('/apps/1/channels/a=@,.;', { info: 'cache,subscription_count' }), '/_push/channels/a=@,.;?info=cache,subscription_count');
  assert.equal(await handedOver('/apps/1/channels/presence-a', { info: 'user_count' }), '/_push/channels/presence-a?info=user_count');
  assert.equal(await handedOver('/apps/1/channels/presence-a/users'), '/_push/channels/presence-a/users');
  for (const [path, params] of [['', { filter_by_prefix: 'a/b' }], ['', { filter_by_prefix: 'a b' }], ['', { filter_by_prefix: 'x'.repeat(201) }],
    ['', { info: 'user_count' }], ['', { filter_by_prefix: 'private-', info: 'user_count' }], ['/a', { info: 'user_count' }],
    ['/a%2Fb', {}], ['/%23system', {}], ['/a%20b', {}], [`/${'x'.repeat(201)}`, {}], ['/private-a/users', {}], ['/a%2F../users', {}],
    ['', { info: 'subscription_count,'.repeat(20) }]]) {
    assertProblem(await get(`/apps/1/channels${path}`, params), 'bad-request');
  }
  for (const path of ['', '/presence-a', '/presence-a/users']) assertUnsigned(await nobody.get(`/apps/1/channels${path}`), /auth_key/);
  for (const path of ['/_push/channels', '/_push/channels/a', '/_push/']) assert.equal((await nobody.get(path)).status, 404);
});

test('nginx fetches that answer: a bare GET to the daemon, whose answer comes back as it is', async () => {
  await stack.stopPush();
  const asked = [];
  let answer = [200, '{"channels":{}}'];
  const daemon = createServer((req, res) => {
    asked.push({ method: req.method, url: req.url, headers: req.headers });
    res.writeHead(answer[0], { 'Content-Type': 'application/json', 'Content-Length': answer[1].length });
    res.end(answer[1]);
  });
  await new Promise((resolve) => { daemon.listen(stack.conf.push_socket, resolve); });
  assert.deepEqual(await (await server.get({ path: '/channels', params: { filter_by_prefix: 'presence-', info: 'user_count' } })).json(), { channels: {} });
  assert.equal((await server.get({ path: '/channels/a=@,.;' })).headers.get('content-type'), 'application/json');
  answer = [400, '{"error":"no"}'];
  const path = '/apps/1/channels/presence-a/users';
  const refused = await nobody.get(signed('GET', path), { Cookie: 'x=1', Authorization: 'Bearer x', 'X-Real-IP': '192.0.2.1' });
  assert.deepEqual([refused.status, refused.body], [400, { error: 'no' }]);
  assert.equal(refused.headers.get('cache-control'), 'no-store');
  assert.deepEqual(asked.map(({ method, url }) => `${method} ${url}`), ['GET /channels?filter_by_prefix=presence-&info=user_count',
    'GET /channels/a=@,.;?info=', 'GET /channels/presence-a/users']);
  for (const { headers } of asked) assert.deepEqual(headers, { host: 'maru-push', 'x-real-ip': '127.0.0.1' });
  const head = await nobody.call('HEAD', signed('HEAD', path));
  assert.deepEqual([head.status, head.body, asked.at(-1).method], [400, '', 'GET']);
  daemon.closeAllConnections();
  await new Promise((resolve) => { daemon.close(resolve); });
  await stack.startPush();
});

// ---- with a maru-push that answers HTTP, knows who signed in and spares a socket. Until it does, these are left out.

const pushAnswers = await new Promise((resolve) => {
  request({ socketPath: stack.conf.push_socket, path: '/channels?filter_by_prefix=&info=' }, (answer) => { answer.resume(); resolve(answer.statusCode === 200); })
    .on('error', () => resolve(false)).end();
});
const later = { skip: pushAnswers ? false : 'this maru-push does not answer /channels yet' };

test('who listens to what', later, async () => {
  const pusher = await guest();
  await subscribed(pusher, 'presence-tea');
  await subscribed(pusher, 'coffee');
  const ask = async (path, params) => (await server.get({ path, params })).json();
  const { channels } = await ask('/channels', {});
  assert.ok('presence-tea' in channels && 'coffee' in channels);
  assert.deepEqual(await ask('/channels', { filter_by_prefix: 'presence-t', info: 'user_count' }), { channels: { 'presence-tea': { user_count: 1 } } });
  const tea = await ask('/channels/presence-tea', { info: 'user_count,subscription_count' });
  assert.equal(tea.occupied, true);
  assert.equal(tea.user_count, 1);
  assert.equal((await ask('/channels/nobody', {})).occupied, false);
  assert.deepEqual((await ask('/channels/presence-tea/users', {})).users.length, 1);
  pusher.disconnect();
});

test('what a cache channel keeps, whether anybody listens or not', later, async () => {
  const ask = async (path, info = 'cache') => (await server.get({ path, params: { info } })).json();
  assert.deepEqual(await ask('/channels/cache-price'), { occupied: false });
  for (const data of ['', '"\\","data":"\n 값', JSON.stringify({ n: 1, text: '안녕', data: '","data":"' }), 'x'.repeat(10240)]) {
    await server.trigger('cache-price', 'odd","data":"\\', data);
    const answer = await until(async () => { const got = await ask('/channels/cache-price'); return got.cache?.data === data && got; });
    assert.deepEqual(answer, { occupied: false, cache: { data, ttl: answer.cache.ttl } });
    assert.ok(Number.isInteger(answer.cache.ttl) && answer.cache.ttl > 1700 && answer.cache.ttl <= 1800, `${answer.cache.ttl}`);
  }
  const pusher = await guest();
  await subscribed(pusher, 'cache-price');
  const both = await ask('/channels/cache-price', 'subscription_count,cache');
  assert.deepEqual([both.occupied, both.subscription_count, both.cache.data.length], [true, 1, 10240]);
  assert.equal((await ask('/channels/cache-price', '')).cache, undefined);
  await server.trigger('price', 'x', {});
  assert.deepEqual(await ask('/channels/price'), { occupied: false });
  assert.equal((await ask('/channels')).channels['cache-price'].cache, undefined);
  pusher.disconnect();
});

test('the socket that sent it does not get it back', later, async () => {
  const [one, two] = [await guest(), await guest()];
  const heard = { one: [], two: [] };
  (await subscribed(one, 'echo')).bind('x', (data) => heard.one.push(data));
  (await subscribed(two, 'echo')).bind('x', (data) => heard.two.push(data));
  await server.trigger('echo', 'x', 1, { socket_id: one.connection.socket_id });
  await server.trigger('echo', 'x', 2);
  await until(() => heard.one.length === 1 && heard.two.length === 2);
  assert.deepEqual(heard, { one: [2], two: [1, 2] });
  for (const each of [one, two]) each.disconnect();
});

test('a person is spoken to, and thrown out', later, async () => {
  const [mina, other] = [await guest(), await guest()];
  mina.signin();
  await mina.user.signinDonePromise;
  assert.equal(mina.user.user_data.id, 'mina');
  const got = eventOn(mina.user, 'hello');
  await server.sendToUser('mina', 'hello', { text: '안녕' });
  assert.deepEqual(await got, { text: '안녕' });
  const closed = new Promise((resolve) => { mina.connection.bind('disconnected', resolve); mina.connection.bind('failed', resolve); });
  await server.terminateUserConnections('mina');
  await closed;
  assert.equal(other.connection.state, 'connected');
  for (const each of [mina, other]) each.disconnect();
});
