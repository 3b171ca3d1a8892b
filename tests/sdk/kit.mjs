// Clients made of the library, as a bot or a test in Node has them: the tokens in memory, websockets of the `ws` package.
//
//   const ann = await member(stack);                 // a Client of somebody new, started
//   const room = await open(ann, id);                // a Room with its newest page
//   const events = record(room);                     // everything that it tells, in order
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import WebSocket from 'ws';
import { freshName, root, until } from '../harness.mjs';
import * as maru from '../../sdk/js/dist/index.js';

// Whatever this Node brings along: one for all versions.
globalThis.WebSocket = WebSocket;

export const { MaruClient, MemoryStore, Problem } = maru;
export const PASSWORD = 'correct horse battery';

const clients = new Set();
const rooms = new Set();

export function closeAll() {
  for (const room of rooms) room.close();
  for (const client of clients) client.close();
  rooms.clear();
  clients.clear();
}
if (/\.test\.mjs$/.test(process.argv[1] ?? '')) after(closeAll);

// Nobody is logged in yet. at: where it connects, if not to the stack itself.
export function newClient(stack, { at = stack.url, ...options } = {}) {
  const client = new MaruClient({ url: at, login: 'tokens', store: new MemoryStore(), ...options });
  clients.add(client);
  return client;
}

export async function member(stack, options) {
  const client = newClient(stack, options);
  const name = freshName();
  await client.signUp(name, name, PASSWORD);
  await client.start();
  return client;
}

export async function newRoom(client, room = {}) {
  const { id } = await client.rest.post('/v1/rooms', {}, { title: 'tea', kind: 'public', ...room });
  return id;
}

export const join = (client, room) => client.rest.put('/v1/rooms/{room}/members/me', { room }, {});

export async function open(client, id) {
  const room = client.room(id);
  rooms.add(room);
  await room.opened;
  return room;
}

// A room of several clients, opened by each: [Room].
export async function shared(...members) {
  const id = await newRoom(members[0]);
  for (const other of members.slice(1)) await join(other, id);
  return Promise.all(members.map((one) => open(one, id)));
}

export function record(room) {
  const events = [];
  room.on('events', (more) => events.push(...more));
  return events;
}

export const bodies = (room) => room.timeline.lines.filter(({ message }) => message).map(({ message }) => message.body);

export const told = (emitter, name, accept = () => true) => new Promise((resolve) => {
  const off = emitter.on(name, (...args) => {
    if (!accept(...args)) return;
    off();
    resolve(args);
  });
});

export const connected = (client) => until(() => client.state === 'connected', 20000, 'a connection');

// Runs work and says with which Problem it was refused.
export async function problemOf(work) {
  try {
    await work();
  } catch (problem) {
    if (problem instanceof Problem) return problem;
    throw problem;
  }
  throw new Error('nothing was refused');
}

// Notes each request that the library makes, and lets a test answer in the server's place.
//   const wire = tap(); ... wire.calls: ['POST /v1/sessions/refresh', ...]
//   wire.answer = (method, path, options, goOn) => a Response, an Error to throw, or undefined to go on
//   wire.waiting: how many have no answer yet
export function tap() {
  const plain = globalThis.fetch;
  const wire = { calls: [], waiting: 0, answer: () => undefined, close: () => { globalThis.fetch = plain; } };
  globalThis.fetch = async (address, options = {}) => {
    const { pathname } = new URL(address);
    const method = options.method ?? 'GET';
    wire.calls.push(`${method} ${pathname}`);
    const goOn = () => plain(address, options);
    wire.waiting++;
    try {
      const answer = await wire.answer(method, pathname, options, goOn);
      if (answer instanceof Error) throw answer;
      return await (answer ?? goOn());
    } finally {
      wire.waiting--;
    }
  };
  return wire;
}

export const problemAnswer = (status, type, more = {}, headers = {}) => new Response(JSON.stringify({ type: `/problems/${type}`, title: type, status, ...more }),
  { status, headers: { 'Content-Type': 'application/problem+json', ...headers } });

// The library as a page would load it. name: what it is called there, if it is no module.
export async function bundle({ name } = {}) {
  const { outputFiles: [{ text }] } = await build({ entryPoints: [`${root}/sdk/js/src/index.ts`], bundle: true, minify: true, write: false,
    target: 'es2022', ...(name ? { format: 'iife', globalName: name } : { format: 'esm' }) });
  return text;
}

export const gzipped = (text) => gzipSync(text, { level: 9 }).length;
