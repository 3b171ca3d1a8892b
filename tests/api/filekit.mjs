// What tests of files share: uploads, downloads, and pictures that are made here.
import { request } from 'node:http';
import * as zlib from 'node:zlib';
import { api, until } from '../harness.mjs';

// Resolves with { status, headers, body } of POST /v1/files.
export function upload(stack, user, bytes, { type = 'application/octet-stream', name, use } = {}) {
  const query = new URLSearchParams({ ...(name ? { name } : {}), ...(use ? { use } : {}) }).toString();
  return api(stack, user).post(`/v1/files${query ? `?${query}` : ''}`, bytes, { 'Content-Type': type });
}

// The same, but again while the machine is too busy to look at a picture; resolves with the file.
export async function uploaded(...args) {
  const { body } = await until(async () => {
    const answer = await upload(...args);
    return answer.status !== 503 && answer;
  }, 60000, 'a file to be taken');
  return body;
}

// Resolves with { status, headers, bytes } of GET.
export function download(stack, user, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const asking = request(stack.url + path, { headers: { ...(user ? { Authorization: `Bearer ${user.token}` } : {}), ...headers }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: new Headers(answer.headers), bytes: Buffer.concat(parts) }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

// Node 18 has no zlib.crc32 yet.
const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc32 = zlib.crc32 ?? ((bytes) => (bytes.reduce((crc, byte) => TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0);

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body) >>> 0, out.length - 4);
  return out;
}

// A picture that is different for each seed.
export function png(width, height, seed = 0) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width * 3; x++) rows[y * (width * 3 + 1) + 1 + x] = (x * 7 + y * 13 + seed * 50) & 0xff;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
