// The framing itself (RFC 6455), over the sub-protocol "echo" of test builds: what is right comes back as
// it came, what is wrong is answered with the close code that section 7.4.1 has for it.
import { createHash, randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { startChaos } from './kit.mjs';

const MAX = 65536; // push_frame_max
const WAIT = 8000; // longer than a server waits for the answer to its close
const AT_ONCE = 12;
const [CONT, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

// ---- bytes

function frame(op, payload = '', { fin = true, rsv = 0, mask = true, length } = {}) {
  const data = Buffer.from(payload);
  const n = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | op];
  const bit = mask ? 0x80 : 0;
  if (n < 126) head.push(bit | n);
  else if (n < 65536) head.push(bit | 126, n >> 8, n & 255);
  else { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); head.push(bit | 127, ...b); }
  const key = mask ? randomBytes(4) : Buffer.alloc(0);
  const body = mask ? Buffer.from(data.map((byte, i) => byte ^ key[i % 4])) : data;
  return Buffer.concat([Buffer.from(head), key, body]);
}

const closing = (code, why = '') => { const b = Buffer.alloc(2); b.writeUInt16BE(code); return frame(CLOSE, Buffer.concat([b, Buffer.from(why)])); };

// Takes the frames off the front of what was received: [[op, payload]], and what is left.
function parse(bytes) {
  const frames = [];
  for (;;) {
    if (bytes.length < 2) return [frames, bytes];
    let n = bytes[1] & 127;
    let head = 2;
    if (n === 126) { if (bytes.length < 4) return [frames, bytes]; n = bytes.readUInt16BE(2); head = 4; }
    else if (n === 127) { if (bytes.length < 10) return [frames, bytes]; n = Number(bytes.readBigUInt64BE(2)); head = 10; }
    if (bytes.length < head + n) return [frames, bytes];
    frames.push([bytes[0] & 15, bytes.subarray(head, head + n)]);
    bytes = bytes.subarray(head + n);
  }
}

// Sends all of it, in pieces of `slice` bytes; resolves with { frames, ended } once `enough` is true of the frames,
// the server hung up, or it is late.
function talk(path, bytes, { slice = Infinity, enough = () => false } = {}) {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString('base64');
    const socket = createConnection(path);
    let got = Buffer.alloc(0);
    let up = false;
    const frames = [];
    const done = (ended) => { clearTimeout(timer); socket.destroy(); resolve({ frames, ended }); };
    const timer = setTimeout(() => done(false), WAIT);
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
    socket.write(`GET /app/x?protocol=7 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`
      + `Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: echo\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
    const greet = (text) => {
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (!text.startsWith('HTTP/1.1 101') || !text.includes(accept) || /permessage-deflate/i.test(text)) reject(new Error(`handshake: ${text}`));
      up = true;
      const pieces = [];
      for (let i = 0; i < bytes.length; i += slice) pieces.push(bytes.subarray(i, Math.min(bytes.length, i + slice)));
      socket.setNoDelay(true);
      for (const piece of pieces) socket.write(piece);
    };
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      const end = got.indexOf('\r\n\r\n');
      if (!up && end < 0) return;
      if (!up) { greet(got.subarray(0, end + 4).toString()); got = got.subarray(end + 4); }
      const [more, rest] = parse(got);
      frames.push(...more);
      got = rest;
      if (enough(frames)) done(false);
    });
  });
}

// ---- what there is to try: [name, bytes, what must come back]
// A list of [op, payload]: these frames; a pong may come before or after others. A number: the code of a close
// frame, before which nothing comes that is not in `before`: what stands in one segment with the end may get lost.

const random = (n) => randomBytes(Math.ceil(n / 2)).toString('hex').slice(0, n);
const cat = (...frames) => Buffer.concat(frames);

function cases() {
  const all = [];
  const right = (name, bytes, want, options) => all.push({ name, bytes, want, ...options });
  const wrong = (name, bytes, code, before = []) => all.push({ name, bytes, code, before });
  for (const n of [0, 1, 125, 126, 127, 128, 4095, 65535, MAX]) {
    const text = random(n);
    right(`text of ${n}`, frame(TEXT, text), [[TEXT, text]]);
    const data = randomBytes(n);
    right(`binary of ${n}`, frame(BINARY, data), [[BINARY, data]]);
  }
  right('many at once', cat(...Array.from({ length: 100 }, (_, i) => frame(TEXT, `m${i}`))), Array.from({ length: 100 }, (_, i) => [TEXT, `m${i}`]));
  right('byte by byte', cat(frame(TEXT, '안녕하세요'), frame(BINARY, random(300))), null, { slice: 1, count: 2 });
  right('in two parts', cat(frame(TEXT, 'one ', { fin: false }), frame(CONT, 'two')), [[TEXT, 'one two']]);
  right('in a hundred parts', cat(frame(BINARY, 'a', { fin: false }), ...Array.from({ length: 98 }, () => frame(CONT, 'b', { fin: false })), frame(CONT, 'c')), [[BINARY, `a${'b'.repeat(98)}c`]]);
  right('empty parts', cat(frame(TEXT, '', { fin: false }), frame(CONT, '', { fin: false }), frame(CONT, '')), [[TEXT, '']]);
  right('a ping between the parts', cat(frame(TEXT, 'one ', { fin: false }), frame(PING, 'p'), frame(CONT, 'two')), [[PONG, 'p'], [TEXT, 'one two']]);
  right('a letter cut in two', (() => { const b = Buffer.from('한글'); return cat(frame(TEXT, b.subarray(0, 4), { fin: false }), frame(CONT, b.subarray(4))); })(), [[TEXT, '한글']]);
  for (const n of [1, 125]) right(`a ping of ${n}`, frame(PING, random(n)), null, { count: 1, ops: [PONG] });
  right('a pong that nobody asked for', cat(frame(PONG, 'x'), frame(TEXT, 'still here')), [[TEXT, 'still here']]);
  right('four bytes of a letter', frame(TEXT, '𝄞😀'), [[TEXT, '𝄞😀']]);
  right('the largest letter', frame(TEXT, Buffer.from([0xf4, 0x8f, 0xbf, 0xbf])), [[TEXT, Buffer.from([0xf4, 0x8f, 0xbf, 0xbf])]]);
  for (const rsv of [1, 2, 3, 4, 5, 6, 7]) wrong(`reserved bits ${rsv}`, frame(TEXT, 'x', { rsv }), 1002);
  for (const op of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) wrong(`opcode ${op}`, frame(op, 'x'), 1002);
  wrong('no mask', frame(TEXT, 'x', { mask: false }), 1002);
  wrong('no mask on the second', cat(frame(TEXT, 'x'), frame(TEXT, 'y', { mask: false })), 1002, [[TEXT, 'x']]);
  wrong('no mask on a ping', frame(PING, 'x', { mask: false }), 1002);
  wrong('a part without a beginning', frame(CONT, 'x'), 1002);
  wrong('a beginning within a message', cat(frame(TEXT, 'x', { fin: false }), frame(TEXT, 'y')), 1002);
  wrong('a ping in parts', frame(PING, 'x', { fin: false }), 1002);
  wrong('a close in parts', frame(CLOSE, '', { fin: false }), 1002);
  wrong('a ping of 126', frame(PING, random(126)), 1002);
  wrong(`text of ${MAX + 1}`, frame(TEXT, random(MAX + 1)), 1009);
  wrong('too much in parts', cat(frame(TEXT, random(MAX), { fin: false }), frame(CONT, 'x')), 1009);
  wrong('a length beyond all', frame(TEXT, '', { length: 2 ** 40 }), 1009);
  for (const [name, bytes] of [['a lone byte', [0xff]], ['a letter in too many bytes', [0xc0, 0x80]], ['half of a pair', [0xed, 0xa0, 0x80]],
    ['beyond the last letter', [0xf4, 0x90, 0x80, 0x80]], ['a letter cut short', [0xe2, 0x82]], ['a continuation alone', [0x80]]])
    wrong(`no UTF-8: ${name}`, frame(TEXT, Buffer.from(bytes)), 1007);
  for (const code of [1000, 1001, 1003, 1007, 1011, 3000, 4999]) wrong(`a close with ${code}`, closing(code, 'bye'), code);
  wrong('a close without a code', frame(CLOSE), null);
  wrong('a message and a close', cat(frame(TEXT, 'last'), closing(1000)), 1000, [[TEXT, 'last']]);
  return all;
}

const pongsFirst = (frames) => [...frames].sort(([a], [b]) => (b === PONG) - (a === PONG));
const same = (frames, want) => frames.length === want.length
  && pongsFirst(want).every(([op, payload], i) => pongsFirst(frames)[i][0] === op && pongsFirst(frames)[i][1].equals(Buffer.from(payload)));

async function tryOne(path, { name, bytes, want, code, before, slice, count, ops }) {
  if (code === undefined) {
    const n = count ?? want.length;
    const { frames } = await talk(path, bytes, { slice, enough: (all) => all.length >= n });
    if (want ? same(frames, want) : frames.length === n && (ops ?? frames.map(([op]) => op)).every((op, i) => frames[i][0] === op)) return null;
    return `${name}: ${JSON.stringify(frames.map(([op, p]) => [op, p.length, p.subarray(0, 20).toString('latin1')]))}`;
  }
  const { frames, ended } = await talk(path, bytes);
  const last = frames.at(-1);
  const told = last?.[0] === CLOSE ? (last[1].length >= 2 ? last[1].readUInt16BE(0) : null) : undefined;
  if (ended && told === code && (frames.length === 1 || same(frames.slice(0, -1), before))) return null;
  return `${name}: ended ${ended}, told ${told}, not ${code}; ${frames.length} frames`;
}

export async function run(t) {
  const stack = await startChaos();
  const all = cases();
  let good = 0;
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < all.length) {
      const problem = await tryOne(stack.conf.push_socket, all[next++]);
      if (problem) t.say(problem);
      else good++;
    }
  }));
  t.bar('frames_as_rfc6455', good, `of_${all.length}`, `>=${all.length}`);
  await stack.stop();
}
