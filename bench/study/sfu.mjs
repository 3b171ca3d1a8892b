// A call of six through a Janus, each in a browser of their own, and what is left of it when somebody is thrown out, when Janus is
// killed, and when the usher is. Then how many get in where thirty want to.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { api, signUp, startStack, until } from '../../tests/harness.mjs';
import { hasJanus, janusConf, startJanus } from '../../tests/janus.mjs';
import { SfuClient } from '../../tests/sfuclient.mjs';
import { inCall, inRoom, join, open, pairs } from './calls.mjs';

const NAMES = ['ann', 'bora', 'carl', 'dave', 'eve', 'fay'];
const CROWD = 30;
const AWAY = 3000; // milliseconds without Janus
const OPTIONS = { signup_attempts: 1000, login_attempts: 1000 };

const all = (people) => people.length * (people.length - 1);

// How long somebody who holds on to their connection is let hear the call that they have left: until Janus sends them nothing more.
async function putOut(bar, stack, janus, people, room) {
  const user = await signUp(stack, 'gus', 'correct horse battery');
  const rest = api(stack, user);
  await rest.put(`/v1/rooms/${room}/members/me`, {});
  const { body: call } = await rest.post(`/v1/rooms/${room}/calls`, { peer: randomUUID() });
  const { body: grant } = await rest.get(`/v1/calls/${call.id}/sfu`);
  const client = await SfuClient.open(janus.websocket, grant.token);
  await client.greet();
  const rooms = await client.rooms();
  await rooms({ request: 'join', ptype: 'publisher', room: grant.room, id: grant.feed, token: grant.room_token });
  await rest.del(`/v1/calls/${call.id}/members/me`);
  const from = Date.now();
  await until(() => client.events.some(({ plugindata }) => plugindata?.data.reason === 'kicked'), 60000, 'to be put out');
  bar('call_sfu_put_out', (Date.now() - from) / 1000, 's', '<=2');
  client.close();
  bar('call_sfu_put_out_rest_met', await pairs(people), `of_${all(people)}`, `>=${all(people)}`);
}

async function killJanus(bar, janus, people, room) {
  await janus.kill();
  await sleep(AWAY);
  await janus.start();
  const from = Date.now();
  bar('call_sfu_janus_killed_met_after', await pairs(people), `of_${all(people)}`, `>=${all(people)}`);
  bar('call_sfu_janus_killed_healed', (Date.now() - from) / 1000, 's', '<=30');
  bar('call_sfu_janus_killed_in_call_after', await inCall(people[0], room), `of_${people.length}`, `>=${people.length}`);
}

async function killUsher(bar, stack, people) {
  const parent = stack.pid('api');
  const usher = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'maru-usher');
  process.kill(Number(usher), 'SIGKILL');
  bar('call_sfu_usher_killed_met_after', await pairs(people), `of_${all(people)}`, `>=${all(people)}`);
}

async function crowd(bar, stack, people) {
  const [{ rest }] = people;
  const { body: { id: hall } } = await rest.post('/v1/rooms', { kind: 'public', title: 'hall' });
  const guests = [];
  for (let n = 0; n < CROWD; n++) {
    const at = api(stack, await signUp(stack, `guest${n}`, 'correct horse battery'));
    await at.put(`/v1/rooms/${hall}/members/me`, {});
    guests.push(at);
  }
  const { body: call } = await guests[0].post(`/v1/rooms/${hall}/calls`, { peer: randomUUID() });
  await Promise.all(guests.flatMap((at) => [1, 2, 3].map(() => at.put(`/v1/calls/${call.id}/members/me`, { peer: randomUUID() }))));
  const { body: { members } } = await guests[0].get(`/v1/calls/${call.id}`);
  bar('call_sfu_seats_taken', members.length, 'people', '<=20');
}

export async function sfu({ bar }) {
  if (!hasJanus) {
    console.log('this host has no janus: left out');
    return;
  }
  const janus = await startJanus();
  const stack = await startStack({ conf: janusConf(janus, OPTIONS) });
  const people = [await open(stack, NAMES[0])];
  const { body: { id: room } } = await people[0].rest.post('/v1/rooms', { kind: 'public', title: 'lecture' });
  for (const name of NAMES.slice(1)) people.push(await open(stack, name, room));
  await Promise.all(people.map((one) => inRoom(one, room)));
  for (const [n, one] of people.entries()) await join(one, room, n === 0);
  bar(`call_sfu_of_${people.length}_met`, await pairs(people, 60000), `of_${all(people)}`, `>=${all(people)}`);
  await putOut(bar, stack, janus, people, room);
  await killUsher(bar, stack, people);
  await killJanus(bar, janus, people, room);
  await crowd(bar, stack, people);
  await Promise.all(people.map(({ browser }) => browser.close()));
  await stack.stop();
  await janus.stop();
}
