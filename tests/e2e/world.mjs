// A Maru with all that a study room needs around it: letters, a login of elsewhere, pages of another site. For rows0 and rows1.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after } from 'node:test';
import { png } from '../api/filekit.mjs';
import { Mailbox } from '../api/mailbox.mjs';
import { RealProvider } from '../api/openid.mjs';
import { api, logIn, signUp, startStack } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';
import { patiently } from './rowkit.mjs';

export const password = 'correct horse battery';
const people = { ann: 'Ann', bora: '보라', carl: 'Karl', dave: 'Dave', eve: 'Eve' };

// Another site: the same server under two names, of which Maru knows one.
async function openElsewhere() {
  const server = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">'));
  await new Promise((resolve) => { server.listen(0, resolve); });
  after(() => server.close());
  const { port } = server.address();
  return { known: `http://localhost:${port}`, unknown: `http://127.0.0.1:${port}` };
}

// A provider sends the browser back to an address, which is known only when the stack has its port.
async function knowOwnAddress(stack) {
  const path = `${stack.dir}/maru.conf`;
  writeFileSync(path, `${readFileSync(path, 'utf8').replace(/^public_url = .*$/m, '')}\npublic_url = ${stack.url}\n`);
  await stack.restart('api');
}

/** Resolves with { stack, box, provider, elsewhere, users, rest, newRoom, say, open, again, stranger, close }. Ann is the host of every room. */
export async function openWorld() {
  const [box, provider, elsewhere] = await Promise.all([new Mailbox().open(), new RealProvider().open(), openElsewhere()]);
  const stack = await startStack({ conf: {
    smtp_url: box.url, smtp_from: 'no-reply@chat.example.org', mail_attempts: 100, public_url: 'http://127.0.0.1:1',
    ...provider.conf, oidc_kakao_client_id: 'of the app', oidc_kakao_client_secret: 'its secret',
    unique_nicknames: 'on', open_categories: 'on', presence_linger: 0, cors_origins: elsewhere.known,
  } });
  provider.serve(`${stack.url}/v1/oidc/keycloak/callback`, 'client_secret_post');
  await knowOwnAddress(stack);
  const users = {}, rest = {};
  for (const [name, nickname] of Object.entries(people)) {
    users[name] = await signUp(stack, name, password);
    rest[name] = api(stack, users[name]);
    await rest[name].patch('/v1/users/me', { nickname });
  }
  const browser = await openBrowser();
  const newRoom = async (fields = {}, ...others) => {
    const { body } = await rest.ann.post('/v1/rooms', { kind: 'public', ...fields });
    for (const name of others) await rest[name].put(`/v1/rooms/${body.id}/members/me`, fields.password ? { password: fields.password } : {});
    return body.id;
  };
  const stranger = async (options) => {
    const visitor = await visit(browser, stack, options);
    visitor.page.setDefaultTimeout(30000);
    return visitor;
  };
  const open = async (name, options) => {
    const visitor = await stranger(options);
    await visitor.logIn(name, password);
    await visitor.connected();
    return visitor;
  };
  let count = 0;
  const say = async (who, room, body) => {
    const { status } = await rest[who].post(`/v1/rooms/${room}/messages`, { client_id: `r${++count}`, body });
    assert.equal(status, 201);
  };
  const again = async (name) => {
    Object.assign(users[name], await logIn(stack, name, password));
    rest[name] = api(stack, users[name]);
  };
  const close = async () => {
    await browser.close();
    await stack.stop();
  };
  return { stack, box, provider, elsewhere, users, rest, newRoom, say, open, again, stranger, close };
}

/** Goes to a screen by its address. */
export const go = (visitor, path) => visitor.page.evaluate((to) => { location.hash = to; }, path);

/** Shows the list of all rooms; resolves with the row of one. */
export async function inList({ page }, id) {
  await page.click('#tab-all');
  const row = page.locator(`#all [data-room="${id}"]`);
  await row.waitFor();
  return row;
}

/** The numbers of the rooms in a list, as they stand there. */
export const listed = ({ page }, list = 'all') => page.$$eval(`#${list} > li`, (rows) => rows.map(({ dataset }) => Number(dataset.room)));

/** Waits until a list holds exactly these rooms, in any order. */
export const lists = ({ page }, list, ids) => page.waitForFunction(([where, wanted]) =>
  JSON.stringify([...document.querySelectorAll(`${where} > li`)].map(({ dataset }) => Number(dataset.room)).sort((a, b) => a - b)) === wanted,
[list, JSON.stringify([...ids].sort((a, b) => a - b))]);

/** Chooses in the menu of the open room; resolves with the page, for what comes then. */
export async function choose({ page }, name) {
  await page.click('#room-menu');
  await page.getByRole('menuitem', { name, exact: true }).click();
  return page;
}

/** Waits until the first line that the selector finds says this, all of it. */
export const says = ({ page }, selector, text) => page.waitForFunction(([where, wanted]) =>
  document.querySelector(where)?.textContent === wanted, [selector, text]);

/** Waits until this is the newest line about people who come and go. */
export const lastNotice = ({ page }, text) => page.waitForFunction((wanted) => [...document.querySelectorAll('.notice')].at(-1)?.textContent === wanted, text);

/** Of what the server answers to a page: everything that can be read. */
export function overhear({ page }) {
  const heard = [];
  page.on('response', (answer) => { if (answer.url().includes('/v1/')) heard.push(answer.text().catch(() => '')); });
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))));
  return async () => (await Promise.all(heard)).join('\n');
}

export const picture = (name, seed, width = 300, height = 200) => ({ name, mimeType: 'image/png', buffer: png(width, height, seed) });
export const button = (scope, name) => scope.getByRole('button', { name, exact: true });

/** Waits until no form is under way: it would not take another click. */
export const idle = ({ page }) => page.waitForFunction(() => !document.querySelector('form[aria-busy=true]'));

/** Clicks, and resolves with the answer to the request that this makes. */
export async function answerTo(visitor, method, path, click) {
  const { page } = visitor;
  await idle(visitor);
  const is = (answer) => answer.request().method() === method && new URL(answer.url()).pathname === path;
  const [answer] = await Promise.all([page.waitForResponse(is), click()]);
  return answer;
}

/** Chooses a picture of oneself; resolves with its address. */
export async function wear(visitor, file) {
  const { page } = visitor;
  const before = await page.locator('#my-avatar img').count() ? await page.getAttribute('#my-avatar img', 'src') : '';
  await page.click('#my-avatar');
  await patiently(visitor, async (_, options) => {
    await page.setInputFiles('#picture-input', file);
    await page.click('#crop button.primary');
    await page.waitForFunction((old) => {
      const image = document.querySelector('#picture-now img.there');
      return image && image.getAttribute('src') !== old;
    }, before, options);
  });
  await page.click('#picture [data-cancel]');
  return page.getAttribute('#my-avatar img', 'src');
}
