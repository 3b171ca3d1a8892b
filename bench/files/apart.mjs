// The bucket with faults (tests/s3/hostile.mjs) in a thread of its own: what it does must not hold up the clock of who measures.
//
//   const s3 = await startApart();   // { endpoint, bucket, ..., env }, with promises of:
//   s3.set(fault), s3.has(key, body), s3.drop(key), s3.stop()
import { createHash } from 'node:crypto';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { startHostile } from '../../tests/s3/hostile.mjs';

const digest = (body) => createHash('sha256').update(body).digest('hex');

async function serve() {
  const s3 = await startHostile();
  const acts = {
    set: (fault) => s3.set(fault),
    has: (key, sum) => { const found = s3.objects.get(key)?.body; return found !== undefined && digest(found) === sum; },
    drop: (key) => s3.objects.delete(key),
    stop: () => s3.stop(),
  };
  parentPort.on('message', async ({ id, name, args }) => {
    parentPort.postMessage({ id, answer: await acts[name](...args) });
    if (name === 'stop') parentPort.close();
  });
  const { endpoint, bucket, region, accessKey, secretKey, env } = s3;
  parentPort.postMessage({ id: 0, answer: { endpoint, bucket, region, accessKey, secretKey, env } });
}

if (!isMainThread) await serve();

export async function startApart() {
  const worker = new Worker(new URL(import.meta.url));
  const waiting = new Map();
  let count = 0;
  const answer = (id) => new Promise((resolve) => { waiting.set(id, resolve); });
  worker.on('message', ({ id, answer: said }) => waiting.get(id)(said));
  worker.on('error', (error) => { throw error; });
  const ask = (name, ...args) => {
    const said = answer(++count);
    worker.postMessage({ id: count, name, args });
    return said;
  };
  return { ...await answer(0), set: (fault) => ask('set', fault), has: (key, body) => ask('has', key, digest(body)), drop: (key) => ask('drop', key), stop: () => ask('stop') };
}
