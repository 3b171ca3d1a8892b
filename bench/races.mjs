// A hundred people at once at a door that lets one in, and two people who begin to talk to each other a hundred times.
import { api } from '../tests/harness.mjs';
import { bar } from './bar.mjs';
import { accessToken } from './seed.mjs';

const AT_ONCE = 100;

// Some of the town: [{ id, token }].
export async function townspeople(stack, first, count) {
  const rows = await stack.sql(`SELECT user, MIN(id) FROM session WHERE user BETWEEN ${first} AND ${first + count - 1} GROUP BY user ORDER BY user`);
  return rows.map(([id, session]) => ({ id: Number(id), token: accessToken(stack.conf.token_secret, id, Number(session)) }));
}

export function expect(answer, ...statuses) {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const together = (n, act) => Promise.all(Array.from({ length: n }, (_, i) => act(i)));

async function lastSeat(stack) {
  const [host, second, ...others] = await townspeople(stack, 20001, AT_ONCE + 2);
  const room = expect(await api(stack, host).post('/v1/rooms', { title: 'three seats', kind: 'public', max_members: 3 }), 201);
  expect(await api(stack, second).put(`/v1/rooms/${room.id}/members/me`, {}), 201);
  const answers = await together(AT_ONCE, (i) => api(stack, others[i]).put(`/v1/rooms/${room.id}/members/me`, {}));
  const full = answers.filter(({ body }) => body.type === '/problems/room-full').length;
  const joined = answers.filter(({ status }) => status === 201).length;
  const [[members, counted]] = await stack.sql(`SELECT (SELECT COUNT(*) FROM member WHERE room = ${room.id}), members FROM room WHERE id = ${room.id}`);
  console.log(`the last seat: ${joined} of ${AT_ONCE} joined, ${full} were told that it is full; ${members} members, ${counted} by the room's own count`);
  if (joined + full !== AT_ONCE || Number(members) !== 2 + joined || members !== counted) throw new Error('the answers and the members do not agree');
  bar('people_last_seat', joined, 'joins', '<=1');
  bar('people_last_seat_taken', joined, 'joins', '>=1');
}

async function firstMessages(stack) {
  const pair = await townspeople(stack, 21001, 2);
  const rooms = await together(AT_ONCE, async (i) => {
    const [from, to] = i % 2 ? pair : [...pair].reverse();
    const room = expect(await api(stack, from).put(`/v1/direct-rooms/${to.id}`, {}), 200, 201);
    expect(await api(stack, from).post(`/v1/rooms/${room.id}/messages`, { client_id: `first-${i}`, body: 'hello' }), 201);
    return room.id;
  });
  const [[stored, pairs]] = await stack.sql(`SELECT (SELECT COUNT(*) FROM message WHERE room = ${rooms[0]}),
    (SELECT COUNT(*) FROM direct WHERE low = ${pair[0].id} AND high = ${pair[1].id})`);
  console.log(`first messages: ${new Set(rooms).size} rooms, ${stored} messages`);
  bar('people_direct_rooms', Math.max(new Set(rooms).size, Number(pairs)), 'rooms', '<=1');
  bar('people_direct_messages_lost', AT_ONCE - Number(stored), 'messages', '<=0');
}

export async function races(stack) {
  await lastSeat(stack);
  await firstMessages(stack);
}
