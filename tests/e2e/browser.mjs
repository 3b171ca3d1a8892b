// A Chromium for the stories in this directory, and short ways to do what a person does on the page.
//
//   const browser = await openBrowser();
//   const ann = await visit(browser, stack);            // a Visitor: own cookies, own storage
//   await ann.signUp('ann', 'Ann');
//   await ann.createRoom('tea');
//   await ann.say('hello');
//   ann.checkSilence();                                 // no console errors, no CSP violations
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const directory of [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']) {
    for (const name of names) {
      try {
        accessSync(join(directory, name));
        return join(directory, name);
      } catch { /* not here */ }
    }
  }
  throw new Error('no Chromium found; set CHROMIUM=/path/to/it');
}

// A page that a test makes up comes from no address, and may otherwise not reach this host.
export const LOCAL_PAGES = ['--disable-features=LocalNetworkAccessChecks'];

// Without the rule about sounds: for Chromium, whoever looks into a page from outside has clicked in it, and whether that was
// before the page wanted to play something is a matter of luck. Tests that are about the rule tell it anew.
export function openBrowser(args = []) {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required', ...args],
  });
}

// What Chromium itself writes to the console about an answer or a websocket; a test that provokes
// such things says so with `expects`.
const network = /^Failed to load resource|^WebSocket connection to/;

const PATIENCE = 20000; // milliseconds for what a page shows, on a machine with other things to do

export class Visitor {
  complaints = [];
  expects = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on('console', (message) => message.type() === 'error' && this.#note(message.text(), message.location().url));
    page.on('pageerror', (error) => this.#note(`uncaught: ${error.stack}`));
    page.on('dialog', (dialog) => {
      this.#note(`a script opened a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
  }

  #note(text, where = '') {
    if (network.test(text) && this.expects.some((pattern) => pattern.test(text))) return;
    this.complaints.push(`${text} ${where}`.trim());
  }

  checkSilence() {
    if (this.complaints.length > 0) throw new Error(`the page complains:\n${this.complaints.join('\n')}`);
  }

  async signUp(name, nickname = name, password = 'correct horse battery') {
    const { page } = this;
    if (await page.isHidden('#login-form [name=nickname]')) await page.click('#login-switch');
    await page.fill('#login-form [name=name]', name);
    await page.fill('#login-form [name=nickname]', nickname);
    await page.fill('#login-form [name=password]', password);
    await page.click('#login-submit');
    await page.waitForSelector('#app:not([hidden])');
    await this.connected();
  }

  async logIn(name, password = 'correct horse battery') {
    const { page } = this;
    await page.fill('#login-form [name=name]', name);
    await page.fill('#login-form [name=password]', password);
    await page.click('#login-submit');
  }

  connected(timeout = 40000) {
    return this.page.waitForSelector('#connection[data-connection=connected]', { timeout, state: 'attached' });
  }

  // Resolves with the id of the room.
  async createRoom(title, { kind = 'public', password, description = '' } = {}) {
    const { page } = this;
    await page.click('#new-room');
    await page.fill('#create [name=title]', title);
    await page.check(`#create [name=kind][value=${kind}]`);
    if (password !== undefined) await page.fill('#create [name=password]', password);
    await page.fill('#create [name=description]', description);
    await page.click('#create button.primary');
    await page.waitForFunction((text) => document.getElementById('room')?.dataset.room &&
      document.getElementById('room-title')?.textContent === text, title);
    return Number(await page.getAttribute('#room', 'data-room'));
  }

  // Clicks a room in the list of all rooms, which joins it if it is public.
  async enter(id) {
    await this.page.click('#tab-all');
    await this.page.click(`#all [data-room="${id}"] a`);
  }

  opened(id) {
    return this.page.waitForSelector(`#room[data-room="${id}"]:not([hidden])`);
  }

  // Joins by the list and waits until the room is open.
  async join(id) {
    await this.enter(id);
    await this.opened(id);
  }

  async say(text) {
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
  }

  bodies() {
    return this.page.$$eval('#log .body', (nodes) => nodes.map((node) => node.textContent));
  }

  // Waits until the conversation holds exactly these messages and nothing is under way.
  async sees(bodies, timeout = PATIENCE) {
    try {
      await this.page.waitForFunction((wanted) => {
        const here = [...document.querySelectorAll('#log .body')].map((node) => node.textContent);
        return JSON.stringify(here) === wanted && document.querySelectorAll('#pending li').length === 0;
      }, JSON.stringify(bodies), { timeout });
    } catch {
      const pending = await this.page.$$eval('#pending .body', (nodes) => nodes.map((node) => node.textContent));
      throw new Error(`expected ${JSON.stringify(bodies)}\n     got ${JSON.stringify(await this.bodies())}\n pending ${JSON.stringify(pending)}`);
    }
  }

  // Waits until the newest line is in sight.
  atEnd() {
    return this.page.waitForFunction(() => {
      const { scrollHeight, scrollTop, clientHeight } = document.getElementById('scroller');
      return scrollHeight - scrollTop - clientHeight < 2;
    });
  }

  async seesPeople(nicknames, timeout = PATIENCE) {
    await this.page.waitForFunction((wanted) => {
      const here = [...document.querySelectorAll('#people-list .name')].map((node) => node.textContent);
      return JSON.stringify(here.sort()) === wanted;
    }, JSON.stringify([...nicknames].sort()), { timeout });
  }

  // Resolves when the page has been drawn so: what follows its size, as the head of a room, has heard of it then.
  async resize(width, height) {
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => resolve())); }));
  }

  close() {
    return this.context.close();
  }
}

// Opens the page as somebody new. init: a function that runs before the page's own scripts.
export async function visit(browser, stack, { locale = 'en-US', path = '/', init, ...options } = {}) {
  const context = await browser.newContext({ serviceWorkers: 'block', locale, timezoneId: 'Asia/Seoul', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`));
  });
  if (init) await context.addInitScript(init);
  const visitor = new Visitor(context, page);
  await page.goto(stack.url + path);
  return visitor;
}
