// A file of 200 MB, sent whole and in pieces, on its way to a real bucket: what memory that takes.
//
//   make bench-files ONLY=large [MB=200]
import { createHash, randomBytes } from 'node:crypto';
import { signUp, until } from '../../tests/harness.mjs';
import { must, post, startWithBucket, waiting, watchMemory } from './filing.mjs';

const MB = 1 << 20;
const PIECE = 8 * MB;

// The same pseudo-random bytes each time, without holding them all.
function* bytesOf(length, hash) {
  const block = randomBytes(MB);
  for (let at = 0; at < length; at += MB) {
    block.writeUInt32LE(at / MB, 0);
    const piece = Buffer.from(block.subarray(0, Math.min(MB, length - at)));
    hash.update(piece);
    yield piece;
  }
}

async function sendWhole(stack, user, length, hash) {
  return (await must(post(stack, user, '/v1/files?name=large.bin', length, bytesOf(length, hash)), 201)).id;
}

async function sendInPieces(stack, user, length, hash) {
  const tus = { 'Tus-Resumable': '1.0.0' };
  const { headers } = await post(stack, user, '/v1/uploads', 0, [], { headers: { ...tus, 'Upload-Length': length } });
  const url = headers.location;
  let waits = [];
  let offset = 0;
  const flush = async () => {
    const size = waits.reduce((sum, { length: n }) => sum + n, 0);
    await must(post(stack, user, url, size, waits, { method: 'PATCH', headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': offset } }), 204);
    offset += size;
    waits = [];
  };
  for (const piece of bytesOf(length, hash)) {
    waits.push(piece);
    if (waits.length * MB >= PIECE) await flush();
  }
  if (waits.length > 0) await flush();
  return (await must(post(stack, user, url, 0, [], { method: 'GET', headers: tus }), 200)).file.id;
}

export async function large({ bar, env }) {
  const length = env('MB', 200) * MB;
  const { stack, swift, stop } = await startWithBucket({ workers: 4 });
  const ann = await signUp(stack);
  // What the programs load when they are first used is not what a large file takes.
  for (let i = 0; i < 20; i++) await must(post(stack, ann, '/v1/files', 300000, randomBytes(300000)), 201);
  await until(() => waiting(stack) === 0, 60000, 'the spool to be empty');
  const grown = {};
  let wrong = 0;
  for (const [name, send] of Object.entries({ whole: sendWhole, pieces: sendInPieces })) {
    const memory = watchMemory(stack);
    const hash = createHash('sha256');
    const started = performance.now();
    const id = await send(stack, ann, length, hash);
    const sent = performance.now();
    await until(() => waiting(stack) === 0, 300000, 'the spool to be empty');
    const most = memory.stop();
    console.log(`${name}: ${length / MB} MB in ${((sent - started) / 1000).toFixed(1)} s, in the bucket ${((performance.now() - sent) / 1000).toFixed(1)} s later;`
      + ` grown by at most ${Object.entries(most).map(([what, mb]) => `${what} ${mb.toFixed(1)} MB`).join(', ')}`);
    for (const [what, mb] of Object.entries(most)) grown[what] = Math.max(grown[what] ?? 0, mb);
    const [[object]] = await stack.sql(`SELECT object FROM file WHERE id = ${id}`);
    const stored = await swift.get(`${object.slice(0, 2)}/${object}`);
    if (createHash('sha256').update(stored ?? '').digest('hex') !== hash.digest('hex')) wrong++;
  }
  bar('files_large_growth', Math.max(...Object.values(grown)), 'MB', '<=8');
  bar('files_large_wrong', wrong, 'objects', '<=0');
  await stop();
}
