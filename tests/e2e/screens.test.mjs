// What is outside of the open room: the lists, the screens, what is told of elsewhere. Ann speaks English, 보라 Korean.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, logIn, startStack, until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { openBrowser, visit } from './browser.mjs';

const password = 'correct horse battery';

describe('outside of the room', { timeout: 400000 }, () => {
  let stack;
  let browser;
  let ann;
  let bora;
  let anns;
  let boras;
  let annId;
  let boraId;
  let tea;
  let count = 0;

  const say = async (who, room, body) => assert.equal((await who.post(`/v1/rooms/${room}/messages`, { client_id: `c${++count}`, body })).status, 201);
  const go = (visitor, path) => visitor.page.evaluate((to) => { location.hash = to; }, path);
  const shows = (visitor, text, within = 'body') => visitor.page.locator(within).getByText(text).first().waitFor();

  before(async () => {
    stack = await startStack({ conf: { signup_attempts: 100000 } });
    browser = await openBrowser();
    [ann, bora] = [await visit(browser, stack), await visit(browser, stack, { locale: 'ko-KR', colorScheme: 'dark' })];
    for (const { page } of [ann, bora]) page.setDefaultTimeout(15000);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('who is the first is told the next steps', async () => {
    await ann.signUp('ann', 'Ann');
    await ann.page.getByRole('heading', { name: 'Welcome to your new Maru' }).waitFor();
    await shows(ann, 'maructl users promote ann');
    await bora.signUp('bora', '보라');
    const [a, b] = [await logIn(stack, 'ann', password), await logIn(stack, 'bora', password)];
    [anns, boras] = [api(stack, a), api(stack, b)];
    annId = (await anns.get('/v1/users/me')).body.id;
    boraId = (await boras.get('/v1/users/me')).body.id;
  });

  test('a room is made with everything that can be said of it', async () => {
    const { page } = ann;
    await anns.post('/v1/categories', { name: 'Drinks' });
    await page.click('#new-room');
    await page.fill('#create [name=title]', '스터디 카페');
    await page.getByRole('button', { name: 'More options' }).click();
    await page.fill('#create [name=tags]', 'tea, calm');
    await page.fill('#create [name=max_members]', '2');
    await page.selectOption('#create [name=slow_seconds]', '0');
    await page.click('#create button.primary');
    await page.waitForSelector('#room[data-room]');
    tea = Number(await page.getAttribute('#room', 'data-room'));
    const { body } = await anns.get(`/v1/rooms/${tea}`);
    assert.deepEqual([body.tags, body.max_members, body.kind], [['tea', 'calm'], 2, 'public']);
  });

  test('rooms are found by initials and conditions; the card says what a room is', async () => {
    const { page } = bora;
    await anns.post('/v1/rooms', { kind: 'public', title: 'Elsewhere' });
    await page.click('#tab-all');
    await page.waitForSelector('#all li:nth-child(2)');
    await page.getByPlaceholder('대화방 찾기').fill('ㅅㅌㄷ');
    await page.waitForFunction((id) => [...document.querySelectorAll('#all [data-room]')].map((one) => Number(one.dataset.room)).join() === String(id), tea);
    await page.getByPlaceholder('대화방 찾기').fill('');
    await page.getByRole('button', { name: '조건', exact: true }).click();
    await page.getByLabel('태그').fill('tea');
    await page.waitForFunction(() => document.querySelectorAll('#all li').length === 1);
    await page.getByRole('button', { name: '스터디 카페 살펴보기' }).click();
    const card = page.getByRole('dialog', { name: '스터디 카페' });
    await card.getByText('#calm').waitFor();
    await card.getByText('방장 Ann').waitFor();
    await checkAccess(page);
    await card.getByRole('button', { name: '좋아요' }).click();
    await ann.page.click('#tab-all');
    await ann.page.locator(`#all [data-room="${tea}"] .likes`).getByText('1', { exact: true }).waitFor();
    await card.getByRole('button', { name: '들어가기' }).click();
    await bora.opened(tea);
    await page.getByRole('button', { name: '조건 지우기' }).click();
    await page.waitForFunction(() => document.querySelectorAll('#all li').length === 2);
  });

  test('what is said elsewhere is counted live, and nobody is seen where they are not', async () => {
    const { page } = bora;
    await go(bora, '#/me');
    await page.locator('#me-screen').waitFor();
    await ann.page.waitForFunction(() => !document.querySelector('#people-list')?.textContent.includes('보라'));
    await say(anns, tea, 'one');
    await page.click('#tab-mine');
    await page.waitForSelector(`#mine [data-room="${tea}"] [data-unread="1"]`);
    await say(anns, tea, 'two');
    await page.waitForSelector(`#mine [data-room="${tea}"] [data-unread="2"]`);
    await page.locator(`#mine [data-room="${tea}"] .about`).getByText('Ann: two').waitFor();
    assert.match(await page.title(), /^\([12]\) /);
    assert.match(await page.getAttribute('link[rel=icon]', 'href'), /dot/);
    assert.deepEqual((await anns.get(`/v1/rooms/${tea}/presence`)).body.users.map(({ id }) => Number(id)), [annId]);
    await page.click(`#mine [data-room="${tea}"] a`);
    await bora.opened(tea);
    await page.waitForFunction(() => !document.querySelector('#mine [data-unread]'));
    assert.doesNotMatch(await page.title(), /^\(/);
    await ann.seesPeople(['Ann', '보라'], 30000);
  });

  test('what another device has read is no longer counted', async () => {
    await go(bora, '#/friends');
    await say(anns, tea, 'three');
    await bora.page.waitForSelector(`#mine [data-room="${tea}"] [data-unread="1"]`);
    const { head } = (await boras.get('/v1/users/me/unread')).body.rooms.find(({ room }) => room === tea);
    await boras.put(`/v1/rooms/${tea}/read-cursor`, { seq: head });
    await bora.page.waitForFunction(() => !document.querySelector('#mine [data-unread]'));
  });

  test('two become friends, both see it at once', async () => {
    await go(ann, '#/friends');
    await ann.page.getByLabel('Login name or nickname').fill('bora');
    await ann.page.getByRole('button', { name: 'Find', exact: true }).click();
    await ann.page.getByRole('button', { name: 'Add friend: 보라' }).click();
    await ann.page.getByRole('button', { name: 'Take back the request to 보라' }).waitFor();
    await shows(bora, '친구가 되고 싶어 해요', '#toasts');
    await bora.page.getByRole('button', { name: 'Ann님 수락' }).click();
    await ann.page.locator(`#friends-list [data-user="${boraId}"]`).waitFor();
    await bora.page.locator(`#friends-list [data-user="${annId}"] .avatar[data-state=online]`).waitFor();
    await ann.page.getByRole('button', { name: '보라 is a close friend' }).click();
    await ann.page.locator(`#close-friends [data-user="${boraId}"]`).waitFor();
  });

  test('a direct room is begun from the list; a message in it is a toast elsewhere, which leads there', async () => {
    await ann.page.getByRole('button', { name: 'Chat with 보라' }).click();
    await ann.page.waitForSelector('#room[data-room]');
    await ann.page.waitForFunction(() => document.getElementById('room-title')?.textContent === '보라');
    await ann.say('안녕!');
    await bora.page.locator('.toast').getByText('안녕!').click();
    await bora.page.waitForFunction(() => document.getElementById('room-title')?.textContent === 'Ann');
    assert.match(await bora.page.evaluate(() => location.hash), /at=\d+/);
  });

  test('a mention is a notification, until it is read', async () => {
    await go(bora, '#/settings');
    await say(anns, tea, '@bora look here');
    await bora.page.locator('[data-place=notifications] .badge').waitFor();
    await shows(bora, 'Ann님이 스터디 카페에서 나를 불렀어요', '#toasts');
    await go(bora, '#/notifications');
    const entry = bora.page.locator('#notifications-screen li.unread');
    await entry.getByText('@bora look here').waitFor();
    await checkAccess(bora.page);
    await bora.page.getByRole('button', { name: '모두 읽음' }).click();
    await entry.waitFor({ state: 'detached' });
    await bora.page.locator('[data-place=notifications] .badge').waitFor({ state: 'detached' });
  });

  test('messages are found, and lead to their place', async () => {
    await until(async () => (await anns.get('/v1/search?q=look')).body.messages.length === 1, 20000, 'the search to know of it');
    await go(ann, '#/search');
    await ann.page.getByPlaceholder('Search messages').fill('from:me look');
    await ann.page.getByRole('button', { name: 'Find', exact: true }).click();
    await ann.page.locator('#found mark').getByText('look').waitFor();
    await checkAccess(ann.page);
    await ann.page.click('#found a');
    await ann.opened(tea);
    assert.match(await ann.page.evaluate(() => location.hash), /\?at=\d+/);
  });

  test('a profile is changed, and looked at by others', async () => {
    await go(ann, '#/me');
    await ann.page.getByRole('button', { name: 'Edit profile' }).click();
    await ann.page.getByLabel('Status message').fill('At the tea house');
    await ann.page.getByRole('button', { name: 'Save' }).click();
    await shows(ann, 'At the tea house', '#me-screen');
    await ann.page.getByRole('tab', { name: 'Hosting 2' }).click();
    await ann.page.locator(`#my-rooms [data-room="${tea}"]`).waitFor();
    await checkAccess(ann.page);
    await go(bora, `#/people/${annId}`);
    await shows(bora, 'At the tea house', '#person-screen');
    await checkAccess(bora.page);
    await bora.page.getByRole('button', { name: '신고' }).click();
    await bora.page.getByLabel('이유').selectOption('spam');
    await checkAccess(bora.page);
    await bora.page.locator('#report button.primary').click();
    await bora.page.locator('#report').waitFor({ state: 'detached' });
  });

  test('settings: theme, zone, privacy, devices', async () => {
    const { page } = ann;
    await go(ann, '#/settings');
    await page.getByRole('radio', { name: 'High contrast' }).check();
    assert.equal(await page.getAttribute('html', 'data-theme'), 'contrast-light');
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.reload();
    assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await until(async () => (await anns.get('/v1/users/me/settings')).body.time_zone === 'Europe/Berlin', 10000);
    // Not by check(): what is told of the change before may put the switch back for a moment.
    for (const receipts of ['hidden', 'shown']) {
      await page.getByRole('switch', { name: 'Others see what I have read' }).click();
      await until(async () => (await anns.get('/v1/users/me/settings')).body.receipts === receipts, 10000);
    }
    await page.locator('#sessions').getByRole('button').first().click();
    await page.waitForFunction(() => document.querySelectorAll('#sessions li').length === 1);
    await checkAccess(page);
    anns = api(stack, await logIn(stack, 'ann', password));
    await page.getByRole('button', { name: 'New bot' }).click();
    await page.getByLabel('Login name').fill('helper');
    await page.getByRole('textbox', { name: 'Nickname' }).fill('Helper');
    await page.getByRole('button', { name: 'Make it' }).click();
    assert.match(await page.textContent('#token code'), /^maru_/);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await shows(ann, '@helper', '#settings-screen');
    await page.getByRole('radio', { name: 'As the system' }).check();
  });

  test('an invite link leads in after the login', async () => {
    const { body: { code } } = await anns.post(`/v1/rooms/${(await anns.post('/v1/rooms', { kind: 'secret', title: 'Hidden place', password: 'sesame', hidden: true })).body.id}/invites`, {});
    const carl = await visit(browser, stack, { path: `/#/invites/${code}` });
    carl.page.setDefaultTimeout(15000);
    await shows(carl, 'You are invited');
    await checkAccess(carl.page);
    await carl.page.click('#login-switch');
    await carl.page.fill('#login-form [name=name]', 'carl');
    await carl.page.fill('#login-form [name=nickname]', 'Carl');
    await carl.page.fill('#login-form [name=password]', password);
    await carl.page.click('#login-submit');
    await shows(carl, 'Ann invites you');
    await checkAccess(carl.page);
    await carl.page.locator('#invite-screen').getByRole('button', { name: 'Join' }).click();
    await carl.page.waitForFunction(() => document.getElementById('room-title')?.textContent === 'Hidden place');
    carl.checkSilence();
    await carl.close();
  });

  test('a password is asked for anew in words, a failed login by a provider is said', async () => {
    const guest = await visit(browser, stack, { path: '/?login_error=cancelled' });
    guest.expects = [/403/];
    await shows(guest, 'The login was cancelled.');
    assert.equal(await guest.page.evaluate(() => location.search), '');
    await guest.page.click('#login-reset');
    await guest.page.getByLabel('E-mail').fill('ann@example.org');
    await guest.page.click('#login-submit');
    await guest.page.waitForFunction(() => document.querySelector('#login-form [role=alert]').textContent !== '');
    await checkAccess(guest.page);
    guest.checkSilence();
    await guest.close();
  });

  test('admins see reports and close accounts; others see nothing of it', async () => {
    assert.equal(await ann.page.locator('[data-place=admin]').count(), 0);
    await stack.sql("UPDATE user SET role = 'admin' WHERE name = 'ann'");
    await ann.page.evaluate(() => localStorage.setItem('maru.me', JSON.stringify({ ...JSON.parse(localStorage.getItem('maru.me')), role: 'admin' })));
    await ann.page.reload();
    await ann.page.click('[data-place=admin]');
    await ann.page.getByRole('tab', { name: 'Accounts' }).click();
    await ann.page.locator('#accounts li').getByText('Carl', { exact: true }).waitFor();
    await checkAccess(ann.page);
    await ann.page.getByRole('tab', { name: 'Reports' }).click();
    await ann.page.locator('#reports').getByText('Spam').waitFor();
    await ann.page.locator('#reports').getByRole('button', { name: 'Dismiss' }).click();
    await ann.page.locator('#verdict button.primary').click();
    await shows(ann, 'No reports.', '#admin-panel');
    for (const [tab, list] of [['Words', '#words'], ['Categories', '#categories'], ['Log', '#audit']]) {
      await ann.page.getByRole('tab', { name: tab }).click();
      await ann.page.locator(`${list}, .empty`).first().waitFor({ state: 'attached' });
      await checkAccess(ann.page);
    }
  });

  test('every screen can be used by everybody, in both languages and themes, and fits a small phone', async () => {
    for (const visitor of [ann, bora]) {
      for (const colorScheme of ['light', 'dark']) {
        await visitor.page.emulateMedia({ colorScheme });
        for (const screen of ['', 'friends', 'search?q=look', 'notifications', 'me', 'settings']) {
          await go(visitor, `#/${screen}`);
          if (screen) await visitor.page.locator(`#${screen.split('?')[0]}-screen`).waitFor();
          await checkAccess(visitor.page);
        }
      }
      await visitor.page.setViewportSize({ width: 320, height: 568 });
      for (const screen of ['', 'friends', 'search?q=look', 'notifications', 'me', 'settings', `people/${visitor === ann ? boraId : annId}`]) {
        await go(visitor, `#/${screen}`);
        if (screen) await visitor.page.locator('main.screen > header').waitFor();
        const wide = await visitor.page.evaluate(() => [...document.querySelectorAll('.screen-body, #sidebar, #sidebar > section, html')].filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.id || node.className || node.tagName));
        assert.deepEqual(wide, [], screen);
      }
      await visitor.page.setViewportSize({ width: 1280, height: 800 });
    }
  });

  test('somebody is blocked, and no longer', async () => {
    await go(bora, `#/people/${annId}`);
    await bora.page.getByRole('button', { name: '차단', exact: true }).click();
    await bora.page.click('#confirm-yes');
    await bora.page.getByRole('button', { name: '차단 풀기' }).waitFor();
    await go(bora, '#/friends');
    await bora.page.getByRole('button', { name: 'Ann님 차단 풀기' }).click();
    await bora.page.getByRole('button', { name: 'Ann님 차단 풀기' }).waitFor({ state: 'detached' });
  });

  test('an account ends with its password', async () => {
    await go(bora, '#/settings');
    bora.expects = [/401|403/];
    await bora.page.getByRole('button', { name: '계정 삭제' }).click();
    await bora.page.locator('#erase [name=password]').fill(password);
    await checkAccess(bora.page);
    await bora.page.locator('#erase button.primary').click();
    await shows(bora, '계정을 삭제했어요.');
  });

  test('nothing was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
