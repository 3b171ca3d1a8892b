// The widget in a page of somebody else's: the PHP page of examples/, on the same site as Maru.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { api, freePort, root, signUp, startStack, until } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

const PASSWORD = 'correct horse battery';

describe('the widget', () => {
  let stack;
  let browser;
  let php;
  let shop; // where PHP answers
  let ann; // on the shop's page
  let bora; // by REST
  let room;

  // The shop is on Maru's own site: nginx would pass it to PHP there.
  const openShop = async (visitor) => {
    await visitor.page.route(`${stack.url}/shop/**`, async (route) => {
      const answer = await fetch(`${shop}/widget.php/${room}`);
      await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() });
    });
    await visitor.page.goto(`${stack.url}/shop/tea`);
  };
  const bodies = () => ann.page.locator('maru-chat .body').allTextContents();
  const sees = async (wanted) => {
    await until(async () => JSON.stringify(await bodies()) === JSON.stringify(wanted), 10000).catch(() => {});
    assert.deepEqual(await bodies(), wanted);
  };

  before(async () => {
    stack = await startStack();
    // A page that a test makes up comes from no address, and may otherwise not reach this host.
    browser = await openBrowser(['--disable-features=LocalNetworkAccessChecks']);
    const port = await freePort();
    php = spawn('php', ['-S', `127.0.0.1:${port}`, '-t', join(root, 'examples')], { stdio: 'ignore' });
    shop = `http://127.0.0.1:${port}`;
    await until(() => fetch(shop).then(() => true, () => false), 10000);
    await signUp(stack, 'ann', PASSWORD);
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

  test('nothing else was written to the console', () => ann.checkSilence());
});
