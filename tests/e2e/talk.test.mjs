// What people do with messages: two of them in one room, each act seen by the other at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, logIn, startStack, until } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';
import { actsOn, line } from './rowkit.mjs';

const password = 'correct horse battery';

describe('what one does with a message', { timeout: 180000 }, () => {
  let stack;
  let browser;
  let ann;
  let bora;
  let room;
  let asAnn;
  let asBora;

  const button = (scope, name) => scope.getByRole('button', { name, exact: true });

  // Opens the menu of a message with the mouse and chooses.
  async function choose(visitor, text, act) {
    const message = line(visitor, text);
    await message.hover();
    await message.locator('.acts').click();
    await visitor.page.getByRole('menuitem', { name: act, exact: true }).click();
  }

  async function says(visitor, text) {
    await visitor.say(text);
    await Promise.all([ann, bora].map((one) => line(one, text).locator('time').waitFor()));
  }

  before(async () => {
    stack = await startStack({ conf: { signup_attempts: 100000 } });
    browser = await openBrowser();
    [ann, bora] = await Promise.all([visit(browser, stack, { permissions: ['clipboard-read', 'clipboard-write'] }), visit(browser, stack, { locale: 'ko-KR' })]);
    await Promise.all([ann.signUp('ann', 'Ann'), bora.signUp('bora', '보라')]);
    room = await ann.createRoom('Tea');
    await bora.page.click('#tab-all');
    await bora.page.waitForSelector(`#all [data-room="${room}"]`);
    await bora.join(room);
    asAnn = api(stack, await logIn(stack, 'ann', password));
    asBora = api(stack, await logIn(stack, 'bora', password));
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('a reaction is seen by the other, joined, taken back', async () => {
    await says(ann, 'Who wants tea?');
    const hers = line(bora, 'Who wants tea?');
    await hers.hover();
    await hers.locator('[data-act=react]').click();
    await bora.page.getByRole('searchbox', { name: '이모지 찾기' }).fill('주전자');
    await button(bora.page, '찻주전자').click();
    const chip = line(ann, 'Who wants tea?').locator('[data-emoji="🫖"]');
    await chip.waitFor();
    assert.equal(await chip.getAttribute('aria-pressed'), 'false');
    await chip.hover();
    await ann.page.waitForFunction(() => document.querySelector('#log [data-emoji]').title === '보라');
    await chip.click();
    await hers.locator('[data-emoji="🫖"]', { hasText: '2' }).waitFor();
    assert.equal(await hers.locator('[data-emoji="🫖"]').getAttribute('aria-pressed'), 'true');
    await chip.click();
    await hers.locator('[data-emoji="🫖"]', { hasText: '1' }).click();
    await ann.page.waitForFunction(() => !document.querySelector('#log [data-emoji]'));
  });

  test('the menu offers only what one may do', async () => {
    assert.deepEqual(await actsOn(ann, 'Who wants tea?'), ['reply', 'thread', 'edit', 'copy', 'link', 'forward', 'pin', 'hide', 'delete']);
    assert.deepEqual(await actsOn(bora, 'Who wants tea?'), ['reply', 'thread', 'copy', 'link', 'forward', 'hide', 'report']);
    await says(bora, '저요!');
    assert.deepEqual(await actsOn(ann, '저요!'), ['reply', 'thread', 'copy', 'link', 'forward', 'pin', 'hide', 'report', 'delete']);
  });

  test('an edit is seen by the other, and its earlier text by who may see it', async () => {
    await says(ann, 'at fore');
    await ann.page.press('#text', 'ArrowUp');
    const field = ann.page.getByRole('textbox', { name: 'Edit the message' });
    assert.equal(await field.inputValue(), 'at fore');
    await field.fill('at four');
    await field.press('Enter');
    await line(bora, 'at four').getByText('수정됨').waitFor();
    await choose(ann, 'at four', 'Earlier versions');
    await ann.page.locator('#versions .body', { hasText: 'at fore' }).waitFor();
    await button(ann.page, 'Close').click();
    await choose(ann, 'at four', 'Edit');
    await field.fill('never');
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
    assert.equal(await line(ann, 'at four').locator('.body').textContent(), 'at four');
  });

  test('a message is deleted for all after a question, or hidden for oneself', async () => {
    await says(ann, 'a slip');
    await says(ann, 'not for me');
    await choose(ann, 'a slip', 'Delete');
    await button(ann.page, 'Cancel').click();
    await choose(ann, 'a slip', 'Delete');
    await button(ann.page.getByRole('dialog'), 'Delete').click();
    await line(bora, '삭제된 메시지입니다.').waitFor();
    await choose(bora, 'not for me', '나에게만 숨기기');
    await button(bora.page.getByRole('dialog'), '나에게만 숨기기').click();
    await line(bora, 'not for me').waitFor({ state: 'detached' });
    assert.equal(await line(ann, 'not for me').count(), 1);
  });

  test('a reply quotes, and a click on the quote goes there, however far it is', async () => {
    await choose(bora, 'Who wants tea?', '답장');
    await bora.page.locator('#reply-chip', { hasText: 'Who wants tea?' }).waitFor();
    await button(bora.page, '답장 취소').click();
    await choose(bora, 'Who wants tea?', '답장');
    await says(bora, '우롱차로 할게요');
    assert.equal(await bora.page.locator('#reply-chip').count(), 0);
    await line(ann, '우롱차로 할게요').locator('.quote', { hasText: 'Who wants tea?' }).waitFor();
    for (let i = 1; i <= 70; i++) await asAnn.post(`/v1/rooms/${room}/messages`, { client_id: `many-${i}`, body: `number ${i}` });
    await line(bora, 'number 70').waitFor();
    const { body: { messages } } = await asBora.get(`/v1/rooms/${room}/messages?limit=50&before=30`);
    const first = messages.find(({ body }) => body === 'Who wants tea?').seq;
    await asBora.post(`/v1/rooms/${room}/messages`, { client_id: 'late', body: '늦은 답장', reply_to: first });
    await bora.page.reload();
    await line(bora, '늦은 답장').locator('.quote', { hasText: 'Who wants tea?' }).click();
    const flashed = bora.page.locator('#log .message.flash', { hasText: 'Who wants tea?' });
    await flashed.waitFor();
    assert.ok(await flashed.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    }));
    await button(bora.page, '최신 메시지로').click();
  });

  test('a link leads to one message', async () => {
    await ann.page.reload();
    await line(ann, 'number 60').waitFor();
    await choose(ann, 'number 70', 'Copy link');
    await ann.page.getByText('Copied').waitFor();
    assert.match(await ann.page.evaluate(() => navigator.clipboard.readText()), new RegExp(`#/rooms/${room}\\?at=\\d+$`));
    const { body: { messages } } = await asAnn.get(`/v1/rooms/${room}/messages?limit=100&before=50`);
    const { seq } = messages.find(({ body }) => body === 'number 7');
    await ann.page.goto(`${stack.url}/#/rooms/${room}?at=${seq}`);
    await ann.page.locator('#log .message.flash', { hasText: 'number 7' }).waitFor();
    await ann.page.goto(`${stack.url}/#/rooms/${room}`);
    await button(ann.page, 'To the newest message').click();
  });

  test('a thread is answered beside the conversation, live', async () => {
    await says(ann, 'Which cake?');
    await choose(ann, 'Which cake?', 'Reply in thread');
    const field = ann.page.getByRole('textbox', { name: 'Reply in the thread' });
    await field.fill('I could bake one.');
    await field.press('Enter');
    await ann.page.locator('#thread-log', { hasText: 'I could bake one.' }).waitFor();
    await button(line(bora, 'Which cake?'), '답글 1개').click();
    await bora.page.locator('#thread-log', { hasText: 'I could bake one.' }).waitFor();
    await bora.page.getByRole('textbox', { name: '스레드에 답글 쓰기' }).fill('당근 케이크!');
    await bora.page.keyboard.press('Enter');
    await ann.page.locator('#thread-log', { hasText: '당근 케이크!' }).waitFor();
    await button(line(ann, 'Which cake?'), '2 replies').waitFor();
    assert.equal(await ann.page.locator('#log', { hasText: '당근 케이크!' }).count(), 0);
    const answer = bora.page.locator('#thread-log .message', { hasText: 'I could bake one.' });
    await answer.hover();
    await answer.locator('.acts').click();
    await bora.page.getByRole('menuitemcheckbox', { name: '👍 공감하기' }).click();
    await ann.page.locator('#thread-log [data-emoji="👍"]').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.locator('#thread').waitFor({ state: 'detached' });
    await button(bora.page, '스레드 닫기').click();
  });

  test('a poll is voted in, seen live, and closed', async () => {
    await asAnn.post(`/v1/rooms/${room}/polls`, { client_id: 'poll', question: 'When?', options: ['At three', 'At four'] });
    const option = (visitor, text) => visitor.page.locator('.poll .option', { hasText: text });
    await option(bora, 'At four').click();
    await option(ann, 'At four').locator('.count', { hasText: '1' }).waitFor();
    await option(ann, 'At three').click();
    await bora.page.locator('.poll footer', { hasText: '2명 참여' }).waitFor();
    await option(ann, 'At four').click();
    await option(bora, 'At four').locator('.count', { hasText: '2' }).waitFor();
    await button(ann.page, 'Who voted').click();
    const voters = ann.page.locator('#votes section', { hasText: 'At four' }).locator('bdi');
    await voters.nth(1).waitFor();
    assert.deepEqual((await voters.allTextContents()).sort(), ['Ann', '보라']);
    await button(ann.page.locator('#votes'), 'Close').click();
    assert.equal(await button(bora.page, '투표 마감').count(), 0);
    await button(ann.page, 'Close the poll').click();
    await button(ann.page.getByRole('dialog'), 'Close the poll').click();
    await bora.page.locator('.poll footer', { hasText: '마감됨' }).waitFor();
    assert.equal(await option(bora, 'At three').getAttribute('aria-disabled'), 'true');
  });

  test('stickers and dice are shown, a pin is set and taken off', async () => {
    const { body: { packs: [pack] } } = await asBora.get('/v1/sticker-packs');
    await asBora.post(`/v1/rooms/${room}/stickers`, { client_id: 'sticker', pack: pack.id, sticker: 'hello' });
    await asBora.post(`/v1/rooms/${room}/commands`, { client_id: 'roll', text: '/roll 2d6' });
    await ann.page.getByRole('img', { name: /^Sticker: hello/ }).waitFor();
    assert.match(await ann.page.locator('.roll').innerText(), /^\D*\d+\s+2d6: \d \+ \d$/);
    const pinned = async () => (await asAnn.get(`/v1/rooms/${room}/pins`)).body.messages.map(({ body }) => body);
    await choose(ann, 'Which cake?', 'Pin');
    await until(async () => (await pinned()).length === 1);
    assert.deepEqual(await pinned(), ['Which cake?']);
    await choose(ann, 'Which cake?', 'Unpin');
    await until(async () => (await pinned()).length === 0);
  });

  test('a pin that is set while the pins are asked for can be taken off', async () => {
    let read, release;
    const isRead = new Promise((resolve) => { read = resolve; });
    const gate = new Promise((resolve) => { release = resolve; });
    const answer = ann.page.waitForResponse((one) => one.url().endsWith('/pins'));
    await ann.page.route('**/v1/rooms/*/pins', async (route) => {
      const response = await route.fetch();
      read();
      await gate;
      await route.fulfill({ response });
    });
    await ann.page.reload();
    await actsOn(ann, 'Which cake?');
    await isRead;
    await asAnn.put(`/v1/rooms/${room}/pins/${await line(ann, 'Which cake?').getAttribute('data-seq')}`);
    // What is said after it is heard after it.
    await says(bora, '찰칵');
    release();
    await (await answer).finished();
    await choose(ann, 'Which cake?', 'Unpin');
    await until(async () => (await asAnn.get(`/v1/rooms/${room}/pins`)).body.messages.length === 0);
    await ann.page.unrouteAll({ behavior: 'wait' });
  });

  test('a message is forwarded to rooms that one chooses', async () => {
    const { body: other } = await asAnn.post('/v1/rooms', { title: 'Coffee', kind: 'public' });
    await choose(ann, 'Which cake?', 'Forward');
    const dialog = ann.page.getByRole('dialog', { name: 'Forward to' });
    await dialog.getByRole('checkbox', { name: 'Coffee' }).check();
    await button(dialog, 'Forward').click();
    await ann.page.getByText('Forwarded to 1 room').waitFor();
    const { body: { messages } } = await asAnn.get(`/v1/rooms/${other.id}/messages`);
    assert.deepEqual(messages.map(({ body, content }) => [body, content.forwarded]), [['Which cake?', true]]);
  });

  test('a message is reported with a reason', async () => {
    await choose(bora, 'Which cake?', '신고');
    const dialog = bora.page.getByRole('dialog', { name: '메시지 신고' });
    await dialog.getByLabel('이유').selectOption({ label: '스팸이나 광고' });
    await dialog.getByRole('textbox').fill('케이크 광고');
    await button(dialog, '신고하기').click();
    await bora.page.getByText('신고를 접수했어요').waitFor();
    const { body: { reports } } = await asAnn.get(`/v1/reports?room=${room}`);
    assert.deepEqual(reports, []); // she is the one who is reported
    const { body: own } = await asBora.get('/v1/users/me/reports');
    assert.deepEqual(own.reports.map(({ reason, detail }) => [reason, detail]), [['spam', '케이크 광고']]);
  });

  test('by the keyboard alone: to a message, its menu, a reaction', async () => {
    const { page } = bora;
    await page.focus('#text');
    for (let i = 0; i < 12 && !await page.evaluate(() => document.activeElement.classList.contains('acts')); i++) await page.keyboard.press('Shift+Tab');
    const of = () => page.evaluate(() => document.activeElement.closest('.message')?.dataset.seq);
    const last = await of();
    await page.keyboard.press('ArrowUp');
    assert.ok(Number(await of()) < Number(last));
    await page.keyboard.press('ArrowDown');
    assert.equal(await of(), last);
    await page.keyboard.press('Enter');
    await page.getByRole('menu', { name: '메시지 메뉴' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await ann.page.locator(`#log [data-seq="${last}"] [data-emoji]`).waitFor();
    await page.waitForFunction((seq) => document.activeElement.closest('.message')?.dataset.seq === seq, last);
  });

  test('by touch: a long press opens the menu', async () => {
    const phone = await visit(browser, stack, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, path: `/#/rooms/${room}` });
    await phone.logIn('bora');
    const message = line(phone, 'Which cake?');
    await message.waitFor();
    await message.locator('.body').dispatchEvent('pointerdown', { pointerType: 'touch', bubbles: true, clientX: 100, clientY: 300 });
    const menu = phone.page.getByRole('menu');
    await menu.waitFor();
    const box = await phone.page.locator('#message-menu').boundingBox();
    assert.ok(box.width === 360 && Math.round(box.y + box.height) === 740);
    await menu.getByRole('menuitem').last().waitFor();
    await phone.page.getByRole('menuitem', { name: 'Reply', exact: true }).click();
    await phone.page.locator('#reply-chip', { hasText: 'Which cake?' }).waitFor();
    assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= 360));
    phone.checkSilence();
    await phone.close();
  });

  test('who comes back sees where they had stopped reading', async () => {
    const list = await bora.page.$('#scroller');
    await bora.page.evaluate(() => { location.hash = '#/'; });
    await bora.page.locator('#room').waitFor({ state: 'detached' });
    await list.evaluate((node) => node.dispatchEvent(new Event('scroll'))); // which may come late, and is no complaint
    await asAnn.post(`/v1/rooms/${room}/messages`, { client_id: 'new-1', body: 'while you were away' });
    await asAnn.post(`/v1/rooms/${room}/messages`, { client_id: 'new-2', body: 'and another' });
    await bora.page.evaluate((id) => { location.hash = `#/rooms/${id}`; }, room);
    await bora.page.getByText('여기까지 읽었어요').waitFor();
    const next = await bora.page.$eval('#log .fresh', (node) => node.parentElement.querySelector('.body').textContent);
    assert.equal(next, 'while you were away');
  });

  test('the pages do not complain', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
