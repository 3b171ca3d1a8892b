// The third forerunner of Maru, "chat-app", rooms in categories and direct messages: what its users could do or were
// promised, each row of its list as one test. What it did wrong is what a test proves absent. Accounts and rooms stand
// here, what is said in them in rows3talk.test.mjs.
//
// S3.video-call-1 to -6, S3.wb-1, S3.screen-1 and S3.ai-1 to -3 (calls, whiteboard, shared screen, summaries and
// translation) have no test: they belong to the study cafe. S3.nfr-1, S3.ops-1 and S3.cmp-1 have no face.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, signUp, until } from '../harness.mjs';
import { visit } from './browser.mjs';
import { choose, goTo, hasText, holdAnswer, openParty, password, settleIn } from './roomkit.mjs';
import { button, go, inMine, lastNotice, line, openRoomOf, picture, post, setPhoto, shows, statusOf, titled } from './rowkit.mjs';

const LONG = 110; // messages: more than two pages

describe('accounts and rooms of chat-app', { timeout: 400000 }, () => {
  let party, stack, users, rest, room, newRoom, ann, bora, carl, eun, long;
  const together = (id) => Promise.all([ann, bora, carl].map((one) => goTo(one, id)));
  const cookiesOf = ({ context }) => context.cookies([stack.url, `${stack.url}/v1/sessions`]);

  async function prepare() {
    users.dora = await signUp(stack, 'dora', password);
    rest.dora = api(stack, users.dora);
    await stack.sql("UPDATE user SET role = 'admin' WHERE name = 'dora'");
    long = await newRoom({ title: 'Long' }, 'bora', 'carl');
    for (let i = 1; i <= LONG; i++) await post(rest.ann, long, `line ${i}`);
  }

  before(async () => {
    party = await openParty({ presence_linger: 0, login_attempts: 1000 });
    ({ stack, users, rest, room, newRoom } = party);
    [ann, bora, carl, eun] = await Promise.all([party.open('ann'), party.open('bora', { locale: 'ko-KR' }), party.open('carl'),
      visit(party.browser, stack, { locale: 'ko-KR' }), prepare()]);
    for (const { page } of [ann, bora, carl, eun]) page.setDefaultTimeout(20000);
  });
  after(() => party?.close());

  test('S3.auth-1: one signs up under a name that is free, with a photo; the password is kept nowhere as it is', async () => {
    eun.expects = [/409/];
    const { page } = eun;
    await page.click('#login-switch');
    for (const [field, value] of [['name', 'bora'], ['nickname', '은'], ['password', password]]) await page.fill(`#login-form [name=${field}]`, value);
    await page.click('#login-submit');
    await hasText(eun, '#login-form [role=alert]', '이미 쓰고 있는 아이디예요.');
    await page.fill('#login-form [name=name]', 'eun');
    await page.click('#login-submit');
    await eun.connected();
    await setPhoto(eun, picture('me.png', 1, 120, 120));
    await page.waitForSelector('#my-avatar img.there');
    await page.click('#picture [data-cancel]');
    const [[kept]] = await stack.sql("SELECT password FROM user WHERE name = 'eun'");
    assert.ok(kept.length > 20 && !kept.includes(password));
    assert.ok(!JSON.stringify(await page.evaluate(() => ({ ...localStorage, ...sessionStorage }))).includes(password));
    eun.expects = [];
  });

  test('S3.auth-2: the login is in cookies that no script reads', async () => {
    await eun.page.click('#log-out');
    await eun.logIn('eun', password);
    await eun.connected();
    const cookies = await cookiesOf(eun);
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]).sort(),
      [['maru_access', true, 'Lax'], ['maru_refresh', true, 'Lax']]);
    const seen = await eun.page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
    for (const { value } of cookies) assert.ok(!seen.includes(value));
  });

  test('S3.auth-3: after the access has ended a reload renews it, and never looks logged out', async () => {
    await eun.page.addInitScript(() => {
      const look = () => {
        window.firstName ??= document.getElementById('my-name')?.textContent;
        window.sawLogin ||= document.getElementById('login') !== null;
        if (window.firstName === undefined) requestAnimationFrame(look);
      };
      look();
    });
    eun.expects = [/401/];
    // The page is left first: what it still asks would renew the login, and the answer go with the page.
    await eun.page.goto('about:blank');
    await eun.context.clearCookies({ name: 'maru_access' });
    const renewing = eun.page.waitForResponse(/\/v1\/sessions\/refresh$/); // one is connected without it
    await eun.page.goto(stack.url);
    assert.ok((await renewing).ok());
    await eun.connected();
    assert.deepEqual(await eun.page.evaluate(() => [window.firstName, window.sawLogin]), ['은', false]);
    assert.ok((await eun.context.cookies(stack.url)).some(({ name }) => name === 'maru_access'));
  });

  test('S3.auth-4: who logs out is out: what was in the cookies is worth nothing any more', async () => {
    const cookies = await cookiesOf(eun);
    assert.equal(cookies.length, 2);
    await eun.page.click('#log-out');
    await eun.page.waitForSelector('#login');
    assert.deepEqual(await cookiesOf(eun), []);
    await eun.context.addCookies(cookies);
    assert.equal(await statusOf(eun, '/v1/users/me'), 401);
    assert.equal(await statusOf(eun, '/v1/sessions/refresh', 'POST'), 401);
    await eun.context.clearCookies();
    eun.expects = [];
  });

  test('S3.prof-1: another nickname and photo are seen at once, and the old photo is gone from the server', async () => {
    await together(room);
    ann.expects = [/404/];
    const face = `#people-list [data-user="${users.bora.id}"] img.there`;
    const { page } = bora;
    await setPhoto(bora, picture('one.png', 1, 200, 200));
    const first = await (await ann.page.waitForSelector(face)).getAttribute('src');
    assert.equal(await statusOf(ann, first), 200);
    await setPhoto(bora, picture('two.png', 2, 200, 200));
    await until(async () => await statusOf(ann, first) === 404, 20000, 'the old photo to go');
    await page.click('#picture [data-cancel]');
    await go(bora, 'me');
    await button(bora, '프로필 고치기').click();
    await page.getByLabel('별명').fill('보라색');
    await button(bora, '저장').click();
    await goTo(bora, room);
    await ann.page.locator(`#people-list [data-user="${users.bora.id}"] .name`, { hasText: '보라색' }).waitFor();
    await rest.bora.patch('/v1/users/me', { nickname: '보라' });
    ann.expects = [];
  });

  // ---- rooms

  test('S3.cat-1: a new category is there for everybody at once, and shows its rooms with their members', async () => {
    const { page } = bora;
    await page.click('#tab-all');
    const { read, letGo } = await holdAnswer(bora, '**/v1/categories');
    await button(bora, '조건').click();
    await read;
    const list = page.getByLabel('분류');
    const { body: category } = await rest.dora.post('/v1/categories', { name: 'Books' });
    await list.locator('option', { hasText: 'Books' }).waitFor({ state: 'attached' });
    await letGo(); // the list from before
    await ann.page.click('#new-room');
    await ann.page.fill('#create [name=title]', 'Novels');
    await button(ann, 'More options').click();
    await ann.page.getByLabel('Category').selectOption({ label: 'Books' });
    await ann.page.click('#create button.primary');
    await titled(ann, 'Novels');
    await list.selectOption({ label: 'Books' });
    await page.waitForFunction(() => [...document.querySelectorAll('#all .title')].map((node) => node.textContent).join() === 'Novels');
    await hasText(bora, '#all .about', '1명');
    await rest.dora.del(`/v1/categories/${category.id}`);
    await list.locator('option', { hasText: 'Books' }).waitFor({ state: 'detached' });
    await button(bora, '조건 지우기').click();
    await page.locator(`#all [data-room="${room}"]`).waitFor();
    await page.click('#tab-mine');
  });

  test('S3.cat-1: the tag that one types stays in its field while the categories come', async () => {
    const { page } = ann;
    const { body: category } = await rest.dora.post('/v1/categories', { name: 'Poems' });
    await page.click('#tab-all');
    const { read, letGo } = await holdAnswer(ann, '**/v1/categories');
    await button(ann, 'Filters').click();
    await read;
    // The pause after the last key, which would put all of it back, never ends.
    await page.evaluate(() => {
      const real = globalThis.setTimeout;
      globalThis.setTimeout = (work, ms, ...more) => (ms === 250 ? 0 : real(work, ms, ...more));
      globalThis.goOn = () => { globalThis.setTimeout = real; };
    });
    await page.getByLabel('Tag').pressSequentially('haik');
    await letGo();
    await page.getByLabel('Category').locator('option', { hasText: 'Poems' }).waitFor({ state: 'attached' });
    await page.evaluate(() => goOn());
    await page.getByLabel('Tag').pressSequentially('u');
    await page.waitForFunction(() => document.getElementById('all').children.length === 0);
    assert.equal(await page.getByLabel('Tag').inputValue(), 'haiku');
    await button(ann, 'Clear the filters').click();
    await page.locator(`#all [data-room="${room}"]`).waitFor();
    await rest.dora.del(`/v1/categories/${category.id}`);
    await page.click('#tab-mine');
  });

  test('S3.room-1: a room is made by its name; of the same name there may be two, and they stay two', async () => {
    const first = await ann.createRoom('Twins');
    await ann.page.evaluate(() => { location.hash = '#/'; });
    await ann.page.waitForSelector('#welcome');
    const second = await ann.createRoom('Twins');
    assert.notEqual(first, second);
    await ann.say('only in the second');
    await bora.join(first);
    assert.equal(await bora.page.textContent('#room-title'), 'Twins');
    await bora.join(second);
    await bora.sees(['only in the second']);
  });

  // How many it are is as of the reading in lists, and follows in the room itself: see docs/guarantees.md.
  test('S3.room-2: all rooms are listed with their members; in the room itself the number follows', async () => {
    const shown = await newRoom({ title: 'Counted' });
    await goTo(ann, shown);
    await bora.page.click('#tab-all');
    await ann.page.locator('#beginning').waitFor(); // what happens from now on is told
    const about = bora.page.locator(`#all [data-room="${shown}"] .about`);
    await about.getByText('1명').waitFor();
    await rest.carl.put(`/v1/rooms/${shown}/members/me`, {});
    await hasText(ann, '#room-about', '2 members');
    await bora.page.reload();
    await bora.page.click('#tab-all');
    await about.getByText('2명').waitFor();
  });

  test('S3.room-3: who opens a room is in it, all are told, and they see what is said from then on', async () => {
    const fresh = await newRoom({ title: 'From now on', history: 'joined' });
    await goTo(ann, fresh);
    await ann.say('before');
    await carl.join(fresh);
    await lastNotice(ann, 'Karl joined');
    const isRead = carl.page.waitForResponse('**/read-cursor'); // who has left may not say so any more
    await ann.say('after');
    await carl.sees(['after']);
    await ann.sees(['before', 'after']);
    await isRead;
    await rest.carl.del(`/v1/rooms/${fresh}/members/me`);
    await ann.say('meanwhile');
    await inMine(carl, fresh).waitFor({ state: 'detached' }); // before that a click would only lead there
    await go(carl);
    await carl.join(fresh);
    await ann.say('again');
    await carl.sees(['again']);
  });

  test('S3.room-4: older messages come page by page and move nothing; a button asks for them, too', async () => {
    const { page } = carl;
    await goTo(carl, long);
    await shows(carl, `line ${LONG}`);
    await carl.atEnd();
    const placeOf = (text) => page.evaluate((wanted) =>
      [...document.querySelectorAll('#log .body')].find((node) => node.textContent === wanted)?.getBoundingClientRect().top, text);
    const older = async (top, ask) => {
      await page.evaluate(() => { document.getElementById('scroller').scrollTop = 120; });
      await page.waitForFunction((text) => [...document.querySelectorAll('#log .body')].some((node) => node.textContent === text), top);
      const before = await placeOf(top);
      await ask();
      await page.waitForFunction((text) => document.querySelector('#log .body').textContent !== text, top);
      return Math.abs(await placeOf(top) - before);
    };
    assert.ok(await older(`line ${LONG - 49}`, () => page.locator('#older').dispatchEvent('click')) < 40, 'the reader stays');
    await older(`line ${LONG - 99}`, () => page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; }));
    await page.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
    await page.locator('#beginning').waitFor();
    assert.equal((await carl.bodies())[0], 'line 1');
    assert.ok(await page.isHidden('#older'));
  });

  test('S3.room-5: who leaves is told of to the others, and loses the room from the list, with one answer', async () => {
    const left = await newRoom({ title: 'To be left' }, 'carl');
    await Promise.all([goTo(ann, left), settleIn(carl, left)]);
    const answers = [];
    const note = (response) => { if (response.request().method() === 'DELETE') answers.push(response.status()); };
    carl.page.on('response', note);
    await choose(carl, 'Leave room');
    await carl.page.click('#confirm-yes');
    await lastNotice(ann, 'Karl left');
    await carl.page.waitForSelector('#welcome');
    await inMine(carl, left).waitFor({ state: 'detached' });
    carl.page.off('response', note);
    assert.deepEqual(answers, [204]);
    assert.equal(await carl.page.textContent('#lobby-trouble'), '');
  });

  test('S3.room-6: the host deletes the room for everybody; nobody else can', async () => {
    const doomed = await newRoom({ title: 'Doomed' }, 'carl');
    [ann.expects, carl.expects] = [[/404/], [/403|404/]]; // what was asked for when it was gone
    await Promise.all([goTo(ann, doomed), goTo(carl, doomed)]);
    await ann.say('last words');
    await shows(carl, 'last words');
    await carl.page.click('#room-menu');
    assert.equal(await carl.page.getByRole('menuitem', { name: 'Room settings' }).count(), 0);
    await carl.page.keyboard.press('Escape');
    assert.equal(await statusOf(carl, `/v1/rooms/${doomed}`, 'DELETE'), 403);
    await bora.page.click('#tab-all');
    await bora.page.locator(`#all [data-room="${doomed}"]`).waitFor();
    await choose(ann, 'Room settings');
    await button(ann, 'Delete room').click();
    await ann.page.click('#confirm-yes');
    await lastNotice(carl, 'This room was deleted.');
    await bora.page.locator(`#all [data-room="${doomed}"]`).waitFor({ state: 'detached' });
    await inMine(carl, doomed).waitFor({ state: 'detached' });
    assert.equal(await statusOf(carl, `/v1/rooms/${doomed}/messages`), 404);
    ann.expects = carl.expects = [];
  });

  test('S3.room-7: the members are listed and counted, oneself marked; a click leads to a direct message', async () => {
    await together(room);
    const { page } = bora;
    await page.click('#people-all');
    await page.waitForFunction(() => document.querySelectorAll('#members-list li').length === 3);
    await page.locator('#people-all', { hasText: /3$/ }).waitFor();
    const me = page.locator('#members-list li').filter({ has: page.locator('.tag', { hasText: '나' }) });
    assert.deepEqual(await me.locator('.name').allTextContents(), ['보라']);
    await button(bora, 'Ann님 메뉴').click();
    await page.getByRole('menuitem', { name: '1:1 대화' }).click();
    await titled(bora, 'Ann');
    assert.equal(await openRoomOf(bora), (await rest.ann.put(`/v1/direct-rooms/${users.bora.id}`, {})).body.id);
  });

  test('S3.room-8: the own list of rooms follows what happens elsewhere', async () => {
    await carl.page.click('#tab-mine');
    const other = await newRoom({ title: 'From the phone' });
    const isLookedAt = carl.page.waitForResponse(`**/v1/rooms/${other}/messages?*`); // for what was said last; only members may
    await rest.carl.put(`/v1/rooms/${other}/members/me`, {});
    const title = inMine(carl, other).locator('.title');
    await title.getByText('From the phone').waitFor();
    await rest.ann.patch(`/v1/rooms/${other}`, { title: 'Another name' });
    await title.getByText('Another name').waitFor();
    await isLookedAt;
    await rest.carl.del(`/v1/rooms/${other}/members/me`);
    await inMine(carl, other).waitFor({ state: 'detached' });
  });

  test('S3.invite-1: a link leads one person into a secret room, without its password, and the next one not', async () => {
    carl.expects = [/404/];
    const secret = await newRoom({ title: 'Hidden place', kind: 'secret', password: 'sesame', hidden: true });
    await goTo(ann, secret);
    await choose(ann, 'Invite links');
    await ann.page.getByLabel('How many may use it').selectOption('1');
    await button(ann, 'Make a link').click();
    const link = await ann.page.getByLabel('Invite link', { exact: true }).inputValue();
    await ann.page.keyboard.press('Escape');
    await go(carl, `invites/${/[\w-]{22}$/.exec(link)[0]}`);
    await hasText(carl, '#invite-screen', 'Ann invites you');
    await carl.page.locator('#invite-screen').getByRole('button', { name: 'Join' }).click();
    await titled(carl, 'Hidden place');
    await lastNotice(ann, 'Karl joined');
    assert.equal((await rest.bora.get(`/v1/invites/${/[\w-]{22}$/.exec(link)[0]}`)).status, 404);
    carl.expects = [];
  });

  test('S3.big-1: a room of a hundred: all are listed and counted, and what is said comes at once', async () => {
    const big = await newRoom({ title: 'A hundred', max_members: 100 }, 'bora', 'carl');
    await stack.sql(`INSERT INTO user (name, nickname, password, created_at)
        SELECT CONCAT('many', seq), CONCAT('Many ', seq), '!', UTC_TIMESTAMP(3) FROM seq_1_to_97;
      INSERT INTO member (room, user, joined_at) SELECT ${big}, id, UTC_TIMESTAMP(3) FROM user WHERE name LIKE 'many%';
      UPDATE room SET members = 100 WHERE id = ${big}`);
    await together(big);
    await hasText(ann, '#room-about', '100 members');
    await ann.page.click('#people-all');
    await ann.page.waitForFunction(() => document.querySelectorAll('#members-list li').length === 100);
    await carl.say('hello everybody');
    await Promise.all([shows(ann, 'hello everybody'), shows(bora, 'hello everybody')]);
    await line(carl, 'hello everybody').locator('.unread').getByText('97', { exact: true }).waitFor();
    assert.equal((await rest.dora.put(`/v1/rooms/${big}/members/me`, {})).status, 409, 'the hundred and first finds it full');
  });

  test('S3.sec-1: an account goes for good when its owner says so, with all that they wrote', async () => {
    for (const visitor of [ann, bora, carl]) visitor.expects = [/404/]; // of who is gone nothing is told any more
    await together(room);
    await eun.logIn('eun', password);
    await eun.connected();
    await eun.join(room);
    await eun.say('지워질 말');
    await shows(ann, '지워질 말');
    const seq = await line(ann, '지워질 말').getAttribute('data-seq');
    await go(eun, 'settings');
    eun.expects = [/401|403|404/];
    await button(eun, '계정 삭제').click();
    await eun.page.getByRole('radio', { name: '함께 지우기' }).check();
    await eun.page.fill('#erase [name=password]', password);
    await eun.page.click('#erase button.primary');
    await hasText(eun, '#login-form', '계정을 삭제했어요.');
    await ann.page.locator(`#log [data-seq="${seq}"] .gone`).waitFor();
    assert.doesNotMatch(await ann.page.textContent('#log'), /지워질 말/);
    assert.equal((await stack.sql("SELECT COUNT(*) FROM user WHERE name = 'eun' OR nickname = '은'"))[0][0], '0');
  });

  test('nobody had anything to complain of', () => {
    for (const visitor of [ann, bora, carl, eun]) visitor.checkSilence();
  });
});
