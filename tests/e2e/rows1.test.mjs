// What the chat app with web sockets promised to whoever looks at it, row by row, and that what was wrong there is not wrong here.
//
// S1.arch-1 and S1.docs-1 have no face. Nothing of it belongs to the study cafe.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { until } from '../harness.mjs';
import { goTo, hasText } from './roomkit.mjs';
import { attach } from './rowkit.mjs';
import { answerTo, button, choose, inList, lastNotice, listed, lists, openWorld, overhear, password, picture, says, wear } from './world.mjs';

const world = await openWorld();
const { stack, users, rest, newRoom, say } = world;
const [ann, bora, carl] = await Promise.all([world.open('ann'), world.open('bora', { locale: 'ko-KR' }), world.open('carl')]);
after(() => world.close());

test('S1.user-1: with an id, a password and a nickname one is in, and others see the nickname', async () => {
  const room = await newRoom({ title: 'Newcomers' });
  await goTo(ann, room);
  const finn = await world.stranger();
  await finn.signUp('finn', 'Finn 핀');
  await finn.join(room);
  await lastNotice(ann, 'Finn 핀 joined');
  await ann.seesPeople(['Ann', 'Finn 핀']);
  finn.checkSilence();
  await finn.close();
});

test('S1.user-2: the password goes by POST, and stands in no address', async () => {
  const guest = await world.stranger();
  const addresses = [];
  guest.page.on('request', (request) => addresses.push(`${request.method()} ${request.url()}`));
  await guest.logIn('dave', password);
  await guest.connected();
  assert.ok(addresses.includes(`POST ${stack.url}/v1/sessions`));
  assert.deepEqual(addresses.filter((one) => /correct.horse/.test(one)), []);
  assert.doesNotMatch(guest.page.url(), /horse/);
  guest.checkSilence();
  await guest.close();
});

test('S1.session-1: the login is in cookies that no script and no other site can use', async () => {
  const cookies = (await bora.context.cookies()).filter(({ name }) => name.startsWith('maru_'));
  const facts = cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]);
  assert.deepEqual(facts.sort(), [['maru_access', true, 'Lax'], ['maru_refresh', true, 'Lax']]);
  const kept = await bora.page.evaluate(() => document.cookie + JSON.stringify(localStorage));
  for (const { value } of cookies) assert.ok(!kept.includes(value));
  const read = async (origin) => {
    const page = await bora.context.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(async (url) => {
      // Without CORS a page may send this, and must not be listened to.
      const body = JSON.stringify({ title: 'forged', kind: 'public' });
      await fetch(`${url}/v1/rooms`, { method: 'POST', mode: 'no-cors', credentials: 'include', body }).catch(() => {});
      return fetch(`${url}/v1/oidc`).then((answer) => answer.json(), () => 'refused');
    }, stack.url);
    await page.close();
    return seen;
  };
  assert.deepEqual(await read(world.elsewhere.known), { providers: ['kakao', 'keycloak'] });
  assert.equal(await read(world.elsewhere.unknown), 'refused');
  assert.deepEqual(await stack.sql("SELECT COUNT(*) FROM room WHERE title = 'forged'"), [['0']]);
});

test('S1.room-1: a room needs no more than a title; one stands in it at once, and it is in the lists of all', async () => {
  await bora.page.click('#tab-all');
  const room = await ann.createRoom('Just a title');
  assert.deepEqual((await listed(ann, 'mine')).filter((id) => id === room), [room]);
  await bora.page.waitForSelector(`#all > li:first-child[data-room="${room}"]`);
});

test('S1.room-2: the first screen lists the rooms, with their members and how many of them are here', async () => {
  const room = await newRoom({ title: 'Busy', description: 'Come in' }, 'bora', 'carl');
  await Promise.all([goTo(ann, room), goTo(bora, room)]);
  await ann.seesPeople(['Ann', '보라'], 30000);
  const dave = await world.open('dave');
  await (await inList(dave, room)).getByText('3 members · 2 here · Come in').waitFor();
  dave.checkSilence();
  await dave.close();
});

test('S1.room-3: an address opens its room; one that leads nowhere says so', async () => {
  ann.expects = [/404/];
  const room = await newRoom({ title: 'At an address' });
  await ann.page.goto(`${stack.url}/#/rooms/${room}`);
  await says(ann, '#room-title', 'At an address');
  await ann.page.goto(`${stack.url}/#/rooms/999999999`);
  await hasText(ann, '#welcome', 'no such');
  assert.equal(await ann.page.locator('#room').count(), 0);
  ann.expects = [];
});

test('S1.room-4: a room goes after a question only, and its address is empty then', async () => {
  ann.expects = [/404/];
  const room = await newRoom({ title: 'To be or not' });
  await goTo(ann, room);
  const page = await choose(ann, 'Room settings');
  await button(page, 'Delete room').click();
  await page.click('#confirm [data-cancel]');
  assert.equal((await rest.ann.get(`/v1/rooms/${room}`)).status, 200);
  await button(page, 'Delete room').click();
  await page.click('#confirm-yes');
  await page.waitForSelector('#room', { state: 'detached' });
  await page.waitForSelector(`#mine [data-room="${room}"]`, { state: 'detached' });
  await page.goto(`${stack.url}/#/rooms/${room}`);
  await hasText(ann, '#welcome', 'no such');
  ann.expects = [];
});

test('S1.chat-1: a message goes to the server over HTTP and to the others over the socket', async () => {
  const room = await newRoom({ title: 'Two ways' }, 'bora');
  await Promise.all([goTo(ann, room), goTo(bora, room)]);
  const heard = overhear(bora);
  await bora.page.reload(); // the socket that is there is not overheard
  await bora.connected();
  for (const there of ['#beginning', '#mine [data-room]']) await bora.page.locator(there).first().waitFor({ state: 'attached' }); // so no page of messages is asked for any more
  await ann.seesPeople(['Ann', '보라'], 30000);
  const asked = [];
  bora.page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    asked.push(`${request.method()} ${pathname}${search}`);
  });
  const answer = await answerTo(ann, 'POST', `/v1/rooms/${room}/messages`, () => ann.say('by one way'));
  assert.equal(answer.status(), 201);
  await bora.sees(['by one way']);
  assert.match(await heard(), /message\.created.*by one way/);
  // The list at the side counts anew after a reload, and may ask for the last word of a room that it has not heard yet.
  const fetched = asked.filter((one) => /\/(messages|events)(\?|$)/.test(one) && !one.endsWith('/messages?limit=1'));
  assert.deepEqual(fetched, [], 'nothing is fetched for it');
});

test('S1.chat-2: the history of a room is there after a reload, in its order, and further back on demand', async () => {
  const room = await newRoom({ title: 'Long ago' }, 'bora');
  const texts = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`);
  for (const text of texts) await say('ann', room, text);
  await goTo(bora, room);
  const { page } = bora;
  const seen = new Map();
  const look = async () => {
    const rows = await page.$$eval('#log .message', (nodes) => nodes.map((node) => [Number(node.dataset.seq), node.querySelector('.body').textContent]));
    for (const [seq, body] of rows) seen.set(seq, body);
  };
  await page.reload();
  await page.locator('#log .body', { hasText: 'line 60' }).waitFor();
  await bora.atEnd();
  await look();
  assert.ok(!seen.has(1) && seen.size < 60, 'only what is new at first');
  await until(async () => {
    await page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
    await look();
    return seen.size === 60 && await page.isVisible('#beginning');
  }, 30000, 'the beginning');
  assert.deepEqual([...seen].sort(([a], [b]) => a - b).map(([, body]) => body), texts);
});

test('S1.ws-1: where no websocket gets through, one hears and says as much by a stream that the push daemon serves', async () => {
  const room = await newRoom({ title: 'Behind a proxy' }, 'dave');
  const dave = await world.stranger({ path: `/#/rooms/${room}` });
  dave.expects = [/WebSocket/];
  await dave.page.routeWebSocket(/\/app\//, (socket) => socket.close());
  await dave.page.reload();
  const streams = [];
  dave.page.on('response', (answer) => { if (answer.url().includes('/v1/realtime/sse')) streams.push(answer.headers()['content-type']); });
  await dave.logIn('dave', password);
  await dave.connected();
  await goTo(ann, room);
  await ann.say('do you hear me?');
  await dave.sees(['do you hear me?'], 30000);
  await dave.say('every word');
  await ann.sees(['do you hear me?', 'every word'], 30000);
  assert.match(streams.at(-1), /^text\/event-stream/);
  dave.checkSilence();
  await dave.close();
});

test('S1.ws-2: a broken line is said, comes back by itself and misses nothing; a closed page is no longer here', async () => {
  const room = await newRoom({ title: 'Broken line' }, 'dave');
  const dave = await world.stranger({ path: `/#/rooms/${room}` });
  dave.expects = [/WebSocket|ERR_FAILED/];
  let line;
  let isOpen = true;
  await dave.page.routeWebSocket(/\/app\//, (socket) => {
    line = socket;
    if (isOpen) socket.connectToServer();
    else socket.close();
  });
  // Nor by the other way that there is.
  await dave.page.route('**/v1/realtime/sse?*', (route) => (isOpen ? route.continue() : route.abort()));
  await dave.page.reload();
  await dave.logIn('dave', password);
  await dave.connected();
  await goTo(ann, room);
  await ann.seesPeople(['Ann', 'Dave'], 30000);
  isOpen = false;
  await line.close();
  await hasText(dave, '#connection', 'The connection is lost');
  await ann.seesPeople(['Ann'], 30000);
  await say('ann', room, 'while you were away');
  isOpen = true;
  await dave.connected();
  await dave.sees(['while you were away'], 30000);
  await ann.seesPeople(['Ann', 'Dave'], 30000);
  dave.checkSilence();
  await dave.close();
  await ann.seesPeople(['Ann'], 30000);
});

test('S1.ws-2: the list of devices shows the address as the proxy saw it, not as a client says', async () => {
  const dave = await world.open('dave', { extraHTTPHeaders: { 'X-Forwarded-For': '192.0.2.7', 'X-Real-IP': '192.0.2.7' }, path: '/#/settings' });
  const own = dave.page.locator('#sessions li', { hasText: 'this one' });
  await own.getByText('127.0.0.1').waitFor();
  assert.equal(await own.getByText('192.0.2.7').count(), 0);
  dave.checkSilence();
  await dave.close();
});

test('S1.profile-1: a picture of oneself is shown beside what one says', async () => {
  const room = await newRoom({ title: 'With a face' }, 'bora');
  await Promise.all([goTo(ann, room), goTo(bora, room)]);
  const face = await wear(ann, picture('ann.png', 4));
  await ann.say('this is me');
  await bora.page.locator('#log .message', { hasText: 'this is me' }).locator(`.avatar img.there[src="${face}"]`).waitFor();
  await ann.page.click('#my-avatar');
  await ann.page.click('#picture-remove');
  await ann.page.waitForSelector('#picture-now img', { state: 'detached' });
  await ann.page.click('#picture [data-cancel]');
  await bora.page.locator('#log .message', { hasText: 'this is me' }).locator('.avatar img').waitFor({ state: 'detached' });
});

test('S1.img-1: a large picture is shown small: it is a file of the server, of which the message has the number only', async () => {
  const room = await newRoom({ title: 'Pictures' }, 'bora');
  await Promise.all([goTo(ann, room), goTo(bora, room)]);
  const large = picture('large.png', 5, 1600, 1000);
  await attach(ann, large);
  await ann.page.press('#text', 'Enter');
  const image = bora.page.locator('#log .picture img');
  await bora.page.waitForFunction(() => document.querySelector('#log .picture img')?.naturalWidth > 0);
  const size = await image.evaluate(({ naturalWidth }) => naturalWidth);
  assert.ok(size > 0 && size <= 640, `${size} pixels wide`);
  const get = async (path) => (await (await bora.page.request.get(stack.url + path)).body()).length;
  const path = await image.getAttribute('src');
  const [small, whole] = [await get(path), await get(path.replace(/\/thumb.*$/, ''))];
  assert.ok(small < whole, `${small} of ${whole} bytes`);
  const { body: { messages: [message] } } = await rest.bora.get(`/v1/rooms/${room}/messages?limit=1`);
  assert.ok(path.startsWith(`/v1/files/${message.content.attachments[0].id}/`));
  assert.ok(JSON.stringify(message).length < 4000, 'no picture within the message');
});

test('nobody had anything to complain of', () => {
  for (const visitor of [ann, bora, carl]) visitor.checkSilence();
});
