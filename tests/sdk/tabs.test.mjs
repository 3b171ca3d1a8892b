// The library in the windows of one browser: they share a connection, hand it over, and go on without websockets.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openBrowser } from '../e2e/browser.mjs';
import { api, freshName, signUp, startStack, until } from '../harness.mjs';
import { PASSWORD, bundle } from './kit.mjs';

const PAGE = '/favicon.svg'; // something of the server's origin with no script of its own

describe('windows of one browser', { timeout: 300000 }, () => {
  let stack;
  let browser;
  let script;
  let bob; // who talks by REST
  let context;
  let room;
  let windows;
  let n = 0;

  before(async () => {
    stack = await startStack({ conf: { login_attempts: 1000, presence_linger: 0 } });
    browser = await openBrowser();
    script = await bundle({ name: 'Maru' });
    bob = await signUp(stack);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    windows = [];
    await context.addInitScript(`${script}; globalThis.Maru = Maru;`);
    const { status, body } = await api(stack, bob).post('/v1/rooms', { title: 'tabs', kind: 'public' });
    assert.equal(status, 201);
    room = body.id;
  });

  async function openWindow() {
    const page = await context.newPage();
    const window = { page, sockets: 0, open: 0 };
    page.on('websocket', (socket) => {
      window.sockets++;
      window.open++;
      socket.on('close', () => { window.open--; });
    });
    page.on('pageerror', (error) => { window.error ??= error; });
    await page.goto(stack.url + PAGE);
    windows.push(window);
    return window;
  }

  // Somebody new, logged in by cookies in this browser and in the room.
  async function logIn({ page }) {
    const name = freshName();
    return page.evaluate(async ([name, password, room]) => {
      const client = new Maru.MaruClient();
      const me = await client.signUp(name, name, password);
      await client.rest.put('/v1/rooms/{room}/members/me', { room }, {});
      return me.id;
    }, [name, PASSWORD, room]);
  }

  // Opens the room in a window, and notes what it hears.
  async function enter({ page }, people = 1) {
    await page.evaluate(async (id) => {
      globalThis.client = new Maru.MaruClient();
      globalThis.states = [];
      client.on('state', (state) => states.push(state));
      await client.start();
      globalThis.room = client.room(id);
      globalThis.resets = 0;
      globalThis.heard = [];
      room.on('reset', () => resets++);
      room.on('events', (events) => heard.push(...events.map(({ seq }) => seq)));
      await room.opened;
      globalThis.from = room.head;
    }, room);
    await page.waitForFunction(() => client.state === 'connected', null, { timeout: 30000 });
    await seesPeople({ page }, people);
  }

  const seesPeople = ({ page }, count) => page.waitForFunction((want) => room.presence.people.size === want, count, { timeout: 30000 });

  async function three() {
    const first = await openWindow();
    await logIn(first);
    await enter(first);
    for (let i = 0; i < 2; i++) await enter(await openWindow());
    return windows;
  }

  const isLeader = ({ page }) => page.evaluate(() => client.hub.isLeader);

  async function leader(among) {
    for (const window of among) if (await isLeader(window)) return window;
    return undefined;
  }

  async function say(count = 1) {
    for (let i = 0; i < count; i++) {
      const { status } = await api(stack, bob).post(`/v1/rooms/${room}/messages`, { client_id: `b${n}`, body: `message ${n++}` });
      assert.equal(status, 201);
    }
  }

  // Each heard all that happened since it came, in order and once.
  async function checkHeard(among) {
    const [[head]] = (await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room}`)).map((row) => row.map(Number));
    for (const { page, error } of among) {
      await page.waitForFunction((want) => room.head === want, head, { timeout: 60000 });
      const { heard, from, resets } = await page.evaluate(() => ({ heard, from, resets }));
      assert.deepEqual(heard, Array.from({ length: head - from }, (_, i) => from + 1 + i));
      assert.equal(resets, 0);
      assert.equal(error, undefined);
    }
  }

  const sum = (what, among = windows) => among.reduce((total, window) => total + window[what], 0);

  test('three windows share one websocket, and all hear and see the same', async () => {
    const all = await three();
    assert.equal((await Promise.all(all.map(isLeader))).filter(Boolean).length, 1);
    await say(5);
    await checkHeard(all);
    assert.deepEqual([sum('sockets'), sum('open')], [1, 1]);
    // What one writes the others see; who comes is seen by all.
    await all[2].page.evaluate(() => { room.send('from the third'); });
    for (const { page } of all) await page.waitForFunction(() => room.timeline.lines.at(-1)?.message?.body === 'from the third');
    await checkHeard(all);
    await all[1].page.evaluate(() => { globalThis.added = new Promise((resolve) => { client.on('own', ({ type, data }) => { if (type === 'room.added') resolve(data.title); }); }); });
    await all[2].page.evaluate(() => client.rest.post('/v1/rooms', {}, { title: 'heard by all', kind: 'public' }));
    assert.equal(await all[1].page.evaluate(() => added), 'heard by all');
    // Who it was that said something to a channel, every window knows by the server's word.
    const elsewhere = await browser.newContext();
    try {
      await elsewhere.addInitScript(`${script}; globalThis.Maru = Maru;`);
      const page = await elsewhere.newPage();
      await page.goto(stack.url + PAGE);
      const carl = await logIn({ page });
      await enter({ page }, 2);
      await Promise.all(all.map((window) => window.page.evaluate((channel) => {
        globalThis.told = new Promise((resolve) => { client.listen(channel, (event, data, user) => { if (event === 'client-wave') resolve([user, data]); }); });
      }, `presence-room-${room}`)));
      await page.evaluate((channel) => client.hub.trigger(channel, 'client-wave', { user_id: 1 }), `presence-room-${room}`);
      assert.deepEqual(await Promise.all(all.map((window) => window.page.evaluate(() => told))), Array(3).fill([String(carl), { user_id: 1 }]));
    } finally {
      await elsewhere.close();
    }
  });

  test('when the window that leads is closed another one takes over, and nothing is lost', async () => {
    let all = await three();
    for (let round = 0; round < 2; round++) {
      await say(3);
      const first = await leader(all);
      const talk = say(10);
      await first.page.close();
      all = all.filter((one) => one !== first);
      await talk;
      await until(() => leader(all), 20000, 'another leader');
      await say(3);
      await checkHeard(all);
      assert.equal(sum('open', all), 1);
      for (const window of all) await seesPeople(window, 1);
    }
  });

  test('a window that is closed takes its wishes with it', async () => {
    const all = await three();
    const first = await leader(all);
    const other = all.find((one) => one !== first);
    await other.page.evaluate(() => { client.listen('news', () => {}); });
    const sent = [];
    await first.page.exposeFunction('sent', (text) => sent.push(JSON.parse(text)));
    await first.page.evaluate(() => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (text) { globalThis.sent(text); return send.call(this, text); };
    });
    await other.page.close();
    await until(() => sent.some(({ event, data }) => event === 'pusher:unsubscribe' && data.channel === 'news'), 20000, 'the channel to be left');
    assert.ok(!sent.some(({ event, data }) => event === 'pusher:unsubscribe' && data.channel !== 'news'));
  });

  test('a frozen window that leads is replaced, and follows when it thaws', async () => {
    const all = await three();
    const frozen = await leader(all);
    const others = all.filter((one) => one !== frozen);
    const session = await context.newCDPSession(frozen.page);
    await session.send('Debugger.enable');
    await session.send('Debugger.pause');
    const stopped = frozen.page.evaluate(() => 1); // it stops at the first script that runs
    await say(3);
    await others[0].page.evaluate(() => client.hub.wake()); // as when somebody looks at it
    await until(() => leader(others), 30000, 'another leader');
    await say(3);
    await checkHeard(others);
    await session.send('Debugger.resume');
    await session.send('Debugger.disable');
    await stopped;
    await until(async () => !await isLeader(frozen), 20000, 'the old leader to follow');
    await say(3);
    await checkHeard(all);
    await until(() => sum('open') === 1, 20000, 'one websocket');
  });

  test('offline and online again: nothing is lost, and what was written offline is sent', async () => {
    const all = await three();
    await context.setOffline(true);
    await all[1].page.evaluate(() => { room.send('written offline'); });
    await all[1].page.waitForFunction(() => room.outbox.items[0]?.state === 'waiting');
    await say(5);
    await context.setOffline(false);
    await until(async () => (await stack.sql(`SELECT COUNT(*) FROM message WHERE room = ${room} AND body = 'written offline'`))[0][0] === '1', 60000, 'it to be sent');
    await checkHeard(all); // perhaps by asking the log
    for (const { page } of all) await page.waitForFunction(() => client.state === 'connected', null, { timeout: 30000 });
  });

  test('where websockets are blocked all comes by Server-Sent Events, and a websocket is taken when it works', async () => {
    let isBlocked = true;
    let passed = 0;
    await context.routeWebSocket(/\/app\//, (socket) => {
      if (isBlocked) socket.close({ code: 1011 });
      else {
        passed++;
        socket.connectToServer();
      }
    });
    const streams = new Set();
    const isStream = (request) => request.url().includes('/v1/realtime/sse');
    context.on('request', (request) => { if (isStream(request)) streams.add(request); });
    for (const name of ['requestfinished', 'requestfailed']) context.on(name, (request) => streams.delete(request));
    const all = await three();
    assert.equal(passed, 0);
    await until(() => streams.size === 1, 20000, 'one stream for all');
    await say(5);
    await checkHeard(all);
    for (const window of all) await seesPeople(window, 1);
    const { body: guest } = await api(stack, bob).get('/v1/users/me');
    const watcher = await fetch(`${stack.url}/v1/realtime/sse?channels=presence-room-${room}`, { headers: { Authorization: `Bearer ${bob.token}` } });
    for (const window of all) await seesPeople(window, 2);
    assert.ok(await all[1].page.evaluate((id) => room.presence.people.has(id), guest.id));
    await watcher.body.cancel();
    isBlocked = false;
    await all[1].page.evaluate(() => dispatchEvent(new Event('online')));
    await until(() => passed === 1 && streams.size === 0, 30000, 'the websocket');
    await say(5);
    await checkHeard(all);
    for (const { page } of all) assert.equal(await page.evaluate(() => client.state), 'connected');
  });

  test('a logout in one window ends all of them', async () => {
    const all = await three();
    await Promise.all(all.map(({ page }) => page.evaluate(() => { globalThis.ended = new Promise((resolve) => { client.on('ended', resolve); }); })));
    const first = await leader(all);
    await all.find((one) => one !== first).page.evaluate(() => client.logOut());
    await until(async () => (await Promise.all(all.map(({ page }) => page.evaluate(() => client.me === null && client.state === 'stopped')))).every(Boolean),
      20000, 'all to be logged out');
    await until(() => sum('open') === 0, 20000, 'the websocket to be closed');
  });
});
