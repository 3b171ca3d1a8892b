// kill -9 of a worker, a helper and maru-push at every place where a file is half made, half stored or half removed, over
// and over, while others read: what was acknowledged is there and whole, and what nobody knows of is gone after an hour.
//
//   make bench-files ONLY=kills [TIMES=50]
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { download, png } from '../../tests/api/filekit.mjs';
import { killPid, makeRooms, people, sleep, startChaos, until } from '../../tests/chaos/kit.mjs';
import { post, sha, startWithBucket, waiting } from './filing.mjs';

const SIZE = 120000;
const TUS = { 'Tus-Resumable': '1.0.0' };

// Repeats what a crash took the answer of; a client would.
async function persist(call, status, ms = 30000) {
  let got;
  for (const end = performance.now() + ms; ; await sleep(50)) {
    got = await call().catch((error) => ({ status: 0, body: error.message }));
    if (got.status === status) return got.body;
    if (performance.now() > end || (got.status !== 0 && got.status < 500)) throw new Error(`${status} was wanted, not ${got.status} ${JSON.stringify(got.body)}`);
  }
}

const say = (c, attachments) => persist(() => {
  const body = Buffer.from(JSON.stringify({ client_id: randomBytes(8).toString('hex'), attachments }));
  return post(c.stack, c.user, `/v1/rooms/${c.room}/messages`, body.length, body, { headers: { 'Content-Type': 'application/json' } });
}, 201);

// Uploads and sends a document; it is known from then on.
async function send(c, bytes = randomBytes(SIZE)) {
  const file = await persist(() => post(c.stack, c.user, '/v1/files?name=x.bin', bytes.length, bytes), 201);
  const { seq } = await say(c, [file.id]);
  c.known.set(file.id, { sha: sha(bytes), seq });
  return file.id;
}

// Made anew, so its first reading says what it is.
async function sendPicture(c, seed) {
  const bytes = png(700, 500, seed);
  const file = await persist(() => post(c.stack, c.user, '/v1/files?name=x.png', bytes.length, bytes, { headers: { 'Content-Type': 'image/png' } }), 201);
  const { seq } = await say(c, [file.id]);
  c.known.set(file.id, { sha: sha((await download(c.stack, c.user, file.url)).bytes), seq });
}

async function sendPieces(c) {
  const bytes = randomBytes(SIZE);
  let url;
  await persist(async () => {
    const answer = await post(c.stack, c.user, '/v1/uploads', 0, [], { headers: { ...TUS, 'Upload-Length': bytes.length } });
    url = answer.headers.location;
    return answer;
  }, 201);
  let file;
  await until(async () => {
    const stand = await post(c.stack, c.user, url, 0, [], { method: 'GET', headers: TUS }).catch(() => ({}));
    file = stand.body?.file;
    if (file || stand.status !== 200) return file !== undefined;
    const at = stand.body.offset;
    const piece = bytes.subarray(at, at + SIZE / 3);
    await post(c.stack, c.user, url, piece.length, piece, { method: 'PATCH',
      headers: { ...TUS, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': at } }).catch(() => {});
    return false;
  }, 30000, 'the upload to be whole');
  const { seq } = await say(c, [file.id]);
  c.known.set(file.id, { sha: sha(bytes), seq });
}

async function remove(c) {
  const [id, { seq }] = [...c.known].at(Math.floor(Math.random() * c.known.size));
  c.known.delete(id);
  await persist(() => post(c.stack, c.user, `/v1/rooms/${c.room}/messages/${seq}`, 0, [], { method: 'DELETE' }), 204);
}

// ---- the places

const api = (point, act) => async (c) => {
  c.stack.arm(point);
  await Promise.all([act(c), c.stack.taken(point, 30000)]);
};

const push = (point, act) => async (c) => {
  c.stack.arm(point);
  await act(c);
  await c.stack.taken(point, 30000);
  await c.stack.start('push');
};

// Those that our workers started.
const helpers = (stack) => stack.children.flatMap((pid) => {
  try { return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean); } catch { return []; }
});

async function helper(c, n) {
  let killed = false;
  const sending = sendPicture(c, n);
  const until_ = performance.now() + 3000;
  while (!killed && performance.now() < until_) {
    const [pid] = helpers(c.stack);
    killed = pid !== undefined && killPid(Number(pid));
    await sleep(1);
  }
  await sending;
}

const points = {
  'before the row': api('api.before_file', send),
  'after the row': api('api.after_file', send),
  'in its place, not ready': api('api.after_publish', send),
  'a piece, not synced': api('api.before_synced', sendPieces),
  'whole, not told': api('api.after_upload', sendPieces),
  'a helper': helper,
  'condemned, not removed': api('api.before_removed', remove),
  'removed, the row is there': api('api.after_removed', remove),
  'push: before it is put': push('push.before_put', send),
  'push: put, not checked': push('push.after_put', send),
  'push: checked, not let go': push('push.before_unlink', send),
  'push: before it is deleted': push('push.before_gone', remove),
  'push: deleted, the marker is there': push('push.after_delete', remove),
};

// Somebody who reads all the while.
function reader(c) {
  const seen = { reads: 0, corrupt: 0, missing: 0, on: true };
  seen.done = (async () => {
    while (seen.on) {
      const [id, file] = [...c.known].at(Math.floor(Math.random() * c.known.size)) ?? [];
      if (id === undefined) { await sleep(20); continue; }
      const { status, bytes } = await download(c.stack, c.user, `/v1/files/${id}`).catch(() => ({ status: 0 }));
      seen.reads++;
      if (status === 200 && sha(bytes) !== file.sha) seen.corrupt++;
      if (status === 404 && c.known.has(id)) seen.missing++;
      await sleep(5);
    }
  })();
  return seen;
}

// Everything on the disk and in the bucket that no row knows of, when an hour has passed.
async function orphans(c) {
  await c.stack.sql('UPDATE file SET loose_at = loose_at - INTERVAL 2 HOUR WHERE loose_at IS NOT NULL');
  const dir = (name) => join(c.stack.dir, 'files', name);
  const old = new Date(Date.now() - 7200000);
  for (const name of readdirSync(dir('tmp'))) if (existsSync(join(dir('tmp'), name))) utimesSync(join(dir('tmp'), name), old, old);
  await c.stack.sql('UPDATE upload SET expires_at = UTC_TIMESTAMP(3)');
  const nothing = async () => (await c.stack.sql('SELECT COUNT(*) FROM file WHERE loose_at IS NOT NULL'))[0][0] === '0'
    && readdirSync(dir('tmp')).every((name) => name.startsWith('helper.')) && readdirSync(dir('gone')).length === 0 && waiting(c.stack) === 0;
  await until(nothing, 120000, 'everything to be swept').catch((error) => console.log(error.message));
  const objects = new Set((await c.stack.sql('SELECT object FROM file')).map(([object]) => object));
  const places = [...readdirSync(dir('tmp')).filter((name) => !name.startsWith('helper.')), ...readdirSync(dir('gone')), ...readdirSync(dir('ready')),
    ...(await c.swift.list()).map((key) => key.split('/').at(-1))];
  return places.filter((name) => !objects.has(name.slice(0, 32)));
}

export async function kills({ bar, env }) {
  const times = env('TIMES', 50);
  const { stack, swift, stop } = await startWithBucket({ workers: 6 }, (options) => startChaos({ ...options, build: 'build-chaos' }));
  const [user] = await people(stack, 1);
  const [room] = await makeRooms(stack, 1, [user]);
  const c = { stack, swift, user, room, known: new Map() };
  for (let i = 0; i < 60; i++) await send(c);
  const reading = reader(c);
  let done = 0;
  for (const [name, trial] of Object.entries(points)) {
    const since = performance.now();
    let n = 0;
    for (; n < times; n++) {
      while (c.known.size < 20) await send(c);
      await trial(c, n);
      await stack.allWorkers();
    }
    done += n;
    console.log(`${name}: ${n} times in ${((performance.now() - since) / 1000).toFixed(0)} s, ${c.known.size} files are known`);
  }
  reading.on = false;
  await reading.done;
  await until(() => waiting(stack) === 0, 120000, 'the spool to be empty');
  let lost = 0;
  let corrupt = reading.corrupt;
  for (const [id, file] of c.known) {
    const { status, bytes } = await download(stack, user, `/v1/files/${id}`);
    if (status !== 200) lost++;
    else if (sha(bytes) !== file.sha) corrupt++;
  }
  const left = await orphans(c);
  if (left.length > 0) console.log(`nobody knows of ${left.slice(0, 5).join(', ')}`);
  console.log(`${reading.reads} reads meanwhile; ${c.known.size} files at the end`);
  bar('files_kill_points', Object.keys(points).length, 'points', '>=8');
  bar('files_kill_trials', done, 'trials', `>=${times * Object.keys(points).length}`);
  bar('files_kill_corrupt', corrupt, 'readings', '<=0');
  bar('files_kill_lost', lost + reading.missing, 'files', '<=0');
  bar('files_kill_orphans', left.length, 'files', '<=0');
  await stop();
}
