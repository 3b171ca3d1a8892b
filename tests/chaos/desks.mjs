// Whoever stores what was studied dies before that is certain: a worker that was asked to, or the feeder, which has seen
// that nobody is there. The next one does it, and the time is there once.
import { call } from './load.mjs';
import { makeRooms, people, startChaos, until } from './kit.mjs';

const STUDIED = 60000;

async function sit(stack, user, room) {
  const { status } = await call(stack, user, 'PUT', `/v1/rooms/${room}/desk`, {});
  if (status !== 200) throw new Error(`a desk: ${status}`);
  await stack.sql(`UPDATE desk SET since = since - INTERVAL ${STUDIED} * 1000 MICROSECOND WHERE user = ${user.id}`);
}

const left = (stack, user) => until(async () => (await stack.sql(`SELECT 1 FROM desk WHERE user = ${user.id}`)).length === 0, 30000, 'the desk to be left');

const enders = {
  async worker(stack, user, room) {
    await until(async () => [204, 404].includes((await call(stack, user, 'DELETE', `/v1/rooms/${room}/desk`)).status), 30000, 'to leave');
  },
  async feeder(stack, user) {
    await stack.sql(`UPDATE desk SET missed = 100 WHERE user = ${user.id}`);
  },
};

async function isKept(stack, user, room, end) {
  await stack.sql(`DELETE FROM study_session WHERE user = ${user.id}`);
  await sit(stack, user, room);
  stack.arm('api.before_desk_left');
  await Promise.all([end(stack, user, room), stack.taken('api.before_desk_left')]);
  await left(stack, user);
  const rows = await stack.sql(`SELECT TIMESTAMPDIFF(MICROSECOND, started_at, ended_at) DIV 1000 FROM study_session WHERE user = ${user.id}`);
  return rows.length === 1 && Number(rows[0][0]) >= STUDIED && Number(rows[0][0]) < 2 * STUDIED;
}

export async function run(t) {
  const trials = t.long ? 50 : 5;
  const stack = await startChaos({ conf: { desk_beat: 1 } });
  const [user] = await people(stack, 1);
  const [room] = await makeRooms(stack, 1, [user]);
  let kept = 0;
  for (let i = 0; i < trials; i++) for (const end of Object.values(enders)) kept += await isKept(stack, user, room, end);
  t.say(`${trials} workers and ${trials} feeders killed between the session and the end of the desk`);
  t.bar('desks_time_kept_once', kept, `of_${2 * trials}`, `>=${2 * trials}`);
  await stack.stop();
}
