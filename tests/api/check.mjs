// What the tests of the API check again and again, and the ways to talk to it that a browser lacks.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import WebSocket from 'ws';
import { checkAnswer, checkFrame } from '../contract.mjs';
import { api, root, signUp } from '../harness.mjs';

// slug -> { status, title }, from the list that the server is made of.
const errors = Object.fromEntries(
  [...readFileSync(join(root, 'shared/err.def'), 'utf8')
    .matchAll(/^ERR\(\w+, (\d+), "([^"]+)", "([^"]+)"\)/gm)]
    .map(([, status, slug, title]) => [slug, { status: Number(status), title }]),
);

export const TIME = /^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/;
export const MID = /^(0|[1-9]\d{0,19})$/;
// The password of every secret room in the tests: a word that may appear in no answer.
export const ROOM_PASSWORD = 'swordfish-in-the-hall';

// No answer to any request of any test may contain a password or the hash of one, and each is one that the contract has.
const plainFetch = globalThis.fetch;
globalThis.fetch = async (...args) => {
  const response = await plainFetch(...args);
  const text = await response.clone().text();
  assertNoSecret(text);
  const { hostname, pathname } = new URL(args[0]);
  if (hostname === '127.0.0.1' && !response.redirected) {
    const json = /json/.test(response.headers.get('content-type') ?? '');
    checkAnswer(args[1]?.method ?? 'GET', pathname, { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : text });
  }
  return response;
};

export function assertNoSecret(text) {
  assert.doesNotMatch(text, /argon2|"password":|swordfish-in-the-hall/);
}

// The answer must be exactly this problem document. fields: the names of the fields that it finds
// fault with, in order; a list for invalid-fields, else nothing. Returns the document.
export function assertProblem(answer, slug, fields) {
  const { status, title } = errors[slug];
  const { headers, body } = answer;
  const seen = `expected ${slug}, got ${answer.status} ${JSON.stringify(body)}`;
  assert.equal(answer.status, status, seen);
  assert.equal(headers.get('content-type'), 'application/problem+json', seen);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.deepEqual(
    { type: body.type, title: body.title, status: body.status },
    { type: `/problems/${slug}`, title, status }, seen,
  );
  assert.match(body.request_id, /^[0-9a-f]{32}$/);
  assert.match(body.instance, /^\//);
  const known = ['type', 'title', 'status', 'detail', 'instance', 'request_id', 'errors'];
  assert.deepEqual(Object.keys(body).filter((key) => !known.includes(key)), []);
  assert.deepEqual(body.errors?.map(({ field }) => field), fields, seen);
  for (const error of body.errors ?? []) {
    assert.deepEqual(Object.keys(error), ['field', 'message']);
    assert.ok(error.message.length > 0);
  }
  if (status >= 500) assert.equal(body.detail, undefined, 'what went wrong inside is not told');
  if (status === 503) assert.match(headers.get('retry-after'), /^\d+$/);
  if (status === 401) assert.equal(headers.get('www-authenticate'), 'Bearer');
  return body;
}

export function assertInvalid(answer, ...fields) {
  return assertProblem(answer, 'invalid-fields', fields);
}

// The same JSON, whatever the order of its keys.
export function assertOk(answer, status, expected) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  if (status === 204) assert.equal(answer.body, '');
  else assert.equal(answer.headers.get('content-type'), 'application/json');
  if (expected !== undefined) assert.deepEqual(answer.body, expected);
  return answer.body;
}

// Many accounts, each logged in, in the order of their ids. Ten at a time: who waits three seconds for a place to hash a
// password is refused.
export async function people(stack, n) {
  const all = [];
  while (all.length < n) all.push(...await Promise.all(Array.from({ length: Math.min(10, n - all.length) }, () => signUp(stack))));
  return all.sort((a, b) => a.id - b.id);
}

const madeBy = new WeakMap();

export async function createRoom(stack, host, room = {}) {
  const kind = room.kind ?? 'public';
  const made = assertOk(await api(stack, host).post('/v1/rooms', {
    title: 'tea', kind, ...(kind === 'secret' ? { password: ROOM_PASSWORD } : {}), ...room,
  }), 201);
  madeBy.set(made, host);
  return made;
}

// The room as events show it: without what depends on who asks.
export function shared({ joined, liked, ...room }) {
  return room;
}

export async function joinRoom(stack, user, room, password) {
  return assertOk(await api(stack, user).put(`/v1/rooms/${room.id ?? room}/members/me`,
    password === undefined ? {} : { password }), 201);
}

// Lets somebody into a group that createRoom() gave: whoever made it sends an invite.
export async function putIntoGroup(stack, user, room) {
  const { code } = assertOk(await api(stack, madeBy.get(room)).post(`/v1/rooms/${room.id}/invites`, { uses: 1 }), 201);
  return assertOk(await api(stack, user).post(`/v1/invites/${code}/uses`), 201);
}

let lastClientId = 0;

export function say(stack, user, room, body = 'hello', clientId = `c${++lastClientId}`) {
  return api(stack, user).post(`/v1/rooms/${room.id ?? room}/messages`, { client_id: clientId, body });
}

// ---- tokens ----------------------------------------------------------------------------------------

export function b64(value) {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function claims(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

export const JWT_HEADER = { alg: 'HS256', typ: 'JWT' };

// An access token as the server would make it, of anything.
export function forge(stack, payload, { header = JWT_HEADER, secret = stack.conf.token_secret } = {}) {
  const text = `${b64(header)}.${b64(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

// ---- a websocket without a library above it --------------------------------------------------------

// Resolves when the server has greeted: { ws, id, events, closed, next(event), send(event, data) }.
export async function rawSocket(stack) {
  const ws = new WebSocket(`ws://127.0.0.1:${stack.port}/app/maru?protocol=7&client=test&version=1`);
  const socket = { ws, events: [], waiting: [] };
  socket.closed = new Promise((resolve) => ws.on('close', (code) => resolve(code)));
  ws.on('error', () => {});
  ws.on('message', (text) => {
    assertNoSecret(String(text));
    const { event, channel, data } = JSON.parse(text);
    if (channel) checkFrame(channel, event, data);
    socket.events.push(JSON.parse(text));
    socket.waiting.splice(0).forEach((wake) => wake());
  });
  socket.send = (event, data) => ws.send(JSON.stringify({ event, data }));
  socket.next = async (accept, ms = 5000) => {
    const wanted = typeof accept === 'string' ? ({ event }) => event === accept : accept;
    const end = Date.now() + ms;
    for (let i = 0; ; i++) {
      while (i >= socket.events.length) {
        if (Date.now() > end) throw new Error(`no such event: ${accept}; ${JSON.stringify(socket.events)}`);
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, end - Date.now() + 1);
          socket.waiting.push(() => { clearTimeout(timer); resolve(); });
        });
      }
      if (wanted(socket.events[i])) return socket.events[i];
    }
  };
  const greeting = await socket.next('pusher:connection_established');
  socket.id = JSON.parse(greeting.data).socket_id;
  return socket;
}

// Asks for the right to subscribe and uses it. Resolves with the server's answer.
export async function subscribeRaw(stack, socket, user, channel) {
  const { body } = await api(stack, user).post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channel });
  socket.send('pusher:subscribe', { channel, ...body });
  return socket.next(({ event, channel: on }) => on === channel
    && ['pusher_internal:subscription_succeeded', 'pusher:subscription_error'].includes(event));
}

// ---- HTTP and FastCGI as bytes ---------------------------------------------------------------------

// Writes bytes to nginx and resolves with all that comes until the connection ends. nginx takes a
// client that closes its half for one that has left; with half it is done all the same.
export function rawHttp(stack, bytes, { half = false } = {}) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(stack.port, '127.0.0.1', () => {
      if (half) socket.end(bytes);
      else socket.write(bytes);
    });
    socket.setTimeout(20000, () => socket.destroy(new Error('the server says nothing')));
    socket.on('data', (data) => chunks.push(data));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE'
      ? resolve(Buffer.concat(chunks).toString('latin1')) : reject(error)));
  });
}

// { status, headers, body } of one raw answer.
export function parseHttp(text) {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
  const body = rest.join('\r\n\r\n');
  const json = /json/.test(headers.get('content-type') ?? '');
  return { status: Number(first.split(' ')[1]), headers, body: json && body ? JSON.parse(body) : body };
}

export function fcgiRecord(type, content, { id = 1, length = content.length, version = 1 } = {}) {
  const head = Buffer.alloc(8);
  head.writeUInt8(version, 0);
  head.writeUInt8(type, 1);
  head.writeUInt16BE(id, 2);
  head.writeUInt16BE(length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

export function fcgiParams(params) {
  const length = (n) => (n < 128 ? Buffer.from([n])
    : Buffer.from([(n >>> 24) | 0x80, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]));
  return Buffer.concat(Object.entries(params).flatMap(([name, value]) => [
    length(Buffer.byteLength(name)), length(Buffer.byteLength(value)), Buffer.from(name), Buffer.from(value)]));
}

// Sends bytes to maru-api itself, past nginx; resolves with what comes back.
export function rawFcgi(stack, bytes) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(stack.conf.api_socket, () => socket.end(bytes));
    socket.setTimeout(20000, () => socket.destroy(new Error('maru-api says nothing')));
    socket.on('data', (data) => chunks.push(data));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE'
      ? resolve(Buffer.concat(chunks)) : reject(error)));
  });
}

// One request as nginx would hand it over, with other parameters than nginx would let through.
export async function fcgi(stack, params, body = '') {
  const all = { REQUEST_METHOD: 'GET', REQUEST_URI: '/', REQUEST_ID: '0'.repeat(32), REMOTE_ADDR: '192.0.2.7',
    REQUEST_SCHEME: 'http', ...(body ? { CONTENT_TYPE: 'application/json', CONTENT_LENGTH: String(Buffer.byteLength(body)) } : {}), ...params };
  const answer = await rawFcgi(stack, Buffer.concat([
    fcgiRecord(1, [0, 1, 0, 0, 0, 0, 0, 0]),
    fcgiRecord(4, fcgiParams(all)), fcgiRecord(4, ''),
    ...(body ? [fcgiRecord(5, body)] : []), fcgiRecord(5, ''),
  ]));
  let out = '';
  for (let at = 0; at + 8 <= answer.length;) {
    const n = answer.readUInt16BE(at + 4);
    if (answer[at + 1] === 6) out += answer.toString('utf8', at + 8, at + 8 + n);
    at += 8 + n + answer[at + 6];
  }
  return parseHttp(out.replace(/^Status:/, 'FastCGI'));
}
