// Webhooks of a room that is busy: one target is down for an hour of maru-api's clock, one is slow, one fails now and then, two
// take everything; and the process that posts is killed again and again, mostly at the moment when a target has answered.
// Every event reaches every target, once by its id, in order.
import { createRoom, say } from '../../tests/api/check.mjs';
import { sleep } from '../../tests/harness.mjs';
import { Elsewhere, HOOKS, Target, hook, poster, settled } from '../../tests/api/targets.mjs';

const STEP_MS = 60_000; // of the clock that is ahead
const AT_ONCE = 8; // messages under way

// What came: the seqs in the order of their first coming, repeats of an id, ids that name another event than before.
function audit(target, expected) {
  const seqOf = new Map();
  const idOf = new Map();
  const order = [];
  let repeats = 0;
  let doubled = 0;
  for (const { id, body: { seq } } of target.posts) {
    if (seqOf.has(id)) {
      repeats++;
      doubled += seqOf.get(id) !== seq;
      continue;
    }
    doubled += idOf.has(seq);
    seqOf.set(id, seq);
    idOf.set(seq, id);
    order.push(seq);
  }
  return { repeats, doubled, lost: expected.filter((seq) => !idOf.has(seq)).length,
    disordered: order.filter((seq, i) => i > 0 && seq < order[i - 1]).length };
}

async function sendAll(stack, user, room, n) {
  const seqs = [];
  for (let i = 0; i < n; i += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: Math.min(AT_ONCE, n - i) }, (_, k) => say(stack, user, room, `number ${i + k}`)));
    for (const { status, body } of answers) {
      if (status !== 201) throw new Error(`a message was not taken: ${status} ${JSON.stringify(body)}`);
      seqs.push(body.seq);
    }
  }
  return seqs;
}

// The next answer that this target gives is the last thing that the poster hears; where none comes soon, it dies all the same.
async function kill(stack, target) {
  const pid = await poster(stack);
  const usual = target.answer;
  const answered = new Promise((resolve) => {
    target.answer = (res) => {
      target.answer = usual;
      res.on('finish', resolve);
      res.end();
    };
  });
  await Promise.race([answered, sleep(2000)]);
  target.answer = usual;
  process.kill(pid, 'SIGKILL');
}

export async function webhooks({ bar, env }) {
  const events = env('EVENTS', 1000);
  const kills = env('KILLS', 10);
  const stack = await new Elsewhere({ conf: { ...HOOKS, log_level: 'info' } }).up();
  const [ann] = await stack.people(1);
  const room = await createRoom(stack, ann);
  const names = ['steady', 'steady too', 'slow', 'flapping', 'down'];
  const targets = [];
  for (const name of names) targets.push(Object.assign(await new Target().open(), { name }));
  const hooks = [];
  for (const target of targets) hooks.push(await hook(stack, ann, room, target.url));
  const [steady, , slow, flapping, down] = targets;
  let count = 0;
  slow.answer = (res) => setTimeout(() => res.end(), 25);
  flapping.answer = (res) => { count++; if (count % 50 < 4) res.socket.destroy(); else { res.statusCode = count % 50 < 8 ? 503 : 200; res.end(); } };
  await down.close();
  const started = performance.now();
  const sending = sendAll(stack, ann, room, events);
  for (let i = 0; i < 60; i++) {
    if (i % Math.ceil(60 / kills) === 0) await kill(stack, [steady, slow, flapping][i % 3]);
    else await sleep(50);
    stack.pass(STEP_MS);
  }
  const seqs = (await sending).concat(await sendAll(stack, ann, room, 8)).sort((a, b) => a - b);
  await down.open();
  stack.pass(STEP_MS * 30); // the longest pause between two tries
  const ticking = setInterval(() => stack.pass(2000), 100);
  for (const one of hooks) await settled(stack, ann, one, 600_000);
  clearInterval(ticking);
  const found = targets.map((target) => ({ name: target.name, posts: target.posts.length, ...audit(target, seqs) }));
  console.log(`${seqs.length} events, ${hooks.length} webhooks, ${kills} kills, ${Math.round((performance.now() - started) / 1000)} s`);
  console.table(found);
  const total = (what) => found.reduce((sum, one) => sum + one[what], 0);
  bar('talk_webhook_lost', total('lost'), 'deliveries', '<=0');
  bar('talk_webhook_doubled', total('doubled'), 'deliveries', '<=0');
  bar('talk_webhook_disordered', total('disordered'), 'deliveries', '<=0');
  await stack.stop();
  for (const target of targets) await target.close();
}
