// Video calls as people make them: between two, among three, and everything that gets in between.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { openBrowser, visit, Visitor } from './browser.mjs';
import { accept, asked, call, callOf, ceases, directRoom, dismiss, end, hangUp, isFree, MEDIA_FLAGS, moduleOf, receives, state, tells, tidy, tile, watchMedia } from './callkit.mjs';
import { goTo, openParty, password } from './roomkit.mjs';

const go = ({ page }, path) => page.evaluate((to) => { location.hash = to; }, path);
// Of the browser itself; what else belongs to it ends with it.
async function pidOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.find(({ type }) => type === 'browser').id;
}
// maru-push is started anew in between, and some calls are refused.
const EXPECTED = [/ 50[23] /, / 40[349] /];
const pressed = (visitor, id) => visitor.page.getAttribute(`#call-${id}`, 'aria-pressed');

describe('video calls', { timeout: 900000 }, () => {
  let party, rest, users, room, direct, ann, bora, carl;

  const open = async (name, options = {}) => {
    const visitor = await party.open(name, { init: watchMedia, ...options });
    visitor.expects.push(...EXPECTED);
    return visitor;
  };
  const inDirect = async () => {
    await goTo(ann, direct);
    if (Number(await bora.page.getAttribute('#room', 'data-room')) !== direct) await goTo(bora, direct);
  };
  // Ann calls Bora, who accepts.
  const connect = async (how = 'video') => {
    await inDirect();
    await call(ann);
    await accept(bora, how);
    await Promise.all([state(ann, 'connected'), state(bora, 'connected')]);
  };

  before(async () => {
    party = await openParty({ call_ring: 6, call_lost: 3, call_seats: 3, presence_linger: 0 }, MEDIA_FLAGS);
    ({ rest, users, room } = party);
    direct = await directRoom(rest.ann, users.bora.id);
    ann = await open('ann');
    bora = await open('bora', { locale: 'ko-KR', colorScheme: 'dark' });
    carl = await open('carl');
  });
  afterEach(() => Promise.all([ann, bora, carl].map(tidy)));
  after(() => party?.close());

  test('S3.video-call-1, S2.video-1: one calls, the other accepts, they see and hear each other, and hang up', async () => {
    await inDirect();
    assert.deepEqual([await asked(ann), await asked(bora)], [0, 0]);
    await call(ann);
    await state(ann, 'requesting');
    await bora.page.waitForSelector('#incoming');
    assert.equal(await bora.page.textContent('#incoming h2'), 'Ann');
    await tells(ann, 'Calling 보라');
    // Nobody is seen or heard before they accept.
    assert.deepEqual([await asked(ann), await asked(bora)], [1, 0]);
    await accept(bora);
    await Promise.all([state(ann, 'connected'), state(bora, 'connected')]);
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    assert.equal(await tile(ann, users.bora.id).locator('bdi').textContent(), '보라');
    assert.match(await ann.page.textContent('#call [role=timer]'), /^00:\d\d$/);
    await hangUp(ann);
    await Promise.all([state(ann, 'ended'), state(bora, 'ended')]);
    await tells(bora, '통화가 끝났어요 · 00:');
    await Promise.all([isFree(ann), isFree(bora)]);
    assert.equal(await callOf(rest.ann, direct), undefined);
    await Promise.all([dismiss(ann), dismiss(bora)]);
  });

  test('S3.video-call-1: declined, and cancelled', async () => {
    await inDirect();
    await call(ann);
    await bora.page.click('#reject');
    await state(ann, 'rejected');
    await tells(ann, 'declined');
    await isFree(ann);
    assert.equal(await asked(bora), 1); // of the call before
    await dismiss(ann);
    await call(ann, 'audio');
    await bora.page.waitForSelector('#incoming');
    await hangUp(ann);
    await bora.page.waitForSelector('#incoming', { state: 'detached' });
    await tells(ann, 'cancelled');
    await dismiss(ann);
  });

  test('S3.video-call-1: nobody answers', async () => {
    await inDirect();
    await call(ann);
    await bora.page.waitForSelector('#incoming');
    await tells(ann, 'No answer');
    await bora.page.waitForSelector('#incoming', { state: 'detached' });
    await isFree(ann);
    await dismiss(ann);
  });

  test('S3.video-call-2: whoever is not online is told of, whoever is busy is left alone', async () => {
    const toCarl = await directRoom(rest.ann, users.carl.id);
    await connect('audio');
    await goTo(carl, toCarl);
    await call(carl); // Ann talks to Bora
    await state(carl, 'rejected');
    await tells(carl, 'Busy');
    assert.equal(await ann.page.locator('#incoming').count(), 0);
    await isFree(carl);
    await dismiss(carl);
    await end(bora, ann);
    await carl.page.goto('about:blank');
    await goTo(ann, toCarl);
    await call(ann);
    await state(ann, 'failed');
    await tells(ann, 'Not online');
    await isFree(ann);
    await ann.page.click('#call-close');
    await carl.page.goto(`${party.stack.url}/#/rooms/${room}`);
    await carl.opened(room);
    await carl.connected();
  });

  test('S3.video-call-3, S0.video-2: microphone and camera off and on, another camera, the screen, the whole screen', async () => {
    await connect();
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await ann.page.click('#call-mic');
    await tile(bora, users.ann.id).locator('[aria-label="마이크 꺼짐"]').waitFor();
    await ceases(bora, 'energy');
    await ann.page.click('#call-mic');
    await receives(bora, 1);
    await ann.page.click('#call-camera');
    await bora.page.waitForSelector(`#call .tile[data-user="${users.ann.id}"][data-picture=none]`);
    await ceases(bora, 'frames');
    assert.equal(await ann.page.evaluate(() => noted.tracks.filter(({ kind, readyState }) => kind === 'video' && readyState === 'live').length), 0);
    await ann.page.click('#call-camera');
    await receives(bora, 1);
    assert.deepEqual([await pressed(ann, 'mic'), await pressed(ann, 'camera'), await pressed(ann, 'screen')], ['true', 'true', 'false']);

    // Another camera and another microphone, while it goes on.
    await ann.page.click('#call-choose');
    for (const name of ['mic', 'camera']) {
      const select = ann.page.locator(`#call-devices select[name=${name}]`);
      const [now, all] = [await select.inputValue(), await select.locator('option').evaluateAll((nodes) => nodes.map(({ value }) => value))];
      const other = all.findLast((id) => id !== now); // the second camera sees depths only
      await select.selectOption(other);
      await ann.page.waitForFunction(([kind, id]) => noted.tracks.some((one) => one.kind === kind && one.readyState === 'live' && one.getSettings().deviceId === id), [name === 'mic' ? 'audio' : 'video', other]);
      assert.equal(await ann.page.evaluate((key) => localStorage.getItem(key) ?? Object.entries(localStorage).find(([one]) => one.endsWith(key))?.[1], `call.${name}`), other);
    }
    assert.equal(await ann.page.evaluate(() => noted.tracks.filter(({ readyState }) => readyState === 'live').length), 2);
    await ann.page.keyboard.press('Escape');
    await receives(bora, 1);

    // The screen, until it is ended by the button, and until it is ended by the browser's.
    for (const ending of ['button', 'browser']) {
      await ann.page.click('#call-screen');
      await bora.page.waitForSelector(`#call .tile[data-user="${users.ann.id}"][data-picture=screen]`);
      await receives(bora, 1);
      if (ending === 'button') await ann.page.click('#call-screen');
      else await ann.page.evaluate(() => {
        const screen = noted.tracks.findLast(({ kind, readyState }) => kind === 'video' && readyState === 'live');
        screen.stop();
        screen.dispatchEvent(new Event('ended'));
      });
      await bora.page.waitForSelector(`#call .tile[data-user="${users.ann.id}"][data-picture=camera]`);
      await receives(bora, 1);
    }
    await ann.page.click('#call-full');
    await ann.page.waitForFunction(() => document.fullscreenElement?.id === 'call');
    await ann.page.click('#call-full');
    await ann.page.waitForFunction(() => document.fullscreenElement === null);
    await end(ann, bora);
  });

  test('S3.video-call-4: what is poor and what is bad, of what was lost on the way in and on the way out', async () => {
    const { adapt, FULL, judge, Meter, mostFor } = await moduleOf('quality.ts');
    const of = (loss, rtt, jitter) => judge({ loss, rtt, jitter });
    assert.deepEqual([of(5, 300, 50), of(5.1, 0, 0), of(0, 301, 0), of(0, 0, 51)], ['good', 'poor', 'poor', 'poor']);
    assert.deepEqual([of(15, 1000, 100), of(15.1, 0, 0), of(0, 1001, 0), of(0, 0, 101)], ['poor', 'bad', 'bad', 'bad']);
    const report = (lost, received, fractionLost, more = {}) => new Map(Object.entries({
      a: { type: 'inbound-rtp', kind: 'audio', packetsLost: lost, packetsReceived: received, jitter: 0.06 },
      b: { type: 'remote-inbound-rtp', fractionLost, roundTripTime: 0.2 },
      c: { type: 'outbound-rtp', packetsSent: 1000 }, ...more,
    }));
    const meter = new Meter();
    assert.equal(meter.take(report(10, 90, 0)), null);
    assert.deepEqual(meter.take(report(30, 170, 0)), { loss: 20, rtt: 200, jitter: 60 });
    assert.deepEqual(meter.take(report(30, 270, 0.07)).loss.toFixed(2), '7.00');
    assert.equal(meter.take(report(30, 370, 0)).loss, 0);
    assert.deepEqual([adapt(FULL, 'poor', 0), adapt(0, 'bad', 0), adapt(0, 'good', 4), adapt(0, 'good', 5), adapt(FULL, 'good', 9), adapt(FULL, 'good', 9, mostFor(3))], [FULL - 1, 0, 0, 1, FULL, 2]);
    assert.deepEqual([1, 2, 4, 8].map(mostFor), [FULL, 2, 1, 0]);
  });

  test('S3.video-call-4: a poor line is told of, a bad one is made anew at most three times, and what is sent gets less', async () => {
    await connect();
    await ann.page.evaluate(() => { noted.restarts = 0; }); // of the calls before, on a slow machine
    const worse = (stats) => ann.page.evaluate((now) => { noted.worse = now; }, stats);
    const sent = () => ann.page.evaluate(() => noted.peers.at(-1).getSenders().find(({ track }) => track?.kind === 'video').getParameters().encodings[0].scaleResolutionDownBy ?? 1);
    const warned = (on) => ann.page.waitForSelector(`#call${on ? '[data-error=QUALITY_WARNING]' : ':not([data-error])'}`, { timeout: 30000 });
    await worse({ fractionLost: 0.08 });
    await warned(true);
    await tells(ann, 'poor');
    await until(async () => await sent() > 1, 10000);
    assert.equal(await ann.page.evaluate(() => noted.restarts), 0);
    await worse({});
    await warned(false);
    await worse({ roundTripTime: 1.2 });
    await ann.page.waitForFunction(() => noted.restarts === 3, null, { timeout: 60000 });
    await receives(bora, 1);
    await worse({});
    await warned(false);
    assert.equal(await ann.page.evaluate(() => noted.restarts), 3);
    await until(async () => await sent() === 1, 60000);
    await worse(null);
    await end(ann, bora);
  });

  test('S3.video-call-5: no devices, no leave, no camera', async () => {
    await inDirect();
    const refuse = (kind, name) => ann.page.evaluate(([what, error]) => { noted.refuse = (wanted) => (what === 'all' || wanted[what] ? error : null); }, [kind, name]);
    for (const [error, code, words] of [['NotFoundError', 'DEVICE_NOT_FOUND', 'no microphone'], ['NotAllowedError', 'PERMISSION_DENIED', 'does not let']]) {
      await refuse('all', error);
      await call(ann);
      await ann.page.waitForSelector(`#call[data-state=failed][data-error=${code}]`);
      await tells(ann, words);
      assert.equal(await callOf(rest.ann, direct), undefined);
      await checkAccess(ann.page);
      await ann.page.click('#call-close');
    }
    await refuse('video', 'NotFoundError');
    await call(ann);
    await accept(bora);
    await Promise.all([receives(bora, 1, { video: false }), receives(ann, 1)]);
    assert.equal(await tile(bora, users.ann.id).getAttribute('data-picture'), 'none');
    await ann.page.evaluate(() => { noted.refuse = null; });
    await ann.page.click('#call-camera'); // it is plugged in
    await receives(bora, 1);
    await end(ann, bora);
  });

  test('S3.video-call-5: no way to each other, and nobody at the other end', async () => {
    const relayed = (on) => ann.page.evaluate((config) => { noted.config = config; }, on ? { iceTransportPolicy: 'relay' } : undefined);
    await inDirect();
    await relayed(true);
    await call(ann);
    await accept(bora);
    await ann.page.waitForSelector('#call[data-state=failed][data-error=CONNECTION_FAILED]', { timeout: 60000 });
    await relayed(false);
    await end(ann, bora);

    // Bora's seat is taken by a program that says nothing.
    await call(ann);
    const { id } = await until(() => callOf(rest.bora, direct));
    assert.equal((await rest.bora.put(`/v1/calls/${id}/members/me`, { peer: 'a-program-that-is-silent' })).status, 200);
    await bora.page.waitForSelector('#incoming', { state: 'detached' });
    await state(ann, 'connecting');
    await tells(ann, 'lost').catch(() => {}); // it is not in the channel of the call, so it is lost before long
    await state(ann, 'ended', 'failed');
    await ann.page.click('#call-close');
  });

  test('S0.video-1, S3.video-call-6: three in a room, a fourth is told that it is full, one whose browser dies is gone', async () => {
    const elsewhere = await openBrowser(MEDIA_FLAGS);
    try {
      const dave = await visit(elsewhere, party.stack, { init: watchMedia });
      await dave.signUp('dave', 'Dave');
      await dave.join(room);
      await Promise.all([goTo(ann, room), goTo(bora, room), goTo(carl, room)]);
      await call(ann);
      await tells(ann, 'Nobody else');
      await bora.page.waitForSelector('#call-banner');
      assert.match(await bora.page.textContent('#call-banner'), /Ann.*\(3명 중 1명\)/);
      assert.equal(await bora.page.locator('#incoming').count(), 0);
      await bora.page.click('#call-banner button.primary');
      await dave.page.click('#call-banner button.primary');
      await Promise.all([ann, bora, dave].map((one) => receives(one, 2)));
      await checkAccess(ann.page);
      // The server counts the seats, the page only shows it.
      await carl.page.locator('#call-banner .tag', { hasText: 'full' }).waitFor();
      await call(carl, 'audio');
      await tells(carl, 'full');
      await carl.page.click('#call-close');
      const { id } = await callOf(rest.ann, room);

      // Who studies is seen to, with the clock of the day.
      await rest.bora.put(`/v1/rooms/${room}/desk`, {});
      const clock = tile(ann, users.bora.id).locator('.tile-desk[data-state=studying] .clock');
      await clock.waitFor();
      assert.match(await clock.textContent(), /^00:00:\d\d$/);
      await rest.bora.put(`/v1/rooms/${room}/desk`, { state: 'paused' });
      await tile(ann, users.bora.id).locator('.tile-desk[data-state=paused]').waitFor();
      await rest.bora.del(`/v1/rooms/${room}/desk`);
      await clock.waitFor({ state: 'detached' });

      await ann.say('do you see me?');
      await bora.page.locator('#log .body', { hasText: 'do you see me?' }).waitFor();

      process.kill(await pidOf(elsewhere), 'SIGKILL');
      await until(async () => (await callOf(rest.ann, room)).members.length === 2, 30000);
      await Promise.all([ann, bora].map(({ page }) => page.waitForSelector('#call .tiles[data-count="2"]')));
      await Promise.all([receives(ann, 1), receives(bora, 1)]);
      await carl.page.click('#call-banner button:not(.primary)'); // a seat is free
      await receives(carl, 2, { video: true });
      await receives(ann, 2, { video: false });
      await hangUp(ann);
      await bora.page.waitForSelector('#call .tiles[data-count="2"]');
      assert.equal((await callOf(rest.ann, room)).id, id);
      await hangUp(bora);
      await hangUp(carl);
      await until(async () => await callOf(rest.ann, room) === undefined);
      await Promise.all([ann, bora, carl].map(isFree));
    } finally {
      await elsewhere.close().catch(() => {});
    }
  });

  test('S3.video-call-6: somebody in the room is called into the call', async () => {
    await Promise.all([goTo(ann, room), goTo(carl, room)]);
    await go(bora, '#/friends'); // wherever they are
    await call(ann);
    await tells(ann, 'Nobody else');
    await ann.page.click('#people-all');
    await ann.page.getByRole('button', { name: 'More about 보라' }).click();
    await ann.page.getByRole('menuitem', { name: 'Call into the call' }).click();
    await bora.page.waitForSelector('#incoming');
    assert.match(await bora.page.textContent('#incoming'), /Ann‘Tea’/);
    await ann.page.waitForSelector(`#call .tile[data-user="${users.bora.id}"][data-state=ringing]`);
    await accept(bora, 'audio');
    await Promise.all([receives(ann, 1, { video: false }), receives(bora, 1)]);
    // The call goes on wherever one looks; its window stands in a corner there, and leads back.
    assert.equal(await bora.page.getAttribute('#call', 'class'), 'small');
    await go(bora, '#/settings');
    await bora.page.waitForSelector('#settings-screen');
    await receives(bora, 1);
    await bora.page.click('#call header a');
    await bora.page.waitForSelector('#call.docked');
    await receives(bora, 1);
    await hangUp(ann);
    await hangUp(bora);
  });

  test('S2.video-2: what a call has to say only those hear who are in it', async () => {
    await connect();
    const { id } = await callOf(rest.ann, direct);
    const listen = (visitor) => visitor.page.evaluate((channel) => fetch('/v1/realtime/auth', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ socket_id: '1.1', channels: [channel] }),
    }).then((answer) => answer.json()).then(({ channels }) => channels[channel].status ?? 200), `presence-call-${id}`);
    assert.deepEqual([await listen(ann), await listen(carl)], [200, 403]);
    assert.equal(await callOf(rest.carl, direct), undefined);
    assert.equal((await rest.carl.get(`/v1/calls/${id}`)).status, 404);
    assert.equal((await rest.carl.put(`/v1/calls/${id}/members/me`, { peer: 'somebody-who-was-not-asked' })).status, 404);
    await end(ann, bora);
  });

  test('another window takes the call over; the first one says so and lets go of the devices', async () => {
    await connect();
    await receives(bora, 1);
    const page = await ann.context.newPage();
    const second = new Visitor(ann.context, page);
    second.expects.push(...EXPECTED);
    page.setDefaultTimeout(20000);
    try {
      await page.goto(`${party.stack.url}/#/rooms/${direct}`);
      await second.opened(direct);
      await page.waitForSelector('#call-banner');
      assert.match(await page.textContent('#call-banner'), /another window/);
      await page.getByRole('button', { name: 'Go on here' }).click();
      await tells(ann, 'another window');
      await isFree(ann);
      await Promise.all([receives(second, 1), receives(bora, 1)]);
      assert.equal(await bora.page.getAttribute('#call .tiles', 'data-count'), '2');
      second.checkSilence();
    } finally {
      await page.close();
    }
    await state(bora, 'ended');
    await isFree(bora);
  });

  test('a window that is loaded anew offers to come back', async () => {
    await Promise.all([goTo(ann, room), goTo(bora, room)]);
    await call(ann);
    await bora.page.click('#call-banner button.primary');
    await receives(bora, 1);
    await bora.page.reload();
    await ann.page.waitForSelector('#call .tiles[data-count="1"]'); // at once
    await bora.page.waitForSelector('#interrupted');
    await checkAccess(bora.page);
    await bora.page.click('#call-back');
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await hangUp(ann);
    await hangUp(bora);
    await Promise.all([dismiss(ann), dismiss(bora)]);
    // Between two the call has ended by that: one calls again.
    await connect();
    await ann.page.reload();
    await state(bora, 'ended');
    await ann.page.click('#call-back');
    await accept(bora);
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await end(ann, bora);
  });

  test('the connection to the server is lost, the call goes on; one begins another call, and has left the first', async () => {
    await connect();
    await party.stack.restart('push');
    await Promise.all([ann.connected(), bora.connected()]);
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await ann.page.click('#call-mic');
    await tile(bora, users.ann.id).locator('[aria-label="마이크 꺼짐"]').waitFor({ timeout: 30000 });
    await goTo(ann, room);
    await call(ann, 'audio');
    await state(bora, 'ended');
    await tells(ann, 'Nobody else');
    assert.equal((await rest.ann.get('/v1/calls')).body.calls.length, 1);
    await hangUp(ann);
  });

  test('who appears offline is seen in a call; who blocks somebody is not called by them; who is removed from the room is out of the call', async () => {
    assert.equal((await rest.bora.put('/v1/users/me/presence', { appear: 'offline' })).status, 200);
    await bora.connected();
    await connect();
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    const { started_at: since } = await callOf(rest.ann, direct);
    await until(() => Date.now() - Date.parse(since) > 8000, 10000, 'longer than somebody may be missed');
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await end(ann, bora);
    await rest.bora.put('/v1/users/me/presence', { appear: 'online' });

    await goTo(ann, await directRoom(rest.ann, users.carl.id));
    await rest.carl.put(`/v1/blocks/${users.ann.id}`);
    await call(ann);
    await state(ann, 'failed');
    await tells(ann, 'cannot call each other');
    await ann.page.click('#call-close');
    await rest.carl.del(`/v1/blocks/${users.ann.id}`);

    await Promise.all([goTo(ann, room), goTo(carl, room)]);
    await call(ann);
    await carl.page.click('#call-banner button.primary');
    await receives(carl, 1);
    assert.equal((await rest.ann.del(`/v1/rooms/${room}/members/${users.carl.id}`)).status, 204);
    await state(carl, 'ended');
    await isFree(carl);
    await ann.page.waitForSelector('#call .tiles[data-count="1"]');
    await hangUp(ann);
  });

  test('on a phone of 320 pixels, in Korean and dark, by keyboard', async () => {
    await bora.resize(320, 640);
    const fits = async () => {
      assert.ok(await bora.page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth));
      assert.deepEqual(await bora.page.evaluate(() => [...document.querySelectorAll('#call, #call *, .call-card, .call-card *, #call-banner *, #room > header *')]
        .filter((node) => node.checkVisibility() && !node.closest('.sr, #room-title, #room-about') && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.outerHTML.slice(0, 100))), []);
    };
    await inDirect();
    await call(ann);
    await bora.page.waitForSelector('#incoming');
    await checkAccess(bora.page);
    await fits();
    assert.equal(await bora.page.evaluate(() => document.activeElement.id), 'incoming');
    await bora.page.keyboard.press('Tab');
    assert.equal(await bora.page.evaluate(() => document.activeElement.id), 'accept-video');
    await bora.page.keyboard.press('Enter');
    await Promise.all([receives(ann, 1), receives(bora, 1)]);
    await checkAccess(bora.page);
    await fits();
    await go(bora, `#/rooms/${room}`);
    await bora.page.waitForSelector('#call.small');
    await bora.opened(room);
    await checkAccess(bora.page);
    await fits();
    await bora.page.focus('#hang-up');
    await bora.page.keyboard.press('Enter');
    await tells(bora, '통화가 끝났어요');
    await checkAccess(bora.page);
    await fits();
    await goTo(ann, room);
    await call(ann);
    await bora.page.waitForSelector('#call-banner');
    await checkAccess(bora.page);
    await fits();
    await hangUp(ann);
    await bora.page.setViewportSize({ width: 1280, height: 800 });
  });

  test('whoever logs out has hung up', async () => {
    await connect();
    await bora.page.click('#log-out');
    await state(ann, 'ended');
    await isFree(ann);
    await bora.page.waitForSelector('#login');
    assert.equal(await bora.page.locator('#interrupted').count(), 0);
  });

  test('nothing else was written to the console', () => {
    for (const one of [ann, bora, carl]) one.checkSilence();
  });
});
