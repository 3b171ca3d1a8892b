// A call of many through Janus: six pages see and hear each other, come and go, and find each other again when Janus dies.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { janusConf, noJanus, startJanus } from '../janus.mjs';
import { SfuClient } from '../sfuclient.mjs';
import { checkAccess } from './axe.mjs';
import { openBrowser, visit } from './browser.mjs';
import { call, callOf, hangUp, isFree, MEDIA_FLAGS, receives, state, tells, tile, watchMedia } from './callkit.mjs';
import { password } from './roomkit.mjs';

const NAMES = ['ann', 'bora', 'carl', 'dave', 'eve', 'fay'];
const [TOKEN, SILENCE] = [30000, 20000]; // milliseconds, the second one of conf/janus and a bit
const EXPECTED = [/ 50[0-9] /, / 40[349] /, /\/sfu' failed/];

describe('a call of many', { timeout: 900000, skip: noJanus }, () => {
  let janus, stack, browsers, room, met;
  const people = {};
  const everybody = () => Object.values(people);
  const others = (...names) => everybody().filter(({ name }) => !names.includes(name));

  const come = async (name, i) => {
    const user = await signUp(stack, name, password);
    const rest = api(stack, user);
    if (room) await rest.put(`/v1/rooms/${room}/members/me`, {});
    else room = (await rest.post('/v1/rooms', { title: 'Lecture', kind: 'public' })).body.id;
    const visitor = await visit(browsers[i % browsers.length], stack, { path: `/#/rooms/${room}`, init: watchMedia });
    visitor.expects.push(...EXPECTED);
    await visitor.logIn(name, password);
    await visitor.opened(room);
    await visitor.connected();
    const heard = []; // of Janus
    visitor.page.on('websocket', (socket) => { if (socket.url().endsWith('/sfu')) socket.on('framereceived', ({ payload }) => heard.push(String(payload))); });
    people[name] = Object.assign(visitor, { name, user, rest, heard });
  };
  const join = ({ page }) => page.click('#call-banner button.primary', { timeout: 30000 });
  const allMeet = (count = everybody().length) => Promise.all(everybody().map((one) => receives(one, count - 1)));
  const count = ({ page }, wanted) => page.waitForSelector(`#call .tiles[data-count="${wanted}"]`, { timeout: 40000 });
  const packets = ({ page }) => page.evaluate(async () => {
    let sum = 0;
    for (const peer of noted.peers) (await peer.getStats()).forEach((one) => { if (one.type === 'inbound-rtp') sum += one.packetsReceived; });
    return sum;
  });
  const here = async () => (await callOf(people.ann.rest, room))?.members.length ?? 0;

  const late = async () => {
    const user = await signUp(stack, 'late', password);
    await api(stack, user).put(`/v1/rooms/${room}/members/me`, {});
    return user;
  };

  before(async () => {
    janus = await startJanus();
    stack = await startStack({ conf: janusConf(janus, { presence_linger: 0, call_lost: 120, signup_attempts: 1000, login_attempts: 1000 }) });
    browsers = [await openBrowser(MEDIA_FLAGS), await openBrowser(MEDIA_FLAGS)];
    for (const [i, name] of NAMES.entries()) await come(name, i);
  });
  after(async () => {
    await Promise.all((browsers ?? []).map((browser) => browser.close()));
    await stack?.stop();
    await janus?.stop();
  });

  test('six come one after the other, and each sees and hears the five others, by one connection upwards', async () => {
    const { ann } = people;
    await call(ann);
    await ann.page.waitForSelector('#call[data-call]:not([data-call="0"])');
    for (const one of others('ann')) await join(one);
    await allMeet();
    met = Date.now();
    const { via, max_members: most } = await callOf(ann.rest, room);
    assert.deepEqual([via, most], ['sfu', 20]);
    for (const one of everybody()) {
      await state(one, 'connected');
      const ways = await one.page.evaluate(() => noted.peers.filter(({ connectionState }) => connectionState === 'connected').map((peer) => peer.getTransceivers()[0].direction).sort());
      assert.deepEqual(ways, [...Array(5).fill('recvonly'), 'sendonly']);
    }
    await checkAccess(ann.page, '#call');
  });

  test('microphone, camera and screen go off and on for all others', async () => {
    const { ann, bora, carl } = people;
    const bora_ = (visitor, picture) => visitor.page.waitForSelector(`#call .tile[data-user="${bora.user.id}"][data-picture=${picture}]`, { timeout: 20000 });
    for (const kind of ['mic', 'camera']) await bora.page.click(`#call-${kind}`);
    for (const one of [ann, carl]) {
      await bora_(one, 'none');
      await tile(one, bora.user.id).getByRole('img', { name: 'microphone off' }).waitFor();
    }
    await bora.page.click('#call-screen');
    for (const one of [ann, carl]) await bora_(one, 'screen');
    await bora.page.click('#call-screen');
    for (const kind of ['mic', 'camera']) await bora.page.click(`#call-${kind}`);
    for (const one of [ann, carl]) await bora_(one, 'camera');
    await allMeet();
  });

  test('one leaves and one comes; who is thrown out of the room hears nothing any more', async () => {
    const { ann, eve, fay } = people;
    await hangUp(fay);
    await isFree(fay);
    await Promise.all(others('fay').map((one) => count(one, 5)));
    await Promise.all(others('fay').map((one) => receives(one, 4)));
    await fay.page.click('#call-close').catch(() => {}); // gone by itself
    await join(fay);
    await allMeet();
    // A page that holds on to what it has, and says nothing of going.
    await eve.page.evaluate(() => {
      for (const peer of noted.peers) peer.close = () => {};
      const { send } = WebSocket.prototype;
      Object.assign(WebSocket.prototype, { close() {}, send(text) { if (!text.includes('detach')) send.call(this, text); } });
    });
    delete people.eve;
    eve.heard.length = 0;
    await ann.rest.del(`/v1/rooms/${room}/members/${eve.user.id}`);
    await until(() => eve.heard.some((words) => words.includes('"kicked"')), 30000, 'Janus to put them out');
    assert.ok(!eve.heard.some((words) => words.includes('"timeout"')), 'before their silence ends the session');
    let [before, now] = [-1, await packets(eve)];
    for (; before !== now; [before, now] = [now, await packets(eve)]) await eve.page.waitForTimeout(700);
    await Promise.all(everybody().map((one) => count(one, 5)));
    await allMeet();
    eve.expects.push(/./);
  });

  test('Janus itself refuses who has no token, or one of another call', async () => {
    const { ann, bora, carl } = people;
    const address = `${stack.url.replace(/^http/, 'ws')}/sfu`;
    const nobody = await SfuClient.open(address, 'nothing:signed');
    assert.equal((await nobody.greet()).code, 403);
    const theirs = (await bora.rest.get(`/v1/calls/${(await callOf(bora.rest, room)).id}/sfu`)).body;
    const { body: { id: hall } } = await ann.rest.post('/v1/rooms', { title: 'Hall', kind: 'public' });
    const stranger = await signUp(stack, 'stranger', password);
    const strangers = api(stack, stranger);
    await strangers.put(`/v1/rooms/${hall}/members/me`, {});
    const { body: other } = await strangers.post(`/v1/rooms/${hall}/calls`, { peer: 'strangers-window-0000' });
    const own = (await strangers.get(`/v1/calls/${other.id}/sfu`)).body;
    const spy = await SfuClient.open(address, own.token);
    assert.equal(await spy.greet(), undefined);
    const rooms = await spy.rooms();
    for (const token of [undefined, own.token, own.room_token]) {
      assert.equal((await rooms({ request: 'join', ptype: 'publisher', room: theirs.room, id: own.feed, token })).error_code, 433);
      assert.equal((await rooms({ request: 'join', ptype: 'subscriber', room: theirs.room, streams: [{ feed: theirs.feed }], token })).error_code, 433);
    }
    for (const client of [nobody, spy]) client.close();
    await strangers.del(`/v1/calls/${other.id}/members/me`);
    await receives(carl, 4);
  });

  test('the call goes on for longer than the first tokens are good, with no connection made anew', async () => {
    const made = () => Promise.all(everybody().map(({ page }) => page.evaluate(() => noted.peers.length)));
    const before = await made();
    await people.ann.page.waitForTimeout(Math.max(0, met + TOKEN + SILENCE - Date.now()));
    await allMeet();
    assert.deepEqual(await made(), before);
  });

  test('Janus is killed: all are told, and meet again when it is back', async () => {
    await janus.kill();
    await Promise.all(everybody().map((one) => state(one, 'reconnecting')));
    await tells(people.ann, 'Trying again');
    await tells(people.ann, 'The server for calls does not answer');
    await janus.start();
    await allMeet();
    await Promise.all(everybody().map((one) => state(one, 'connected')));
    assert.equal(await here(), 5);
  });

  test('of twenty all are to be seen at once, on a phone three in a row', async () => {
    const { ann } = people;
    const { id } = await callOf(ann.rest, room);
    const more = await Promise.all(Array.from({ length: 15 }, (_, i) => signUp(stack, `guest${i}`, password)));
    for (const user of more) {
      await api(stack, user).put(`/v1/rooms/${room}/members/me`, {});
      await api(stack, user).put(`/v1/calls/${id}/members/me`, { peer: `window-of-nobody-${user.id}` });
    }
    await count(ann, 20);
    assert.equal((await api(stack, await late()).put(`/v1/calls/${id}/members/me`, { peer: 'one-too-many-0000' })).status, 409);
    const places = () => ann.page.$$eval('#call .tile', (tiles) => tiles.map((tile) => { const { left, top, right, bottom } = tile.getBoundingClientRect(); return { left, top, right, bottom }; }));
    const rows = (all) => new Set(all.map(({ top }) => Math.round(top))).size;
    const inside = (all, { width, height }) => all.every(({ left, top, right, bottom }) => left >= 0 && top >= 0 && right <= width && bottom <= height);
    const whole = await places();
    assert.deepEqual([rows(whole), inside(whole, { width: 1280, height: 800 })], [4, true]);
    await ann.resize(360, 740);
    const small = await places();
    assert.equal(rows(small), 7);
    assert.ok(small.every(({ left, right, top, bottom }) => left >= 0 && right <= 360 && right - left > 90 && bottom - top >= 60));
    await checkAccess(ann.page, '#call');
    await ann.page.setViewportSize({ width: 1280, height: 800 });
    for (const user of more) await api(stack, user).del(`/v1/calls/${id}/members/me`);
    await count(ann, 5);
  });

  test('a call that is left by all ends, and its room in Janus with it', async () => {
    for (const one of everybody()) {
      await hangUp(one);
      await isFree(one);
    }
    await until(async () => await here() === 0, 10000, 'the end of the call');
    for (const one of everybody()) one.checkSilence();
  });
});
