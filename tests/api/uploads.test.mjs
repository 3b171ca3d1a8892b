// Large files in pieces: the stock client of tus, and what it must be able to rely on.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tus from 'tus-js-client';
import { api, signUp, startStack, until } from '../harness.mjs';
import { download } from './filekit.mjs';

const MB = 1 << 20;
let stack;
let ann;
let bob;

const TUS = { 'Tus-Resumable': '1.0.0' };
const PIECE = { ...TUS, 'Content-Type': 'application/offset+octet-stream' };
const b64 = (text) => Buffer.from(text).toString('base64');
// By the address of the upload: GET /v1/uploads/:upload, PATCH /v1/uploads/:upload, DELETE /v1/uploads/:upload.
const at = (user) => api(stack, user);
const create = async (length, metadata) => at(ann).post('/v1/uploads', undefined, { ...TUS, 'Upload-Length': String(length), ...(metadata ? { 'Upload-Metadata': metadata } : {}) });
const piece = (url, offset, bytes, who = ann) => at(who).patch(url, bytes, { ...PIECE, 'Upload-Offset': String(offset) });
const stand = (url, who = ann) => at(who).get(url, TUS);
const leftovers = () => readdirSync(join(stack.dir, 'files/tmp')).filter((name) => name.endsWith('_up'));

before(async () => {
  stack = await startStack({ conf: { workers: 4 } });
  [ann, bob] = await Promise.all([signUp(stack), signUp(stack)]);
});

// Resolves with the address of the upload.
function stock(bytes, options) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(bytes, {
      endpoint: `${stack.url}/v1/uploads`, chunkSize: 5 * MB, retryDelays: [200, 500, 1000, 2000],
      headers: { Authorization: `Bearer ${ann.token}` }, metadata: { filename: '동영상.bin', filetype: 'application/x-thing' },
      onSuccess: () => resolve(upload.url), onError: reject, ...options,
    });
    upload.start();
  });
}

test('the stock client sends a file that comes out the same', async () => {
  const bytes = randomBytes(12 * MB);
  let seen = 0;
  const url = new URL(await stock(bytes, { onProgress: (sent) => { seen = sent; } }));
  assert.equal(seen, bytes.length);
  const { status, body } = await stand(url.pathname);
  assert.equal(status, 200);
  assert.equal(body.offset, bytes.length);
  assert.equal(body.file.name, '동영상.bin');
  assert.equal(body.file.bytes, bytes.length);
  assert.deepEqual((await download(stack, ann, body.file.url)).bytes, bytes);
  assert.deepEqual(leftovers(), []);
});

test('it goes on after workers were killed in the middle', async () => {
  const bytes = randomBytes(12 * MB);
  let kills = 0;
  const url = new URL(await stock(bytes, {
    chunkSize: MB, retryDelays: [200, 500, 1000, 2000, 5000], // until maru-api is there again
    onChunkComplete: async (_, accepted) => {
      if (accepted < 3 * MB || kills > 0) return;
      kills++;
      await stack.kill('api');
      await stack.start('api');
    },
  }));
  assert.equal(kills, 1);
  const { body } = await stand(url.pathname);
  assert.deepEqual((await download(stack, ann, body.file.url)).bytes, bytes);
});

test('offsets are minded, and nothing is written twice', async () => {
  const { status, headers } = await create(10, `filename ${b64('a.txt')}`);
  assert.equal(status, 201);
  const url = headers.get('location');
  assert.equal((await piece(url, 0, Buffer.from('hello'))).headers.get('upload-offset'), '5');
  for (const wrong of [0, 4, 6]) {
    const { status: refused, body } = await piece(url, wrong, Buffer.from('again'));
    assert.equal(refused, 409);
    assert.equal(body.type, '/problems/other-offset');
  }
  assert.equal((await piece(url, 5, Buffer.from('too much of it'))).status, 413);
  assert.equal((await stand(url)).body.offset, 5);
  assert.equal((await piece(url, 5, Buffer.from('world'))).status, 204);
  const { body } = await stand(url);
  assert.equal((await download(stack, ann, body.file.url)).bytes.toString(), 'helloworld');
  assert.equal(body.file.name, 'a.txt');
});

test('an upload is its owner\'s alone', async () => {
  const { headers } = await create(10);
  const url = headers.get('location');
  assert.equal((await stand(url, bob)).status, 404);
  assert.equal((await piece(url, 0, Buffer.from('bob'), bob)).status, 404);
  assert.equal((await at(bob).del(url, TUS)).status, 404);
  assert.equal((await at(ann).del(url, TUS)).status, 204);
  assert.equal((await stand(url)).status, 404);
});

test('two at once: one writes, the other is told to wait', async () => {
  const { headers } = await create(4 * MB);
  const url = headers.get('location');
  const answers = await Promise.all(Array.from({ length: 4 }, () => piece(url, 0, randomBytes(2 * MB))));
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses.filter((status) => status === 204).length, 1, statuses.join());
  assert.ok(statuses.every((status) => [204, 409, 423].includes(status)), statuses.join());
  assert.equal((await stand(url)).body.offset, 2 * MB);
});

test('while somebody else writes, a piece is refused and changes nothing', async () => {
  const { headers } = await create(10);
  const url = headers.get('location');
  await piece(url, 0, Buffer.from('hello'));
  const [[object]] = await stack.sql(`SELECT object FROM upload WHERE id = ${url.split('/').at(-1)}`);
  const path = join(stack.dir, 'files/tmp', `${object}_up`);
  const holder = spawn('flock', ['-x', path, 'cat']); // until its input ends
  await until(() => spawnSync('flock', ['-xn', path, 'true']).status === 1, 5000, 'the lock to be held');
  const { status, body } = await piece(url, 5, Buffer.from('world'));
  assert.equal(status, 423);
  assert.equal(body.type, '/problems/locked');
  assert.equal((await stand(url)).body.offset, 5);
  holder.stdin.end();
  await until(async () => (await piece(url, 5, Buffer.from('world'))).status === 204, 5000, 'the piece to be taken');
});

test('what is not tus is told so', async () => {
  const { headers } = await create(10);
  const url = headers.get('location');
  const { status, headers: told } = await at(ann).get(url);
  assert.equal(status, 412);
  assert.equal(told.get('tus-version'), '1.0.0');
  assert.equal((await at(ann).post('/v1/uploads', undefined, { 'Upload-Length': '5' })).status, 412);
  assert.equal((await at(ann).patch(url, Buffer.from('x'), { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' })).status, 412);
  assert.equal((await at(ann).del(url)).status, 412);
  assert.equal((await at(ann).patch(url, Buffer.from('x'), { ...TUS, 'Content-Type': 'text/plain', 'Upload-Offset': '0' })).status, 415);
  assert.equal((await at(ann).patch(url, Buffer.from('x'), PIECE)).status, 400);
  for (const length of ['0', '-1', 'x', '99999999999999999999'])
    assert.equal((await at(ann).post('/v1/uploads', undefined, { ...TUS, 'Upload-Length': length })).status, 400, length);
  const options = await fetch(`${stack.url}/v1/uploads`, { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('tus-version'), '1.0.0');
  assert.match(options.headers.get('tus-extension'), /creation/);
});

test('too large is refused before anything was sent', async () => {
  const { status, body } = await create(10 * 1024 * MB);
  assert.equal(status, 413);
  assert.match(body.detail, /at most \d+ bytes/);
});

test('uploads that nobody goes on with are forgotten', async () => {
  const { headers } = await create(10);
  const url = headers.get('location');
  await piece(url, 0, Buffer.from('half'));
  const id = url.split('/').at(-1);
  const object = (await stack.sql(`SELECT object FROM upload WHERE id = ${id}`))[0][0];
  const path = join(stack.dir, 'files/tmp', `${object}_up`);
  assert.ok(existsSync(path));
  await stack.sql(`UPDATE upload SET expires_at = UTC_TIMESTAMP(3) WHERE id = ${id}`);
  assert.equal((await stand(url)).status, 404);
  await until(() => !existsSync(path), 10000, 'its bytes to go');
});

// All bytes are there, and whoever wrote the last of them died before it could make a file of them.
const leaveWhole = async (bytes, type) => {
  const { headers } = await create(bytes.length, `filename ${b64('a.bin')},filetype ${b64(type)}`);
  const url = headers.get('location');
  const [[object]] = await stack.sql(`SELECT object FROM upload WHERE id = ${url.split('/').at(-1)}`);
  writeFileSync(join(stack.dir, 'files/tmp', `${object}_up`), bytes);
  return url;
};

test('what was whole when a crash came becomes a file when it is asked for', async () => {
  const { status, body } = await stand(await leaveWhole(Buffer.from('whole'), 'text/plain'));
  assert.equal(status, 200);
  assert.equal((await download(stack, ann, body.file.url)).bytes.toString(), 'whole');
  const wrong = await leaveWhole(Buffer.from('whole'), 'image/png');
  assert.equal((await stand(wrong)).status, 422);
  assert.equal((await stand(wrong)).status, 404);
});

test('somebody has twenty at a time', async () => {
  const other = await signUp(stack);
  const begin = () => at(other).post('/v1/uploads', undefined, { ...TUS, 'Upload-Length': '10' });
  for (let i = 0; i < 20; i++) assert.equal((await begin()).status, 201);
  const { status, body } = await begin();
  assert.equal(status, 409);
  assert.equal(body.type, '/problems/limit-reached');
});

test('what is no picture is refused with its last piece, and nothing stays', async () => {
  const { headers } = await create(5, `filename ${b64('a.jpg')},filetype ${b64('image/jpeg')}`);
  const url = headers.get('location');
  const { status, body } = await piece(url, 0, Buffer.from('hello'));
  assert.equal(status, 422);
  assert.equal(body.type, '/problems/bad-file');
  assert.equal((await stand(url)).status, 404);
});
