// The two nights of the bars, and ten thousand random sessions in random zones, whose days begin at a random hour: each
// day is held against what JavaScript makes of it, which has its own list of zones, and the sum against the sessions.
import { api, signUp, startStack } from '../../tests/harness.mjs';
import { daysOf, settle, stats, studied } from '../../tests/api/studykit.mjs';
import { split } from '../../tests/api/zonedays.mjs';
import { bar } from '../bar.mjs';

const PEOPLE = 100;
const SESSIONS = 100; // of each
const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text) => Date.parse(text);
const day = (ms) => new Date(ms).toISOString().slice(0, 10);

// [zone, from, to, { date: minutes }]
const NIGHTS = [
  ['study_midnight', 'Asia/Seoul', '2026-03-10T23:50+09:00', '2026-03-11T00:10+09:00', { '2026-03-10': 10, '2026-03-11': 10 }],
  ['study_dst_begins', 'Europe/Berlin', '2026-03-28T23:50+01:00', '2026-03-29T04:10+02:00', { '2026-03-28': 10, '2026-03-29': 190 }],
  ['study_dst_ends', 'Europe/Berlin', '2026-10-24T23:50+02:00', '2026-10-25T04:10+01:00', { '2026-10-24': 10, '2026-10-25': 310 }],
];

async function nights(stack, user) {
  for (const [name, zone, from, to, expected] of NIGHTS) {
    await settle(user, { time_zone: zone });
    await studied(stack, user, [[at(from), at(to)]]);
    const found = daysOf(await stats(user, `?period=month&date=${to.slice(0, 10)}`));
    await stack.sql(`DELETE FROM study_session WHERE user = ${user.id}`);
    const dates = new Set([...Object.keys(found), ...Object.keys(expected)]);
    console.log(`${name}: ${from} to ${to} in ${zone}: ${Object.entries(found).map(([date, ms]) => `${date} ${ms / MINUTE} min`).join(', ')}`);
    bar(`${name}_wrong`, [...dates].reduce((sum, date) => sum + Math.abs((found[date] ?? 0) / MINUTE - (expected[date] ?? 0)), 0), 'minutes', '<=0');
  }
}

// They do not overlap, and go through a whole year.
function randomSessions() {
  const sessions = [];
  for (let from = at('2025-01-03T00:00Z'); sessions.length < SESSIONS;) {
    from += Math.floor(Math.random() * 6 * DAY);
    const to = from + 1 + Math.floor(Math.random() * DAY);
    sessions.push([from, to]);
    from = to;
  }
  return sessions;
}

async function compare(stack, user, zone, dayStart, totals) {
  const sessions = randomSessions();
  await studied(stack, user, sessions);
  const expected = {};
  for (const [from, to] of sessions) split(from, to, zone, dayStart, expected);
  const found = {};
  for (let month = at('2025-01-01T00:00Z'); month < sessions.at(-1)[1] + 31 * DAY; month += 28 * DAY)
    Object.assign(found, daysOf(await stats(user, `?period=month&date=${day(month)}`)));
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const wrong = [...new Set([...Object.keys(found), ...Object.keys(expected)])].filter((date) => found[date] !== expected[date]);
  if (wrong.length > 0 && totals.days === 0) console.log(`${zone} from ${dayStart}: ${wrong[0]} has ${found[wrong[0]]}, should have ${expected[wrong[0]]}`);
  totals.sessions += sessions.length;
  totals.days += wrong.length;
  totals.sums += sum(Object.values(found)) !== sum(sessions.map(([from, to]) => to - from));
}

export async function days() {
  const stack = await startStack({ conf: { signup_attempts: 10000, login_attempts: 10000, workers: 2 } });
  const zones = Intl.supportedValuesOf('timeZone');
  const totals = { sessions: 0, days: 0, sums: 0 };
  const used = new Set();
  for (let people = 0; people < PEOPLE;) {
    const account = await signUp(stack);
    const user = { ...account, at: api(stack, account) };
    if (people === 0) await nights(stack, user);
    const [zone, dayStart] = [zones[Math.floor(Math.random() * zones.length)], Math.floor(Math.random() * 24)];
    const { status } = await user.at.patch('/v1/users/me/settings', { time_zone: zone, day_start: dayStart });
    if (status !== 200) continue; // JavaScript knows a name that the system does not
    await compare(stack, user, zone, dayStart, totals);
    used.add(zone);
    people++;
  }
  console.log(`${totals.sessions} sessions of ${PEOPLE} people in ${used.size} zones`);
  bar('study_sums_wrong', totals.sums, `of_${PEOPLE}`, '<=0');
  bar('study_days_wrong', totals.days, 'days', '<=0');
  bar('study_sessions', totals.sessions, 'sessions', '>=10000');
  await stack.stop();
}
