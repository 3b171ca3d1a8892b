// Whoever takes somebody out of a call dies before that is certain: a worker that was asked to, or the feeder, which has seen
// that they are gone. The next one does it; the call ends once, and nobody hears it who is not in it.
import { call } from './load.mjs';
import { makeRooms, people, startChaos, until } from './kit.mjs';

const PEER = 'window-of-somebody';

async function begin(stack, user, room) {
  const { status, body } = await call(stack, user, 'POST', `/v1/rooms/${room}/calls`, { peer: PEER });
  if (status !== 201) throw new Error(`a call: ${status}`);
  return body.id;
}

const enders = {
  async worker(stack, user, id) {
    await until(async () => [204, 404].includes((await call(stack, user, 'DELETE', `/v1/calls/${id}/members/me`)).status), 30000, 'to leave');
  },
  async feeder(stack, user) {
    await stack.sql(`UPDATE call_member SET missed = 250 WHERE user = ${user.id}`);
  },
};

async function isEndedOnce(stack, user, room, end) {
  const id = await begin(stack, user, room);
  stack.arm('api.before_call_left');
  await Promise.all([end(stack, user, id), stack.taken('api.before_call_left')]);
  await until(async () => (await stack.sql(`SELECT 1 FROM room_call WHERE id = ${id}`)).length === 0, 30000, 'the call to end');
  const rows = await stack.sql(`SELECT COUNT(*) FROM event WHERE kind = 1 AND stream = ${room} AND type = 'call.ended' AND JSON_VALUE(data, '$.id') = ${id}`);
  const left = await stack.sql(`SELECT 1 FROM call_member WHERE of_call = ${id}`);
  return Number(rows[0][0]) === 1 && left.length === 0;
}

export async function run(t) {
  const trials = t.long ? 50 : 5;
  const stack = await startChaos();
  const [user] = await people(stack, 1);
  const [room] = await makeRooms(stack, 1, [user]);
  let ended = 0;
  for (let i = 0; i < trials; i++) for (const end of Object.values(enders)) ended += await isEndedOnce(stack, user, room, end);
  t.say(`${trials} workers and ${trials} feeders killed before the end of a call was certain`);
  t.bar('calls_ended_once', ended, `of_${2 * trials}`, `>=${2 * trials}`);
  await stack.stop();
}
