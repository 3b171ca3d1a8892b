// The story of two people on the page: they sign up, meet in a room and talk.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, signUp, startStack } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

const password = 'correct horse battery';
const xss = '<img src=x onerror=alert(1)>';
// So high that all that is said is in the page, also where each line has another author than the one before.
const TALL = { width: 1280, height: 2000 };

describe('the web page', { timeout: 180000 }, () => {
  let stack;
  let browser;
  let ann;
  let bora;
  let room;
  const said = [];

  before(async () => {
    stack = await startStack({ conf: { signup_attempts: 100000 } });
    browser = await openBrowser();
    [ann, bora] = await Promise.all([visit(browser, stack, { viewport: TALL }), visit(browser, stack, { locale: 'ko-KR', viewport: TALL })]);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  async function bothSee() {
    await Promise.all([ann.sees(said), bora.sees(said)]);
  }

  async function says(visitor, text) {
    said.push(text);
    await visitor.say(text);
    await bothSee();
  }

  test('speaks the language of the browser', async () => {
    assert.equal(await ann.page.textContent('#login-submit'), 'Log in');
    assert.equal(await bora.page.textContent('#login-submit'), '로그인');
    assert.equal(await bora.page.getAttribute('html', 'lang'), 'ko');
  });

  test('says what is wrong with a sign-up', async () => {
    bora.expects = [/422|409/];
    const { page } = bora;
    await page.click('#login-switch');
    await page.fill('#login-form [name=name]', 'B!');
    await page.fill('#login-form [name=password]', 'short');
    await page.click('#login-submit');
    await page.waitForFunction(() => document.querySelector('[data-error=password]')?.textContent);
    assert.match(await page.textContent('[data-error=name]'), /3~20자|쓸 수 없는/);
    assert.equal(await page.textContent('[data-error=nickname]'), '꼭 필요해요.');
    assert.equal(await page.getAttribute('#login-form [name=name]', 'aria-invalid'), 'true');
    await signUp(stack, 'taken');
    await page.fill('#login-form [name=name]', 'taken');
    await page.fill('#login-form [name=nickname]', '보라');
    await page.fill('#login-form [name=password]', password);
    await page.click('#login-submit');
    await page.waitForFunction(() => document.querySelector('#login-form [role=alert]')?.textContent === '이미 쓰고 있는 아이디예요.');
    bora.expects = [];
  });

  test('two people sign up; one opens a room, the other joins', async () => {
    await Promise.all([ann.signUp('ann', 'Ann'), bora.signUp('bora', '보라')]);
    room = await ann.createRoom('Tea 차 한잔', { description: 'All about tea' });
    // The list of the other one is told at once.
    await bora.page.click('#tab-all');
    await bora.page.waitForSelector(`#all [data-room="${room}"]`);
    await bora.join(room);
    await ann.page.waitForFunction(() => [...document.querySelectorAll('.notice')].some((node) => node.textContent === '보라 joined'));
  });

  test('both are present', async () => {
    await Promise.all([ann.seesPeople(['Ann', '보라']), bora.seesPeople(['Ann', '보라'])]);
  });

  test('they chat, in two languages and several lines', async () => {
    await says(ann, 'Hello 보라!');
    await says(bora, '안녕하세요, 앤! 🍵 반가워요.');
    await says(ann, 'two\nlines');
    await says(bora, '뷁 각 힣 ㄱㄴ 한글 되나요?');
    const sender = await ann.page.$eval('#log .theirs .who', (node) => node.textContent);
    assert.equal(sender, '보라');
    const zone = await ann.page.$eval('#log time', (node) => new Date(node.dateTime).getTime());
    assert.ok(Math.abs(Date.now() - zone) < 120000);
  });

  test('Enter sends, Shift+Enter does not, nor does the Enter that ends a Hangul composition', async () => {
    const { page } = bora;
    await page.fill('#text', '안녕');
    await page.$eval('#text', (node) => {
      for (const extra of [{ isComposing: true }, { keyCode: 229 }]) {
        node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...extra }));
      }
    });
    await page.press('#text', 'End');
    await page.press('#text', 'Shift+Enter');
    await page.keyboard.insertText('하세요');
    assert.equal(await page.inputValue('#text'), '안녕\n하세요');
    assert.equal(await page.locator('#pending li').count(), 0);
    said.push('안녕\n하세요');
    await page.press('#text', 'Enter');
    await bothSee();
    await page.fill('#text', '  \n ');
    await page.press('#text', 'Enter');
    await page.fill('#text', '');
  });

  test('30 fast messages of both arrive everywhere, once and in one order', async () => {
    const own = (name) => Array.from({ length: 15 }, (_, i) => `${name} ${i + 1}`);
    const flood = async (visitor, texts) => {
      for (const text of texts) await visitor.say(text);
    };
    await Promise.all([flood(ann, own('fast')), flood(bora, own('빨리'))]);
    await ann.page.waitForFunction((n) => document.querySelectorAll('#log .body').length === n, said.length + 30);
    const order = await ann.bodies();
    assert.deepEqual(order.slice(0, said.length), said);
    assert.deepEqual(order.filter((text) => text.startsWith('fast ')), own('fast'));
    assert.deepEqual(order.filter((text) => text.startsWith('빨리 ')), own('빨리'));
    said.push(...order.slice(said.length));
    await bothSee();
  });

  test('a reload keeps the login and the history, and shows no login form', async () => {
    await ann.page.addInitScript(() => {
      const look = () => {
        const form = document.getElementById('login');
        if (form && getComputedStyle(form).display !== 'none') window.sawLogin = true;
        requestAnimationFrame(look);
      };
      look();
    });
    await ann.page.reload();
    await ann.opened(room);
    await ann.connected();
    await bothSee();
    await ann.seesPeople(['Ann', '보라']);
    assert.equal(await ann.page.evaluate(() => window.sawLogin), undefined);
    await ann.atEnd();
  });

  test('while maru-push is dead they go on writing; after its return both have everything', async () => {
    ann.expects = bora.expects = [/WebSocket|50\d/];
    await stack.killPush();
    await ann.page.waitForSelector('#connection[data-connection=waiting]');
    await bora.page.waitForSelector('#connection[data-connection=waiting]');
    await ann.say('is anybody there?');
    await ann.sees([...said, 'is anybody there?']);
    await bora.say('네, 여기요');
    await bora.page.waitForFunction(() => document.querySelectorAll('#pending li').length === 0);
    said.push('is anybody there?', '네, 여기요');
    await stack.startPush();
    await Promise.all([ann.connected(), bora.connected()]);
    await bothSee();
    await Promise.all([ann.seesPeople(['Ann', '보라']), bora.seesPeople(['Ann', '보라'])]);
    await says(ann, 'live again');
    ann.expects = bora.expects = [];
  });

  test('a secret room opens to the right password only', async () => {
    bora.expects = [/403/];
    const { page } = bora;
    const secret = await ann.createRoom('비밀 이야기', { kind: 'secret', password: '열려라 참깨' });
    await bora.enter(secret);
    assert.ok(await page.isVisible(`#all [data-room="${secret}"] .lock`));
    await page.fill('#join [name=password]', '틀린 비밀번호');
    await page.click('#join button.primary');
    await page.waitForFunction(() => document.querySelector('#join [role=alert]')?.textContent === '대화방 비밀번호가 맞지 않아요.');
    await page.fill('#join [name=password]', '열려라 참깨');
    await page.press('#join [name=password]', 'Enter');
    await bora.opened(secret);
    await bora.say('쉿');
    await ann.sees(['쉿']);
    for (const visitor of [ann, bora]) {
      await visitor.page.goto(`${stack.url}/#/rooms/${room}`);
      await visitor.opened(room);
    }
    await bothSee();
    bora.expects = [];
  });

  test('markup in names, titles and messages is text, and runs nothing', async () => {
    const eve = await visit(browser, stack);
    await eve.signUp('eve', '<b onclick=alert(1)>E</b>');
    const trap = await eve.createRoom(xss, { description: '<script>alert(1)</script>' });
    await bora.join(trap);
    await eve.say(xss);
    await eve.say('<script>alert(1)</script> javascript:alert(1) "\'&amp;');
    await bora.sees([xss, '<script>alert(1)</script> javascript:alert(1) "\'&amp;']);
    await bora.seesPeople(['<b onclick=alert(1)>E</b>', '보라']);
    assert.equal(await bora.page.textContent('#room-title'), xss);
    assert.equal(await bora.page.$eval('#log .who', (node) => node.textContent), '<b onclick=alert(1)>E</b>');
    assert.equal(await bora.page.locator('#app b, #app script, #app img[src=x]').count(), 0);
    eve.checkSilence();
    await eve.close();
    await bora.page.click(`#all [data-room="${room}"] a`);
    await bora.opened(room);
    await bothSee();
  });

  test('long history comes page by page; new messages do not move the reader', async () => {
    const carl = await signUp(stack, 'carl');
    const rest = api(stack, carl);
    const { body: { id } } = await rest.post('/v1/rooms', { kind: 'public', title: 'history' });
    const texts = Array.from({ length: 140 }, (_, i) => `line ${i + 1}`);
    for (const [i, body] of texts.entries()) await rest.post(`/v1/rooms/${id}/messages`, { client_id: `c${i}`, body });
    const { page } = bora;
    await page.setViewportSize({ width: 1280, height: 800 });
    await bora.join(id);
    await page.waitForFunction(() => [...document.querySelectorAll('#log .body')].at(-1)?.textContent === 'line 140');
    await bora.atEnd();
    const first = (await bora.bodies())[0];
    assert.ok(Number(first.split(' ')[1]) > 50, 'only the newest page at first');
    // Page by page to the beginning. Only what is near the window is in the page.
    const seen = new Set(await bora.bodies());
    for (let top = 'line 91'; !await page.isVisible('#beginning');) {
      const placeOf = () => page.evaluate((text) =>
        [...document.querySelectorAll('#log .body')].find((node) => node.textContent === text)?.getBoundingClientRect().top, top);
      await page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
      await page.waitForFunction((text) => [...document.querySelectorAll('#log .body')].some((node) => node.textContent === text), top);
      const before = await placeOf();
      await page.waitForFunction((text) => document.querySelector('#log .body').textContent !== text || !document.getElementById('beginning').hidden, top);
      assert.ok(Math.abs(await placeOf() - before) < 40, `${top} stays in its place: ${before} ${await placeOf()}`);
      for (const body of await bora.bodies()) seen.add(body);
      top = `line ${Math.max(1, Number(top.split(' ')[1]) - 50)}`;
    }
    assert.deepEqual([...seen].sort(), [...texts].sort());
    await page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
    await rest.post(`/v1/rooms/${id}/messages`, { client_id: 'new', body: 'news' });
    await page.waitForFunction(() => document.querySelector('#jump').textContent.trim() === '새 메시지 1개');
    assert.equal(await page.evaluate(() => document.getElementById('scroller').scrollTop), 0);
    await page.click('#jump');
    await page.waitForSelector('#jump', { state: 'hidden' });
    await bora.atEnd();
    assert.equal((await bora.bodies()).at(-1), 'news');
    await page.setViewportSize(TALL);
    await page.click(`#all [data-room="${room}"] a`);
    await bora.opened(room);
  });

  test('the language can be switched', async () => {
    const { page } = bora;
    const says = (text) => page.waitForFunction((wanted) => document.getElementById('log-out').textContent === wanted, text);
    const day = () => page.textContent('#log .day');
    await bora.sees(said);
    assert.match(await day(), /년 .*월 .*요일/);
    await page.click('#sidebar [data-language]');
    await says('Log out');
    assert.match(await day(), /^[A-Z][a-z]+day, /);
    await page.click('#sidebar [data-language]');
    await says('로그아웃');
    await bothSee();
  });

  test('it fits a small phone', async () => {
    const { page } = bora;
    await bora.resize(360, 740);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(await overflow() <= 0);
    assert.ok(await page.isHidden('#sidebar'));
    await page.click('#people-toggle');
    assert.ok(await page.isVisible('#people'));
    await page.click('#back');
    await page.waitForSelector('#sidebar'); // the page hears of the new address in a task of its own
    assert.ok(await overflow() <= 0);
    await page.setViewportSize(TALL);
    await page.click(`#all [data-room="${room}"] a`);
    await bothSee();
  });

  test('the host removes somebody who comes back, and bans them, who then does not', async () => {
    const carl = await visit(browser, stack);
    carl.expects = [/403/];
    await carl.signUp('karl', 'Karl');
    await carl.join(room);
    await ann.seesPeople(['Ann', '보라', 'Karl']);
    await bora.page.click('#people-list [aria-label="Karl님 메뉴"]');
    assert.equal(await bora.page.locator('[role=menuitem].danger').count(), 0, 'only the host can do it');
    await bora.page.keyboard.press('Escape');
    const lastNotice = (visitor, text) => visitor.page.waitForFunction((wanted) =>
      [...document.querySelectorAll('.notice')].at(-1)?.textContent === wanted, text);
    const remove = async (how) => {
      await ann.page.click('#people-list [aria-label="More about Karl"]');
      await ann.page.click('[role=menuitem].danger');
      assert.ok(await ann.page.isHidden('#remove [name=reason]'));
      await ann.page.check(`#remove [name=how][value="${how}"]`);
      if (how !== 'kick') await ann.page.fill('#remove [name=reason]', xss);
      await ann.page.click('#remove button.primary');
      await ann.page.waitForSelector('#remove', { state: 'hidden' });
      await carl.page.waitForFunction(() => document.getElementById('room-trouble').textContent === 'You are no longer in this room.');
      await ann.seesPeople(['Ann', '보라']);
      // The list hears of it on a way of its own; until then a click there would not join.
      await carl.page.waitForSelector(`#all [data-room="${room}"] .enter`);
    };
    await remove('kick');
    await lastNotice(ann, 'Karl was removed');
    await lastNotice(bora, 'Karl님을 내보냈어요');
    await carl.join(room);
    await ann.seesPeople(['Ann', '보라', 'Karl']);
    await remove('86400');
    await lastNotice(ann, 'Karl was banned');
    await lastNotice(bora, 'Karl님을 차단했어요');
    await carl.enter(room);
    await carl.page.waitForFunction(() => document.getElementById('lobby-trouble').textContent === 'You are banned from this room.');
    carl.checkSilence();
    await carl.close();
  });

  test('another password logs out all other devices', async () => {
    const [desk, phone] = [await visit(browser, stack), await visit(browser, stack, { locale: 'ko-KR' })];
    await desk.signUp('dora', 'Dora');
    await phone.logIn('dora');
    await phone.connected();
    phone.expects = [/401/];
    desk.expects = [/403|422/];
    const { page } = desk;
    const alert = (text) => page.waitForFunction((wanted) => document.querySelector('#new-password [role=alert]')?.textContent === wanted, text);
    await page.click('#change-password');
    await page.fill('#new-password [name=password]', 'wrong');
    await page.fill('#new-password [name=new_password]', 'short');
    await page.click('#new-password button.primary');
    await page.waitForFunction(() => document.querySelector('[data-error=new_password]')?.textContent === 'Use 8 to 128 characters.');
    await page.fill('#new-password [name=new_password]', 'battery staple');
    await page.click('#new-password button.primary');
    await alert('The present password is wrong.');
    await page.fill('#new-password [name=password]', password);
    await page.press('#new-password [name=password]', 'Enter');
    await page.waitForSelector('#new-password', { state: 'hidden' });
    assert.equal(await page.locator('#new-password').count(), 0, 'the passwords do not stay in the page');
    await phone.page.waitForFunction(() => document.querySelector('#login-form [role=alert]')?.textContent === '로그인이 끝났어요. 다시 로그인해 주세요.');
    await desk.connected();
    await phone.logIn('dora', 'battery staple');
    await phone.connected();
    for (const visitor of [desk, phone]) {
      visitor.checkSilence();
      await visitor.close();
    }
  });

  test('leaving is seen by the others', async () => {
    await bora.page.click('#room-menu');
    await bora.page.click('#leave');
    await bora.page.click('#confirm-yes');
    await bora.page.waitForSelector('#welcome:not([hidden])');
    await ann.page.waitForFunction(() => [...document.querySelectorAll('.notice')].at(-1)?.textContent === '보라 left');
    await ann.seesPeople(['Ann']);
  });

  test('logging out ends it in every window; logging in brings it back', async () => {
    ann.expects = [/401/];
    const second = await ann.context.newPage();
    await second.goto(stack.url);
    await second.waitForSelector('#connection[data-connection=connected]');
    await ann.page.click('#log-out');
    await ann.page.waitForSelector('#login:not([hidden])');
    await second.waitForSelector('#login:not([hidden])');
    await second.close();
    await ann.logIn('ann', 'wrong');
    await ann.page.waitForFunction(() => document.querySelector('#login-form [role=alert]')?.textContent === 'The name or the password is wrong.');
    await ann.logIn('ann');
    await ann.connected();
    await ann.page.click('#tab-mine');
    await ann.page.click(`#mine [data-room="${room}"] a`);
    await ann.sees(said);
    ann.expects = [];
  });

  test('a login that was ended elsewhere says so', async () => {
    ann.expects = [/401/];
    // The page is left first: what it still asks would find the login ended, and the word on it go with the next reload.
    await ann.page.goto('about:blank');
    await stack.sql(`DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = 'ann')`);
    await ann.page.goto(stack.url);
    await ann.page.waitForFunction(() => /Your login has ended/.test(document.querySelector('#login-form [role=alert]')?.textContent));
  });

  test('nothing was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
