// GET /v1/realtime/sse: the same as a websocket by Server-Sent Events. GET /metrics.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { after } from 'node:test';
import { checkAnswer, checkFrame } from '../contract.mjs';
import { api, signUp, startStack, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';
import { sayBehindTheBack } from './listener.mjs';

const LISTED = 'https://www.example.org';
const stack = await startStack({ conf: { login_attempts: 1000, push_ping: 2, push_hangup: 4, presence_linger: 1,
  cors_origins: `http://localhost:3000 ${LISTED}` } });
after(() => stack.stop());

const [host, ann, stranger] = await people(stack, 3);
const hosts = api(stack, host);
const channelOf = (room) => `presence-room-${room.id}`;

// A browser's EventSource as far as it matters: { events, comments, status, lastId, closed, close() }. An event is
// { id, event, channel, data }, id being the last one that was said, as a browser has it.
async function open(user, channels, { lastId, query = '', origin } = {}) {
  const headers = { ...(origin ? { Origin: origin } : {}), ...(user ? { Authorization: `Bearer ${user.token}` } : {}), ...(lastId ? { 'Last-Event-ID': lastId } : {}) };
  const stream = { events: [], comments: 0, lastId: '', closed: false };
  const sent = request(`http://127.0.0.1:${stack.port}/v1/realtime/sse?channels=${channels.join(',')}${query}`, { headers });
  sent.on('error', () => { stream.closed = true; });
  sent.end();
  const answer = await new Promise((resolve, reject) => { sent.once('response', resolve); sent.once('error', reject); });
  if (answer.statusCode === 200) {
    checkAnswer('GET', '/v1/realtime/sse', { status: answer.statusCode, headers: new Headers({ 'content-type': answer.headers['content-type'] }), body: '' });
  }
  let text = '';
  const take = (block) => {
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) stream.comments++;
      if (line.startsWith('id: ')) stream.lastId = line.slice(4);
      if (!line.startsWith('data: ')) continue;
      const { event, channel, data } = JSON.parse(line.slice(6));
      if (channel) checkFrame(channel, event, data);
      stream.events.push({ id: stream.lastId, event, channel, data });
    }
  };
  answer.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) take(text.slice(0, end));
  });
  answer.on('close', () => { stream.closed = true; });
  answer.on('error', () => {});
  const named = (name, channel) => stream.events.filter((e) => e.event === name && (!channel || e.channel === channel));
  return Object.assign(stream, {
    status: answer.statusCode, headers: answer.headers, type: answer.headers['content-type'], named,
    confirmed: async (channel) => JSON.parse((await until(() => named('pusher_internal:subscription_succeeded', channel)[0])).data),
    bodies: (channel) => named('message.created', channel).map(({ data }) => JSON.parse(data).body),
    close: async () => { sent.destroy(); await until(() => stream.closed); },
  });
}

test('who only listens is not seen in the room', async () => {
  const room = await createRoom(stack, host);
  const stream = await open(host, ['lobby', channelOf(room)], { query: `&quiet=lobby,${channelOf(room)}` });
  assert.equal((await stream.confirmed(channelOf(room))).presence.count, 0);
  await stream.close();
});

test('a member gets what a websocket would get, and each event with the place in all streams', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const stream = await open(ann, ['lobby', channelOf(room)]);
  assert.equal(stream.status, 200);
  assert.match(stream.type, /^text\/event-stream/);
  await until(() => stream.events.length > 0);
  assert.equal(stream.events[0].event, 'pusher:connection_established');
  const { presence, head } = await stream.confirmed(channelOf(room));
  assert.deepEqual(presence.ids, [String(ann.id)]);
  assert.equal(head, 1);
  await stream.confirmed('lobby');
  const said = assertOk(await say(stack, host, room, '줄\n바꿈 "quoted"'), 201);
  await until(() => stream.bodies().length === 1);
  assert.deepEqual(stream.bodies(), ['줄\n바꿈 "quoted"']);
  assert.ok(stream.lastId.split(',').includes(`${channelOf(room)}:${said.seq}:${said.mid}`), stream.lastId);
  assert.match(stream.lastId, /(^|,)lobby:\d+/);
  await stream.close();
});

test('what the blocked write is a placeholder here, too, also after a break', async () => {
  const [ann2, bob] = await people(stack, 2);
  const room = await createRoom(stack, ann2);
  await joinRoom(stack, bob, room);
  assertOk(await api(stack, ann2).put(`/v1/blocks/${bob.id}`), 201);
  let lastId;
  for (const words of [['one'], ['two', 'three']]) {
    const stream = lastId ? undefined : await open(ann2, [channelOf(room)]);
    if (stream) await stream.confirmed(channelOf(room));
    for (const word of words) assertOk(await say(stack, bob, room, word), 201);
    const heard = stream ?? await open(ann2, [channelOf(room)], { lastId });
    await until(() => heard.named('message.created').length === words.length);
    assert.ok(heard.named('message.created').every(({ data }) => JSON.parse(data).hidden));
    assert.doesNotMatch(JSON.stringify(heard.events), /one|two|three/);
    ({ lastId } = heard);
    await heard.close();
  }
});

test('what was missed comes once, in order, after Last-Event-ID', async () => {
  const [one, two] = [await createRoom(stack, host), await createRoom(stack, host)];
  const channels = [channelOf(one), channelOf(two)];
  const first = await open(host, channels);
  for (const channel of channels) await first.confirmed(channel);
  assertOk(await say(stack, host, one, 'a'), 201);
  assertOk(await say(stack, host, two, 'b'), 201);
  await until(() => first.bodies().length === 2);
  const { lastId } = first;
  await first.close();
  for (let i = 0; i < 20; i++) assertOk(await say(stack, host, i % 2 ? one : two, `missed ${i}`), 201);
  await sayBehindTheBack(stack, host, one);
  for (const [n, where] of [{ lastId }, { query: `&last_event_id=${lastId}` }].entries()) {
    const second = await open(host, channels, where);
    for (const channel of channels) assert.equal((await second.confirmed(channel)).recovered, true);
    await until(() => second.bodies().length >= 21, 5000, 'what was missed');
    assertOk(await say(stack, host, two, `live ${n}`), 201);
    await until(() => second.bodies(channels[1]).at(-1) === `live ${n}`);
    const odd = Array.from({ length: 20 }, (_, i) => `missed ${i}`).filter((_, i) => i % 2);
    assert.deepEqual(second.bodies(channels[0]), [...odd, 'behind the back']);
    const heard = second.bodies(channels[1]);
    assert.equal(new Set(heard).size, heard.length);
    await second.close();
  }
});

test('who comes back with another mid reloads', async () => {
  const room = await createRoom(stack, host);
  const said = assertOk(await say(stack, host, room), 201);
  const stream = await open(host, [channelOf(room)], { lastId: `${channelOf(room)}:${said.seq}:1` });
  assert.equal((await stream.confirmed(channelOf(room))).recovered, false);
  await stream.close();
});

test('only for those who may listen: nobody else gets even one of the channels', async () => {
  const room = await createRoom(stack, host);
  const path = (channels) => `/v1/realtime/sse?channels=${channels}`;
  assertProblem(await api(stack).get(path('lobby')), 'unauthenticated');
  assertProblem(await api(stack, stranger).get(path(channelOf(room))), 'not-member');
  assertProblem(await api(stack, stranger).get(path(`lobby,private-user-${host.id}`)), 'forbidden');
  assertProblem(await api(stack, stranger).get(path('presence-room-999999999')), 'not-found');
  assertInvalid(await hosts.get('/v1/realtime/sse'), 'channels');
  assertInvalid(await hosts.get(path(Array.from({ length: 100 }, (_, i) => `news-${'x'.repeat(40)}${i}`).join(','))), 'channels');
  // Straight to the door that only nginx opens:
  assert.equal((await hosts.get('/_push/sse?id=1.1')).status, 404);
  assert.equal((await hosts.get('/_push/metrics')).status, 404);
});

test('a name that breaks out of its argument is only a name', async () => {
  for (const name of ['x%26f%3D%7B%22event%22%7D', 'a%0Ab', 'a%0D%0AX-Accel-Redirect:%20/etc', '%22%7D', '..%2f..%2fmetrics']) {
    const stream = await open(host, [name]);
    assert.equal(stream.status, 200, name);
    await until(() => stream.events.length === 2, 3000, name);
    assert.equal(stream.events[1].event, 'pusher:error', name);
    await stream.close();
  }
});

test('pages of listed sites may read it, and what else maru-push answers, others not', async () => {
  const exposed = 'Retry-After, Location, Tus-Resumable, Upload-Length, Upload-Offset';
  const cors = (headers) => ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers', 'vary'].map((name) => headers[name]);
  for (const [origin, granted] of [[LISTED, [LISTED, 'true', exposed, 'Origin']], ['http://localhost:3000', ['http://localhost:3000', 'true', exposed, 'Origin']],
    ...['https://evil.example', `${LISTED}.evil.example`, 'null', `${LISTED} https://evil.example`, stack.url, undefined]
      .map((foreign) => [foreign, [undefined, undefined, undefined, 'Origin']])]) {
    const stream = await open(host, ['lobby'], { origin });
    assert.equal(stream.status, 200);
    assert.deepEqual(cors(stream.headers), granted, origin);
    await stream.confirmed('lobby');
    await stream.close();
    const answer = await hosts.get(`/v1/presence?users=${host.id}`, origin ? { Origin: origin } : {});
    assertOk(answer, 200);
    assert.deepEqual(cors(Object.fromEntries(answer.headers)), granted, origin);
  }
  const refused = await api(stack).get('/v1/realtime/sse?channels=lobby', { Origin: LISTED });
  assertProblem(refused, 'unauthenticated');
  assert.deepEqual(cors(Object.fromEntries(refused.headers)), [LISTED, 'true', exposed, 'Origin']);
});

test('kicked, it hears no more; logged out, it ends', async () => {
  const room = await createRoom(stack, host);
  const guest = await signUp(stack);
  await joinRoom(stack, guest, room);
  const stream = await open(guest, [channelOf(room), `private-user-${guest.id}`]);
  await stream.confirmed(channelOf(room));
  assertOk(await hosts.del(`/v1/rooms/${room.id}/members/${guest.id}`), 204);
  await until(() => stream.named('maru:unsubscribed').length === 1);
  assertOk(await say(stack, host, room, 'not for them'), 201);
  assertOk(await api(stack, guest).del('/v1/sessions/current'), 204);
  await until(() => stream.closed, 2000, 'the stream to end');
  assert.deepEqual(stream.bodies(), []);
  assertProblem(await api(stack, guest).get('/v1/realtime/sse?channels=lobby'), 'unauthenticated');
});

test('it counts as present, and not when it is gone', async () => {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  const watcher = await open(host, [channelOf(room)]);
  await watcher.confirmed(channelOf(room));
  const stream = await open(ann, [channelOf(room)]);
  await until(() => watcher.named('pusher_internal:member_added').length === 1);
  await stream.close();
  await until(() => watcher.named('pusher_internal:member_removed').length === 1, 10000);
  await watcher.close();
});

test('it is kept alive by comments, and told to come back before it could be a ghost', async () => {
  const stream = await open(host, ['lobby']);
  await until(() => stream.closed, 8000, 'its end');
  assert.ok(stream.comments >= 1);
  assert.equal(stream.events.at(-1).event, 'pusher:error');
  assert.equal(stream.events.at(-1).data.code, 4200);
});

test('counters for Prometheus, from here only', async () => {
  const stream = await open(host, ['lobby']);
  await stream.confirmed('lobby');
  const { status, body } = await api(stack).get('/metrics');
  assert.equal(status, 200);
  const values = Object.fromEntries(body.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')));
  assert.equal(values.maru_push_connections, '1');
  assert.ok(Number(values.maru_push_deliveries_total) > 10);
  assert.ok(Number(values.maru_push_resumed_total) >= 4);
  assert.ok(Number(values['maru_push_closed_total{code="4200"}']) >= 1);
  for (const line of body.trim().split('\n'))
    assert.match(line, /^(# (HELP|TYPE) maru_(push|store)_\w+ .+|maru_(push|store)_\w+(\{code="\d+"\})? [\d.e+-]+)$/);
  await stream.close();
});
