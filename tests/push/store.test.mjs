// Files on their way to the bucket (push/store.c): with a real S3 server, and with one that misbehaves in every way.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { FAULTS, startHostile } from '../s3/hostile.mjs';
import { s3Conf, startSwift } from '../s3/swift.mjs';
import { keyOf, objectName, startPush } from './spool.mjs';

const PATIENCE = 50000; // a server that is too slow is given half a minute
const SIZES = ['', '_320', '_64', '_256', '_poster'];
const bytes = (n) => randomBytes(n);

async function pushFor(t, s3, conf = {}) {
  const push = await startPush(s3Conf(s3, conf), { env: s3.env ?? {} });
  t.after(() => push.stop());
  return push;
}

async function hostilePush(t, conf) {
  const s3 = await startHostile();
  t.after(() => s3.stop());
  return { s3, push: await pushFor(t, s3, conf) };
}

async function assertStored(s3, files) {
  for (const [name, body] of files) assert.ok((await s3.get(keyOf(name)))?.equals(body), `${name} is in the bucket byte for byte`);
}

// A file is gone a moment before it is counted.
async function counted(push, wanted) {
  let all;
  await until(async () => {
    all = await push.metrics();
    return Object.keys(wanted).every((name) => all[name] === wanted[name]);
  }, 30000, `${JSON.stringify(wanted)}; ${JSON.stringify(all)}`);
}

const swift = await startSwift();
after(() => swift.stop());

describe('files and their bucket', { concurrency: 2 }, () => {
describe('with Swift', { concurrency: 2 }, () => {
  it('files and all their sizes arrive byte for byte, whatever their length, and go from the disk', async (t) => {
    const push = await pushFor(t, swift);
    const object = objectName();
    const files = new Map([['', 0], ['_320', 1], ['_64', 65536], ['_256', 65537], ['_poster', 3000000]].map(([size, n]) => [object + size, bytes(n)]));
    for (const [name, body] of files) push.put(body, name);
    await push.empty();
    await assertStored(swift, files);
    await counted(push, { waiting: 0, uploaded: 5, failed: 0, trouble: 0 });
  });

  it('what lay there before the start is found; what is in the bucket already is replaced', async (t) => {
    const push = await pushFor(t, swift);
    await push.end();
    const name = push.put(bytes(1000));
    await swift.put(keyOf(name), bytes(1001));
    const body = bytes(999);
    push.put(body, name);
    await push.start();
    await push.empty();
    await assertStored(swift, [[name, body]]);
  });

  it('20 MB go in parts; 16 MB in one', async (t) => {
    const push = await pushFor(t, swift, { s3_prefix: 'a/b-c_d.e/' });
    const files = [20 * 2 ** 20 + 7, 24 * 2 ** 20, 16 * 2 ** 20].map((n) => [objectName(), bytes(n)]);
    for (const [name, body] of files) push.put(body, name);
    await push.empty();
    const etags = [];
    for (const [name, body] of files) {
      const { headers, body: got } = await swift.call('GET', `a/b-c_d.e/${keyOf(name)}`);
      assert.ok(got.equals(body));
      etags.push(/-(\d+)"$/.exec(headers.etag)?.[1]);
    }
    assert.deepEqual(etags, ['3', '3', undefined]);
    assert.ok(!(await swift.unfinished()).some((key) => key.startsWith('a/')));
  });

  it('the bucket as part of the host', async (t) => {
    const push = await pushFor(t, { ...swift, endpoint: swift.endpoint.replace('127.0.0.1', 'localhost') }, { s3_path_style: 'off' });
    const files = [[objectName(), bytes(500)], [objectName(), bytes(17 * 2 ** 20)]];
    for (const [name, body] of files) push.put(body, name);
    await push.empty();
    await assertStored(swift, files);
    push.drop(files[0][0]);
    push.drop(files[1][0]);
    await push.empty();
    assert.equal(await swift.get(keyOf(files[1][0])), undefined);
  });

  it('a marker deletes an object in all its sizes, in the bucket and on disk; one that is nowhere, too', async (t) => {
    const push = await pushFor(t, swift);
    const [gone, kept] = [objectName(), objectName()];
    for (const size of SIZES) push.put(bytes(100), gone + size);
    push.put(bytes(100), kept);
    await push.empty();
    const left = push.put(bytes(10), `${objectName()}_320`);
    push.drop(gone);
    push.drop(left.slice(0, 32));
    push.drop(objectName());
    await push.empty();
    const keys = await swift.list();
    assert.deepEqual([gone, kept].map((name) => keys.filter((key) => key.includes(name)).length), [0, 1]);
    assert.ok(!keys.some((key) => key.includes(left)));
    await counted(push, { deleted: 3 });
  });

  it('killed again and again, it loses nothing and leaves nothing behind', async (t) => {
    const push = await pushFor(t, swift);
    const files = new Map();
    const dropped = [];
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 4; i++) {
        const name = objectName();
        files.set(name, bytes(20000));
        push.put(files.get(name), name);
      }
      const large = objectName();
      files.set(large, bytes(17 * 2 ** 20 + round));
      push.put(files.get(large), large);
      const [victim] = files.keys();
      files.delete(victim);
      dropped.push(victim);
      push.drop(victim);
      await sleep(100 + 150 * round);
      await push.end('SIGKILL');
      await push.start();
    }
    await push.empty(40000);
    await assertStored(swift, files);
    for (const name of dropped) assert.equal(await swift.get(keyOf(name)), undefined);
    const unfinished = await swift.unfinished();
    for (const name of files.keys()) assert.ok(!unfinished.includes(keyOf(name)), 'no unfinished upload');
  });

  it('a wrong secret is told in the log, and nothing is lost', async (t) => {
    const push = await pushFor(t, { ...swift, secretKey: 'another' });
    push.put(bytes(10));
    await until(async () => (await push.metrics()).failed > 0, 10000, 'a failure');
    assert.match(push.log(), /s3_secret_key or s3_region is wrong \(HTTP 403 SignatureDoesNotMatch/);
    assert.equal(push.ready().length, 1);
  });

  it('a bucket that is not there is told in the log', async (t) => {
    const push = await pushFor(t, { ...swift, bucket: 'not-there' });
    push.put(bytes(10));
    push.drop(objectName());
    await until(async () => (await push.metrics()).failed > 0, 10000, 'a failure');
    assert.match(push.log(), /there is no such bucket/);
    assert.deepEqual([push.ready().length, push.gone().length], [1, 1]);
  });
});

const WORDS = {
  refused: /no connection; check s3_endpoint/,
  nxdomain: /the name of its host can't be resolved/,
  hang: /it does not answer, or too slowly/,
  drip: /it does not answer, or too slowly/,
  500: /it has a fault of its own \(HTTP 500 InternalError/,
  503: /it asks to slow down \(HTTP 503 SlowDown/,
  403: /may not do this with s3_bucket \(HTTP 403 AccessDenied/,
  301: /in another region or at another host; set s3_endpoint and s3_region \(HTTP 301 .*, it names https:\/\/maru-files.elsewhere.invalid\//,
  checksum: /failed for the 1\. time, next try in \d+ s: the bucket has another checksum/,
  truncated: /the connection broke or its answer was not whole/,
  error200: /it has a fault of its own \(HTTP 200 InternalError/,
  tls: /its certificate is not to be trusted/,
};

describe('with a server that misbehaves', { concurrency: 6 }, () => {
  for (const fault of FAULTS) {
    it(`${fault}: the log says so, the files stay, and are uploaded when it is over`, async (t) => {
      const s3 = await startHostile();
      t.after(() => s3.stop());
      await s3.set(fault);
      const push = await pushFor(t, s3);
      const files = new Map([300000, 5, 0].map((n) => [objectName(), bytes(n)]));
      for (const [name, body] of files) push.put(body, name);
      await until(async () => (await push.metrics()).failed > 0, PATIENCE, 'a failure');
      await until(() => WORDS[fault].test(push.log()), 5000, `its words in the log:\n${push.log()}`);
      assert.deepEqual(push.ready().sort(), [...files.keys()].sort());
      await s3.set('good');
      await push.empty(PATIENCE);
      for (const [name, body] of files) assert.ok(s3.objects.get(keyOf(name)).body.equals(body));
      assert.equal(s3.uploads.size, 0);
      await counted(push, { waiting: 0, uploaded: 3, trouble: 0 });
    });
  }

  it('many files go through few connections', async (t) => {
    const { s3, push } = await hostilePush(t, { s3_uploads: 3 });
    for (let i = 0; i < 100; i++) push.put(bytes(1000));
    await push.empty();
    assert.equal(s3.objects.size, 100);
    assert.ok(s3.connections <= 3, `${s3.connections} connections`);
  });

  it('a server that fails is not asked for every file, and the log is not filled', async (t) => {
    const { s3, push } = await hostilePush(t);
    await s3.set('500');
    for (let i = 0; i < 150; i++) push.put(bytes(100));
    await until(async () => (await push.metrics()).failed >= 6, 20000, 'some failures');
    assert.ok(s3.requests.length <= 8, `${s3.requests.length} requests`);
    assert.ok(push.log().match(/error maru-push/g).length <= 2, push.log());
    assert.equal((await push.metrics()).trouble, 1);
    await s3.set('good');
    await push.empty(PATIENCE);
    assert.equal(s3.objects.size, 150);
    assert.match(push.log(), /works again; 149 files and deletions wait/);
  });

  for (const [what, only, fault] of [['the list of old uploads', /^GET/, 'truncated'], ['the beginning', /^POST.*uploads=/, 'error200'],
    ['a part', /^PUT.*partNumber=2/, '500'], ['the end', /^POST.*uploadId=/, 'error200'], ['the end', /^POST.*uploadId=/, 'truncated'], ['the verification', /^HEAD/, '403']]) {
    it(`a multipart upload of which ${what} fails (${fault}) is repeated, and leaves nothing behind`, async (t) => {
      const { s3, push } = await hostilePush(t);
      const body = bytes(17 * 2 ** 20);
      await s3.set(fault, only);
      const name = push.put(body);
      await until(async () => (await push.metrics()).failed > 0, 20000, 'a failure');
      assert.deepEqual(push.ready(), [name]);
      await s3.set('good');
      await push.empty();
      assert.ok(s3.objects.get(keyOf(name)).body.equals(body));
      assert.equal(s3.uploads.size, 0);
    });
  }

  it('who may not list uploads may upload', async (t) => {
    const { s3, push } = await hostilePush(t);
    await s3.set('403', /^GET/);
    const [name, other] = [push.put(bytes(17 * 2 ** 20)), push.put(bytes(1))];
    await push.empty();
    push.drop(other);
    await push.empty();
    assert.deepEqual([...s3.objects.keys()], [keyOf(name)]);
    assert.equal(push.log().split('does not list unfinished uploads').length, 2);
  });

  it('what is being uploaded is deleted after that', async (t) => {
    const { s3, push } = await hostilePush(t);
    const object = objectName();
    await s3.set('hang', /^PUT/);
    push.put(bytes(1000), object);
    await until(() => s3.requests.length > 0, 5000, 'the upload');
    push.drop(object);
    push.put(bytes(1000), `${object}_64`);
    push.put(bytes(10));
    await until(() => s3.requests.length > 1, 5000, 'another file');
    assert.ok(!s3.requests.some((line) => line.startsWith('DELETE')));
    await s3.set('good');
    await push.empty();
    assert.ok(![...s3.objects.keys()].some((key) => key.includes(object)));
  });

  it('what is not ours is left alone', async (t) => {
    const { s3, push } = await hostilePush(t);
    const object = objectName();
    const strange = ['readme', `${object}_1000`, `${object}.tmp`, object.toUpperCase(), object.slice(1), `${object}0`, 'a'.repeat(200), '.hidden', "x' --\n"];
    for (const name of strange) push.put(bytes(10), name);
    writeFileSync(join(push.files, 'gone', `${object}_320`), '');
    writeFileSync(join(push.files, 'gone', 'readme'), '');
    const [directory, link] = [objectName(), objectName()];
    mkdirSync(join(push.files, 'ready', directory));
    symlinkSync('/etc/passwd', join(push.files, 'ready', link));
    const good = push.put(bytes(10));
    await until(() => s3.objects.has(keyOf(good)), 10000, 'the one that is');
    await until(() => push.log().split('is no plain file').length > 2, 5000, 'the directory and the link');
    await counted(push, { uploaded: 1, waiting: 2 });
    assert.equal(push.ready().length, strange.length + 2);
    assert.equal(push.gone().length, 2);
    assert.deepEqual([...s3.objects.keys()], [keyOf(good)]);
    assert.equal(push.log().split('readme is no file of ours').length, 3);
    await push.end();
    await push.start();
    assert.ok(statSync(join(push.files, 'ready', 'readme')).isFile());
  });

  it('it ends in time, whatever the server does', async (t) => {
    const { s3, push } = await hostilePush(t);
    await s3.set('hang');
    const name = push.put(bytes(1000));
    await until(() => s3.requests.length > 0, 5000, 'the upload');
    assert.equal(await push.end(), 0);
    assert.deepEqual(push.ready(), [name]);
    await s3.set('good');
    await push.start();
    await push.empty();
  });
});
});
