// The two nights of the bars, and ten thousand random sessions in random zones, whose days begin at a random hour: each
// day is held against what JavaScript makes of it, which has its own list of zones, and the sum against the sessions.
import { api, signUp, startStack } from '../../tests/harness.mjs';
import { DAY, MINUTE, daysBoth, daysOf, randomSessions, settle, stats, studied } from '../../tests/api/studykit.mjs';

const PEOPLE = 100;
const SESSIONS = 100; // of each: they go through a whole year
const at = (text) => Date.parse(text);

// [zone, from, to, { date: minutes }]
const NIGHTS = [
  ['study_midnight', 'Asia/Seoul', '2026-03-10T23:50+09:00', '2026-03-11T00:10+09:00', { '2026-03-10': 10, '2026-03-11': 10 }],
  ['study_dst_begins', 'Europe/Berlin', '2026-03-28T23:50+01:00', '2026-03-29T04:10+02:00', { '2026-03-28': 10, '2026-03-29': 190 }],
  ['study_dst_ends', 'Europe/Berlin', '2026-10-24T23:50+02:00', '2026-10-25T04:10+01:00', { '2026-10-24': 10, '2026-10-25': 310 }],
];

async function nights(stack, user, bar) {
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

async function compare(stack, user, zone, dayStart, totals) {
  const sessions = randomSessions(SESSIONS, DAY);
  const { found, expected } = await daysBoth(stack, user, sessions, zone, dayStart);
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const wrong = [...new Set([...Object.keys(found), ...Object.keys(expected)])].filter((date) => found[date] !== expected[date]);
  if (wrong.length > 0 && totals.days === 0) console.log(`${zone} from ${dayStart}: ${wrong[0]} has ${found[wrong[0]]}, should have ${expected[wrong[0]]}`);
  totals.sessions += sessions.length;
  totals.days += wrong.length;
  totals.sums += sum(Object.values(found)) !== sum(sessions.map(([from, to]) => to - from));
}

export async function days({ bar }) {
  const stack = await startStack({ conf: { signup_attempts: 10000, login_attempts: 10000, workers: 2 } });
  const zones = Intl.supportedValuesOf('timeZone');
  const totals = { sessions: 0, days: 0, sums: 0 };
  const used = new Set();
  for (let people = 0; people < PEOPLE;) {
    const account = await signUp(stack);
    const user = { ...account, at: api(stack, account) };
    if (people === 0) await nights(stack, user, bar);
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
