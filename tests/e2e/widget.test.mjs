// The widget in a page of somebody else's: the PHP page of examples/, on the same site as Maru.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { api, freePort, root, signUp, startStack, until } from '../harness.mjs';
import { LOCAL_PAGES, openBrowser, visit } from './browser.mjs';

const PASSWORD = 'correct horse battery';

describe('the widget', () => {
  let stack;
  let browser;
  let php;
  let shop; // where PHP answers
  let ann; // on the shop's page
  let guest;
  let anns; // her calls by REST
  let bora; // by REST
  let room;
  let hall; // a room that lets guests in

  // The shop is on Maru's own site: nginx would pass it to PHP there.
  const openShop = async (visitor, about = room) => {
    await visitor.page.route(`${stack.url}/shop/**`, async (route) => {
      const answer = await fetch(`${shop}/widget.php/${about}`);
      await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() });
    });
    await visitor.page.goto(`${stack.url}/shop/tea`);
  };
  // Maru's own page, as whom one is in the widget.
  const openPage = async (visitor, about) => {
    await visitor.page.goto(`${stack.url}/#/rooms/${about}`);
    await visitor.opened(about);
  };
  const bodies = () => ann.page.locator('maru-chat .body').allTextContents();
  const sees = async (wanted) => {
    await until(async () => JSON.stringify(await bodies()) === JSON.stringify(wanted), 10000).catch(() => {});
    assert.deepEqual(await bodies(), wanted);
  };

  before(async () => {
    stack = await startStack();
    browser = await openBrowser(LOCAL_PAGES);
    const port = await freePort();
    php = spawn('php', ['-S', `127.0.0.1:${port}`, '-t', join(root, 'examples')], { stdio: 'ignore' });
    shop = `http://127.0.0.1:${port}`;
    await until(() => fetch(shop).then(() => true, () => false), 10000);
    anns = api(stack, await signUp(stack, 'ann', PASSWORD));
    const host = await signUp(stack, 'bora', PASSWORD);
    bora = api(stack, host);
    ({ body: { id: room } } = await bora.post('/v1/rooms', { kind: 'secret', title: '차 이야기', password: 'oolong' }));
    ann = await visit(browser, stack);
    await openShop(ann);
  });
  after(async () => {
    await browser?.close();
    php?.kill();
    if (php?.exitCode === null) await once(php, 'exit');
    await stack?.stop();
  });

  test('it has at most 30 kB, and is not in the way of the page', async () => {
    const script = readFileSync(join(root, process.env.MARU_BUILD ?? 'build', 'web/widget.js'));
    assert.ok(gzipSync(script, { level: 9 }).length <= 30000);
    assert.equal(await ann.page.locator('h1').evaluate((node) => getComputedStyle(node).fontSize), '32px');
    assert.equal(await ann.page.locator('iframe').count(), 0);
  });

  test('who is not logged in logs in there, with words for what is wrong', async () => {
    const { page } = ann;
    ann.expects = [/401|403/];
    await page.getByRole('button', { name: '대화' }).click();
    await page.getByLabel('아이디').fill('ann');
    await page.getByLabel('비밀번호').fill('wrong');
    await page.getByRole('button', { name: '로그인' }).click();
    await page.getByText('아이디나 비밀번호가 맞지 않아요.').waitFor();
    await page.getByLabel('비밀번호').fill(PASSWORD);
    await page.getByRole('button', { name: '로그인' }).click();
    await page.getByLabel('대화방 비밀번호').fill('green');
    await page.getByRole('button', { name: '대화에 참여하기' }).click();
    await page.getByText('대화방 비밀번호가 맞지 않아요.').waitFor();
    await page.getByLabel('대화방 비밀번호').fill('oolong');
    await page.getByRole('button', { name: '대화에 참여하기' }).click();
    await page.getByLabel('메시지 입력').waitFor();
  });

  test('two people talk, one of them in the widget', async () => {
    await bora.post(`/v1/rooms/${room}/messages`, { client_id: '1', body: '어서 오세요' });
    await sees(['어서 오세요']);
    await ann.page.getByLabel('메시지 입력').fill('우전 있어요? <b>두 통</b>');
    await ann.page.getByLabel('메시지 입력').press('Enter');
    await sees(['어서 오세요', '우전 있어요? <b>두 통</b>']);
    await until(async () => (await bora.get(`/v1/rooms/${room}/messages`)).body.messages.length === 2, 10000);
  });

  test('after a reload it is all there, and one is still logged in', async () => {
    await ann.page.reload();
    await ann.page.getByRole('button', { name: '대화' }).click();
    await sees(['어서 오세요', '우전 있어요? <b>두 통</b>']);
    await ann.page.getByRole('button', { name: '닫기' }).click();
    await ann.page.getByRole('button', { name: '대화' }).waitFor();
  });

  test('who has no account comes in under a name where the room lets guests in, and is told from the others', async () => {
    ({ body: { id: hall } } = await bora.post('/v1/rooms', { kind: 'public', title: '마루', guests: true }));
    await bora.post(`/v1/rooms/${hall}/messages`, { client_id: '1', body: '어서 오세요' });
    guest = await visit(browser, stack);
    const { page } = guest;
    await openShop(guest, hall);
    await page.getByRole('button', { name: '대화' }).click();
    await page.getByLabel('여기서 쓸 이름').fill('지나가던 이');
    await page.getByRole('button', { name: '손님으로 들어가기' }).click();
    await page.getByLabel('메시지 입력').fill('들러 봤어요');
    await page.getByLabel('메시지 입력').press('Enter');
    await page.locator('maru-chat .mine:not(.pending) .body').getByText('들러 봤어요').waitFor();
    await anns.put(`/v1/rooms/${hall}/members/me`, {});
    await openPage(ann, hall);
    const line = ann.page.locator('#log .message', { hasText: '들러 봤어요' });
    // What somebody is called is asked for beside what they said.
    await until(() => line.locator('.who').textContent().then((who) => who === '지나가던 이guest'), 10000);
  });

  test('a guest who wants more makes an account on the page, and keeps what was said', async () => {
    const { page } = guest;
    guest.expects = [/409/];
    await page.goto(`${stack.url}/#/rooms/${hall}`);
    await page.getByText('As “지나가던 이”').waitFor();
    await page.getByLabel('Login name').fill('ann');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('taken').waitFor();
    await page.getByLabel('Login name').fill('passer');
    await page.getByRole('button', { name: 'Create account' }).click();
    await guest.opened(hall);
    await guest.sees(['어서 오세요', '들러 봤어요']);
    await until(() => ann.page.locator('#log .message', { hasText: '들러 봤어요' }).locator('.who').textContent().then((who) => who === '지나가던 이'), 10000);
  });

  test('a guest who has had enough leaves, and is forgotten; what was said stays', async () => {
    const other = await visit(browser, stack);
    await openShop(other, hall);
    await other.page.getByRole('button', { name: '대화' }).click();
    await other.page.getByLabel('여기서 쓸 이름').fill('잠깐');
    await other.page.getByRole('button', { name: '손님으로 들어가기' }).click();
    await other.page.getByLabel('메시지 입력').fill('안녕히');
    await other.page.getByLabel('메시지 입력').press('Enter');
    await other.page.locator('maru-chat .mine:not(.pending) .body').getByText('안녕히').waitFor();
    await other.page.goto(stack.url);
    await other.page.getByRole('button', { name: 'Leave and forget me' }).click();
    await other.page.locator('#confirm-yes').click();
    await other.page.locator('#login-switch').waitFor();
    const { body: { members } } = await bora.get(`/v1/rooms/${hall}/members`);
    assert.equal(members.some(({ nickname }) => nickname === '잠깐'), false);
    assert.equal((await bora.get(`/v1/rooms/${hall}/messages`)).body.messages.at(-1).body, '안녕히');
    other.checkSilence();
    await other.close();
  });

  test('nothing else was written to the console', () => {
    ann.checkSilence();
    guest.checkSilence();
  });
});
