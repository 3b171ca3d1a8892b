// What moderators and whoever blocks do while a hundred messages a second run: kicking, banning, muting, demoting, blocking, in
// random order. From the event on nothing of the person may stand in the log, and nothing may reach them; live sockets follow soon.
import { api, sleep, until } from '../tests/harness.mjs';
import { rawSocket, subscribeRaw } from '../tests/api/check.mjs';
import { bar } from './bar.mjs';
import { expect, townspeople } from './races.mjs';

const TIMES = 20;
const BYSTANDERS = 8;
const EVERY = 10; // ms
const AFTER = 300; // ms for which the person goes on after the answer

const shuffled = (list) => list.map((item) => [Math.random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
const seqOf = (frame) => JSON.parse(frame.data).seq;
const eventFrames = (socket) => socket.events.filter(({ event }) => !/^(pusher|maru)/.test(event));

// Talks until stop(), one message every few milliseconds, whatever becomes of them; resolves when all are answered.
function talk(stack, room, speakers, every) {
  const sent = [];
  const timer = setInterval(() => {
    const i = sent.length;
    sent.push(api(stack, speakers[i % speakers.length])
      .post(`/v1/rooms/${room}/messages`, { client_id: `talk-${process.hrtime.bigint()}`, body: `message ${i}` }).catch((error) => ({ error })));
  }, every);
  return { stop: async () => { clearInterval(timer); return Promise.all(sent); } };
}

// Subscribes somebody on a socket of their own, which remembers when each frame came.
async function listener(stack, user, room) {
  const socket = await rawSocket(stack);
  const { event } = await subscribeRaw(stack, socket, user, `presence-room-${room}`);
  if (event !== 'pusher_internal:subscription_succeeded') throw new Error(`${user.id} could not subscribe`);
  const times = [];
  const note = () => times.push(performance.now());
  socket.ws.on('message', note);
  const from = socket.events.length - times.length;
  return { socket, timeOf: (frame) => times[socket.events.indexOf(frame) - from], close: () => socket.ws.terminate() };
}

// Each: what is done to somebody, the event of the room that stands for it, and what must be so. `wrong` says what is not.
const ACTS = {
  kick: { event: 'member.kicked', leaves: true, act: (host, room, id) => host.del(`/v1/rooms/${room}/members/${id}`) },
  ban: { event: 'member.banned', leaves: true, act: (host, room, id) => host.put(`/v1/rooms/${room}/bans/${id}`, {}) },
  mute: { event: 'member.updated', silent: true, act: (host, room, id) => host.patch(`/v1/rooms/${room}/members/${id}`, { muted_seconds: 600 }) },
  demote: { event: 'member.updated', act: (host, room, id) => host.patch(`/v1/rooms/${room}/members/${id}`, { role: 'member' }) },
};

async function lastSeq(stack, room, type, id) {
  const [[seq]] = await stack.sql(`SELECT COALESCE(MAX(seq), 0) FROM event WHERE kind = 1 AND stream = ${room} AND type = '${type}' AND JSON_VALUE(data, '$.id') = ${id}`);
  return Number(seq);
}

async function moderate(stack, { host, room, watcher }, name, person) {
  const { event, leaves, silent, act } = ACTS[name];
  const wrong = [];
  if (name === 'demote') expect(await api(stack, host).patch(`/v1/rooms/${room}/members/${person.id}`, { role: 'moderator' }), 200);
  const { socket, timeOf, close } = await listener(stack, person, room);
  const talking = talk(stack, room, [person], 20);
  await sleep(60);
  expect(await act(api(stack, host), room, person.id), 200, 201, 204);
  const answered = performance.now();
  if (name === 'demote') {
    const { status } = await api(stack, person).put(`/v1/rooms/${room}/bans/${watcher.id}`, {});
    if (status !== 403) wrong.push(`demoted, and may ban: ${status}`);
  }
  await sleep(AFTER);
  await talking.stop();
  const seq = await lastSeq(stack, room, event, person.id);
  const followed = leaves ? ({ event: one }) => one === 'maru:unsubscribed' : (frame) => frame.event === event && seqOf(frame) === seq;
  const frame = await until(() => socket.events.find(followed), 10000, `${name} to be heard of`);
  const [[later]] = await stack.sql(`SELECT COUNT(*) FROM message WHERE room = ${room} AND sender = ${person.id} AND seq > ${seq}`);
  if ((leaves || silent) && Number(later) > 0) wrong.push(`${later} messages after the event ${seq}`);
  const heard = eventFrames(socket).filter((one) => one.channel === `presence-room-${room}` && seqOf(one) > seq);
  if (leaves && heard.length > 0) wrong.push(`${heard.length} events heard after ${seq}`);
  close();
  return { wrong, ms: timeOf(frame) - answered };
}

// The blocker reads placeholders from then on; everybody else, and who was blocked, notices nothing.
async function block(stack, { room, watcher }, _, person, blocked) {
  const wrong = [];
  const { socket, timeOf, close } = await listener(stack, person, room);
  const talking = talk(stack, room, [blocked], 20);
  await sleep(60);
  expect(await api(stack, person).put(`/v1/blocks/${blocked.id}`), 200, 201);
  const answered = performance.now();
  const placeholders = ({ messages }) => messages.filter(({ sender }) => sender === blocked.id).every(({ hidden, body }) => hidden && body === undefined);
  const own = async () => expect(await api(stack, person).get(`/v1/rooms/${room}/messages?limit=100`), 200);
  if (!placeholders(await own())) wrong.push('what the blocked wrote is read');
  await sleep(AFTER);
  const refused = (await talking.stop()).filter(({ status }) => status !== 201).length;
  if (refused > 0) wrong.push(`${refused} messages of the blocked were refused`);
  if (!placeholders(await own())) wrong.push('what the blocked wrote since is read');
  const others = expect(await api(stack, watcher).get(`/v1/rooms/${room}/messages?limit=100`), 200);
  if (!others.messages.some(({ sender, body }) => sender === blocked.id && body)) wrong.push('others read placeholders, too');
  const plain = eventFrames(socket).filter(({ event, data }) => event === 'message.created' && JSON.parse(data).sender === blocked.id && JSON.parse(data).body);
  const ms = Math.max(0, ...plain.map((frame) => timeOf(frame) - answered));
  close();
  return { wrong, ms };
}

export async function effects(stack) {
  const [host, watcher, ...rest] = await townspeople(stack, 30001, 2 + BYSTANDERS + 6 * TIMES);
  const bystanders = rest.splice(0, BYSTANDERS);
  const { id: room } = expect(await api(stack, host).post('/v1/rooms', { title: 'effects', kind: 'public', max_members: 300 }), 201);
  for (const user of [watcher, ...bystanders, ...rest]) expect(await api(stack, user).put(`/v1/rooms/${room}/members/me`, {}), 201);
  const talking = talk(stack, room, bystanders, EVERY);
  const begun = performance.now();
  const slowest = {};
  let wrong = 0;
  for (const name of shuffled([...Object.keys(ACTS), 'block'].flatMap((one) => Array(TIMES).fill(one)))) {
    const one = await (name === 'block' ? block : moderate)(stack, { host, room, watcher }, name, rest.pop(), name === 'block' ? rest.pop() : undefined);
    for (const what of one.wrong) console.log(`${name}: ${what}`);
    wrong += one.wrong.length;
    slowest[name] = Math.max(slowest[name] ?? 0, one.ms);
  }
  const answers = await talking.stop();
  const stored = answers.filter(({ status }) => status === 201).length;
  const rate = stored / ((performance.now() - begun) / 1000);
  console.log(`${5 * TIMES} acts while ${rate.toFixed(0)} messages a second ran; slowest to be followed, in ms after the answer: ${JSON.stringify(slowest, (_, v) => typeof v === 'number' ? Math.round(v) : v)}`);
  if (stored < answers.length) throw new Error(`${answers.length - stored} messages of bystanders were refused`);
  bar('people_effect_wrong', wrong, 'effects', '<=0');
  bar('people_live_p100', Math.max(...Object.values(slowest)) / 1000, 's', '<=2');
}
