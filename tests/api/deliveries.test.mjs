// Deliveries: the log, posting once more, and what a process that dies, a database that goes or an unwilling target makes of them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { api, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, say } from './check.mjs';
import { Elsewhere, HOOKS, OPEN, Target, assertInOrder, deliveries, hook, poster, refuse, settled } from './targets.mjs';

const stack = await new Elsewhere({ conf: HOOKS }).up();
const [ann] = await stack.people(1);
const targets = [];
after(async () => {
  await stack.stop();
  for (const target of targets) await target.close();
});
const at = api(stack, ann);
const sayAll = async (room, n) => {
  const seqs = [];
  for (let i = 0; i < n; i++) seqs.push(assertOk(await say(stack, ann, room, `number ${i}`), 201).seq);
  return seqs;
};
const begin = async (answer = (res) => res.end()) => {
  const target = await new Target().open();
  targets.push(target);
  target.answer = answer;
  const room = await createRoom(stack, ann);
  return { target, room, made: await hook(stack, ann, room, target.url) };
};
const replay = (made, seq) => at.post(`/v1/rooms/${made.room}/webhooks/${made.id}/deliveries/${seq}/replay`);
test('the log comes in pages', async () => {
  const { room, made } = await begin();
  const seqs = await sayAll(room, 5);
  await settled(stack, ann, made);
  const first = await deliveries(stack, ann, made, '?limit=3');
  const rest = await deliveries(stack, ann, made, `?limit=3&cursor=${first.next}`);
  assert.deepEqual([...first.deliveries, ...rest.deliveries].map(({ seq }) => seq), seqs.reverse());
  assert.equal(rest.next, null);
  assertInvalid(await at.get(`/v1/rooms/${room.id}/webhooks/${made.id}/deliveries?limit=x`), 'limit');
});

test('a delivery is posted once more, with its id', async () => {
  const { target, room, made } = await begin();
  const seqs = await sayAll(room, 2);
  await settled(stack, ann, made);
  const again = assertOk(await replay(made, seqs[0]), 202);
  assert.deepEqual([again.seq, again.state, again.tries], [seqs[0], 'waiting', 0]);
  await target.got(3);
  assert.equal(target.posts[2].id, target.posts[0].id);
  assert.deepEqual(target.posts[2].body, target.posts[0].body);
  const { deliveries: [, one] } = await until(async () => {
    const list = await deliveries(stack, ann, made);
    return list.deliveries[1].state === 'delivered' && list;
  });
  assert.equal(one.tries, 1);
  assertProblem(await replay(made, seqs[1] + 5), 'not-found');
});

test('what waits for its next try can be tried at once', async () => {
  const { target, room, made } = await begin(refuse(500));
  const [seq] = await sayAll(room, 1);
  for (let tries = 1; tries < 6; tries++) {
    await target.got(tries);
    await until(async () => (await deliveries(stack, ann, made)).deliveries[0].tries === tries);
    assertOk(await replay(made, seq), 202);
  }
  target.answer = (res) => res.end();
  assertOk(await replay(made, seq), 202);
  assert.equal((await settled(stack, ann, made)).waiting, 0);
});

test('an event that was erased meanwhile is not posted', async () => {
  const { target, room, made } = await begin(refuse(500));
  const [first, second] = await sayAll(room, 2);
  await target.got(1);
  await stack.sql(`DELETE FROM message WHERE room = ${room.id} AND seq = ${first}`);
  target.answer = (res) => res.end();
  assertOk(await replay(made, first), 202);
  await settled(stack, ann, made);
  assert.equal(target.seqs.at(-1), second);
  assert.deepEqual((await deliveries(stack, ann, made)).deliveries.map(({ state, error }) => [state, error]),
    [['delivered', undefined], ['failed', 'the event is no longer there']]);
});

test('kill -9 of the poster loses nothing; what was under way comes twice, with the same id', async () => {
  const { target, room, made } = await begin();
  const all = [];
  for (let i = 0; i < 4; i++) {
    const held = [];
    target.answer = (res) => held.push(res);
    all.push(...await sayAll(room, 10));
    await until(() => held.length > 0, 20000, 'a post to be under way');
    const from = target.posts.length;
    process.kill(await poster(stack), 'SIGKILL');
    target.answer = (res) => res.end();
    held.forEach((res) => res.destroy());
    await target.got(from + 1);
  }
  await settled(stack, ann, made, 40000);
  const seen = new Map(target.posts.map(({ id, body }) => [id, body.seq]));
  assert.deepEqual([...seen.values()], all, 'the first time each, in order');
  const twice = target.posts.filter(({ id }, i) => target.posts[i - 1]?.id === id).length;
  assert.equal(target.posts.length, seen.size + twice, 'what came again came at once');
});

test('the database may go and come back', async () => {
  const { target, room, made } = await begin();
  const held = [];
  target.answer = (res) => held.push(res);
  const seqs = await sayAll(room, 3);
  await target.got(1);
  await stack.stopDb();
  target.answer = (res) => res.end();
  held.forEach((res) => res.end());
  await stack.startDb();
  await settled(stack, ann, made, 40000);
  assertInOrder(target, seqs);
});

test('an answer without end counts, and one that never begins does not', async () => {
  const { target, room, made } = await begin((res) => {
    res.writeHead(200);
    const timer = setInterval(() => res.write('x'.repeat(65536)), 1);
    res.on('close', () => clearInterval(timer));
  });
  await sayAll(room, 1);
  await settled(stack, ann, made);
  assert.equal(target.posts.length, 1);
  target.answer = () => {};
  const [seq] = await sayAll(room, 1);
  const { status, error } = await until(async () => {
    const [newest] = (await deliveries(stack, ann, made)).deliveries;
    return newest.seq === seq && newest.tries === 1 && newest;
  }, 40000);
  assert.equal(status, undefined);
  assert.match(error, /timed out/i);
});

test('a certificate that nobody signed is not taken', async () => {
  const [key, cert] = [join(stack.dir, 'key.pem'), join(stack.dir, 'cert.pem')];
  assert.equal(spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', `/CN=${OPEN}`,
    '-addext', `subjectAltName=IP:${OPEN}`]).status, 0);
  let requests = 0;
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => { requests++; res.end(); });
  await new Promise((resolve) => { server.listen(0, OPEN, resolve); });
  const room = await createRoom(stack, ann);
  const made = await hook(stack, ann, room, `https://${OPEN}:${server.address().port}/`);
  await sayAll(room, 1);
  await until(async () => (await deliveries(stack, ann, made)).deliveries[0]?.tries >= 1);
  assert.match((await deliveries(stack, ann, made)).deliveries[0].error, /certificate/i);
  assert.equal(requests, 0);
  server.close();
});
