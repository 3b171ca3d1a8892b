// 1,000 uploads of 200 kB in a row, into a real bucket: nothing waits in the end, and every object is what was sent.
//
//   make bench-files ONLY=thousand [FILES=1000]
import { randomBytes } from 'node:crypto';
import { signUp, until } from '../../tests/harness.mjs';
import { must, post, sha, startWithBucket, waiting } from './filing.mjs';

const BYTES = 200000;
const AT_ONCE = 4;

export async function thousand({ bar, env }) {
  const count = env('FILES', 1000);
  const { stack, swift, stop } = await startWithBucket();
  const ann = await signUp(stack);
  const sent = new Map();
  let left = count;
  const started = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      const bytes = randomBytes(BYTES);
      const { id } = await must(post(stack, ann, '/v1/files', BYTES, bytes), 201);
      sent.set(id, sha(bytes));
    }
  }));
  const uploaded = performance.now();
  await until(() => waiting(stack) === 0, 600000, 'the spool to be empty');
  const stored = performance.now();
  console.log(`${count} uploads of ${BYTES / 1000} kB, ${AT_ONCE} at once: ${(count / (uploaded - started) * 1000).toFixed(1)} a second; in the bucket ${((stored - uploaded) / 1000).toFixed(1)} s later`);
  let wrong = 0;
  for (const [id, object] of await stack.sql('SELECT id, object FROM file')) {
    const got = await swift.get(`${object.slice(0, 2)}/${object}`);
    if (got === undefined || sha(got) !== sent.get(Number(id))) wrong++;
    sent.delete(Number(id));
  }
  bar('files_thousand_uploads', count, 'files', `>=${count}`);
  bar('files_thousand_left_in_spool', waiting(stack), 'files', '<=0');
  bar('files_thousand_wrong_in_bucket', wrong + sent.size, 'objects', '<=0');
  await stop();
}
