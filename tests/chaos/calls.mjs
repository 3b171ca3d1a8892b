// Whoever takes somebody out of a call dies before that is certain: a worker that was asked to, or the feeder, which has seen
// that they are gone. The next one does it; the call ends once, nobody hears it who is not in it, and who was rung for it
// has missed it once.
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

// Counts what is right: { ended, missed }.
async function endOne(stack, user, other, room, end) {
  const id = await begin(stack, user, room);
  const { status } = await call(stack, user, 'PUT', `/v1/calls/${id}/members/${other.id}`);
  if (status !== 200) throw new Error(`a ring: ${status}`);
  stack.arm('api.before_call_left');
  await Promise.all([end(stack, user, id), stack.taken('api.before_call_left')]);
  await until(async () => (await stack.sql(`SELECT 1 FROM room_call WHERE id = ${id}`)).length === 0, 30000, 'the call to end');
  const told = async (kind, stream, type, key) => (await stack.sql(`SELECT 1 FROM event
    WHERE kind = ${kind} AND stream = ${stream} AND type = '${type}' AND JSON_VALUE(data, '$.${key}') = ${id}`)).length;
  const left = await stack.sql(`SELECT 1 FROM call_member WHERE of_call = ${id}`);
  const rows = await stack.sql(`SELECT 1 FROM notification WHERE user = ${other.id} AND of_call = ${id}`);
  return { ended: await told(1, room, 'call.ended', 'id') === 1 && left.length === 0,
    missed: rows.length === 1 && await told(2, other.id, 'notification.created', 'call') === 1 };
}

export async function run(t) {
  const trials = t.long ? 50 : 5;
  const stack = await startChaos();
  const [user, other] = await people(stack, 2);
  const [room] = await makeRooms(stack, 1, [user, other]);
  const sum = { ended: 0, missed: 0 };
  for (let i = 0; i < trials; i++) for (const end of Object.values(enders)) {
    const right = await endOne(stack, user, other, room, end);
    for (const name of Object.keys(sum)) sum[name] += right[name];
  }
  t.say(`${trials} workers and ${trials} feeders killed before the end of a call was certain`);
  for (const [name, n] of Object.entries(sum)) t.bar(`calls_${name}_once`, n, `of_${2 * trials}`, `>=${2 * trials}`);
  await stack.stop();
}
