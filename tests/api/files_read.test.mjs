// Reading files through nginx, from the disk and from the bucket: GET /v1/files/:file
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, signUp, startStack } from '../harness.mjs';
import { startVerifier } from '../s3/verifier.mjs';
import { createRoom, joinRoom } from './check.mjs';

const ORIGIN = 'https://app.example.org';
const bucket = await startVerifier();
const conf = { cors_origins: ORIGIN };
const stacks = { disk: await startStack({ conf }), bucket: await startStack({ conf: { ...conf, ...bucket.conf } }) };
after(async () => {
  await Promise.all(Object.values(stacks).map((stack) => stack.stop()));
  bucket.close();
});

const BYTES = Buffer.from(Array.from({ length: 300000 }, (_, i) => (i * i) >> 7 & 0xff));
const SANDBOX = "default-src 'none'; sandbox";
const people = {};
for (const [name, stack] of Object.entries(stacks)) people[name] = { ann: await signUp(stack), bob: await signUp(stack), eve: await signUp(stack) };

// Resolves with { status, headers, bytes }.
function ask(stack, user, path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const authorization = user ? { Authorization: `Bearer ${user.token}` } : {};
    const asking = request(stack.url + path, { method, headers: { ...authorization, ...headers }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

// Where the file lies; with a bucket it is then there and nowhere else.
async function place(where, id) {
  const { dir } = stacks[where];
  const [[object]] = await stacks[where].sql(`SELECT object FROM file WHERE id = ${id}`);
  if (where === 'bucket') {
    const path = join(dir, 'files/ready', object);
    bucket.objects.set(`${object.slice(0, 2)}/${object}`, readFileSync(path));
    rmSync(path);
  }
  return object;
}

async function upload(where, user, bytes = BYTES, name = '보고서 (최종).txt') {
  const { status, body } = await api(stacks[where], user).post(`/v1/files?name=${encodeURIComponent(name)}`, bytes, { 'Content-Type': 'application/octet-stream' });
  assert.equal(status, 201, JSON.stringify(body));
  return { ...body, object: await place(where, body.id) };
}

function assertGuarded({ headers }, id) {
  assert.equal(headers.etag, `"${id}"`);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-security-policy'], SANDBOX);
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  assert.match(headers['cache-control'], /^private, /);
  for (const name of ['set-cookie', 'x-amz-request-id', 'x-amz-id-2', 'location', 'x-accel-redirect', 'x-files-host']) assert.equal(headers[name], undefined, name);
}

// An error says nothing about the file, and is not kept.
function assertRefused({ status, headers, bytes }, expected) {
  assert.equal(status, expected, bytes.toString().slice(0, 200));
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(JSON.parse(bytes).status, expected);
  for (const name of ['content-disposition', 'etag', 'accept-ranges', 'last-modified']) assert.equal(headers[name], undefined, name);
  assert.doesNotMatch(headers['cache-control'] ?? '', /max-age=[1-9]|public/);
}

for (const where of ['disk', 'bucket']) {
  const stack = stacks[where];
  const { ann, bob, eve } = people[where];
  const file = await upload(where, ann);

  test(`${where}: a file is what was sent, and guarded`, async () => {
    const got = await ask(stack, ann, file.url);
    assert.equal(got.status, 200);
    assert.deepEqual(got.bytes, BYTES);
    assertGuarded(got, file.id);
    assert.equal(got.headers['content-type'], 'application/octet-stream');
    assert.equal(got.headers['content-length'], String(BYTES.length));
    assert.equal(got.headers['accept-ranges'], 'bytes');
    assert.equal(got.headers['content-encoding'], undefined);
    assert.equal(got.headers['content-disposition'], `attachment; filename="___ (__).txt"; filename*=UTF-8''${'보고서 (최종).txt'.replace(/[^a-z.]/g, (c) => encodeURIComponent(c).replace('(', '%28').replace(')', '%29'))}`);
  });

  test(`${where}: HEAD says the same without the bytes`, async () => {
    const [head, get] = [await ask(stack, ann, file.url, {}, 'HEAD'), await ask(stack, ann, file.url)];
    assert.equal(head.status, 200);
    assert.equal(head.bytes.length, 0);
    for (const headers of [head.headers, get.headers]) delete headers.date;
    assert.deepEqual(head.headers, get.headers);
  });

  test(`${where}: a part is given`, async () => {
    for (const [range, from, to] of [['bytes=0-0', 0, 0], ['bytes=1000-1999', 1000, 1999], ['bytes=299999-', 299999, 299999], ['bytes=-5', 299995, 299999], ['bytes=299000-400000', 299000, 299999]]) {
      const got = await ask(stack, ann, file.url, { Range: range });
      assert.equal(got.status, 206, range);
      assert.equal(got.headers['content-range'], `bytes ${from}-${to}/300000`);
      assert.deepEqual(got.bytes, BYTES.subarray(from, to + 1));
      assertGuarded(got, file.id);
    }
    assert.equal((await ask(stack, ann, file.url, { Range: 'bytes=1-2', 'If-Range': `"${file.id}"` })).status, 206);
    const beyond = await ask(stack, ann, file.url, { Range: 'bytes=300000-' });
    assert.deepEqual([beyond.status, beyond.headers['content-type'], JSON.parse(beyond.bytes).status], [416, 'application/problem+json', 416]);
    assert.equal(beyond.headers['content-range'], 'bytes */300000');
    assert.equal((await ask(stack, ann, file.url, { Range: 'lines=1-2' })).status, 200);
  });

  test(`${where}: who has it gets a 304`, async () => {
    for (const tag of [`"${file.id}"`, `W/"${file.id}"`, `"x", "${file.id}"`]) {
      const got = await ask(stack, ann, file.url, { 'If-None-Match': tag, Range: 'bytes=0-0' });
      assert.equal(got.status, 304, tag);
      assert.equal(got.bytes.length, 0);
      assertGuarded(got, file.id);
    }
    const other = await ask(stack, ann, file.url, { 'If-None-Match': '"x"' });
    assert.deepEqual([other.status, other.bytes.length], [200, BYTES.length]);
    assert.equal((await ask(stack, eve, file.url, { 'If-None-Match': `"${file.id}"` })).status, 404, 'a stranger');
  });

  test(`${where}: a permitted origin may read it`, async () => {
    const got = await ask(stack, ann, file.url, { Origin: ORIGIN });
    assert.equal(got.status, 200);
    assert.equal(got.headers['access-control-allow-origin'], ORIGIN);
    assert.match(got.headers.vary, /Origin/);
    const other = await ask(stack, ann, file.url, { Origin: 'https://evil.example.org' });
    assert.equal(other.headers['access-control-allow-origin'], undefined);
  });

  test(`${where}: only who is in its room sees it, as long as it is there`, async () => {
    const room = await createRoom(stack, ann);
    const elsewhere = await createRoom(stack, eve);
    await joinRoom(stack, bob, room);
    const sent = await upload(where, ann);
    const { status, body: message } = await api(stack, ann).post(`/v1/rooms/${room.id}/messages`, { client_id: 'a', attachments: [sent.id] });
    assert.equal(status, 201);
    assert.equal((await ask(stack, bob, sent.url)).status, 200);
    assertRefused(await ask(stack, eve, sent.url), 404);
    assertRefused(await ask(stack, undefined, sent.url), 401);
    const stolen = await api(stack, eve).post(`/v1/rooms/${elsewhere.id}/messages`, { client_id: 'a', attachments: [sent.id] });
    assert.equal(stolen.status, 422, 'through another room');
    assertRefused(await ask(stack, eve, sent.url), 404);
    assert.equal((await api(stack, bob).del(`/v1/rooms/${room.id}/members/me`)).status, 204);
    assertRefused(await ask(stack, bob, sent.url), 404);
    assert.equal((await api(stack, ann).del(`/v1/rooms/${room.id}/messages/${message.seq}`)).status, 204);
    assertRefused(await ask(stack, bob, sent.url), 404);
    assertRefused(await ask(stack, bob, sent.url, { 'If-None-Match': `"${sent.id}"` }), 404);
  });

  test(`${where}: nobody gets to it but through maru-api`, async () => {
    const path = `${file.object.slice(0, 2)}/${file.object}`;
    bucket.requests.length = 0;
    for (const url of [`/_files/${path}`, `/_files/${path}?/talk/${path}`, `/files/${path}`, `/v1/files/../../_files/${path}`, '/@bucket'])
      assert.equal((await ask(stack, ann, url, { 'X-Files-Host': 'localhost' })).status, 404, url);
    assert.deepEqual(bucket.requests, []);
  });
}

test('from the store, from what waits for the bucket, and from the bucket it looks the same', async () => {
  const stack = stacks.bucket;
  const { ann } = people.bucket;
  const file = await upload('bucket', ann);
  const ab = file.object.slice(0, 2);
  const [ready, store] = [join(stack.dir, 'files/ready', file.object), join(stack.dir, 'files/store', ab, file.object)];
  const seen = async () => {
    const { status, headers, bytes } = await ask(stack, ann, file.url, { Range: 'bytes=5-9' });
    delete headers.date;
    delete headers['last-modified'];
    delete headers['accept-ranges']; // which nginx leaves out of its own 206
    return { status, headers, bytes };
  };
  const there = await seen();
  assert.equal(there.status, 206);
  mkdirSync(join(stack.dir, 'files/store', ab), { recursive: true });
  writeFileSync(store, BYTES);
  bucket.objects.delete(`${ab}/${file.object}`);
  assert.deepEqual(await seen(), there);
  renameSync(store, ready);
  assert.deepEqual(await seen(), there);
  rmSync(ready);
  assertRefused(await ask(stack, ann, file.url), 404);
});

test('the bucket is asked with a signature and nothing else', async () => {
  const stack = stacks.bucket;
  const { ann } = people.bucket;
  const file = await upload('bucket', ann);
  bucket.requests.length = 0;
  for (const method of ['GET', 'HEAD'])
    await ask(stack, ann, `${file.url}?X-Amz-Signature=0`, { Cookie: 'a=b', 'If-None-Match': '"x"', 'If-Range': '"x"', Range: 'bytes=0-9', 'X-Amz-Date': 'x', Origin: ORIGIN }, method);
  assert.equal(bucket.requests.length, 2);
  for (const { method, url, headers, wrong } of bucket.requests) {
    assert.deepEqual([method, wrong], ['GET', undefined]);
    assert.match(url, new RegExp(`^/talk/${file.object.slice(0, 2)}/${file.object}\\?X-Amz-Algorithm=`));
    assert.deepEqual(Object.keys(headers).filter((name) => name !== 'connection').sort(), ['host', 'range']);
  }
});

test('what the bucket refuses is no answer of ours', async () => {
  const stack = stacks.bucket;
  const { ann } = people.bucket;
  const file = await upload('bucket', ann);
  for (const status of [301, 307, 400, 401, 403, 429, 500, 501, 502, 503, 504]) {
    bucket.answer = { status, headers: { Location: 'http://evil.example.org/' } };
    assertRefused(await ask(stack, ann, file.url), 503);
  }
  bucket.answer = { hangUp: true };
  assertRefused(await ask(stack, ann, file.url), 503);
  bucket.answer = { status: 404 };
  assertRefused(await ask(stack, ann, file.url), 404);
  bucket.answer = null;
  assert.equal((await ask(stack, ann, file.url)).status, 200);
});
