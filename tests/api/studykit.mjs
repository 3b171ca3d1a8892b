// What the tests of studying need again and again.
import { assertOk } from './check.mjs';

export const MINUTE = 60000;
export const HOUR = 60 * MINUTE;

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
