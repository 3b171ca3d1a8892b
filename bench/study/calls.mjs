// Calls between real browsers, each a process of its own, whose cameras show a test picture and whose microphones beep. What
// arrives is counted where it arrives, by getStats(): pictures that were decoded, and the energy of sound.
//
// The seats are those of a server that nobody has set up: four. Whoever stands in the room beside the call listens to all that
// a member of the room may hear.
import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawSocket, subscribeRaw } from '../../tests/api/check.mjs';
import { api, signUp, startStack, until } from '../../tests/harness.mjs';
import { openBrowser, visit } from '../../tests/e2e/browser.mjs';
import { MEDIA_FLAGS, arriving, watchMedia } from '../../tests/e2e/callkit.mjs';
import { startTurn, turnConf } from '../../tests/turn.mjs';

const PASSWORD = 'correct horse battery';
const NAMES = ['ann', 'bora', 'carl', 'dave', 'eve'];
const TRIES = 50;
const LOOK = 4000; // milliseconds in which something has to arrive
const PICTURES = 2;
const ENERGY = 1e-4; // of a beep; a microphone that is off makes less

export async function open(stack, name, room, flags = MEDIA_FLAGS) {
  const user = await signUp(stack, name, PASSWORD);
  const rest = api(stack, user);
  if (room) await rest.put(`/v1/rooms/${room}/members/me`, {});
  const browser = await openBrowser(flags);
  const visitor = await visit(browser, stack, { init: watchMedia });
  await visitor.logIn(name, PASSWORD);
  await visitor.connected();
  return { name, user, rest, browser, visitor, page: visitor.page };
}

export const inRoom = async ({ page, visitor }, room) => {
  await page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, room);
  await visitor.opened(room);
};

export async function join(person, room, first) {
  await inRoom(person, room);
  if (first) {
    await person.page.click('#call-menu');
    await person.page.click('#call-video');
  } else await person.page.click('#call-banner button.primary', { timeout: 30000 });
}

// How many of the others somebody sees and hears: of each connection both have to grow.
async function met(person) {
  const before = await arriving(person);
  await sleep(LOOK);
  const now = await arriving(person);
  if (now.length !== before.length) return 0;
  return now.filter((one, i) => one.frames - before[i].frames > PICTURES && one.energy - before[i].energy > ENERGY).length;
}

// Waits until everybody has met all others, and gives the pairs, one for each direction.
export async function pairs(people, ms = 40000) {
  const wanted = people.length * (people.length - 1);
  const end = Date.now() + ms;
  for (let sum = 0; ; ) {
    sum = (await Promise.all(people.map(met))).reduce((all, n) => all + n, 0);
    if (sum === wanted || Date.now() > end) return sum;
  }
}

const callOf = async ({ rest }, room) => (await rest.get('/v1/calls')).body.calls.find((one) => one.room === room);
export const inCall = async (person, room) => (await callOf(person, room))?.members.filter(({ state }) => state === 'in').length ?? 0;

// ---- the parts

async function refuse(bar, fifth, room, call) {
  const answers = await Promise.all(Array.from({ length: TRIES }, () => fifth.rest.put(`/v1/calls/${call.id}/members/me`, { peer: randomUUID() })));
  const refused = answers.filter(({ status, body }) => status === 409 && body.type === '/problems/call-full').length;
  bar('call_fifth_refused', refused, `of_${TRIES}`, `>=${TRIES}`);
  bar('call_seats_taken', await inCall(fifth, room), 'people', '<=4');
}

// Who is in the room but not in the call: hears the room, asks for the call's channel, and looks at every frame.
async function eavesdrop(stack, person, room, call) {
  const socket = await rawSocket(stack);
  await subscribeRaw(stack, socket, person.user, `presence-room-${room}`);
  const { status } = await person.rest.post('/v1/realtime/auth', { socket_id: socket.id, channel_name: `presence-call-${call.id}` });
  socket.send('pusher:subscribe', { channel: `presence-call-${call.id}` });
  return { refused: status === 403, heard: () => socket.events.filter(({ event, channel }) => event === 'client-signal' || (channel === `presence-call-${call.id}` && !/^pusher:/.test(event))).length };
}

async function pidOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.find(({ type }) => type === 'browser').id;
}

async function killBrowser(bar, people, room) {
  const victim = people.pop();
  process.kill(await pidOf(victim.browser), 'SIGKILL');
  const from = Date.now();
  await until(async () => await inCall(people[0], room) === people.length, 60000, 'the others to be alone');
  await Promise.all(people.map(({ page }) => page.waitForSelector(`#call .tiles[data-count="${people.length}"]`, { timeout: 60000 })));
  bar('call_browser_killed_healed', (Date.now() - from) / 1000, 's', '<=35');
  const wanted = people.length * (people.length - 1);
  bar('call_browser_killed_rest_met', await pairs(people), `of_${wanted}`, `>=${wanted}`);
}

// What carries the signals is killed. Pictures and sound do not need it; afterwards all are still in the call, and reach each other by it.
async function killProgram(bar, stack, people, room, name, kill) {
  const wanted = people.length * (people.length - 1);
  await kill();
  const meanwhile = await pairs(people, LOOK);
  await stack.start(name);
  await Promise.all(people.map(({ visitor }) => visitor.connected()));
  await sleep(25000); // longer than call_lost
  bar(`call_${name}_killed_met_meanwhile`, meanwhile, `of_${wanted}`, `>=${wanted}`);
  bar(`call_${name}_killed_in_call_after`, await inCall(people[0], room), `of_${people.length}`, `>=${people.length}`);
  bar(`call_${name}_killed_met_after`, await pairs(people), `of_${wanted}`, `>=${wanted}`);
}

async function killNginx(stack) {
  const master = stack.pid('nginx');
  const workers = execFileSync('pgrep', ['-P', String(master)]).toString().trim().split('\n').map(Number);
  await stack.kill('nginx');
  for (const pid of workers) process.kill(pid, 'SIGKILL');
}

async function block(bar, stack, people) {
  const [ann, bora] = people;
  const { body: { id: direct } } = await ann.rest.put(`/v1/direct-rooms/${bora.user.id}`, {});
  const { body: { id: group } } = await ann.rest.post('/v1/rooms', { kind: 'public', title: 'group' });
  await bora.rest.put(`/v1/rooms/${group}/members/me`, {});
  const ear = await rawSocket(stack);
  await subscribeRaw(stack, ear, bora.user, `private-user-${bora.user.id}`);
  await bora.rest.put(`/v1/blocks/${ann.user.id}`, {});
  await ann.rest.post(`/v1/rooms/${direct}/calls`, { peer: randomUUID() });
  const { body: call } = await ann.rest.post(`/v1/rooms/${group}/calls`, { peer: randomUUID() });
  await ann.rest.put(`/v1/calls/${call.id}/members/${bora.user.id}`);
  await sleep(2000);
  bar('call_blocked_rings', ear.events.filter(({ event }) => event === 'call.ringing').length, 'rings', '<=0');
}

async function relay(bar) {
  const turn = await startTurn();
  const stack = await startStack({ conf: { ...turnConf(turn), signup_attempts: 1000, login_attempts: 1000 } });
  const ann = await open(stack, 'ann');
  const { body: { id: room } } = await ann.rest.post('/v1/rooms', { kind: 'public', title: 'far away' });
  const bora = await open(stack, 'bora', room);
  for (const { page } of [ann, bora]) await page.evaluate(() => { noted.config = { iceTransportPolicy: 'relay' }; });
  await inRoom(bora, room);
  await join(ann, room, true);
  await join(bora, room, false);
  bar('call_relay_met', await pairs([ann, bora]), 'of_2', '>=2');
  const ways = await Promise.all([ann, bora].map(({ page }) => page.evaluate(async () => {
    const stats = await noted.peers.find(({ connectionState }) => connectionState === 'connected').getStats();
    const { selectedCandidatePairId } = [...stats.values()].find(({ type }) => type === 'transport');
    return stats.get(stats.get(selectedCandidatePairId).localCandidateId).candidateType;
  })));
  bar('call_relay_ways', ways.filter((way) => way === 'relay').length, 'of_2', '>=2');
  await Promise.all([ann, bora].map(({ browser }) => browser.close()));
  await stack.stop();
  await turn.stop();
}

export async function calls({ bar }) {
  const stack = await startStack({ conf: { signup_attempts: 1000, login_attempts: 1000 } });
  const people = [await open(stack, NAMES[0])];
  const { body: { id: room } } = await people[0].rest.post('/v1/rooms', { kind: 'public', title: 'study room' });
  for (const name of NAMES.slice(1)) people.push(await open(stack, name, room));
  const fifth = people.pop();
  await Promise.all([...people, fifth].map((one) => inRoom(one, room)));
  await join(people[0], room, true);
  let spy;
  for (let n = 2; n <= people.length; n++) {
    await join(people[n - 1], room, false);
    spy ??= await eavesdrop(stack, fifth, room, await callOf(fifth, room));
    bar(`call_of_${n}_met`, await pairs(people.slice(0, n)), `of_${n * (n - 1)}`, `>=${n * (n - 1)}`);
  }
  await refuse(bar, fifth, room, await callOf(fifth, room));
  await killBrowser(bar, people, room);
  await killProgram(bar, stack, people, room, 'push', () => stack.killPush());
  await killProgram(bar, stack, people, room, 'nginx', () => killNginx(stack));
  bar('call_signals_heard_outside', spy.heard() + Number(!spy.refused), 'signals', '<=0');
  await block(bar, stack, people);
  await Promise.all([...people, fifth].map(({ browser }) => browser.close()));
  await stack.stop();
  await relay(bar);
}
