// Short ways for stories about messages: rows*.test.mjs, which tell what the forerunners of Maru could do, and talk.test.mjs.
import assert from 'node:assert/strict';
import { png } from '../api/filekit.mjs';

let count = 0;

/** Says something over HTTP; resolves with the message. */
export async function post(rest, room, body, fields = {}) {
  const answer = await rest.post(`/v1/rooms/${room}/messages`, { client_id: `row-${++count}`, body, ...fields });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

/** The two are friends from now on. */
export async function befriend(rest, users, one, other) {
  await rest[one].put(`/v1/friends/${users[other].id}`);
  assert.equal((await rest[other].put(`/v1/friends/${users[one].id}`)).status, 200);
}

/** The last message of the open room that has this text. */
export const line = (visitor, text) => visitor.page.locator('#log .message', { hasText: text }).last();

/** Waits until that message is there, and confirmed by the server. */
export const shows = (visitor, text) => line(visitor, text).locator('time').waitFor();

/** Chooses something in the menu of a message. */
export async function actOn(visitor, text, act) {
  const message = line(visitor, text);
  await message.hover();
  await message.locator('.acts').click();
  await visitor.page.locator(`#message-menu [data-act=${act}]`).click();
}

/** What the menu of a message offers. */
export async function actsOn(visitor, text) {
  const message = line(visitor, text);
  await message.hover();
  await message.locator('.acts').click();
  const all = await visitor.page.locator('#message-menu .item').evaluateAll((nodes) => nodes.map((node) => node.dataset.act));
  await visitor.page.keyboard.press('Escape');
  return all;
}

/** Goes to another screen by its address. */
export async function go({ page }, screen = '') {
  await page.evaluate((to) => { location.hash = `#/${to}`; }, screen);
  await page.locator(screen ? `#${screen.split(/[/?]/)[0].replace('people', 'person').replace('invites', 'invite')}-screen` : '#welcome').waitFor();
}

/** Which room is open. */
export const openRoomOf = async ({ page }) => Number(await page.getAttribute('#room', 'data-room'));

/** A room in one's own list, whether that list is in front or not. */
export const inMine = (visitor, id) => visitor.page.locator(`#mine [data-room="${id}"]`);

export const titled = (visitor, title) => visitor.page.waitForFunction((text) => document.getElementById('room-title')?.textContent === text, title);

export const button = ({ page }, name) => page.getByRole('button', { name, exact: true });

/** Waits until that is the last thing that happened in the open room. */
export const lastNotice = (visitor, text) => visitor.page.waitForFunction((wanted) =>
  [...document.querySelectorAll('#log .notice')].at(-1)?.textContent === wanted, text);

// ---- files

export const picture = (name, seed = 0, width = 320, height = 200) => ({ name, mimeType: 'image/png', buffer: png(width, height, seed) });

/** On a machine where too much happens a picture is not looked at (503); the page tries again by itself. */
export async function patiently(visitor, work) {
  const before = visitor.expects;
  visitor.expects = [...before, /503/];
  await work(visitor.page, { timeout: 60000 });
  visitor.expects = before;
}

/** Attaches files to the draft, and waits until all of them are on the server. */
export const attach = (visitor, ...files) => patiently(visitor, async (page, options) => {
  await page.setInputFiles('#file-input', files);
  await page.waitForFunction((n) => document.querySelectorAll('.chip[data-state=done]').length === n, files.length, options);
});

/** Chooses one's own picture, and waits until it is there; the dialog stays open. */
export const setPhoto = (visitor, file) => patiently(visitor, async (page, options) => {
  if (await page.isHidden('#picture')) await page.click('#my-avatar');
  const shown = () => document.querySelector('#picture-now img.there')?.src;
  const before = await page.evaluate(shown);
  await page.setInputFiles('#picture-input', file);
  await page.waitForFunction((old) => ![undefined, old].includes(document.querySelector('#picture-now img.there')?.src), before, options);
});

/** Waits until all pictures of that message are loaded; resolves with their addresses. */
export async function picturesOf(visitor, text, n) {
  const seq = await line(visitor, text).getAttribute('data-seq');
  const images = `#log [data-seq="${seq}"] .picture img`;
  await visitor.page.waitForFunction(([selector, wanted]) => {
    const all = [...document.querySelectorAll(selector)];
    return all.length === wanted && all.every((image) => image.complete && image.naturalWidth > 0);
  }, [images, n]);
  return visitor.page.$$eval(images, (all) => all.map(({ src }) => src));
}

/** What the server answers somebody's page to a call. */
export const statusOf = ({ page }, path, method = 'GET') => page.evaluate(([address, how]) =>
  fetch(address, { method: how, cache: 'no-store' }).then(({ status }) => status), [path, method]);
