// The second forerunner of Maru, "Our Now", a messenger like KakaoTalk: what its users could do or were promised,
// each row of its list as one test. What it did wrong is what a test proves absent.
//
// S2.bgm-1 (background music) is in music.test.mjs. S2.video-1, S2.video-2 and S2.face-1 (video calls, faces) have no test:
// they belong to the study cafe. S2.api-1 and S2.ops-1 have no face.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { api, client, signUp, subscribed, until } from '../harness.mjs';
import { visit } from './browser.mjs';
import { choose, chooseOf, goTo, hasText, openParty, password } from './roomkit.mjs';
import { attach, befriend, button, go, inMine, line, openRoomOf, picture, picturesOf, post, setPhoto, shows, titled } from './rowkit.mjs';

describe('Our Now', { timeout: 400000 }, () => {
  let party, stack, users, rest, room, newRoom, ann, bora, carl;
  const everybody = () => [ann, bora, carl];

  before(async () => {
    party = await openParty({ presence_linger: 0, login_attempts: 1000, files_image_max: 1 << 20 });
    ({ stack, users, rest, room, newRoom } = party);
    await befriend(rest, users, 'ann', 'bora');
    await befriend(rest, users, 'ann', 'carl');
    [ann, bora, carl] = await Promise.all([party.open('ann'), party.open('bora', { locale: 'ko-KR' }), party.open('carl')]);
    for (const { page } of everybody()) page.setDefaultTimeout(20000);
  });
  after(() => party?.close());

  test('S2.auth-1: the right password lets in, no other does, and a reload asks for none', async () => {
    const second = await visit(party.browser, stack);
    second.expects = [/401/];
    await second.logIn('carl', 'wrong password');
    await hasText(second, '#login-form [role=alert]', 'The name or the password is wrong.');
    await second.logIn('carl', password);
    await second.connected();
    await second.page.reload();
    await second.connected();
    assert.equal(await second.page.textContent('#my-name'), 'Karl');
    assert.equal(await second.page.locator('#login').count(), 0);
    second.checkSilence();
    await second.close();
  });

  test('S2.room-1: two have one room, made at their first contact, whoever begins', async () => {
    await chooseOf(ann, '보라', 'Write directly');
    await titled(ann, '보라');
    const direct = await openRoomOf(ann);
    await ann.say('just us');
    await inMine(bora, direct).waitFor({ state: 'attached' });
    await go(bora, `people/${users.ann.id}`);
    await button(bora, '대화하기').click();
    await bora.opened(direct);
    await bora.sees(['just us']);
    assert.equal(await bora.page.locator('#mine .title', { hasText: /^Ann$/ }).count(), 1);
    assert.equal(await inMine(carl, direct).count(), 0, 'for nobody else it is there');
  });

  test('S2.room-2: a group is made of chosen friends, who are in it at once', async () => {
    const { page } = ann;
    await page.click('#new-room');
    await page.fill('#create [name=title]', 'Picnic');
    await page.check('#create [name=kind][value=group]');
    await page.getByRole('checkbox', { name: '보라' }).check();
    await page.getByRole('checkbox', { name: 'Karl' }).check();
    await page.click('#create button.primary');
    await titled(ann, 'Picnic');
    const group = await openRoomOf(ann);
    await inMine(carl, group).waitFor({ state: 'attached' });
    await goTo(bora, group);
    await hasText(bora, '#room-about', '3명');
    await bora.say('도시락은 제가!');
    await ann.sees(['도시락은 제가!']);
    const stranger = await signUp(stack);
    assert.equal((await api(stack, stranger).get(`/v1/rooms/${group}`)).status, 404, 'who was not chosen finds nothing');
  });

  test('S2.chat-1: what one writes stands before the others at once, both ways', async () => {
    await Promise.all(everybody().map((one) => goTo(one, room)));
    await ann.say('Hello 보라!');
    await Promise.all(everybody().map((one) => shows(one, 'Hello 보라!')));
    await bora.say('안녕하세요 🙂');
    await Promise.all(everybody().map((one) => shows(one, '안녕하세요 🙂')));
    assert.equal(await line(ann, '안녕하세요').locator('.who').textContent(), '보라');
  });

  test('S2.chat-2: a new message is added to what stands there; nothing is loaded or drawn anew', async () => {
    const asked = [];
    const note = (request) => { if (/\/v1\/rooms\/\d+\/(messages|events)/.test(request.url()) && request.method() === 'GET') asked.push(request.url()); };
    bora.page.on('request', note);
    const kept = await bora.page.$$eval('#log .message', (all) => all.map((node) => { node.dataset.kept = 'yes'; }).length);
    assert.ok(kept >= 2);
    await ann.say('only this is new');
    await shows(bora, 'only this is new');
    assert.equal(await bora.page.locator('#log .message[data-kept]').count(), kept, 'the same nodes');
    assert.equal(await bora.page.locator('#log .message').count(), kept + 1);
    bora.page.off('request', note);
    assert.deepEqual(asked, []);
  });

  test('S2.chat-3: what three write at the same time has one order for all, also for who comes later', async () => {
    const three = await newRoom({ title: 'Three' }, 'bora', 'carl');
    await Promise.all(everybody().map((one) => goTo(one, three)));
    const flood = async (visitor, name) => { for (let i = 1; i <= 5; i++) await visitor.say(`${name} ${i}`); };
    await Promise.all([flood(ann, 'a'), flood(bora, '나'), flood(carl, 'c')]);
    const orderOf = async (visitor) => {
      await visitor.page.waitForFunction(() => document.querySelectorAll('#log .body').length === 15 && !document.querySelector('#pending li'));
      return visitor.bodies();
    };
    const order = await orderOf(ann);
    for (const name of ['a', '나', 'c']) assert.deepEqual(order.filter((text) => text.startsWith(name)), [1, 2, 3, 4, 5].map((i) => `${name} ${i}`));
    assert.deepEqual(await orderOf(bora), order);
    await carl.page.reload();
    await carl.opened(three);
    assert.deepEqual(await orderOf(carl), order);
    const times = await ann.page.$$eval('#log .message time', (all) => all.map(({ dateTime }) => dateTime));
    assert.deepEqual(times, [...times].sort());
  });

  test('S2.chat-4: a message comes to nobody outside of its room, not even unseen', async () => {
    const frames = [];
    carl.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await carl.page.reload();
    await carl.connected();
    const secret = await newRoom({ title: 'Just two', kind: 'public' }, 'bora');
    await Promise.all([goTo(ann, secret), goTo(bora, secret), goTo(carl, room)]);
    await ann.say('nobody else may read it');
    await shows(bora, 'nobody else may read it');
    // What was said later in a room of his is there: so the other one would be, too.
    await post(rest.ann, room, 'for all of us');
    await shows(carl, 'for all of us');
    assert.ok(frames.some((frame) => frame.includes('for all of us')), 'the socket is listened to');
    assert.ok(!frames.some((frame) => frame.includes('nobody else')));
    assert.doesNotMatch(await carl.page.content(), /nobody else may read it/);
  });

  test('S2.pres-1: who comes is seen to be there, and who goes no longer', async () => {
    users.dora = await signUp(stack, 'dora', password);
    rest.dora = api(stack, users.dora);
    await befriend(rest, users, 'ann', 'dora');
    await rest.dora.put(`/v1/rooms/${room}/members/me`, {});
    await goTo(ann, room);
    const face = ann.page.locator(`#friends-list [data-user="${users.dora.id}"] .avatar`);
    const here = ann.page.locator(`#people-list [data-user="${users.dora.id}"]`);
    const dora = await party.open('dora');
    await here.waitFor();
    await go(ann, 'friends');
    await face.and(ann.page.locator('[data-state=online]')).waitFor();
    dora.checkSilence();
    await dora.close();
    await face.and(ann.page.locator(':not([data-state])')).waitFor({ timeout: 30000 });
    await hasText(ann, `#friends-list [data-user="${users.dora.id}"] .about`, 'last seen');
  });

  test('S2.stat-1: a new status message is seen by who looks at the profile right now', async () => {
    await go(bora, `people/${users.ann.id}`);
    await go(ann, 'me');
    await button(ann, 'Edit profile').click();
    await ann.page.getByLabel('Status message').fill('오늘은 집에 있어요 ☕');
    await button(ann, 'Save').click();
    await bora.page.locator('#person-screen .status-message', { hasText: '오늘은 집에 있어요 ☕' }).waitFor();
  });

  test('S2.photo-1: a photo is set, changed and taken away, which the others see', async () => {
    await Promise.all([goTo(ann, room), goTo(bora, room)]);
    const face = `#people-list [data-user="${users.bora.id}"] img.there`;
    const { page } = bora;
    await setPhoto(bora, picture('one.png', 1, 200, 200));
    const first = await (await ann.page.waitForSelector(face)).getAttribute('src');
    await setPhoto(bora, picture('two.png', 2, 200, 200));
    await ann.page.waitForFunction(([selector, before]) => {
      const image = document.querySelector(selector);
      return image && image.getAttribute('src') !== before;
    }, [face, first]);
    await page.click('#picture-remove');
    await ann.page.waitForFunction((selector) => !document.querySelector(selector), face);
    await page.click('#picture [data-cancel]');
    assert.equal(await ann.page.locator(`#people-list [data-user="${users.bora.id}"] .avatar`).textContent(), '보');
  });

  test('S2.read-1: a message says how many have not read it, fewer as they do, and nothing at last', async () => {
    const three = await newRoom({ title: 'Readers' }, 'bora', 'carl');
    await Promise.all([goTo(ann, three), go(bora), go(carl)]);
    await ann.say('who reads it?');
    const unread = line(ann, 'who reads it?').locator('.unread');
    await unread.getByText('2', { exact: true }).waitFor();
    await goTo(bora, three);
    await unread.getByText('1', { exact: true }).waitFor();
    await line(bora, 'who reads it?').locator('.unread').getByText('1', { exact: true }).waitFor();
    await goTo(carl, three);
    await unread.waitFor({ state: 'detached' });
    await line(bora, 'who reads it?').locator('.unread').waitFor({ state: 'detached' });
    const { body: direct } = await rest.ann.put(`/v1/direct-rooms/${users.bora.id}`, {});
    await goTo(ann, direct.id);
    await ann.say('the famous one');
    await line(ann, 'the famous one').locator('.unread').getByText('1', { exact: true }).waitFor();
    await goTo(bora, direct.id);
    await line(ann, 'the famous one').locator('.unread').waitFor({ state: 'detached' });
  });

  test('S2.notice-1: the newest notice stands on top, opens and closes, and the earlier ones are kept', async () => {
    await Promise.all([goTo(ann, room), goTo(bora, room)]);
    await rest.ann.post(`/v1/rooms/${room}/notices`, { body: 'Tea at three' });
    const bar = bora.page.getByRole('region', { name: '공지' });
    await bar.getByRole('button', { name: 'Tea at three' }).waitFor();
    await choose(ann, 'Notices');
    await button(ann, 'New notice').click();
    await ann.page.getByLabel('Text of the notice').fill('Tea at four');
    await button(ann, 'Post notice').click();
    await ann.page.locator('#notice-form').waitFor({ state: 'detached' });
    await ann.page.keyboard.press('Escape');
    const now = bar.getByRole('button', { name: 'Tea at four' });
    await now.waitFor();
    assert.equal(await bar.getByText('Tea at three').count(), 0);
    assert.equal(await bora.page.locator('#notice-rest').count(), 0, 'one line at first');
    await now.click();
    await hasText(bora, '#notice-rest small', 'Ann, 오늘');
    await now.click();
    await bora.page.locator('#notice-rest').waitFor({ state: 'detached' });
    await button(bora, '대화방 메뉴').click();
    await bora.page.getByRole('menuitem', { name: '공지' }).click();
    await hasText(bora, '#notices li', 'Tea at three');
    assert.deepEqual(await bora.page.locator('#notices .body-text').allTextContents(), ['Tea at four', 'Tea at three']);
    await bora.page.keyboard.press('Escape');
  });

  test('S2.file-1: pictures and videos are seen before they are opened; what is too large is refused in words', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'maru-rows.'));
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=160x90:d=1:r=5', '-c:v', 'libvpx', join(directory, 'film.webm')]);
    const film = { name: 'film.webm', mimeType: 'video/webm', buffer: await readFile(join(directory, 'film.webm')) };
    rmSync(directory, { recursive: true, force: true });
    ann.expects = [/413|503/];
    await attach(ann, picture('sea.png', 3), film);
    assert.deepEqual(await ann.page.$$eval('.chip progress', (bars) => bars.map(({ value }) => value)), [100, 100]);
    await ann.say('look');
    assert.match((await picturesOf(bora, 'look', 1))[0], /\/thumb$/);
    const video = line(bora, 'look').locator('video');
    assert.ok(await video.evaluate((node) => node.poster !== '' && node.preload === 'none'), 'a poster, and nothing more yet');
    const { buffer, ...huge } = picture('huge.png');
    await ann.page.setInputFiles('#file-input', { ...huge, buffer: Buffer.concat([buffer, Buffer.alloc(1 << 20)]) });
    await ann.page.locator('.chip[data-state=failed] [role=alert]', { hasText: 'A picture can have at most 1 MB.' }).waitFor();
    await button(ann, 'Remove huge.png').click();
    await ann.page.locator('.chip').waitFor({ state: 'detached' });
    ann.expects = [];
  });

  test('S2.emoti-1: a sticker is chosen from its pack, and is no text', async () => {
    await ann.page.click('#stickers-toggle');
    const first = ann.page.locator('#stickers .grid button').first();
    const name = await first.getAttribute('aria-label');
    await first.click();
    await bora.page.getByRole('img', { name: `스티커: ${name}` }).waitFor();
    const { body: { messages } } = await rest.bora.get(`/v1/rooms/${room}/messages?limit=100`);
    const { type, body, content } = messages.at(-1);
    assert.deepEqual([type, content.sticker.name], ['sticker', name]);
    assert.notEqual(body, name);
  });

  test('S2.friend-1: a request is accepted, and close friends stand in a group of their own on top', async () => {
    await goTo(carl, room);
    await chooseOf(carl, '보라', 'Ask to be friends');
    await go(bora, 'friends');
    await button(bora, 'Karl님 수락').click();
    const karl = `[data-user="${users.carl.id}"]`;
    await bora.page.locator(`#friends-list ${karl}`).waitFor();
    await button(bora, 'Karl님을 친한 친구로').click();
    await bora.page.locator(`#close-friends ${karl}`).waitFor();
    const order = await bora.page.$$eval('#friends-screen ul.rows [data-user]', (rows) => rows.map(({ dataset }) => Number(dataset.user)));
    assert.deepEqual(order, [users.carl.id, users.ann.id]);
    assert.equal(await bora.page.locator(`#friends-list ${karl}`).count(), 0);
  });

  test('S2.block-1: who is blocked is not heard, cannot write to one, and is told nothing', async () => {
    await Promise.all([goTo(bora, room), goTo(carl, room)]);
    carl.expects = [/403|404|409/];
    await chooseOf(carl, '보라', 'Write directly');
    await titled(carl, '보라');
    await carl.say('only for you');
    await bora.page.locator(`#people-list [data-user="${users.carl.id}"]`).waitFor({ state: 'detached' }); // his menu would go with him
    await goTo(carl, room);
    await button(bora, 'Karl님 메뉴').click();
    await bora.page.getByRole('menuitem', { name: '차단', exact: true }).click();
    await bora.page.click('#confirm-yes');
    await hasText(bora, '#outcome', 'Karl님을 차단했어요.');
    await carl.say('do you hear me?');
    await Promise.all([shows(carl, 'do you hear me?'), shows(ann, 'do you hear me?')]);
    await line(bora, '차단한 사람의 메시지예요.').waitFor();
    assert.doesNotMatch(await bora.page.textContent('#log'), /do you hear me/);
    // Of his next attempt he sees only that it does not work.
    await chooseOf(carl, '보라', 'Write directly');
    await carl.page.waitForFunction(() => document.getElementById('hindrance')?.textContent || document.getElementById('outcome')?.textContent);
    assert.doesNotMatch(await carl.page.textContent('body'), /block/i);
    await go(bora, 'friends');
    await button(bora, 'Karl님 차단 풀기').click();
    await goTo(bora, room);
    await shows(bora, 'do you hear me?');
    carl.expects = [];
  });

  test('S2.export-1: a conversation is taken along as a file, in four formats', async () => {
    const taken = await newRoom({ title: 'To take along' });
    await goTo(ann, taken);
    await attach(ann, picture('map.png', 4));
    await ann.say('remember this');
    await shows(ann, 'remember this');
    for (const format of ['txt', 'html', 'csv', 'json']) {
      await choose(ann, 'Export conversation');
      await ann.page.getByLabel('Format').selectOption(format);
      const [download] = await Promise.all([ann.page.waitForEvent('download'), button(ann, 'Download').click()]);
      assert.equal(download.suggestedFilename(), `To take along.${format}`);
      const text = await readFile(await download.path(), 'utf8');
      assert.match(text, /remember this/, format);
      assert.match(text, /map\.png/, format);
      if (format === 'txt') assert.match(text, /^\[Ann\] \[.+\] .*remember this/m, 'as KakaoTalk lays it out');
    }
  });

  test('S2.bot-1: a bot that somebody made answers in the room', async () => {
    await go(ann, 'settings');
    await button(ann, 'New bot').click();
    await ann.page.locator('#new-bot [name=name]').fill('helper');
    await ann.page.locator('#new-bot [name=nickname]').fill('Helper');
    await button(ann, 'Make it').click();
    const token = await ann.page.textContent('#token code');
    await button(ann, 'Close').click();
    const bot = api(stack, { token });
    const { body: { id } } = await bot.get('/v1/users/me');
    assert.equal((await rest.ann.post(`/v1/rooms/${room}/members`, { user: id })).status, 201);
    const inside = await subscribed(await client(stack, { token }), `presence-room-${room}`);
    inside.bind('message.created', ({ body, sender }) => { if (sender !== id && body === 'ping') void post(bot, room, 'pong'); });
    await Promise.all([goTo(bora, room), goTo(carl, room)]);
    await carl.say('ping');
    await Promise.all([bora, carl].map((one) => shows(one, 'pong')));
    await bora.page.locator(`#people-list [data-user="${id}"] .tag`, { hasText: '봇' }).waitFor();
  });

  test('S2.mobile-1: on a phone one gets from the list into a room and back, and nothing is wider than it', async () => {
    const phone = await visit(party.browser, stack, { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
    const { page } = phone;
    const fits = async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await phone.logIn('bora', password);
    await phone.connected();
    await fits();
    await inMine(phone, room).locator('a').tap();
    await phone.opened(room);
    await page.locator('#sidebar').waitFor({ state: 'hidden' });
    await page.fill('#text', 'from the bus');
    await page.tap('#send');
    await shows(carl, 'from the bus');
    await fits();
    await page.tap('#back');
    await page.locator('#sidebar').waitFor();
    await until(async () => await page.locator('#room').count() === 0);
    phone.checkSilence();
    await phone.close();
  });

  test('nobody had anything to complain of', () => {
    for (const visitor of everybody()) visitor.checkSilence();
  });
});
