// Rooms where there is little room: on small phones and small tablets, with what stands beside the conversation, in a call.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { png, uploaded } from '../api/filekit.mjs';
import { checkAccess } from './axe.mjs';
import { call, hangUp, MEDIA_FLAGS } from './callkit.mjs';
import { choose, openParty } from './roomkit.mjs';

const WIDTHS = [320, 360, 390, 768, 1024, 1280];
const LANGUAGES = [['en-US', 'Room menu'], ['ko-KR', '대화방 메뉴']];
const PANELS = ['music', 'board', 'study', 'todos'];
const LEAST = 44; // pixels that a finger needs
const TITLE = 60; // pixels of a title that say which room it is

/** What of these can be pressed in their middle: it is seen, and nothing lies over it. */
const pressable = ({ page }, selector) => page.$$eval(selector, (nodes) => nodes.filter((node) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return node.checkVisibility() && node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}).map(({ id }) => id));

const menuOf = async ({ page }) => {
  await page.click('#room-menu');
  const labels = await page.$$eval('[role^=menuitem] .text > span', (nodes) => nodes.map(({ textContent }) => textContent));
  await page.keyboard.press('Escape');
  return labels;
};

describe('narrow windows', { timeout: 400000 }, () => {
  let party, room, rest, ann;

  before(async () => {
    party = await openParty({}, MEDIA_FLAGS);
    ({ room, rest } = party);
    const cover = await uploaded(party.stack, party.users.ann, png(64, 64, 1), { name: 'cover.png', type: 'image/png' });
    await rest.ann.put(`/v1/rooms/${room}/cover`, { file: cover.id });
    await rest.bora.put(`/v1/rooms/${room}/like`);
    ann = await party.open('ann');
  });
  after(() => party?.close());

  const wide = (width) => ann.resize(width, 740);

  test('the menu has the like that the head has no room for, also before the room was asked for', async () => {
    await wide(320);
    await ann.page.evaluate(() => { location.hash = '#/'; });
    await ann.page.locator('#room').waitFor({ state: 'detached' });
    await ann.page.locator(`#mine [data-room="${room}"]`).waitFor();
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    await ann.page.route(`**/v1/rooms/${room}`, async (route) => {
      await gate;
      await route.continue();
    });
    await ann.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, room);
    await ann.opened(room);
    assert.ok((await menuOf(ann)).includes('Like this room'));
    release();
    await ann.page.unrouteAll({ behavior: 'wait' });
  });

  test('all that the head leads to is in it or in its menu, and the title can be read', async () => {
    await ann.page.locator('#like').waitFor({ state: 'attached' });
    const texts = { 'music-toggle': 'Music', 'board-toggle': 'Whiteboard', 'study-toggle': 'Study', 'todos-toggle': 'To-dos', like: 'Like this room' };
    for (const width of WIDTHS) {
      await wide(width);
      const shown = await pressable(ann, '#room > header :is(button, a)');
      const inMenu = await menuOf(ann);
      for (const [id, text] of Object.entries(texts)) assert.notEqual(shown.includes(id), inMenu.includes(text), `${text} at ${width}`);
      for (const id of ['call-menu', 'room-menu']) assert.ok(shown.includes(id), `${id} at ${width}`);
      const [title, sizes] = await ann.page.evaluate(() => [document.querySelector('#room .head').clientWidth,
        [...document.querySelectorAll('#room > header :is(button, a)')].filter((node) => node.checkVisibility()).map((node) => node.getBoundingClientRect())
          .map(({ width: x, height: y }) => Math.min(x, y))]);
      assert.ok(title >= TITLE, `a title of ${title} at ${width}`);
      if (width <= 720) assert.ok(Math.min(...sizes) >= LEAST, `${sizes} at ${width}`);
    }
  });

  test('what the menu has in place of the head works', async () => {
    await wide(320);
    const likes = async () => (await rest.ann.get(`/v1/rooms/${room}`)).body.likes;
    const before = await likes();
    const answer = ann.page.waitForResponse((one) => one.url().endsWith('/like'));
    await ann.page.click('#room-menu');
    await ann.page.getByRole('menuitemradio', { name: /^Like this room/ }).click();
    await answer;
    assert.equal(await likes(), before + 1);
    await choose(ann, 'To-dos');
    await ann.page.locator('#todos').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.waitForFunction(() => document.activeElement.id === 'room-menu');
  });

  test('a panel that takes the room of a button gives it back, and the focus to it', async () => {
    await wide(1280);
    await ann.page.click('#board-toggle');
    await ann.page.locator('#board').waitFor();
    assert.ok((await menuOf(ann)).includes('Music'), 'what it hides is in the menu meanwhile');
    await ann.page.click('#board .beside-close');
    await ann.page.waitForFunction(() => document.activeElement.id === 'board-toggle');
  });

  test('who is here can be looked at while something else stands in their place', async () => {
    await wide(1280);
    await ann.page.click('#board-toggle');
    await ann.page.locator('#board').waitFor();
    await ann.page.locator('#people').waitFor({ state: 'hidden' });
    await ann.page.click('#people-toggle');
    assert.ok((await pressable(ann, '#people [role=tab]')).length > 0);
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#people').waitFor({ state: 'hidden' });
    await ann.page.waitForFunction(() => document.activeElement.id === 'people-toggle');
    await ann.page.click('#people-toggle');
    await ann.page.click('#board .beside-close');
    await ann.page.locator('#people:not(.open)').waitFor(); // in its own place
  });

  test('keys do not lead under what fills the screen', async () => {
    await wide(390);
    await ann.page.click('#todos-toggle');
    await ann.page.locator('#todos .beside-close').waitFor();
    const reached = new Set();
    for (let i = 0; i < 12; i++) {
      await ann.page.keyboard.press('Tab');
      reached.add(await ann.page.evaluate(() => { const { activeElement } = document; return activeElement === document.body || activeElement.closest('#todos') ? 'inside' : activeElement.id || activeElement.outerHTML; }));
    }
    assert.deepEqual([...reached], ['inside']);
    await ann.page.click('#todos .beside-close');
    await ann.page.waitForFunction(() => document.activeElement.id === 'todos-toggle');
  });

  test('a long title leaves what stands behind it in its place', async () => {
    const { body: { id } } = await rest.ann.post('/v1/rooms', { kind: 'public', title: '아주 긴 이름을 가진 수능 영어 새벽 공부방, and an English tail that never ends' });
    await rest.bora.put(`/v1/rooms/${id}/members/me`, {});
    await rest.bora.post(`/v1/rooms/${id}/messages`, { client_id: 'long', body: 'a message with so many words in it that no list of rooms can show all of them' });
    await wide(320);
    await ann.page.evaluate(() => { location.hash = '#/'; });
    await ann.page.locator(`#mine [data-room="${id}"] .badge`).waitFor();
    const out = await ann.page.$$eval(`#mine [data-room="${id}"] *`, (nodes) => nodes.filter((node) => !node.closest('.sr') && node.getBoundingClientRect().right > innerWidth).map(({ outerHTML }) => outerHTML));
    assert.deepEqual(out, []);
    await ann.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, room);
    await ann.opened(room);
  });

  test('in a call, what stands beside the conversation leaves the buttons of the call free', async () => {
    await wide(1280);
    await call(ann);
    await ann.page.locator('#hang-up').waitFor();
    for (const width of [320, 390, 768, 1024, 1280]) {
      for (const name of PANELS) {
        await wide(width);
        if (await ann.page.locator(`#${name}-toggle`).isVisible()) await ann.page.click(`#${name}-toggle`);
        else await choose(ann, { music: 'Music', board: 'Whiteboard', study: 'Study', todos: 'To-dos' }[name]);
        await ann.page.locator(`#${name} .beside-close`).waitFor();
        await wide(width);
        const free = await pressable(ann, '#call-mic, #hang-up');
        assert.deepEqual(free, ['call-mic', 'hang-up'], `${name} at ${width}`);
        assert.equal((await pressable(ann, `#${name} .beside-close`)).length, 1, `${name} at ${width}`);
        assert.ok(await ann.page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), `${name} at ${width}`);
        await ann.page.click(`#${name} .beside-close`);
        await ann.page.locator(`#${name}`).waitFor({ state: 'detached' });
      }
    }
    await wide(320);
    await ann.page.evaluate(() => { location.hash = '#/friends'; });
    await ann.page.locator('#call.small').waitFor();
    await ann.page.locator('#friends-screen form button').waitFor();
    assert.equal((await pressable(ann, '#friends-screen form :is(input, button)')).length, 2, 'nor does it lie over another screen');
    await hangUp(ann);
    await ann.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, room);
    await ann.opened(room);
  });

  test('the people stand below the head, also where a clock stands above it', async () => {
    await rest.ann.put(`/v1/rooms/${room}/desk`, {});
    await ann.page.locator('#top .running').waitFor();
    await ann.page.click('#people-toggle');
    const [head, people] = await ann.page.evaluate(() => ['#room > header', '#people'].map((selector) => document.querySelector(selector).getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })));
    assert.ok(people.top >= head.bottom, JSON.stringify([head, people]));
    assert.ok(people.bottom <= 740);
    await ann.page.keyboard.press('Escape');
    await rest.ann.del(`/v1/rooms/${room}/desk`);
  });

  test('the card of a room says its facts in lines, not each in one of its own', async () => {
    const { body: { id } } = await rest.bora.post('/v1/rooms', { kind: 'public', title: 'Not joined' });
    await wide(1280);
    await ann.page.evaluate(() => { location.hash = '#/'; });
    await ann.page.click('#tab-all');
    await ann.page.click(`#all [data-room="${id}"] .card-of`);
    const tops = await ann.page.locator('.card .facts span').evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().top));
    assert.equal(tops[0], tops[1]);
    await ann.page.keyboard.press('Escape');
  });

  test('in both languages, with a board on a small phone', async () => {
    for (const [locale, menu] of LANGUAGES) {
      const phone = await party.open('bora', { locale, viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
      await phone.page.getByRole('button', { name: menu }).click();
      await phone.page.getByRole('menuitem', { name: locale === 'ko-KR' ? '화이트보드' : 'Whiteboard' }).click();
      await phone.page.locator('#board-canvas[data-loaded=true]').waitFor();
      await checkAccess(phone.page);
      const out = await phone.page.$$eval('#board, #board *', (nodes) => nodes.filter((node) => node.checkVisibility() && !node.closest('.sr') && node.getBoundingClientRect().right > innerWidth + 0.5).map(({ outerHTML }) => outerHTML.slice(0, 80)));
      assert.deepEqual(out, []);
      phone.checkSilence();
      await phone.close();
    }
  });

  test('nothing was written to the console', () => ann.checkSilence());
});
