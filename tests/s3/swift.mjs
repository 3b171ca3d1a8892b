// A real S3 server of somebody else, which verifies signatures: Debian's Swift on loopback, with an empty bucket.
//
//   const swift = await startSwift();     // { endpoint, bucket, region, accessKey, secretKey, get(key), list(), ..., stop() }
//   startStack({ conf: s3Conf(swift) })
//
// As a program, `node tests/s3/swift.mjs DIR PORT`, it serves until it is told to stop, and keeps what is in DIR.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isFree } from '../freeport.mjs';
import { s3Client } from './client.mjs';

const program = join(dirname(fileURLToPath(import.meta.url)), 'swiftd.py');
const START_MS = 30000;

// Four in a row, below those that the system hands out.
async function freePorts() {
  for (;;) {
    const port = 20000 + 4 * Math.floor(Math.random() * 2500);
    const free = await Promise.all([0, 1, 2, 3].map((i) => isFree(port + i)));
    if (free.every(Boolean)) return port;
  }
}

// The settings of Maru for a bucket; more: further ones.
export const s3Conf = (s3, more = {}) => ({ s3_endpoint: s3.endpoint, s3_bucket: s3.bucket, s3_region: s3.region,
  s3_access_key: s3.accessKey, s3_secret_key: s3.secretKey, ...more });

export async function startSwift({ dir, port, bucket = 'maru-files' } = {}) {
  const own = dir ?? mkdtempSync(join(tmpdir(), 'maru-swift.'));
  const first = port ?? await freePorts();
  mkdirSync(own, { recursive: true });
  // Its end of input is its end, however this process goes. Debian's python: another one has no Swift.
  const child = spawn('/usr/bin/python3', [program, own, String(first)], { stdio: ['pipe', 'ignore', 'pipe'], detached: true, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let said = '';
  child.stderr.on('data', (data) => { said = (said + data).slice(-4000); });
  child.stdin.on('error', () => {});
  const s3 = s3Client({ endpoint: `http://127.0.0.1:${first}`, bucket, region: 'us-east-1', accessKey: 'test:tester', secretKey: 'testing' });
  const stop = async () => {
    child.stdin.end();
    await ended;
    if (dir === undefined) rmSync(own, { recursive: true, force: true });
  };
  for (const end = Date.now() + START_MS; ;) {
    try {
      await s3.create();
      break;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > end) {
        await stop();
        throw new Error(`Swift does not start: ${error.message}\n${said}`);
      }
      await sleep(100);
    }
  }
  return { ...s3, port: first, pid: child.pid, ended, stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir, port] = process.argv.slice(2);
  const swift = await startSwift({ dir, port: Number(port) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => swift.stop().then(() => process.exit(0)));
  console.log(`ready at ${swift.endpoint}`);
  await swift.ended;
}
