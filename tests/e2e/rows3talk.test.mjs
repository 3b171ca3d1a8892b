// The third forerunner of Maru, "chat-app": what its users could do with messages, in rooms and between two, each row
// of its list as one test; the rest of the list stands in rows3.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gif } from '../api/pictures.mjs';
import { api, client, subscribed, until } from '../harness.mjs';
import { choose, goTo, hasText, openParty, settleIn, type } from './roomkit.mjs';
import { actOn, actsOn, attach, button, go, inMine, lastNotice, line, picture, picturesOf, post, shows, statusOf } from './rowkit.mjs';

const LONG = 60; // messages: more than a page
const DIRECT = 55; // of its direct messages the forerunner lost the 51st and all after it

describe('what is said in chat-app', { timeout: 400000 }, () => {
  let party, stack, users, rest, room, newRoom, ann, bora, carl, long, direct;
  const together = (id) => Promise.all([ann, bora, carl].map((one) => goTo(one, id)));
  const directOf = async (one, other) => (await rest[one].put(`/v1/direct-rooms/${users[other].id}`, {})).body.id;

  async function prepare() {
    long = await newRoom({ title: 'Long' }, 'bora', 'carl');
    direct = await directOf('ann', 'bora');
    for (let i = 1; i <= LONG; i++) await post(rest.ann, long, `line ${i}`);
    for (let i = 1; i <= DIRECT; i++) await post(rest.ann, direct, `dm ${i}`);
  }

  before(async () => {
    party = await openParty({ presence_linger: 0, login_attempts: 1000 });
    ({ stack, users, rest, room, newRoom } = party);
    [ann, bora, carl] = await Promise.all([party.open('ann'), party.open('bora', { locale: 'ko-KR' }), party.open('carl'), prepare()]);
    for (const { page } of [ann, bora, carl]) page.setDefaultTimeout(20000);
  });
  after(() => party?.close());

  test('S3.msg-1: what is sent is confirmed, and is one message also when the answer was lost', async () => {
    await together(room);
    ann.expects = [/ERR_FAILED/];
    let lost = 0;
    await ann.page.route('**/v1/rooms/*/messages', async (route) => {
      if (lost++ > 0) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await ann.say('once');
    await shows(ann, 'once');
    await ann.page.waitForFunction(() => !document.querySelector('#pending li'));
    await ann.page.unrouteAll({ behavior: 'wait' });
    assert.ok(lost >= 1);
    await ann.say('and the next');
    await shows(bora, 'and the next');
    for (const visitor of [ann, bora]) assert.equal((await visitor.bodies()).filter((text) => text === 'once').length, 1);
    ann.expects = [];
  });

  test('S3.msg-2: what is sent over HTTP is pushed like any other', async () => {
    const { seq } = await post(rest.carl, room, 'by a program');
    for (const visitor of [ann, bora, carl]) await visitor.page.locator(`#log [data-seq="${seq}"] .body`, { hasText: 'by a program' }).waitFor();
    assert.ok(await line(carl, 'by a program').evaluate((node) => node.matches('.mine')));
  });

  test('S3.msg-3: two pictures of one name, sent in the same moment, stay two', async () => {
    for (const [i, text] of ['first picture', 'second picture'].entries()) {
      await attach(ann, picture('same.png', i + 1));
      await ann.say(text);
    }
    await Promise.all([picturesOf(bora, 'first picture', 1), picturesOf(bora, 'second picture', 1)]);
    const sums = await bora.page.$$eval('#log a.picture', (links) => Promise.all(links.slice(-2).map(async ({ href }) =>
      Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await (await fetch(href)).arrayBuffer()))).join())));
    assert.equal(new Set(sums).size, 2);
  });

  test('S3.msg-4: only its author deletes a message; it says so in its place, and its picture is gone from the server', async () => {
    bora.expects = [/403|404/];
    const address = await line(bora, 'first picture').locator('a.picture').getAttribute('href');
    const seq = await line(bora, 'first picture').getAttribute('data-seq');
    assert.ok(!(await actsOn(bora, 'first picture')).includes('delete'));
    assert.equal(await statusOf(bora, `/v1/rooms/${room}/messages/${seq}`, 'DELETE'), 403);
    assert.equal(await statusOf(bora, address), 200);
    await actOn(ann, 'first picture', 'delete');
    await ann.page.click('#confirm-yes');
    await bora.page.locator(`#log [data-seq="${seq}"] .gone`, { hasText: '삭제된 메시지입니다.' }).waitFor();
    assert.equal(await bora.page.locator(`#log [data-seq="${seq}"] img`).count(), 0);
    await until(async () => await statusOf(bora, address) === 404, 20000, 'the picture to go');
    await shows(bora, 'second picture');
    bora.expects = [];
  });

  test('S3.msg-5: who reads further up is not moved, but told; one press, or an own message, leads to the end', async () => {
    const { page } = bora;
    await goTo(bora, long);
    await shows(bora, `line ${LONG}`);
    await bora.atEnd();
    const scroll = (to) => page.evaluate((top) => { document.getElementById('scroller').scrollTop = top; }, to);
    const top = () => page.evaluate(() => Math.round(document.getElementById('scroller').scrollTop));
    await scroll(400);
    await page.locator('#jump').waitFor();
    const before = await top();
    await post(rest.ann, long, 'news');
    await hasText(bora, '#jump', '새 메시지 1개');
    assert.equal(await top(), before);
    await page.click('#jump');
    await bora.atEnd();
    assert.equal((await bora.bodies()).at(-1), 'news');
    await scroll(400);
    await page.locator('#jump').waitFor();
    await bora.say('제 말');
    await shows(bora, '제 말');
    await bora.atEnd();
    // The last event of scrolling may come when the room is left already; it is in vain then.
    const scroller = await page.$('#scroller');
    await go(bora);
    await scroller.evaluate((node) => node.dispatchEvent(new Event('scroll')));
  });

  test('S3.msg-6: what is sent in a burst comes once and in order', async () => {
    const burst = await newRoom({ title: 'Burst' }, 'bora');
    await Promise.all([goTo(ann, burst), goTo(bora, burst)]);
    const texts = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
    for (const text of texts) await ann.say(text);
    await Promise.all([bora.sees(texts, 20000), ann.sees(texts, 20000)]);
  });

  test('S3.read-1: of a message one sees that it is on its way, that it is there, and that it was read', async () => {
    await Promise.all([goTo(ann, direct), goTo(bora, room)]);
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    await ann.page.route('**/v1/rooms/*/messages', async (route) => {
      await gate;
      await route.continue();
    });
    await ann.say('have you read it?');
    await hasText(ann, '#pending .status', 'Sending …');
    release();
    const unread = line(ann, 'have you read it?').locator('.unread');
    await unread.getByText('1', { exact: true }).waitFor();
    await ann.page.unrouteAll({ behavior: 'wait' });
    await goTo(bora, direct);
    await unread.waitFor({ state: 'detached' });
    await shows(ann, 'have you read it?');
  });

  test('S3.emoji-1: emoji are chosen by their names, and GIFs move', async () => {
    await Promise.all([goTo(ann, room), goTo(bora, room)]);
    await bora.page.click('#emoji-toggle');
    await bora.page.getByRole('searchbox', { name: '이모지 찾기' }).fill('주전자');
    await button(bora, '찻주전자').click();
    await bora.page.waitForFunction(() => document.getElementById('text').value === '🫖');
    await bora.page.press('#text', 'Enter');
    await line(ann, '🫖').locator('.body.jumbo').waitFor();
    await attach(bora, { name: 'moves.gif', mimeType: 'image/gif', buffer: gif(80, 60, 3) });
    await bora.say('춤춰요');
    assert.doesNotMatch((await picturesOf(ann, '춤춰요', 1))[0], /thumb/, 'a thumbnail would stand still');
  });

  test('S3.bot-1: a command of a bot is offered while one types, comes to the bot, and is answered', async () => {
    const { body: bot } = await rest.ann.post('/v1/bots', { name: 'echobot', nickname: 'Echo' });
    const bots = api(stack, bot);
    await rest.ann.post(`/v1/rooms/${room}/members`, { user: bot.id });
    assert.equal((await bots.put(`/v1/bots/${bot.id}/commands/echo`, { description: 'repeats it', usage: '<text>' })).status, 200);
    const own = await subscribed(await client(stack, bot), `private-user-${bot.id}`);
    own.bind('command.invoked', ({ text }) => void post(bots, room, `echo: ${text}`));
    await carl.page.reload(); // what can be typed in a room is asked for once
    await goTo(carl, room);
    await type(carl, '/ec');
    await carl.page.getByRole('option', { name: '/echo' }).waitFor();
    await carl.page.keyboard.press('Enter');
    await carl.page.keyboard.type('안녕');
    await carl.page.keyboard.press('Enter');
    await goTo(bora, room);
    await shows(bora, 'echo: 안녕');
  });

  // ---- between two

  test('S3.dm-1: a direct message is there for the two and nobody else, also the 56th', async () => {
    await Promise.all([goTo(ann, direct), goTo(bora, room)]);
    await shows(ann, `dm ${DIRECT}`);
    await ann.say('the next one');
    await inMine(bora, direct).locator('.about', { hasText: 'the next one' }).waitFor({ state: 'attached' });
    await goTo(bora, direct);
    await shows(bora, 'the next one');
    await bora.say('다음 말');
    await shows(ann, '다음 말');
    assert.equal(await inMine(carl, direct).count(), 0);
    const first = await directOf('carl', 'bora');
    await post(rest.carl, first, 'hello from Karl');
    await inMine(bora, first).locator('.about', { hasText: 'hello from Karl' }).waitFor({ state: 'attached' });
    await inMine(carl, first).waitFor({ state: 'attached' });
    assert.equal(await inMine(ann, first).count(), 0);
  });

  test('S3.dm-1: what is said in a room before it can be heard is shown and told as well', async () => {
    await goTo(carl, room);
    let letGo;
    const held = new Promise((resolve) => { letGo = resolve; });
    await carl.page.route('**/v1/realtime/auth', async (route) => {
      await held;
      await route.continue();
    });
    const counted = carl.page.waitForResponse('**/v1/users/me/unread');
    const other = await directOf('ann', 'carl');
    await counted; // nothing is unread there
    await inMine(carl, other).waitFor({ state: 'attached' });
    await post(rest.ann, other, 'who hears this?');
    letGo();
    await carl.page.locator('.toast', { hasText: 'who hears this?' }).waitFor();
    await inMine(carl, other).locator('.about', { hasText: 'who hears this?' }).waitFor({ state: 'attached' });
    await carl.page.unroute('**/v1/realtime/auth');
    await goTo(carl, other);
    await shows(carl, 'who hears this?');
  });

  test('S3.dm-2: a picture is sent between two, and deleted', async () => {
    await attach(bora, picture('둘만.png', 6));
    await bora.say('우리 둘만');
    const [address] = await picturesOf(ann, '우리 둘만', 1);
    carl.expects = ann.expects = [/404/];
    assert.equal(await statusOf(ann, address), 200);
    assert.equal(await statusOf(carl, address), 404, 'nobody else sees it');
    await actOn(bora, '우리 둘만', 'delete');
    await bora.page.click('#confirm-yes');
    await line(ann, 'This message was deleted.').waitFor();
    await until(async () => await statusOf(ann, address) === 404, 20000, 'the picture to go');
    carl.expects = ann.expects = [];
  });

  test('S3.dm-3: nobody writes to who has left; who comes back sees what is new, and the other has lost nothing', async () => {
    const two = await directOf('bora', 'carl');
    await Promise.all([goTo(bora, two), settleIn(carl, two)]);
    const isRead = carl.page.waitForResponse('**/read-cursor'); // who has left may not say so any more
    await bora.say('제가 쓴 말');
    await shows(carl, '제가 쓴 말');
    await isRead;
    await choose(carl, 'Leave room');
    await carl.page.click('#confirm-yes');
    await hasText(bora, '#hindrance', 'Karl님이 대화를 나가서 더 이상 쓸 수 없어요.');
    await lastNotice(bora, 'Karl님이 나갔어요');
    assert.ok(await bora.page.isDisabled('#text'));
    await goTo(carl, room);
    await go(carl, `people/${users.bora.id}`);
    await button(carl, 'Write').click();
    await carl.opened(two);
    await bora.page.waitForFunction(() => !document.getElementById('text').disabled);
    await carl.say('back again');
    await carl.sees(['back again']);
    await bora.sees(['hello from Karl', '제가 쓴 말', 'back again']);
  });

  // ---- the rest

  test('S3.notif-1: a message in another room is a toast and a number, until it is read', async () => {
    await goTo(carl, room);
    const other = await directOf('ann', 'carl');
    await post(rest.ann, other, 'look here');
    await carl.page.locator('.toast', { hasText: 'look here' }).waitFor();
    await inMine(carl, other).locator('[data-unread="1"]').waitFor({ state: 'attached' });
    await carl.page.waitForFunction(() => /^\(\d+\) /.test(document.title));
    await carl.page.locator('.toast-open', { hasText: 'look here' }).click();
    await carl.opened(other);
    await shows(carl, 'look here');
    await inMine(carl, other).locator('[data-unread]').waitFor({ state: 'detached' });
  });

  test('S3.ui-1: it fits a phone, and is light or dark as one likes', async () => {
    const { page } = carl;
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await goTo(carl, room);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    const dark = await ground();
    await go(carl, 'settings');
    await page.getByRole('radio', { name: 'Light' }).check();
    assert.equal(await page.getAttribute('html', 'data-theme'), 'light');
    assert.notEqual(await ground(), dark);
    await page.getByRole('radio', { name: 'As the system' }).check();
    await page.setViewportSize({ width: 320, height: 568 });
    for (const id of [room, 0]) {
      await page.evaluate((to) => { location.hash = to ? `#/rooms/${to}` : '#/'; }, id);
      await page.locator(id ? '#sidebar' : '#room').waitFor({ state: id ? 'hidden' : 'detached' });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('nobody had anything to complain of', () => {
    for (const visitor of [ann, bora, carl]) visitor.checkSilence();
  });
});
