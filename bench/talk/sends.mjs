// A hundred fast sends of one person, and twenty people who send a hundred each at once: every message stored once, and heard
// once by each of the twenty in one order. Every other send is made twice, as a client does that waits in vain for an answer.
import { startStack, until } from '../../tests/harness.mjs';
import { createRoom, joinRoom, people, say } from '../../tests/api/check.mjs';
import { channelOf, listen } from '../../tests/api/listener.mjs';

const PEOPLE = 20;
const EACH = 100;
const ROUNDS = 5;
const AT_ONCE = 200;

// Sends `count` messages of each person, up to AT_ONCE of all under way; resolves with { id, answers } of each message.
async function storm(stack, senders, room, name, count) {
  const one = async (user, id, twice) => {
    const send = () => say(stack, user, room, `message ${id}`, id);
    return { id, answers: await Promise.all(twice ? [send(), send()] : [send()]) };
  };
  const all = await Promise.all(senders.flatMap((user, k) => {
    let next = 0;
    return Array.from({ length: Math.min(count, AT_ONCE / senders.length) }, async () => {
      const sent = [];
      for (let i = next++; i < count; i = next++) sent.push(await one(user, `${name}-${k}-${i}`, i % 2 === 1));
      return sent;
    });
  }));
  return all.flat();
}

const told = (ear) => ear.heard().filter(({ data }) => data.client_id !== undefined).map(({ data }) => data);

// How many of what was sent is missing in a list of messages, how many are there more than once, and how many stand elsewhere
// than in the list of what is stored.
function judge(sent, stored, list) {
  const times = new Map();
  for (const { client_id: id } of list) times.set(id, (times.get(id) ?? 0) + 1);
  return {
    lost: sent.filter(({ id }) => !times.has(id)).length,
    doubled: list.length - times.size,
    disordered: list.filter(({ seq, client_id: id }, i) => stored[i]?.seq !== seq || stored[i]?.client_id !== id).length,
  };
}

// The same message must be answered to both of its sends.
function judgeAnswers(sent, stored) {
  const seqs = new Map(stored.map(({ client_id: id, seq }) => [id, seq]));
  const wrong = sent.filter(({ id, answers }) => answers.some(({ status, body }) => status !== 201 || body.seq !== seqs.get(id)));
  for (const { id, answers } of wrong.slice(0, 3)) console.log(`${id}: ${answers.map(({ status, body }) => `${status} ${body.seq ?? body.title}`).join(', ')}`);
  return wrong.length;
}

async function round(stack, users, name, senders, count) {
  const room = await createRoom(stack, users[0]);
  for (const user of users.slice(1)) await joinRoom(stack, user, room);
  const ears = await Promise.all(users.map((user) => listen(stack, user, channelOf(room))));
  const sent = await storm(stack, senders, room, name, count);
  const rows = await stack.sql(`SELECT seq, client_id FROM message WHERE room = ${room.id} ORDER BY seq`);
  const stored = rows.map(([seq, id]) => ({ seq: Number(seq), client_id: id }));
  await until(() => ears.every((ear) => told(ear).length >= stored.length), 20000).catch(() => {});
  const found = [stored, ...ears.map(told)].map((list) => judge(sent, stored, list));
  await Promise.all(ears.map((ear) => ear.close()));
  const sum = (what) => found.reduce((n, one) => n + one[what], 0);
  const result = { lost: sum('lost'), doubled: sum('doubled') + judgeAnswers(sent, stored), disordered: sum('disordered') };
  console.log(`${name}: ${sent.length} messages of ${senders.length} in ${sent.reduce((n, { answers }) => n + answers.length, 0)} sends, ${ears.length} listeners; ${
    Object.entries(result).map(([what, n]) => `${n} ${what}`).join(', ')}`);
  return result;
}

export async function sends({ bar }) {
  const stack = await startStack({ conf: { workers: 8, login_attempts: 1000, signup_attempts: 1000 } });
  const users = await people(stack, PEOPLE);
  const all = [];
  for (let i = 0; i < ROUNDS; i++) {
    all.push(await round(stack, users, `one-${i}`, users.slice(0, 1), EACH));
    all.push(await round(stack, users, `all-${i}`, users, EACH));
  }
  for (const what of ['lost', 'doubled', 'disordered']) bar(`talk_sends_${what}`, all.reduce((n, one) => n + one[what], 0), 'messages', '<=0');
  await stack.stop();
}
