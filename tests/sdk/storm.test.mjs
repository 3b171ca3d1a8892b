// The short version of bench/sdk.mjs: through a network that breaks at random nothing is lost, doubled or out of order.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { startStack } from '../harness.mjs';
import { bundle, closeAll, gzipped } from './kit.mjs';
import { storm } from './storm.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, access_ttl: 86400, workers: 4 } });
after(() => stack.stop());

test('through a storm every client hears everything once and in order, and what they write arrives so', async () => {
  const { events, cuts, heard, lost, doubled, disordered, unsent, misshown, resets } = await storm(stack, { events: 3000, clients: 3, rooms: 3, cutMs: 100 });
  closeAll();
  assert.deepEqual({ lost, doubled, disordered, unsent, misshown, resets }, { lost: 0, doubled: 0, disordered: 0, unsent: 0, misshown: 0, resets: 0 });
  assert.ok(events >= 2500, `${events} events`);
  assert.ok(heard >= events * 2, `${heard} heard`);
  assert.ok(cuts >= 20, `${cuts} cuts`);
});

test('the library is small', async () => {
  assert.ok(gzipped(await bundle()) <= 15 * 1024);
});
