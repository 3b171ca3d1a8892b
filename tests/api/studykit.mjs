// What the tests of studying need again and again.
import { assertOk } from './check.mjs';
import { split } from './zonedays.mjs';

export const MINUTE = 60000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const time = (ms) => `'${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}'`;

// Stores sessions [from, to] in milliseconds, as measured in a room (0: none).
export async function studied(stack, user, sessions, { room = 0, corrected = 0 } = {}) {
  const rows = sessions.map(([from, to]) => `(${user.id}, ${room}, ${time(from)}, ${time(to)}, ${corrected})`);
  await stack.sql(`INSERT INTO study_session (user, room, started_at, ended_at, corrected) VALUES ${rows.join(', ')}`);
}

export const settle = async (user, settings) => assertOk(await user.at.patch('/v1/users/me/settings', settings), 200);
export const stats = async (user, query = '') => assertOk(await user.at.get(`/v1/study-stats${query}`), 200);

// { date: milliseconds } of the days on which anything was studied.
export const daysOf = ({ days }) => Object.fromEntries(days.filter(({ studied: ms }) => ms > 0).map(({ date, studied: ms }) => [date, ms]));

// So many sessions [from, to] that do not overlap, none longer than so much, from the beginning of a year on.
export function randomSessions(n, longest) {
  const sessions = [];
  for (let from = Date.parse('2025-01-03T00:00Z'); sessions.length < n;) {
    from += Math.floor(Math.random() * 6 * DAY);
    const to = from + 1 + Math.floor(Math.random() * longest);
    sessions.push([from, to]);
    from = to;
  }
  return sessions;
}

// Stores them, and resolves with what the server makes of their days and what JavaScript does: { found, expected }.
export async function daysBoth(stack, user, sessions, zone, dayStart) {
  await studied(stack, user, sessions);
  const [found, expected] = [{}, {}];
  for (const [from, to] of sessions) split(from, to, zone, dayStart, expected);
  for (let month = Date.parse('2025-01-01T00:00Z'); month < sessions.at(-1)[1] + 31 * DAY; month += 28 * DAY)
    Object.assign(found, daysOf(await stats(user, `?period=month&date=${new Date(month).toISOString().slice(0, 10)}`)));
  return { found, expected };
}
