// Twelve ways in which a bucket fails while people talk: what chat feels of it, and whether every file is in the bucket in
// the end, or still on disk with the failure in the log and the metrics.
//
//   make bench-files ONLY=faults [FILES=20] [SECONDS=8] [ROUNDS=3] [RATE=200]
//
// For each fault ROUNDS times: a window of chat while the bucket works and nothing waits, one while it fails and FILES new files
// wait. The ratio of a fault is the median over its rounds of what sends and deliveries take at the 99th percentile, together, in
// the second window compared to the first. A last row has no fault: what is noise.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api, until } from '../../tests/harness.mjs';
import { keyOf, putInto } from '../../tests/push/spool.mjs';
import { FAULTS } from '../../tests/s3/hostile.mjs';
import { s3Conf } from '../../tests/s3/swift.mjs';
import { median } from '../bar.mjs';
import { startApart } from './apart.mjs';
import { chat } from '../chat.mjs';
import { stageMaru } from '../stage.mjs';

const SIZE = 200000; // bytes of a file
const PATIENCE = 150000; // ms; after a long outage maru-push tries once a minute

// maru-push alone finds the server by its name and trusts it; nginx, which looks names up when it starts, was given its address.
const atItsAddress = (s3) => ({ ...s3, endpoint: s3.endpoint.replace(/[^/]+(?=:\d+$)/, '127.0.0.1') });

async function restartPush(stack, { env, endpoint }) {
  const conf = join(stack.dir, 'maru.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace(/^s3_endpoint = .*$/m, `s3_endpoint = ${endpoint}`));
  Object.assign(process.env, env);
  await stack.restart('push');
  for (const name of Object.keys(env)) delete process.env[name];
}

async function countersOf(stack) {
  const { body } = await api(stack).get('/metrics');
  return Object.fromEntries([...body.matchAll(/^maru_store_(\w+?)(?:_total)? (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));
}

// How many of these files are neither in the bucket byte for byte nor visibly waiting.
async function countLost(stack, s3, dir, files) {
  const waits = (name) => existsSync(join(dir, 'ready', name));
  await until(() => ![...files.keys()].some(waits), PATIENCE).catch(() => {});
  const { failed } = await countersOf(stack);
  const isVisible = ([name]) => waits(name) && failed > 0 && stack.log('push').includes('does not work');
  const stored = await Promise.all([...files].map(([name, body]) => s3.has(keyOf(name), body)));
  const rest = [...files].filter(([name], i) => !stored[i] || waits(name));
  if (rest.length > 0) console.log(`${rest.length} are not in the bucket`);
  return rest.filter((file) => !isVisible(file)).length;
}

const slowest = ({ p }) => p.ack.p99 + p.last.p99;

export async function faults({ bar, env }) {
  const [count, seconds, rounds, rate] = [env('FILES', 20), env('SECONDS', 8), env('ROUNDS', 3), env('RATE', 200)];
  const dir = mkdtempSync(join(tmpdir(), 'maru-faults.'));
  for (const name of ['tmp', 'ready', 'gone']) mkdirSync(join(dir, name));
  const s3 = await startApart();
  const people = { rooms: 20, size: 10 };
  const stage = await stageMaru({ ...people, conf: { ...s3Conf(atItsAddress(s3)), files_dir: dir } });
  const talk = () => chat(stage, { ...people, rate, seconds, warmup: 1 });
  let worst = 0;
  let lost = 0;
  try {
    await restartPush(stage.stack, s3);
    await talk(); // warms everything up
    for (const fault of [...(process.env.FAULTS?.split(',') ?? FAULTS), 'none']) {
      const [ratios, files] = [[], new Map()];
      for (let round = 0; round < rounds; round++) {
        const before = await talk();
        await s3.set(fault);
        for (let i = 0; i < count; i++) {
          const body = randomBytes(SIZE);
          files.set(putInto(dir, body), body);
        }
        const during = await talk();
        ratios.push(slowest(during) / slowest(before));
        if (round + 1 < rounds) {
          await s3.set('good');
          await until(() => [...files.keys()].every((name) => !existsSync(join(dir, 'ready', name))), PATIENCE).catch(() => {});
        }
      }
      const failed = (await countersOf(stage.stack)).failed;
      await s3.set('good');
      const missing = await countLost(stage.stack, s3, dir, files);
      console.log(`${fault.padEnd(10)} p99 x ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; ${failed} attempts have failed so far; ${missing} of ${files.size} files lost`);
      if (fault !== 'none') worst = Math.max(worst, median(ratios));
      lost += missing;
      await Promise.all([...files.keys()].map((name) => s3.drop(keyOf(name))));
    }
  } finally {
    await stage.stop();
    await s3.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  bar('files_fault_chat_p99_ratio', worst, 'x', '<=1.10');
  bar('files_fault_lost', lost, 'files', '<=0');
}
