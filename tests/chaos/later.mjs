// The feeder dies between sending what was scheduled and saying so: the next one sends it again, which is the same
// message.
import { makeRooms, people, startChaos, until } from './kit.mjs';

export async function run(t) {
  const trials = t.long ? 50 : 5;
  const stack = await startChaos();
  const users = await people(stack, 2);
  const rooms = await makeRooms(stack, trials, users);
  let sent = 0;
  for (const room of rooms) {
    stack.arm('api.after_scheduled');
    await stack.sql(`INSERT INTO scheduled (user, room, client_id, body, send_at, due_at, created_at)
      SELECT ${users[0].id}, ${room}, seq, CONCAT('text ', seq), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM seq_1_to_3`);
    await stack.taken('api.after_scheduled');
    await until(async () => (await stack.sql(`SELECT 1 FROM scheduled WHERE room = ${room}`)).length === 0, 30000, 'the next feeder to send the rest');
    const said = await stack.sql(`SELECT body FROM message WHERE room = ${room} ORDER BY seq`);
    if (said.flat().join() === 'text 1,text 2,text 3') sent++;
  }
  t.say(`${trials} feeders killed after they had sent one of three messages`);
  t.bar('later_exactly_once', sent, `of_${trials}`, `>=${trials}`);
  await stack.stop();
}
