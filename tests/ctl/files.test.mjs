// maructl files verify, move and sweep: on a local store, then on its way into a real bucket, then there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { root, signUp, sleep, startStack, until } from '../harness.mjs';
import { download, png, upload } from '../api/filekit.mjs';
import { s3Conf, startSwift } from '../s3/swift.mjs';

const FILES = 60;
const HOURS = 3600;
const swift = await startSwift();
const stack = await startStack();
const at = (...names) => join(stack.dir, ...names);
after(async () => {
  await stack.stop();
  await swift.stop();
});
const ann = await signUp(stack);

// { code, out, err } of one run. ahead: seconds by which its clock is, but not that of its signatures.
function run(words, { conf = at('maru.conf'), ahead = 0 } = {}) {
  writeFileSync(at('ahead'), String(ahead * 1000));
  const env = ahead ? { LD_PRELOAD: join(root, stack.build, 'tests/api/elsewhere.so'), MARU_AHEAD: at('ahead') } : {};
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, stack.build, 'maructl'), ['-c', conf, ...words], { env: { ...process.env, ...env } });
    const seen = { out: '', err: '' };
    child.stdout.on('data', (data) => { seen.out += data; });
    child.stderr.on('data', (data) => { seen.err += data; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...seen, lines: seen.out.split('\n').slice(0, -1) }));
  });
}

async function assertClean(options) {
  const { code, err, lines } = await run(['files', 'verify'], options);
  assert.deepEqual([code, err, lines.length], [0, '', 1], lines.join('\n'));
  assert.match(lines[0], /^all is well: /);
}

// What verify finds, but for the summary.
async function findings(options, expected = 1) {
  const { code, err, lines } = await run(['files', 'verify'], options);
  assert.deepEqual([code, err], [expected, ''], lines.join('\n'));
  return lines.slice(0, -1);
}

async function swept(options) {
  const { code, err, lines } = await run(['--json', 'files', 'sweep'], options);
  assert.deepEqual([code, err], [0, ''], lines.join('\n'));
  const { text, ...counts } = JSON.parse(lines.at(-1));
  assert.match(text, /^removed: /);
  return counts;
}

const objectName = () => randomBytes(16).toString('hex');
const keyOf = (name) => `${name.slice(0, 2)}/${name}`;
const storePath = (name) => at('files/store', name.slice(0, 2), name);
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

function put(path, { age = 2 * HOURS, bytes = 'x' } = {}) {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  utimesSync(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
}

function tree(dir) {
  return existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => entry.name) : [];
}
const stored = () => ['store', 'ready'].flatMap((dir) => readdirSync(at('files', dir)).flatMap((name) => dir === 'ready' ? [name] : tree(at('files', dir, name))));

// { id, url, thumb, object, hash } of a new file.
async function send(bytes, options) {
  const { status, body } = await upload(stack, ann, bytes, options);
  assert.equal(status, 201, JSON.stringify(body));
  const [[object]] = await stack.sql(`SELECT object FROM file WHERE id = ${body.id}`);
  const urls = [body.url, ...(body.thumbnail ? [body.thumbnail] : [])];
  const reads = await Promise.all(urls.map(async (url) => ({ url, hash: hash((await download(stack, ann, url)).bytes) })));
  return { id: body.id, object, reads };
}

const files = [];
for (let i = 0; i < FILES; i++)
  files.push(await send(i % 4 === 0 ? png(400, 350, i) : randomBytes(1000 + i * 4001), i % 4 === 0 ? { type: 'image/png', name: '사진.png' } : { name: `${i}.bin` }));
const picture = files[0];
const paper = files[1];

test('what can not be understood is refused', async () => {
  for (const words of [['files'], ['files', 'x'], ['files', 'verify', 'x']]) {
    const { code, out, err } = await run(words);
    assert.deepEqual([code, out], [2, ''], words.join(' '));
    assert.match(err, /files verify, files move or files sweep/);
  }
  const { code, err } = await run(['files', 'move']);
  assert.equal(code, 2);
  assert.match(err, /s3_endpoint is not set/);
  assert.match((await run(['--help'])).out, /files verify/);
});

test('a local store: all is well, and what is missing, short, unknown or late is named', async () => {
  await assertClean();
  const aside = at('aside');
  renameSync(storePath(`${picture.object}_320`), aside);
  truncateSync(storePath(paper.object), 5);
  const unknown = objectName();
  const young = objectName();
  put(storePath(unknown));
  put(storePath(young), { age: HOURS / 2 });
  put(at('files/ready', `${unknown}_64`));
  put(at('files/store/notes.txt'));
  // Half removed, as after a crash; the rows that are younger are on their way.
  await stack.sql(`INSERT INTO file (owner, object, kind, name, type, bytes, state, created_at) VALUES
    (7, '${objectName()}', 'document', 'never', 'x/y', 1, 'new', UTC_TIMESTAMP(3) - INTERVAL 2 HOUR),
    (7, '${objectName()}', 'document', 'young', 'x/y', 1, 'new', UTC_TIMESTAMP(3))`);
  const found = await findings();
  const has = (pattern) => assert.equal(found.filter((line) => pattern.test(line)).length, 1, `${pattern} in\n${found.join('\n')}`);
  has(new RegExp(`^file ${picture.id} \\(사진\\.png\\) of user ${ann.id}: files_dir lacks store/${keyOf(picture.object)}_320$`));
  has(new RegExp(`^file ${paper.id} \\(1\\.bin\\) of user ${ann.id}: files_dir has 5 bytes, which is the wrong number, of store/`));
  has(new RegExp(`^files_dir has store/${keyOf(unknown)}: no file is known`));
  has(new RegExp(`^files_dir has ready/${unknown}_64: no file is known`));
  has(/^files_dir has store\/notes\.txt: /);
  has(/^file \d+ \(never\) of user 7: it was never finished/);
  assert.equal(found.length, 6, found.join('\n'));
  const json = (await run(['--json', 'files', 'verify'])).lines.map((line) => JSON.parse(line));
  assert.deepEqual(json.find(({ problem }) => problem === 'missing').path, `store/${keyOf(picture.object)}_320`);
  const { missing, damaged, unknown: strangers, unready } = json.at(-1);
  assert.deepEqual([missing, damaged, strangers, unready], [1, 1, 3, 1]);

  await stack.sql('DELETE FROM file WHERE owner = 7');
  renameSync(aside, storePath(`${picture.object}_320`));
  rmSync(at('files/store/notes.txt'));
  for (const path of [storePath(unknown), storePath(young), at('files/ready', `${unknown}_64`)]) rmSync(path);
  files.splice(files.indexOf(paper), 1);
  rmSync(storePath(paper.object));
  await stack.sql(`DELETE FROM file WHERE id = ${paper.id}`);
  await assertClean();
});

test('no control character of a file\'s name gets to the terminal', async () => {
  await stack.sql(`INSERT INTO file (owner, object, kind, name, type, bytes, state, created_at)
    VALUES (7, '${objectName()}', 'document', CONCAT('a', CHAR(27), '[31m', CHAR(10), 'b'), 'x/y', 1, 'ready', UTC_TIMESTAMP(3))`);
  const found = await findings();
  assert.match(found[0], /^file \d+ \(a \[31m b\) of user 7: /);
  await stack.sql('DELETE FROM file WHERE owner = 7');
});

test('sweep removes what is loose or unknown for an hour, and nothing else', async () => {
  await stack.stopApi(); // it would do the first of these itself
  const loose = files.pop();
  await stack.sql(`UPDATE file SET loose_at = UTC_TIMESTAMP(3) - INTERVAL 61 MINUTE WHERE id = ${loose.id}`);
  const unknown = objectName();
  for (const name of [unknown, `${unknown}_320`]) put(storePath(name));
  const young = objectName();
  put(storePath(young), { age: HOURS / 2 });
  put(at('files/tmp', objectName()));
  put(at('files/tmp', `${young}_in`), { age: HOURS / 2 });
  put(at('files/store/ab/readme'));
  const before = stored();
  const { code, lines } = await run(['files', 'sweep']);
  assert.equal(code, 0, lines.join('\n'));
  assert.match(lines[0], /^store\/ab\/readme is left alone/);
  assert.match(lines[1], /^removed: 1 files that nothing referred to, 0 uploads .*, 1 leftovers in tmp, 1 unknown files on the disk and 0 in the bucket/);
  const gone = before.filter((name) => !stored().includes(name));
  assert.deepEqual(gone.sort(), [loose.object, unknown, `${unknown}_320`].sort());
  assert.deepEqual(readdirSync(at('files/tmp')).filter((name) => !name.startsWith('helper.')), [`${young}_in`]);
  rmSync(at('files/store/ab/readme'));
  rmSync(storePath(young));
  assert.deepEqual(await swept(), { files: 0, uploads: 0, unfinished: 0, disk: 0, bucket: 0, left: 0 });
  await stack.startApi();
  await assertClean();
});

// Reads at random until it is told to stop; resolves with how often, and what was wrong.
async function reading(state) {
  const all = files.flatMap(({ reads }) => reads);
  for (let n = 0; !state.over; n++) {
    const { url, hash: wanted } = all[Math.floor(Math.random() * all.length)];
    const { status, bytes } = await download(stack, ann, url);
    if (status !== 200 || hash(bytes) !== wanted) state.wrong.push(`${url}: ${status} ${bytes.length}`);
    state.reads++;
    await sleep(10);
  }
}

test('move brings everything into the bucket, while it is read', { timeout: 180000 }, async () => {
  await stack.stackSh('down', stack.dir);
  stack.settings.push(...Object.entries(s3Conf(swift)).map(([key, value]) => `${key}=${value}`));
  await stack.stackSh('up', stack.dir, String(stack.port), ...stack.settings);
  await assertClean();
  const names = stored();
  const state = { over: false, reads: 0, wrong: [] };
  const doomed = files.pop();
  const readers = Array.from({ length: 4 }, () => reading(state));
  // A file is deleted meanwhile, and another one comes.
  await sleep(300);
  const moving = run(['files', 'move']);
  await stack.sql(`UPDATE file SET loose_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY WHERE id = ${doomed.id}`);
  files.push(await send(randomBytes(100000), { name: 'new.bin' }));
  const { code, err, lines } = await moving;
  await sleep(300);
  state.over = true;
  await Promise.all(readers);
  assert.deepEqual([code, err], [0, ''], lines.join('\n'));
  assert.match(lines.at(-1), /^moved \d+ files \([\d.]+ MB\) in \d+ s$/);
  assert.deepEqual(state.wrong, []);
  assert.ok(state.reads > 50, `${state.reads} reads`);
  await until(() => stored().length === 0, 20000, 'an empty store');
  await until(async () => (await stack.sql(`SELECT 1 FROM file WHERE id = ${doomed.id}`)).length === 0 && readdirSync(at('files/gone')).length === 0, 20000, 'the deletion');
  const keys = new Set(await swift.list());
  for (const name of names) assert.equal(keys.has(keyOf(name)), name.slice(0, 32) !== doomed.object, name);
  for (const { object, reads } of files.slice(0, 20)) {
    assert.equal(hash(await swift.get(keyOf(object))), hash((await download(stack, ann, reads[0].url)).bytes));
    assert.equal(hash((await download(stack, ann, reads[0].url)).bytes), reads[0].hash);
  }
  await assertClean();
  assert.match((await run(['files', 'move'])).out, /^moved 0 files/);
});

test('a move that was interrupted is taken up again; without maru-push it waits', { timeout: 60000 }, async () => {
  await stack.stopPush();
  const { object } = files.at(-1);
  const bytes = await swift.get(keyOf(object));
  await swift.call('DELETE', keyOf(object));
  put(storePath(object), { bytes });
  const child = spawn(join(root, stack.build, 'maructl'), ['-c', at('maru.conf'), 'files', 'move'], { stdio: 'ignore' });
  await until(() => existsSync(at('files/ready', object)), 10000, 'the file in ready/');
  assert.ok(existsSync(storePath(object)), 'it stays where it is read until the bucket has it');
  child.kill('SIGKILL');
  const again = run(['files', 'move']);
  await sleep(500);
  assert.ok(existsSync(storePath(object)));
  await stack.startPush();
  assert.match((await again).out, /^moved 1 files/);
  assert.deepEqual(stored(), []);
  assert.ok((await swift.get(keyOf(object))).equals(bytes));
  await assertClean();
});

test('the bucket: what is missing, short or unknown is named, and swept', { timeout: 60000 }, async () => {
  const [small, short] = [files.find(({ reads }) => reads.length > 1), files.find(({ reads }) => reads.length === 1)];
  const thumb = keyOf(`${small.object}_320`);
  const [thumbnail, whole] = [await swift.get(thumb), await swift.get(keyOf(short.object))];
  await swift.call('DELETE', thumb);
  await swift.put(keyOf(short.object), whole.subarray(0, 10));
  const unknown = objectName();
  await swift.put(keyOf(`${unknown}_poster`), Buffer.from('x'));
  await swift.put('other/thing', Buffer.from('x'));
  let found = await findings();
  assert.deepEqual(found.map((line) => line.replace(/ \(.*\) of user/, ' of user')), [
    `file ${small.id} of user ${ann.id}: the bucket lacks ${thumb}`,
    `file ${short.id} of user ${ann.id}: the bucket has 10 bytes, which is the wrong number, of ${keyOf(short.object)}`,
  ].sort((a, b) => Number(/\d+/.exec(a)[0]) - Number(/\d+/.exec(b)[0])), 'what is young is no finding');
  await swift.put(thumb, thumbnail);
  await swift.put(keyOf(short.object), whole);
  found = await findings({ ahead: 2 * HOURS });
  assert.deepEqual(found, [`the bucket has ${keyOf(`${unknown}_poster`)}: no file is known that it belongs to`]);
  await stack.stopPush();
  assert.deepEqual(await swept(), { files: 0, uploads: 0, unfinished: 0, disk: 0, bucket: 0, left: 0 });
  assert.equal((await swept({ ahead: 2 * HOURS })).bucket, 1);
  assert.deepEqual(readdirSync(at('files/gone')), [unknown]);
  found = await findings({ ahead: 2 * HOURS }, 0);
  assert.equal(found.length, 1);
  assert.match(found[0], new RegExp(`^gone/${unknown}: waits since .* for maru-push`));
  await stack.startPush();
  await until(() => readdirSync(at('files/gone')).length === 0, 20000, 'the deletion');
  assert.equal(await swift.get(keyOf(`${unknown}_poster`)), undefined);
  assert.ok(await swift.get('other/thing'));
  await assertClean({ ahead: 2 * HOURS });
});

test('more files than are moved at a time, and than a page of the list has', { timeout: 300000 }, async () => {
  const names = Array.from({ length: 84 }, () => objectName()).flatMap((name) => ['', '_320', '_64', '_256', '_poster'].map((size) => name + size));
  for (const name of names) put(storePath(name));
  const moving = run(['files', 'move']);
  let most = 0;
  for (let over = false; !over;) {
    over = await Promise.race([moving.then(() => true), sleep(20).then(() => false)]);
    most = Math.max(most, readdirSync(at('files/ready')).length);
  }
  assert.match((await moving).out, /^moved 420 files/);
  assert.ok(most > 50 && most <= 200, `${most} at a time`);
  assert.deepEqual(readdirSync(at('files/store')), []);
  const found = await findings({ ahead: 2 * HOURS });
  assert.deepEqual(found.map((line) => /\w\w\/(\w+):/.exec(line)[1]), names.sort());
  assert.equal((await swept({ ahead: 2 * HOURS })).bucket, 84);
  await until(() => readdirSync(at('files/gone')).length === 0, 60000, 'the deletions');
  await assertClean({ ahead: 2 * HOURS });
});

test('a bucket that does not work is told of in seconds', { timeout: 60000 }, async () => {
  const mute = createServer((socket) => socket.on('error', () => {}));
  await new Promise((resolve) => { mute.listen(0, '127.0.0.1', resolve); });
  const cases = [
    [{ s3_endpoint: `http://127.0.0.1:${mute.address().port}` }, /does not answer for 8 s/],
    [{ s3_endpoint: 'http://127.0.0.1:1' }, /no connection; check s3_endpoint/],
    [{ s3_secret_key: 'wrong' }, /s3_secret_key or s3_region is wrong/],
    [{ s3_bucket: 'no-such-bucket' }, /there is no such bucket/],
  ];
  for (const [changed, pattern] of cases) {
    const text = Object.entries({ ...stack.conf, ...changed }).map(([key, value]) => `${key} = ${value}\n`).join('');
    writeFileSync(at('broken.conf'), text);
    for (const command of ['verify', 'move', 'sweep']) {
      const began = Date.now();
      const { code, out, err } = await run(['files', command], { conf: at('broken.conf') });
      assert.deepEqual([code, out], [1, ''], JSON.stringify(changed));
      assert.match(err, /^maructl: the bucket .* does not work: /m);
      assert.match(err, pattern);
      assert.ok(Date.now() - began < 12000);
      if (/8 s/.test(pattern.source)) break;
    }
  }
  mute.close();
});
