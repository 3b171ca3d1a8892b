// What the parts of bench-files share: a Maru with a bucket, uploads that do not wait in memory, and what processes take.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startStack } from '../../tests/harness.mjs';
import { s3Conf, startSwift } from '../../tests/s3/swift.mjs';

export const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');

// { stack, swift }: a Maru whose files go to a Swift of its own.
export async function startWithBucket(conf = {}, start = startStack) {
  const swift = await startSwift();
  const stack = await start({ conf: { ...s3Conf(swift), ...conf } });
  return { stack, swift, async stop() { await stack.stop(); await swift.stop(); } };
}

export const waiting = (stack) => {
  const dir = join(stack.dir, 'files/ready');
  return existsSync(dir) ? readdirSync(dir).length : 0;
};

// Sends a body piece by piece; resolves with { status, body }. pieces: an (async) iterable of Buffers, or a Buffer.
export function post(stack, user, path, length, pieces, { method = 'POST', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sending = request(stack.url + path, { method, agent: false, headers: {
      Authorization: `Bearer ${user.token}`, 'Content-Type': 'application/octet-stream', 'Content-Length': length, ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (data) => { text += data; });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : text }));
    });
    sending.on('error', reject);
    (async () => {
      for await (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces)
        if (!sending.write(piece)) await new Promise((go) => { sending.once('drain', go); sending.once('close', go); });
      sending.end();
    })().catch(reject);
  });
}

export async function must(answer, status) {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status} ${JSON.stringify(got.body)}`);
  return got.body;
}

// ---- what processes take

const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
const childrenOf = (pid) => read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
const nameOf = (pid) => read(`/proc/${pid}/comm`).trim();
// What is theirs alone: pages of files that they have mapped or read come and go with the cache.
const rssOf = (pid) => Number(/RssAnon:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

// How much each process of Maru and nginx has grown at most since it was first seen; stop() resolves with
// { name: MB }. Helpers that come and go are not among them.
export function watchMemory(stack) {
  const { api, push, nginx } = stack.pids;
  const pids = () => [push, api, ...childrenOf(api), ...childrenOf(nginx)];
  const first = new Map(pids().map((pid) => [pid, rssOf(pid)]));
  const most = new Map();
  const look = () => {
    for (const pid of pids()) {
      if (!first.has(pid)) continue;
      const name = pid === push ? 'maru-push' : nameOf(pid);
      most.set(name, Math.max(most.get(name) ?? 0, rssOf(pid) - first.get(pid)));
    }
  };
  const timer = setInterval(look, 20);
  return { stop() { clearInterval(timer); look(); return Object.fromEntries(most); } };
}
