// The process that posts to webhooks dies where it has made deliveries and not committed them, and where a target has answered
// and that is not stored: every event reaches the target, first in order, and what comes again bears its old id.
import { Target, hook } from '../api/targets.mjs';
import { api, makeRooms, people, startChaos, until } from './kit.mjs';

const CONF = { room_webhooks: 'on', outbound_allow: '127.0.0.77' };
const BURST = 5;

async function say(stack, user, room, from) {
  const seqs = [];
  for (let i = from; i < from + BURST; i++) {
    const { status, body } = await api(stack, user).post(`/v1/rooms/${room}/messages`, { client_id: `c${i}`, body: `number ${i}` });
    if (status !== 201) throw new Error(`a message was refused: ${status}`);
    seqs.push(body.seq);
  }
  return seqs;
}

export async function run(t) {
  const trials = t.long ? 50 : 3;
  const stack = await startChaos({ conf: CONF });
  const target = await new Target().open();
  const [user] = await people(stack, 1);
  const [room] = await makeRooms(stack, 1, [user]);
  const { id } = await hook(stack, user, { id: room }, target.url);
  const sent = [];
  let deaths = 0;
  for (let trial = 0; trial < trials; trial++) {
    for (const point of ['poster.made', 'poster.answered']) {
      stack.arm(point);
      sent.push(...await say(stack, user, room, sent.length));
      await stack.taken(point, 30000);
      deaths++;
    }
  }
  await until(async () => (await stack.sql(`SELECT 1 FROM webhook w JOIN stream s ON s.kind = 1 AND s.id = w.room
    WHERE w.id = ${id} AND w.waiting = 0 AND w.seen = s.head`)).length > 0, 60000, 'all to be posted');
  const first = [...new Map(target.posts.map((post) => [post.id, post.body.seq])).values()];
  const wrong = sent.filter((seq, i) => first[i] !== seq).length + Math.abs(first.length - sent.length);
  t.say(`${sent.length} events, the poster died ${deaths} times; ${target.posts.length - first.length} came twice, with the same id`);
  t.bar('delivery_wrong', wrong, 'events', '<=0');
  await stack.stop();
  await target.close();
}
