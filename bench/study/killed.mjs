// Connections that are cut without a word while their people study: what is counted ends with the last beat before, and
// goes on for no longer than others see somebody who may be loading the page again (presence_linger).
import { setTimeout as sleep } from 'node:timers/promises';
import { rawSocket, subscribeRaw } from '../../tests/api/check.mjs';
import { api, signUp, startStack, until } from '../../tests/harness.mjs';

const PEOPLE = 60;
const BEAT = 2; // seconds
const LINGER = 2;
const LAST = 12000; // milliseconds until the last one is cut

// Two windows for every second one: they count once.
async function study(stack, room) {
  const account = await signUp(stack);
  const at = api(stack, account);
  await at.put(`/v1/rooms/${room}/members/me`, {});
  const windows = [];
  for (let i = 0; i <= account.id % 2; i++) {
    windows.push(await rawSocket(stack));
    await subscribeRaw(stack, windows.at(-1), account, `presence-room-${room}`);
  }
  const { status, body } = await at.put(`/v1/rooms/${room}/desk`, {});
  if (status !== 200) throw new Error(`a desk: ${status} ${JSON.stringify(body)}`);
  return { id: account.id, windows, since: Date.parse(body.since) };
}

async function cut(person, ms) {
  await sleep(ms);
  for (const { ws } of person.windows) ws.terminate();
  person.cut = Date.now();
}

export async function killed({ bar }) {
  const stack = await startStack({ conf: { signup_attempts: 10000, login_attempts: 10000, workers: 2, desk_beat: BEAT, presence_linger: LINGER } });
  const host = await signUp(stack);
  const { body: { id: room } } = await api(stack, host).post('/v1/rooms', { title: 'library', kind: 'public' });
  const people = [];
  for (let i = 0; i < PEOPLE; i++) people.push(await study(stack, room));
  await Promise.all(people.map((person) => cut(person, Math.random() * LAST)));
  await until(async () => (await stack.sql('SELECT COUNT(*) FROM desk'))[0][0] === '0', 60000, 'all to have left');
  const rows = await stack.sql('SELECT user, COUNT(*), MAX(TIMESTAMPDIFF(MICROSECOND, \'1970-01-01\', ended_at) DIV 1000) FROM study_session GROUP BY user');
  const ends = new Map(rows.map(([user, n, ms]) => [Number(user), { n: Number(n), ms: Number(ms) }]));
  // Less than a second is no session.
  const off = people.map(({ id, cut: when, since }) => when - (ends.get(id)?.ms ?? since));
  const double = [...ends.values()].filter(({ n }) => n > 1).length;
  console.log(`${PEOPLE} people cut; the beat is ${BEAT} s, they are shown for ${LINGER} s longer: from ${Math.min(...off)} to ${Math.max(...off)} ms before the cut`);
  bar('study_killed_lost', Math.max(0, ...off) / 1000, 's', `<=${BEAT}`);
  bar('study_killed_surplus', Math.max(0, ...off.map((ms) => -ms)) / 1000, 's', `<=${LINGER + BEAT}`);
  bar('study_counted_twice', double, 'people', '<=0');
  await stack.stop();
}
