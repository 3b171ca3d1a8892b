// What the tests of push/ need beside the harness: a place on the bus, signatures of an application's backend, and
// websockets without a library above them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import WebSocket from 'ws';
import { root, until } from '../harness.mjs';

// Connects to the bus as a process of maru-api would. publish() sends what the HTTP API sends: a signal that clients
// receive; event() the same as one that may not be lost. hooks: what came for webhooks, after feed().
export function joinBus(stack) {
  const child = spawn(join(root, stack.build, 'tests/push/buspeer'), [stack.conf.bus_socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  const hooks = [];
  let rest = '';
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    hooks.push(...lines.map((line) => JSON.parse(line)));
  });
  child.stdin.on('error', () => {});
  const send = (op, channel = '', user = 0n, body = '') => child.stdin.write(`${op}\t${channel}\t${user}\t${body}\n`);
  const text = (channel, event, data) => JSON.stringify({ event, channel, data: typeof data === 'string' ? data : JSON.stringify(data) });
  const number = (id) => { const [a, b] = id.split('.').map(BigInt); return (a << 32n) | b; };
  return {
    hooks,
    publish: (channel, event, data, except) => send('signal', channel, except ? number(except) : 0n, text(channel, event, data)),
    event: (channel, event, data) => send('event', channel, 0n, text(channel, event, data)),
    cut: (id) => send('cut', '', 0n, id),
    feed: () => send('feeder'),
    hook: (name, channel, ms = 8000) => until(() => {
      const at = hooks.findIndex((hook) => hook.name === name && hook.channel === channel);
      return at >= 0 && hooks.splice(at, 1)[0];
    }, ms, `the webhook event ${name}; ${JSON.stringify(hooks)}`),
    close: () => new Promise((resolve) => { child.on('close', resolve); child.stdin.end(); }),
  };
}

// ---- an application's backend, which knows the secret

const hmac = (stack, text) => createHmac('sha256', stack.conf.app_secret).update(text).digest('hex');

export function sign(stack, id, channel, data) {
  const text = data === undefined ? undefined : JSON.stringify(data);
  const auth = `maru:${hmac(stack, [id, channel, ...(text ? [text] : [])].join(':'))}`;
  return { auth, ...(text ? { channel_data: text } : {}) };
}

export function signPerson(stack, id, person) {
  const text = JSON.stringify(person);
  return { auth: `maru:${hmac(stack, `${id}::user::${text}`)}`, user_data: text };
}

// ---- a websocket; path: after the host. direct: past nginx, from this address.

export async function open(stack, path = '/app/maru?protocol=7', { direct, ...options } = {}) {
  const url = direct ? `ws+unix:${stack.conf.push_socket}:${path}` : `ws://127.0.0.1:${stack.port}${path}`;
  const ws = new WebSocket(url, { ...options, headers: direct ? { 'X-Real-IP': direct } : {} });
  const socket = { ws, events: [], code: undefined };
  let taken = 0;
  socket.closed = new Promise((resolve) => ws.on('close', (code, reason) => {
    socket.code = code;
    resolve({ code, reason: String(reason) });
  }));
  ws.on('error', () => {});
  ws.on('message', (text) => socket.events.push(JSON.parse(text)));
  socket.send = (event, data, channel) => ws.send(JSON.stringify({ event, ...(channel ? { channel } : {}), data }));
  // The next event that was not taken yet, which must be this one.
  socket.next = async (event, ms = 5000) => {
    await until(() => socket.events.length > taken, ms, `${event} (${socket.code ?? 'open'})`);
    const got = socket.events[taken++];
    assert.equal(got.event, event, JSON.stringify(got));
    return { ...got, data: typeof got.data === 'string' && /^[[{]/.test(got.data) ? JSON.parse(got.data) : got.data };
  };
  // Whether nothing came but what was taken: an answer to a ping would come behind it.
  socket.silent = async () => {
    socket.send('pusher:ping', {});
    await socket.next('pusher:pong');
  };
  // Subscribes with the backend's signature and takes the confirmation.
  socket.subscribe = async (channel, data) => {
    const auth = /^(private|presence)-/.test(channel) ? sign(stack, socket.id, channel, data) : {};
    socket.send('pusher:subscribe', { channel, ...auth });
    return (await socket.next('pusher_internal:subscription_succeeded')).data;
  };
  socket.signIn = async (person) => {
    socket.send('pusher:signin', signPerson(stack, socket.id, person));
    return (await socket.next('pusher:signin_success')).data;
  };
  socket.close = async () => { ws.close(); await socket.closed; };
  return socket;
}

// The same, greeted.
export async function greeted(stack, path, options) {
  const socket = await open(stack, path, options);
  socket.id = (await socket.next('pusher:connection_established')).data.socket_id;
  return socket;
}
