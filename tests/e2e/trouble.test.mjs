// What the page does when something fails: lost requests, lost answers, lost events, a dead server, an
// ended login. Nothing may be lost, doubled or out of order, and the person is told what happens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, signUp, startStack } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

describe('the web page in trouble', { timeout: 180000 }, () => {
  let stack;
  let browser;
  let dora; // on the page
  let rest; // eric, who talks by REST
  let room;
  let n = 0;
  const said = [];

  before(async () => {
    stack = await startStack({ conf: { signup_attempts: 100000 } });
    browser = await openBrowser();
    dora = await visit(browser, stack);
    // Chromium itself reports every failed request.
    dora.expects = [/./];
    // As on a plain http origin that is not localhost.
    await dora.context.addInitScript(() => {
      delete Crypto.prototype.randomUUID;
      Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    });
    await dora.page.reload();
    await dora.signUp('dora', 'Dora');
    room = await dora.createRoom('trouble');
    rest = api(stack, await signUp(stack, 'eric'));
    await rest.put(`/v1/rooms/${room}/members/me`, {});
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const messages = `**/v1/rooms/*/messages`;
  const pending = (state) => dora.page.waitForSelector(`#pending .${state}`);

  async function ericSays(body) {
    const { status } = await rest.post(`/v1/rooms/${room}/messages`, { client_id: `e${n++}`, body });
    assert.equal(status, 201);
    said.push(body);
  }

  test('a message whose request is lost is sent again', async () => {
    await dora.page.route(messages, (route) => route.abort());
    await dora.say('lost on the way');
    // Until it is sent again, which fails again.
    await dora.page.waitForFunction(() => document.querySelector('#pending .waiting .status')?.textContent.includes('Not sent yet'));
    await dora.say('and the next one waits');
    await dora.page.unrouteAll({ behavior: 'wait' });
    said.push('lost on the way', 'and the next one waits');
    await dora.sees(said, 40000);
  });

  test('a message whose answer is lost is stored once, and "try now" does not wait', async () => {
    let requests = 0;
    await stack.stopPush(); // so that only the answer can tell
    await dora.page.route(messages, async (route) => {
      if (requests++ === 0) await route.fetch();
      await route.abort();
    });
    await dora.say('asked twice');
    await pending('waiting');
    await dora.page.unrouteAll({ behavior: 'wait' });
    said.push('asked twice');
    await dora.page.click('#pending button').catch(() => {}); // it may have been faster
    await dora.sees(said, 40000);
    await stack.startPush();
    await dora.connected();
    await dora.sees(said);
    assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM message WHERE body = 'asked twice'`), [['1']]);
  });

  test('a refused message says why, and can be tried again or discarded', async () => {
    const refuse = (route) => route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: '{"type":"/problems/strange","title":"This is strange","status":422,"detail":"very much so"}',
    });
    await dora.page.route(messages, refuse);
    await dora.say('first refused');
    await dora.say('second refused');
    await dora.page.waitForFunction(() => document.querySelectorAll('#pending .failed').length === 2);
    assert.match(await dora.page.textContent('#pending .status'), /Not sent: This is strange\. very much so\./);
    await dora.page.unrouteAll({ behavior: 'wait' });
    await dora.page.click('#pending li:nth-child(2) button:text("Discard")');
    await dora.page.click('#pending li button:text("Try again")');
    said.push('first refused');
    await dora.sees(said);
  });

  test('while maru-api is down messages wait, then arrive in the order of writing', async () => {
    await stack.stopApi();
    for (const text of ['one', 'two', 'three']) await dora.say(text);
    await pending('waiting');
    await stack.startApi();
    said.push('one', 'two', 'three');
    await dora.sees(said, 40000);
  });

  test('an event that the websocket lost is fetched when the next one comes', async () => {
    let lost = '';
    const { page } = dora;
    await page.routeWebSocket(/\/app\//, (ws) => {
      ws.connectToServer().onMessage((text) => {
        if (lost && text.includes(lost)) return;
        ws.send(text);
      });
    });
    await page.reload();
    await dora.connected();
    await dora.sees(said);
    await dora.seesPeople(['Dora']);
    lost = 'swallowed';
    await ericSays('swallowed by the network');
    await ericSays('comes through');
    await dora.sees(said);
    await ericSays('swallowed, too');
    await dora.say('mine comes after it');
    said.push('mine comes after it');
    await dora.sees(said);
  });

  test('events that come in the wrong order, or twice, are put right', async () => {
    const { page } = dora;
    const held = [];
    await page.routeWebSocket(/\/app\//, (ws) => {
      ws.connectToServer().onMessage((text) => {
        if (!text.includes('"message.created"')) ws.send(text);
        else if (held.push(text) === 3) for (const each of [held[2], held[0], held[1], held[0]]) ws.send(each);
      });
    });
    await page.reload();
    await dora.connected();
    await dora.seesPeople(['Dora']);
    for (const text of ['a', 'b', 'c']) await ericSays(text);
    await dora.sees(said);
  });

  test('a hole in an answer of the API is not believed', async () => {
    const { page } = dora;
    let cut = 0;
    await stack.stopPush(); // so that the page asks
    await page.route('**/events?*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      if (body.events.length > 2 && cut++ === 0) body.events.splice(-2, 1);
      await route.fulfill({ response, json: body });
    });
    for (const text of ['d', 'e', 'f', 'g']) await ericSays(text);
    await dora.sees(said, 20000);
    assert.ok(cut > 1, 'asked again');
    await page.unrouteAll({ behavior: 'wait' });
    await stack.startPush();
    await dora.connected();
  });

  test('history that is not what it was (a restored backup) is loaded anew', async () => {
    const { page } = dora;
    await page.reload();
    await dora.connected();
    await dora.sees(said);
    await stack.stopPush();
    const [[head]] = await stack.sql(`SELECT head FROM stream WHERE kind = 1 AND id = ${room}`);
    await stack.sql(`DELETE FROM message WHERE room = ${room} AND seq > ${head} - 2;
      UPDATE stream SET head = head - 2, mid = 0 WHERE kind = 1 AND id = ${room}`);
    said.splice(-2);
    for (const text of ['another history', 'than before', 'the backup']) await ericSays(text);
    await stack.startPush();
    await dora.connected();
    await dora.sees(said);
  });

  test('close codes: 4000 to 4099 end it, 4200 to 4299 come back at once, others wait', async () => {
    const { page } = dora;
    let opened = 0;
    let server;
    await page.routeWebSocket(/\/app\//, (ws) => {
      opened++;
      server = ws;
      ws.connectToServer();
    });
    await page.reload();
    await dora.connected();
    await dora.seesPeople(['Dora']);
    assert.equal(opened, 1);
    const states = () => page.evaluate(() => {
      window.states = [];
      new MutationObserver(() => window.states.push(document.getElementById('connection').dataset.connection))
        .observe(document.getElementById('connection'), { attributes: true });
    });
    for (const code of [4200, 4100]) {
      await states();
      await server.close({ code });
      await page.waitForFunction(() => window.states.includes('connected'));
      await dora.seesPeople(['Dora']);
    }
    assert.equal(opened, 3);
    await server.close({ code: 4001 });
    await page.waitForSelector('#connection[data-connection=ended]');
    assert.match(await page.textContent('#offline'), /4001/);
    await ericSays('seen without a websocket'); // the page asks now and then
    await dora.sees(said, 20000);
    assert.equal(opened, 3);
  });

  test('an access token that has ended is renewed once, whatever asks for it', async () => {
    const { page } = dora;
    let renewals = 0;
    page.on('request', (request) => { renewals += request.url().endsWith('/refresh') ? 1 : 0; });
    // An address without a script: the page asks now and then, and would renew it just before it is left.
    await page.goto(`${stack.url}/favicon.svg`);
    await page.evaluate(() => localStorage.setItem('maru.expires', '0'));
    await page.goto(`${stack.url}/#/rooms/${room}`);
    await dora.sees(said);
    assert.equal(renewals, 1);
    // The server may find it ended before the page does. Nothing is under way meanwhile.
    await page.goto(`${stack.url}/favicon.svg`);
    await dora.context.clearCookies({ name: 'maru_access' });
    await page.goto(`${stack.url}/#/rooms/${room}`);
    await dora.sees(said);
    assert.equal(renewals, 2);
  });

  // Two windows whose token has ended at the same time.
  async function renewTogether({ context, page: first }) {
    const second = await context.newPage();
    for (let i = 0; i < 3; i++) {
      // An address without a script, so that nothing is under way.
      await Promise.all([first, second].map((page) => page.goto(`${stack.url}/favicon.svg`)));
      await second.evaluate(() => localStorage.setItem('maru.expires', '0'));
      await Promise.all([first, second].map(async (page) => {
        await page.goto(`${stack.url}/#/rooms/${room}`);
        await page.waitForFunction(() => document.getElementById('mine')?.children.length > 0);
      }));
    }
    assert.ok(await first.isHidden('#login'));
    await second.close();
  }

  test('two windows do not renew at the same time', async () => {
    await renewTogether(dora);
    await dora.sees(said);
    const fay = await visit(browser, stack); // with Web Locks
    await fay.signUp('fay');
    await fay.join(room);
    await renewTogether(fay);
    await fay.close();
  });

  test('what happens to oneself between the lists and the first look at the log is not missed', async () => {
    const { page } = dora;
    let letGo;
    const held = new Promise((resolve) => { letGo = resolve; });
    const me = await page.evaluate(() => fetch('/v1/users/me').then((answer) => answer.json()).then(({ id }) => id));
    let lists = 0;
    const count = (answer) => { if (new URL(answer.url()).pathname === '/v1/users/me/rooms') lists++; };
    page.on('response', count);
    await page.route('**/v1/users/me/events?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    for (let i = 0; lists < 2; i++) { // at once, and when the lobby is heard
      assert.ok(i < 300, 'the lists are not read');
      await page.waitForTimeout(100);
    }
    const { body: direct } = await rest.put(`/v1/direct-rooms/${me}`, {});
    letGo();
    await page.locator(`#mine [data-room="${direct.id}"]`).waitFor({ state: 'attached', timeout: 20000 });
    page.off('response', count);
    await page.unroute('**/v1/users/me/events?*');
  });

  test('a room that is deleted under the reader says so', async () => {
    const { body: other } = await rest.post('/v1/rooms', { kind: 'public', title: 'short-lived' });
    await dora.join(other.id);
    await dora.say('hello?');
    await dora.sees(['hello?']);
    await rest.del(`/v1/rooms/${other.id}`);
    await dora.page.waitForFunction(() => [...document.querySelectorAll('.notice')].at(-1)?.textContent === 'This room was deleted.');
    assert.ok(await dora.page.isDisabled('#text'));
    await dora.page.waitForFunction((id) => !document.querySelector(`.rooms [data-room="${id}"]`), other.id);
    await dora.page.reload();
    await dora.page.waitForFunction(() => document.getElementById('welcome-text')?.textContent === 'There is no such thing.');
  });

  test('nothing else was written to the console', () => dora.checkSilence());
});
