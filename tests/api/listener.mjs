// A subscriber of our own, which resumes with `after` and remembers what it heard; and ways to let things happen that
// maru-push is not told of.
import assert from 'node:assert/strict';
import { api, until } from '../harness.mjs';
import { assertOk, rawSocket } from './check.mjs';

export const channelOf = (room) => `presence-room-${room.id}`;

export const grantFor = async (stack, user, socket, channel) => assertOk(
  await api(stack, user).post('/v1/realtime/auth', { socket_id: socket.id, channel_name: channel }), 200);

// Resolves when the server has answered: { socket, ok, info, heard(), last(), gone(), until(n), close() }.
// heard() lists the durable events as the log of the room does.
export async function listen(stack, user, channel, where, { socket, grant } = {}) {
  socket ??= await rawSocket(stack);
  grant ??= channel === 'lobby' ? {} : await grantFor(stack, user, socket, channel);
  const from = socket.events.length;
  socket.send('pusher:subscribe', { channel, ...grant, ...(where ? { after: where } : {}) });
  const mine = () => socket.events.slice(from).filter((event) => event.channel === channel);
  const answers = ['pusher_internal:subscription_succeeded', 'pusher:subscription_error'];
  const answer = await until(() => mine().find(({ event }) => answers.includes(event)), 10000, `an answer for ${channel}`);
  const heard = () => mine().filter(({ event }) => !/^(pusher|maru)/.test(event))
    .map(({ event, data }) => ({ type: event, data: JSON.parse(data) }))
    .map(({ type, data }) => ({ seq: data.seq, mid: data.mid, type, data }));
  return {
    socket, ok: answer.event === answers[0], info: JSON.parse(answer.data), heard,
    frames: mine,
    last: () => { const { seq, mid } = heard().at(-1); return { seq, mid }; },
    gone: () => mine().some(({ event }) => event === 'maru:unsubscribed'),
    until: (n, ms = 10000) => until(() => heard().length >= n, ms, `${n} events, not ${heard().length}`),
    close: async () => { socket.ws.terminate(); await socket.closed; },
  };
}

// Messages that nobody is told of, as if the worker had died after COMMIT.
export async function sayBehindTheBack(stack, user, room, n = 1, body = "CONCAT('secret ', seq)") {
  const [[session]] = await stack.sql(`SELECT MAX(id) FROM session WHERE user = ${user.id}`);
  if (n === 1) {
    await stack.sql(`CALL message_send(${user.id}, ${session}, ${room.id}, UUID(), 'behind the back', FLOOR(1 + RAND() * 1e15), NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
    return;
  }
  await stack.sql(`SET @head = (SELECT head FROM stream WHERE kind = 1 AND id = ${room.id});
    INSERT INTO message (room, seq, mid, sender, client_id, body, created_at)
      SELECT ${room.id}, @head + seq, FLOOR(1 + RAND() * 1e15), ${user.id}, CONCAT(@head, '-', seq), ${body}, UTC_TIMESTAMP(3) FROM seq_1_to_${n};
    UPDATE stream SET head = head + ${n}, mid = 0 WHERE kind = 1 AND id = ${room.id}`);
}

// An event that nobody is told of.
export async function happenBehindTheBack(stack, kind, id, type, data) {
  await stack.sql(`START TRANSACTION;
    SET @mid = FLOOR(1 + RAND() * 1e15);
    UPDATE stream SET head = LAST_INSERT_ID(head + 1), mid = @mid WHERE kind = ${kind} AND id = ${id};
    INSERT INTO event (kind, stream, seq, mid, type, data, created_at) VALUES (${kind}, ${id}, LAST_INSERT_ID(), @mid, '${type}',
      JSON_SET('${JSON.stringify(data)}', '$.seq', LAST_INSERT_ID(), '$.mid', CAST(@mid AS CHAR)), UTC_TIMESTAMP(3));
    COMMIT`);
}

// Resolves with the member who is no more.
export async function leaveBehindTheBack(stack, user, room, type = 'member.kicked') {
  const { members } = assertOk(await api(stack, user).get(`/v1/rooms/${room.id}/members`), 200);
  const member = members.find(({ id }) => id === user.id);
  await stack.sql(`DELETE FROM member WHERE room = ${room.id} AND user = ${user.id};
    UPDATE room SET members = members - 1 WHERE id = ${room.id}`);
  await happenBehindTheBack(stack, 1, room.id, type, member);
  return member;
}

// The process that answers push, by what it says in the log.
export const feederPid = (stack) => Number([...stack.log('api').matchAll(/\[(\d+)\] connected to maru-push/g)].at(-1)[1]);

export async function killFeeder(stack) {
  const before = feederPid(stack);
  process.kill(before, 'SIGKILL');
  await until(() => feederPid(stack) !== before, 10000, 'another feeder');
}

export async function restartPush(stack) {
  await stack.killPush();
  await stack.startPush();
}
