// Three people in a room, and short ways to do what they do there: for the stories of what stands around the messages.
import { api, signUp, startStack, until } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

export const password = 'correct horse battery';
const people = { ann: 'Ann', bora: '보라', carl: 'Karl' };

/** Resolves with { stack, browser, users, rest, room, open, close ... }; ann is the host of the room. conf: of the stack; flags: of the browser. */
export async function openParty(conf = {}, flags = []) {
  const stack = await startStack({ conf });
  const browser = await openBrowser(flags);
  const users = {}, rest = {};
  for (const [name, nickname] of Object.entries(people)) {
    users[name] = await signUp(stack, name, password);
    rest[name] = api(stack, users[name]);
    await rest[name].patch('/v1/users/me', { nickname });
  }
  const newRoom = async (fields = {}, ...others) => {
    const { body } = await rest.ann.post('/v1/rooms', { title: 'Tea', kind: 'public', ...fields });
    for (const name of others) await rest[name].put(`/v1/rooms/${body.id}/members/me`, {});
    return body.id;
  };
  const room = await newRoom({ description: 'All about tea' }, 'bora', 'carl');
  const open = async (name, options = {}) => {
    const visitor = await visit(browser, stack, { path: `/#/rooms/${room}`, ...options });
    await visitor.logIn(name, password);
    await visitor.opened(room);
    await visitor.connected();
    return visitor;
  };
  const close = async () => {
    await browser.close();
    await stack.stop();
  };
  return { stack, browser, users, rest, room, newRoom, open, close };
}

/** Goes to another room by its address. */
export async function goTo(visitor, id) {
  await visitor.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, id);
  await visitor.opened(id);
  await visitor.page.waitForFunction(() => !document.getElementById('text').disabled);
}

/** The same, and waits until nothing is asked for there any more, which whoever leaves at once would be refused. */
export async function settleIn(visitor, id) {
  const { page } = visitor;
  const asked = new Set();
  const begin = (request) => { if (request.url().includes(`/v1/rooms/${id}/`)) asked.add(request); };
  const end = (request) => asked.delete(request);
  const events = Object.entries({ request: begin, requestfinished: end, requestfailed: end });
  for (const [name, listener] of events) page.on(name, listener);
  const isHeard = page.waitForResponse(`**/v1/rooms/${id}/read-cursors?cursor=0`); // asked for when one is heard there
  await goTo(visitor, id);
  await Promise.all([isHeard, page.locator('#beginning').waitFor({ state: 'attached' })]);
  await until(() => asked.size === 0, 20000, 'the room to be read');
  for (const [name, listener] of events) page.off(name, listener);
}

/** Holds back what the server answers to the next such question: `read` resolves when it has, letGo() when the page has it, too. */
export async function holdAnswer({ page }, path) {
  let note, go, handled;
  const read = new Promise((resolve) => { note = resolve; });
  const isLetGo = new Promise((resolve) => { go = resolve; });
  const handle = async (route) => {
    const response = await route.fetch();
    note();
    await isLetGo;
    await route.fulfill({ response });
  };
  await page.route(path, (route) => (handled = handle(route)), { times: 1 });
  const letGo = () => {
    go();
    return handled;
  };
  return { read, letGo };
}

/** Waits until one of these holds that text. */
export const hasText = (visitor, selector, text) => visitor.page.waitForFunction(([where, wanted]) =>
  [...document.querySelectorAll(where)].some((node) => node.textContent.includes(wanted)), [selector, text]);

/** Of the menu of the room. */
export async function choose({ page }, name) {
  await page.getByRole('button', { name: 'Room menu' }).click();
  await page.getByRole('menuitem', { name }).click();
}

/** Of somebody's menu. */
export async function chooseOf({ page }, person, name) {
  await page.getByRole('button', { name: `More about ${person}` }).click();
  await page.getByRole('menuitem', { name }).click();
}

export async function type(visitor, text) {
  await visitor.page.focus('#text');
  await visitor.page.keyboard.type(text);
}
