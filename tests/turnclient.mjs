// As much of a TURN client (RFC 5389, RFC 5766) as shows what a relay lets somebody do.
//
//   const client = turnClient(port, { username, credential });
//   await client.allocate();             // 0, or the number of the error
//   await client.permit('10.0.0.1');     // the same: may it send there?
//   client.close();
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const COOKIE = 0x2112a442;
const [BINDING, ALLOCATE, PERMIT] = [0x0001, 0x0003, 0x0008];
const [USERNAME, INTEGRITY, ERROR, PEER, REALM, NONCE, FAMILY, TRANSPORT] = [0x0006, 0x0008, 0x0009, 0x0012, 0x0014, 0x0015, 0x0017, 0x0019];
const UDP = Buffer.from([17, 0, 0, 0]);
const IPV6 = Buffer.from([2, 0, 0, 0]);
const AGAIN_MS = 200;
const TRIES = 25;

function attribute(type, value) {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes, Buffer.alloc(-bytes.length & 3)]);
}

// With a key it is signed.
function message(method, attributes, { key, transaction = randomBytes(12) } = {}) {
  const head = Buffer.alloc(8);
  const body = Buffer.concat(attributes);
  head.writeUInt16BE(method, 0);
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  head.writeUInt32BE(COOKIE, 4);
  const all = Buffer.concat([head, transaction, body]);
  return key ? Buffer.concat([all, attribute(INTEGRITY, createHmac('sha1', key).update(all).digest())]) : all;
}

// { code, attributes }: 0 for success.
function read(bytes) {
  const attributes = new Map();
  for (let at = 20; at < bytes.length;) {
    const size = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size + (-size & 3);
  }
  const error = attributes.get(ERROR);
  return { code: error ? error[2] * 100 + error[3] : 0, attributes };
}

// The sixteen bytes of an IPv6 address; its end may be written as IPv4.
function bytesOf6(address) {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...n) => [0, 2].map((i) => (n[i] * 256 + Number(n[i + 1])).toString(16)).join(':'));
  const [before, after = []] = hex.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

// XOR-PEER-ADDRESS.
function peer(address, transaction) {
  const bytes = isIPv6(address) ? bytesOf6(address) : Buffer.from(address.split('.').map(Number));
  const mask = Buffer.concat([Buffer.from([0x21, 0x12, 0xa4, 0x42]), transaction]);
  return Buffer.concat([Buffer.from([0, isIPv6(address) ? 2 : 1, 0x21, 0x12]), bytes.map((byte, i) => byte ^ mask[i])]);
}

// Asks until there is an answer; undefined: there is none.
function ask(socket, port, request, tries = TRIES) {
  return new Promise((resolve) => {
    let left = tries;
    const done = (answer) => {
      clearInterval(timer);
      socket.off('message', hear);
      resolve(answer);
    };
    const hear = (bytes) => { if (bytes.subarray(8, 20).equals(request.subarray(8, 20))) done(read(bytes)); };
    const send = () => {
      if (left-- === 0) done();
      else socket.send(request, port, '127.0.0.1');
    };
    const timer = setInterval(send, AGAIN_MS);
    socket.on('message', hear);
    send();
  });
}

function open() {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  return socket;
}

// Whether a server answers at all, which needs no credential.
export async function binding(port) {
  const socket = open();
  const answer = await ask(socket, port, message(BINDING, []), 1);
  socket.close();
  return answer !== undefined;
}

export function turnClient(port, { username, credential } = {}) {
  const socket = open();
  let known = [];
  let key;

  // The first answer is a challenge, which says what to sign with.
  async function call(method, attributesFor) {
    for (;;) {
      const transaction = randomBytes(12);
      const answer = await ask(socket, port, message(method, [...attributesFor(transaction), ...known], { key, transaction }));
      if (!answer) throw new Error('the relay does not answer');
      if (answer.code !== 438 && (answer.code !== 401 || key || !username)) return answer.code;
      const [realm, nonce] = [answer.attributes.get(REALM), answer.attributes.get(NONCE)];
      known = [attribute(USERNAME, username), attribute(REALM, realm), attribute(NONCE, nonce)];
      key = createHash('md5').update(`${username}:${realm}:${credential}`).digest();
    }
  }

  return {
    allocate: ({ ipv6 = false } = {}) => call(ALLOCATE, () => [attribute(TRANSPORT, UDP), ...ipv6 ? [attribute(FAMILY, IPV6)] : []]),
    permit: (address) => call(PERMIT, (transaction) => [attribute(PEER, peer(address, transaction))]),
    close: () => socket.close(),
  };
}
