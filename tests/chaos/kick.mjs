// People are kicked, or banned, while others talk. Nothing that came after it may reach them: not on the
// connection they had, not with a right that was signed before.
import WebSocket from 'ws';
import { call, Load } from './load.mjs';
import { digest } from './checker.mjs';
import { makeRooms, people, sleep, startChaos, until } from './kit.mjs';

const RATE = 100;
const VICTIMS = 10;

// Has the right to subscribe, and uses it when told to.
class Latecomer {
  constructor(stack, user, room) {
    Object.assign(this, { name: `late ${user.id}`, user: user.id, rooms: [room], live: false, log: [], room });
    this.ws = new WebSocket(`ws://127.0.0.1:${stack.port}/app/maru?protocol=7&client=chaos&version=1`);
    this.ws.on('error', () => {});
    this.answered = new Promise((resolve) => { this.answer = resolve; });
    this.granted = new Promise((resolve) => {
      this.ws.on('message', async (text) => {
        const { event, data } = JSON.parse(text);
        const value = typeof data === 'string' ? JSON.parse(data) : data;
        if (event === 'pusher:connection_established') {
          const channel = `presence-room-${room}`;
          const { body } = await call(stack, user, 'POST', '/v1/realtime/auth', { socket_id: value.socket_id, channel_name: channel });
          this.grant = { channel, ...body };
          resolve();
        } else this.hear(event, value);
      });
    });
  }

  hear(event, value) {
    if (event === 'pusher_internal:subscription_succeeded') {
      this.log.push({ k: 'sub', c: 1, room: this.room, after: null, head: value.head });
      this.answer('in');
    } else if (event === 'pusher:subscription_error') this.answer('out');
    else if (event === 'maru:unsubscribed') this.log.push({ k: 'part', c: 1, room: this.room });
    else if (value?.seq !== undefined && value.mid !== undefined)
      this.log.push({ k: 'event', c: 1, room: this.room, seq: value.seq, mid: value.mid, digest: digest(event, value) });
  }

  close() { this.ws.terminate(); }

  use() { this.ws.send(JSON.stringify({ event: 'pusher:subscribe', data: this.grant })); }
}

async function remove({ stack, host, room, ban }, victim) {
  const { status } = ban ? await call(stack, host, 'PUT', `/v1/rooms/${room}/bans/${victim.id}`, { reason: 'chaos' })
    : await call(stack, host, 'DELETE', `/v1/rooms/${room}/members/${victim.id}`);
  if (status !== (ban ? 201 : 204)) throw new Error(`${ban ? 'ban' : 'kick'}: ${status}`);
}

// How many of the requests that are now refused were not.
async function tryAll({ stack, room, ban }, victim) {
  const answers = [
    await call(stack, victim, 'POST', `/v1/rooms/${room}/messages`, { client_id: `k${Math.random()}`, body: 'still here' }),
    await call(stack, victim, 'GET', `/v1/rooms/${room}/events`),
    ...ban ? [await call(stack, victim, 'PUT', `/v1/rooms/${room}/members/me`, {})] : [],
  ];
  return answers.filter(({ status }) => status !== 403).length;
}

async function removeOne(how, victim) {
  const { stack, load, room, race } = how;
  const late = new Latecomer(stack, victim, room);
  load.receivers.push(late);
  await late.granted;
  await sleep(Math.random() * 50);
  if (race) setTimeout(() => late.use(), Math.random() * 4);
  await remove(how, victim);
  if (!race) late.use();
  const verdict = await Promise.race([late.answered, sleep(5000, 'silent')]);
  const allowed = await tryAll(how, victim);
  await sleep(60); // of the others' talk
  late.close();
  return { verdict, allowed };
}

async function comeBack({ stack, load, host, room, ban }, victim) {
  const receiver = load.receivers.find(({ who }) => who === victim);
  if (ban) await call(stack, host, 'DELETE', `/v1/rooms/${room}/bans/${victim.id}`);
  const { status } = await call(stack, victim, 'PUT', `/v1/rooms/${room}/members/me`, {});
  if (status !== 201) throw new Error(`join: ${status}`);
  await until(() => receiver.state.get(room).out, 5000, 'a removed connection to be told so');
  receiver.rejoin(room);
  await receiver.ready();
}

// From the events themselves: who was removed at which seq, and came back at which.
async function removals(stack, room) {
  const rows = await stack.sql(`SELECT seq, type, JSON_VALUE(data, '$.id') FROM event
    WHERE kind = 1 AND stream = ${room} AND type IN ('member.kicked', 'member.banned', 'member.joined') ORDER BY seq`);
  const open = new Map();
  const all = [];
  for (const [seq, type, user] of rows) {
    if (type === 'member.joined') {
      if (open.has(user)) open.get(user).until = Number(seq);
      open.delete(user);
    } else {
      const removal = { room, user: Number(user), seq: Number(seq) };
      open.set(user, removal);
      all.push(removal);
    }
  }
  return all;
}

export async function run(t) {
  const kicks = t.long ? 1000 : 100;
  const stack = await startChaos({ conf: { workers: 8 } });
  const [host, ...others] = await people(stack, VICTIMS + 5);
  const victims = others.slice(0, VICTIMS);
  const [room] = await makeRooms(stack, 1, [host, ...others]);
  const load = new Load(stack, { users: others.slice(VICTIMS), rooms: [room] });
  load.listen(host);
  victims.forEach((user) => load.listen(user, [room], { live: false }));
  await load.ready();
  load.run(RATE);
  const verdicts = { in: 0, out: 0, silent: 0 };
  let allowed = 0;
  for (let done = 0; done < kicks; done += VICTIMS) {
    const hows = victims.map((_, i) => ({ stack, load, host, room, race: i % 2 === 1, ban: (done + i) % 4 > 1 }));
    const all = await Promise.all(victims.map((victim, i) => removeOne(hows[i], victim)));
    for (const { verdict, allowed: n } of all) {
      verdicts[verdict ?? 'silent']++;
      allowed += n;
    }
    for (const [i, victim] of victims.entries()) await comeBack(hows[i], victim);
  }
  await load.stop();
  await load.converged(3000);
  load.removals = await removals(stack, room);
  const report = await t.check(load);
  t.say(`${load.removals.length} kicks and bans at ${RATE} msg/s, ${load.acks.length} messages; with a right signed before:`
    + ` ${verdicts.out} refused, ${verdicts.in} let in before the kick and then removed, ${verdicts.silent} without an answer`);
  t.bar('kick_kicks', load.removals.length, 'kicks', `>=${kicks}`);
  t.bar('kick_events_after', report.count('I8'), 'events', '<=0');
  t.bar('kick_requests_after', allowed, 'requests', '<=0');
  load.close();
  await stack.stop();
}
