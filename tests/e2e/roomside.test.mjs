// What stands around the messages of a room: the field to write in, the head, notices, people.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { api, signUp, startStack, until } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

const password = 'correct horse battery';

describe('the side of a room', { timeout: 240000 }, () => {
  let stack, browser, ann, bora, carl, room;
  const users = {}, rest = {};

  const open = async (name, { id = room, ...options } = {}) => {
    const visitor = await visit(browser, stack, { path: `/#/rooms/${id}`, ...options });
    await visitor.logIn(name, password);
    await visitor.opened(id);
    await visitor.connected();
    return visitor;
  };
  const newRoom = async (fields = {}, ...others) => {
    const { body } = await rest.ann.post('/v1/rooms', { title: 'Tea', kind: 'public', ...fields });
    for (const name of others) await rest[name].put(`/v1/rooms/${body.id}/members/me`, fields.password ? { password: fields.password } : {});
    return body.id;
  };
  // Goes to another room by its address.
  const goTo = async (visitor, id) => {
    await visitor.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, id);
    await visitor.opened(id);
    await visitor.page.waitForFunction(() => !document.getElementById('text').disabled);
  };
  const last = async (id = room) => (await rest.ann.get(`/v1/rooms/${id}/messages?limit=1`)).body.messages[0];
  const hasText = (visitor, selector, text) => visitor.page.waitForFunction(([where, wanted]) =>
    [...document.querySelectorAll(where)].some((node) => node.textContent.includes(wanted)), [selector, text]);
  const choose = async ({ page }, name) => {
    await page.getByRole('button', { name: 'Room menu' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const chooseOf = async ({ page }, person, name) => {
    await page.getByRole('button', { name: `More about ${person}` }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const field = (visitor) => visitor.page.locator('#text');
  const type = async (visitor, text) => {
    await visitor.page.focus('#text');
    await visitor.page.keyboard.type(text);
  };

  before(async () => {
    stack = await startStack();
    browser = await openBrowser();
    for (const [name, nickname] of Object.entries({ ann: 'Ann', bora: '보라', carl: 'Karl' })) {
      users[name] = await signUp(stack, name, password);
      rest[name] = api(stack, users[name]);
      await rest[name].patch('/v1/users/me', { nickname });
    }
    room = await newRoom({ description: 'All about tea' }, 'bora', 'carl');
    [ann, bora, carl] = await Promise.all(['ann', 'bora', 'carl'].map((name) => open(name)));
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  describe('completion', () => {
    test('finds people by initials, by name and by what is half typed; Enter chooses, then sends', async () => {
      const { page } = ann;
      for (const typed of ['@ㅂㄹ', '@bor', '@볼']) {
        await page.fill('#text', '');
        await type(ann, typed);
        await page.getByRole('option', { name: '보라' }).waitFor();
      }
      const box = page.getByRole('combobox', { name: 'Write a message' });
      assert.equal(await box.getAttribute('aria-expanded'), 'true');
      const active = await box.getAttribute('aria-activedescendant');
      assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
      await page.keyboard.press('Enter');
      assert.equal(await page.inputValue('#text'), '@보라 ');
      await page.keyboard.type('tea?');
      await page.keyboard.press('Enter');
      await hasText(bora, '#log .mention', '@보라');
      assert.equal((await last()).entities[0].user, users.bora.id);
    });

    test('arrows move, Escape closes for good, a click chooses; hosts can call all', async () => {
      const { page } = ann;
      await type(ann, 'hello @');
      assert.equal(await page.getByRole('option').count(), 3);
      await page.keyboard.press('ArrowUp');
      assert.match(await page.locator('[role=option][aria-selected=true]').textContent(), /@all/);
      await page.keyboard.press('Escape');
      await page.getByRole('listbox').waitFor({ state: 'hidden' });
      await page.keyboard.type('k');
      assert.ok(await page.getByRole('listbox').isHidden());
      await page.fill('#text', '');
      await type(ann, '(@ka');
      await page.getByRole('option', { name: 'Karl' }).click();
      assert.equal(await page.inputValue('#text'), '(@Karl ');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
      await page.fill('#text', '');
      await type(carl, '@a');
      await carl.page.getByRole('option', { name: 'Ann' }).waitFor();
      assert.equal(await carl.page.getByRole('option', { name: '@all' }).count(), 0);
      await carl.page.fill('#text', '');
    });

    test('a name that is typed in full is sent with the first Enter', async () => {
      await type(ann, '@Karl');
      await ann.page.getByRole('option', { name: 'Karl' }).waitFor();
      await ann.page.keyboard.press('Enter');
      await until(async () => (await last()).body === '@Karl');
    });
  });

  describe('the Korean keyboard', () => {
    let ime;
    before(async () => { ime = await ann.context.newCDPSession(ann.page); });
    const compose = (text) => ime.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    const commit = (text) => ime.send('Input.insertText', { text });
    // A key that the keyboard takes for itself while it composes.
    const pressed = (key, code) => ime.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: key, windowsVirtualKeyCode: code });

    test('Enter within a syllable ends the syllable only; the next one sends it, once', async () => {
      await ann.page.focus('#text');
      await compose('아');
      await compose('안');
      await pressed('Enter', 13);
      await pressed('Enter', 229);
      await commit('안');
      await compose('녕');
      await pressed('Enter', 229);
      await commit('녕');
      assert.equal(await ann.page.inputValue('#text'), '안녕');
      await ann.page.keyboard.press('Enter');
      await until(async () => (await last()).body === '안녕');
      assert.equal(await ann.page.inputValue('#text'), '');
    });

    test('with the list open, keys of a composition do not choose; after it they do', async () => {
      const { page } = ann;
      await type(ann, '@');
      for (const text of ['ㅂ', '보', '볼']) {
        await compose(text);
        await page.getByRole('option', { name: '보라' }).waitFor();
      }
      for (const [key, code] of [['Enter', 13], ['Enter', 229], ['ArrowDown', 229]]) await pressed(key, code);
      assert.equal(await page.inputValue('#text'), '@볼');
      await commit('보');
      await compose('라');
      await pressed('Enter', 229);
      await commit('라');
      assert.equal(await page.inputValue('#text'), '@보라');
      await page.keyboard.press('Tab');
      assert.equal(await page.inputValue('#text'), '@보라 ');
      await compose('네');
      await commit('네');
      await page.keyboard.press('Enter');
      await until(async () => (await last()).body === '@보라 네');
    });

    test('who taps a name within a syllable gets the name, and no syllable twice', async () => {
      const { page } = ann;
      await type(ann, '@');
      await compose('보');
      await page.getByRole('option', { name: '보라' }).click();
      assert.equal(await page.inputValue('#text'), '@보라 ');
      await compose('안');
      await commit('안');
      assert.equal(await page.inputValue('#text'), '@보라 안');
      await page.fill('#text', '');
    });
  });

  describe('drafts', () => {
    let phone;
    before(async () => { phone = await open('ann', { viewport: { width: 360, height: 740 }, hasTouch: true }); });
    after(() => phone.close());
    const written = (visitor, text) => visitor.page.waitForFunction((wanted) => document.getElementById('text').value === wanted, text);

    test('what is half written comes to the other device, and survives a reload', async () => {
      await type(ann, 'half a sent');
      await written(phone, 'half a sent');
      await ann.page.reload();
      await ann.opened(room);
      await ann.connected();
      await written(ann, 'half a sent');
    });

    test('it never replaces what is typed here at the moment', async () => {
      await type(phone, 'ence');
      await phone.page.keyboard.type(', typed');
      const { headers } = await rest.ann.put(`/v1/rooms/${room}/draft`, { body: 'from elsewhere' });
      assert.ok(headers);
      await written(ann, 'from elsewhere');
      await phone.page.keyboard.type(' here');
      assert.equal(await phone.page.inputValue('#text'), 'half a sentence, typed here');
      await until(async () => (await rest.ann.get('/v1/users/me/drafts')).body.drafts[0]?.body === 'half a sentence, typed here', 15000);
    });

    test('sending it takes it away everywhere', async () => {
      await written(ann, 'half a sentence, typed here');
      await ann.page.press('#text', 'Enter');
      await written(ann, '');
      await until(async () => (await rest.ann.get('/v1/users/me/drafts')).body.drafts.length === 0);
      await written(phone, '');
    });

    test('a reload before the server knows loses nothing', async () => {
      await type(ann, 'quick');
      await ann.page.reload();
      await written(ann, 'quick');
      await ann.page.fill('#text', '');
      await until(async () => (await rest.ann.get('/v1/users/me/drafts')).body.drafts.length === 0);
    });
  });

  test('who is writing is seen until the message is there', async () => {
    await type(bora, 'h');
    await hasText(ann, '#typing', '보라 is writing …');
    await type(carl, 'h');
    await hasText(ann, '#typing', 'Karl');
    assert.match(await ann.page.textContent('#typing'), /(보라 and Karl|Karl and 보라) are writing …/);
    await carl.page.press('#text', 'Enter');
    await hasText(ann, '#typing', '보라 is writing …');
    await bora.page.press('#text', 'Enter');
    await ann.page.waitForFunction(() => document.getElementById('typing').textContent === '');
  });

  describe('what can be sent besides text', () => {
    test('Markdown where there is some', async () => {
      await ann.say('a **bold** word');
      await until(async () => (await last()).body === 'a bold word');
      await ann.say('snake_case 2 * 3 * 4');
      await until(async () => (await last()).body === 'snake_case 2 * 3 * 4');
    });

    test('commands: told while one types, carried out, or a text like others', async () => {
      const { page } = ann;
      await type(ann, '/ro');
      await page.getByRole('option', { name: '/roll' }).waitFor();
      await page.keyboard.press('Enter');
      await page.keyboard.type('2d6');
      await page.keyboard.press('Enter');
      await until(async () => (await last()).type === 'roll');
      await ann.say('/remind 10m tea');
      await hasText(ann, '#composer-said', 'You will be reminded today at');
      await ann.say('/help');
      await page.getByRole('dialog', { name: 'What can be typed' }).waitFor();
      await page.keyboard.press('Escape');
      await ann.say('/usr/bin is a directory');
      await until(async () => (await last()).body === '/usr/bin is a directory');
      ann.expects = [/422/];
      await ann.say('/roll many');
      await page.waitForSelector('#composer-said[role=alert]');
      assert.equal(await page.inputValue('#text'), '/roll many', 'what did not work stays');
      await page.fill('#text', '');
      ann.expects = [];
    });

    test('a sticker', async () => {
      const { page } = ann;
      await page.getByRole('button', { name: 'Stickers' }).click();
      await page.getByRole('dialog', { name: 'Stickers' }).getByRole('button', { name: 'hello' }).click();
      await until(async () => (await last()).type === 'sticker');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
    });

    test('a poll', async () => {
      const { page } = ann;
      await page.getByRole('button', { name: 'More ways to send' }).click();
      await page.getByRole('menuitem', { name: 'New poll' }).click();
      await page.getByLabel('Question').fill('Tea?');
      await page.getByLabel('Answer 1').fill('yes');
      await page.getByLabel('Answer 2').fill('no');
      await page.getByLabel('Answer 3').waitFor();
      await page.getByLabel('Several answers').check();
      await page.getByRole('button', { name: 'Ask' }).click();
      await until(async () => (await last()).type === 'poll');
      const { content } = await last();
      assert.deepEqual([content.poll.options.length, content.poll.multiple], [2, true]);
    });

    test('a message for later, which can be changed and taken back', async () => {
      const { page } = ann;
      await page.fill('#text', 'good morning');
      await page.getByRole('button', { name: 'More ways to send' }).click();
      await page.getByRole('menuitem', { name: 'Send tomorrow morning' }).click();
      await hasText(ann, '#composer-said', 'It will be sent');
      assert.equal(await page.inputValue('#text'), '');
      await page.getByRole('button', { name: 'More ways to send' }).click();
      await page.getByRole('menuitem', { name: 'Scheduled messages' }).click();
      await hasText(ann, '#scheduled li', 'good morning');
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await page.getByLabel('Text').fill('good night');
      await page.getByRole('button', { name: 'Save' }).click();
      await hasText(ann, '#scheduled li', 'good night');
      const { body } = await rest.ann.get(`/v1/rooms/${room}/scheduled`);
      assert.equal(body.scheduled[0].body, 'good night');
      assert.equal(new Date(body.scheduled[0].send_at).toLocaleTimeString('sv', { timeZone: 'Asia/Seoul' }), '09:00:00');
      await page.getByRole('button', { name: 'Do not send it' }).click();
      await hasText(ann, '#scheduled', 'Nothing is waiting');
      await page.keyboard.press('Escape');
    });
  });

  describe('when one cannot write', () => {
    test('slow mode counts down, for members', async () => {
      const slow = await newRoom({ slow_seconds: 2 }, 'bora');
      await Promise.all([goTo(ann, slow), goTo(bora, slow)]);
      await bora.say('one');
      await hasText(bora, '#slow-wait', 'you can write again in');
      await bora.say('two');
      assert.equal(await bora.page.inputValue('#text'), 'two', 'kept until one may');
      await bora.page.waitForSelector('#slow-wait', { state: 'hidden' });
      await bora.page.press('#text', 'Enter');
      await ann.sees(['one', 'two']);
      await ann.say('three');
      await ann.say('four');
      await bora.sees(['one', 'two', 'three', 'four']);
      await Promise.all([goTo(ann, room), goTo(bora, room)]);
    });

    test('who is muted is told so, and for how long; it ends at once when it is lifted', async () => {
      await chooseOf(ann, 'Karl', 'Mute for 10 minutes');
      await hasText(carl, '#hindrance', 'You are muted. You can write again today at');
      assert.ok(await field(carl).isDisabled());
      await ann.page.locator(`#people-list [data-user="${users.carl.id}"]`).getByRole('img', { name: 'muted' }).waitFor();
      await chooseOf(ann, 'Karl', 'Unmute');
      await carl.page.waitForFunction(() => !document.getElementById('text').disabled);
      assert.equal(await carl.page.textContent('#hindrance'), '');
    });
  });

  describe('notices and pins', () => {
    test('a notice is seen at once; who confirms it is counted live', async () => {
      const { page } = ann;
      await choose(ann, 'Notices');
      await page.getByRole('button', { name: 'New notice' }).click();
      await page.getByLabel('Text of the notice').fill('Tea at three');
      await page.getByRole('button', { name: 'Post notice' }).click();
      await page.getByRole('button', { name: '0 confirmed' }).waitFor();
      const bar = bora.page.getByRole('region', { name: 'Notice' });
      await bar.getByRole('button', { name: 'Tea at three' }).click();
      await bar.getByRole('button', { name: 'I have read it' }).click();
      await bar.getByText('Confirmed', { exact: true }).waitFor();
      await page.getByRole('button', { name: '1 confirmed' }).click();
      await hasText(ann, '#notices .faces', '보라');
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await page.getByLabel('Text of the notice').fill('Tea at four');
      await page.getByRole('button', { name: 'Save' }).click();
      await bar.getByRole('button', { name: 'Tea at four' }).waitFor();
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.click('#confirm-yes');
      await bar.waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
    });

    test('a pinned message leads to its place', async () => {
      const { seq } = (await rest.ann.post(`/v1/rooms/${room}/messages`, { client_id: 'pinned', body: 'remember this' })).body;
      await rest.ann.put(`/v1/rooms/${room}/pins/${seq}`);
      await choose(bora, 'Pinned messages');
      const dialog = bora.page.getByRole('dialog', { name: 'Pinned messages' });
      await dialog.getByRole('link', { name: 'remember this' }).click();
      await bora.page.waitForFunction((at) => location.hash.endsWith(`?at=${at}`), seq);
      await choose(ann, 'Pinned messages');
      await ann.page.getByRole('button', { name: 'Take the pin off' }).click();
      await hasText(ann, '#pins', 'No message is pinned');
      await ann.page.keyboard.press('Escape');
    });
  });

  describe('the head', () => {
    test('a like is seen by the others', async () => {
      await bora.page.getByRole('button', { name: 'Like this room' }).click();
      await ann.page.getByRole('button', { name: 'Like this room, 1 like' }).waitFor();
      assert.equal(await bora.page.getAttribute('#like', 'aria-pressed'), 'true');
      await bora.page.getByRole('button', { name: 'Like this room' }).click();
      await ann.page.getByRole('button', { name: 'Like this room, 0 likes' }).waitFor();
    });

    test('the menu works by keyboard, and gives the focus back', async () => {
      const { page } = bora;
      await page.focus('#room-menu');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('End');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'leave');
      await page.keyboard.press('n');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Notices');
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'room-menu');
      await page.click('#room-menu');
      assert.equal(await page.getByRole('menuitem', { name: 'Room settings' }).count(), 0, 'hosts and moderators only');
      await page.keyboard.press('Escape');
    });

    test('what one is told of the room', async () => {
      await choose(bora, 'Notifications');
      const { page } = bora;
      await page.waitForSelector('#rule [value=mentions]:checked');
      await page.getByLabel('Of nothing').check();
      await page.getByRole('button', { name: '8 hours' }).click();
      await hasText(bora, '#rule', 'Quiet until:');
      const { body } = await rest.bora.get(`/v1/rooms/${room}/notification-rule`);
      assert.equal(body.level, 'none');
      await page.keyboard.press('Escape');
    });

    test('invite links are made and ended', async () => {
      await choose(ann, 'Invite links');
      const { page } = ann;
      await page.getByRole('button', { name: 'Make a link' }).click();
      const link = await page.getByLabel('Invite link', { exact: true }).inputValue();
      const code = /#\/invites\/([\w-]{22})$/.exec(link)[1];
      assert.equal((await rest.bora.get(`/v1/invites/${code}`)).status, 200);
      await page.getByRole('button', { name: 'End this link' }).click();
      await until(async () => (await rest.bora.get(`/v1/invites/${code}`)).status === 404);
      await page.keyboard.press('Escape');
    });

    test('the host changes the room, which all see; a moderator only slow mode', async () => {
      await choose(ann, 'Room settings');
      const { page } = ann;
      await page.getByLabel('Title').fill('Tea and cake');
      await page.getByLabel('Tags').fill('tea, cake');
      await page.getByLabel('Slow mode').selectOption('5');
      await page.getByRole('button', { name: 'Save' }).click();
      await hasText(bora, '#room-title', 'Tea and cake');
      const { body } = await rest.ann.get(`/v1/rooms/${room}`);
      assert.deepEqual([body.tags, body.slow_seconds], [['tea', 'cake'], 5]);
      await rest.ann.patch(`/v1/rooms/${room}/members/${users.bora.id}`, { role: 'moderator' });
      await bora.page.locator('#people-list li', { hasText: '보라' }).getByRole('img', { name: 'Moderator' }).waitFor();
      await choose(bora, 'Room settings');
      assert.equal(await bora.page.getByLabel('Title').count(), 0);
      await bora.page.getByLabel('Slow mode').selectOption('0');
      await bora.page.getByRole('button', { name: 'Save' }).click();
      await until(async () => (await rest.ann.get(`/v1/rooms/${room}`)).body.slow_seconds === 0);
    });

    test('the conversation as a file', async () => {
      await choose(bora, 'Export conversation');
      const [download] = await Promise.all([bora.page.waitForEvent('download'), bora.page.getByRole('button', { name: 'Download' }).click()]);
      assert.equal(download.suggestedFilename(), 'Tea and cake.txt');
      assert.match(await readFile(await download.path(), 'utf8'), /remember this/);
    });

    test('a report', async () => {
      await choose(bora, 'Report this room');
      await bora.page.getByLabel('Why').selectOption('abuse');
      await bora.page.getByRole('button', { name: 'Report' }).click();
      await bora.page.waitForSelector('#report', { state: 'detached' });
      assert.equal((await rest.bora.get('/v1/users/me/reports')).body.reports[0].reason, 'abuse');
    });
  });

  describe('the people', () => {
    test('all members, found by name, with their marks', async () => {
      const { page } = carl;
      await page.locator('#people').getByRole('tab', { name: /^All/ }).click();
      await page.waitForFunction(() => document.querySelectorAll('#members-list li').length === 3);
      const names = await page.$$eval('#members-list .name', (nodes) => nodes.map((node) => node.textContent));
      assert.deepEqual(names, ['Ann', '보라', 'Karl'], 'host, moderators, members');
      await page.getByLabel('Find a member').fill('ㅂ');
      await page.waitForFunction(() => document.querySelectorAll('#members-list li').length === 1);
      await page.getByLabel('Find a member').fill('');
      await page.getByRole('tab', { name: /^Here now/ }).click();
    });

    test('moderators stand above members, not above the host', async () => {
      const { page } = bora;
      await page.getByRole('button', { name: 'More about Ann' }).click();
      assert.equal(await page.getByRole('menuitem', { name: 'Remove' }).count(), 0);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'More about Karl' }).click();
      assert.equal(await page.getByRole('menuitem', { name: 'Make moderator' }).count(), 0);
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByLabel('Ban for a day').check();
      await page.getByLabel('Reason').fill('too loud');
      await page.getByRole('button', { name: 'Remove' }).click();
      await hasText(carl, '#room-trouble', 'You are no longer in this room.');
      await choose(bora, 'Banned people');
      await hasText(bora, '#bans li', 'too loud');
      await page.getByRole('button', { name: 'Lift the ban of Karl' }).click();
      await hasText(bora, '#bans', 'Nobody is banned');
      await page.keyboard.press('Escape');
    });

    test('the host makes moderators, and hands the room over', async () => {
      await chooseOf(ann, '보라', 'No moderator any more');
      await ann.page.locator('#people-list li', { hasText: '보라' }).getByRole('img', { name: 'Moderator' }).waitFor({ state: 'hidden' });
      await chooseOf(ann, '보라', 'Hand the room over');
      await ann.page.click('#confirm-yes');
      await bora.page.locator('#people-list li', { hasText: '보라' }).getByRole('img', { name: 'Host' }).waitFor();
      await bora.page.getByRole('button', { name: 'More about Ann' }).click();
      await bora.page.getByRole('menuitem', { name: 'Make moderator' }).waitFor();
      await bora.page.keyboard.press('Escape');
    });

    test('mentioned from the list', async () => {
      await type(ann, 'hi');
      await chooseOf(ann, '보라', 'Mention');
      assert.equal(await ann.page.inputValue('#text'), 'hi @보라 ');
      await ann.page.fill('#text', '');
    });

    test('on a phone it lies over the conversation; Escape closes it and gives the focus back', async () => {
      const phone = await open('bora', { viewport: { width: 320, height: 640 }, hasTouch: true });
      const { page } = phone;
      await page.click('#people-toggle');
      await page.getByRole('tab', { name: /^Here now/ }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'people-here');
      await page.getByRole('button', { name: 'More about Ann' }).click();
      await page.keyboard.press('Escape');
      assert.ok(await page.isVisible('#people'), 'the menu goes first');
      await page.keyboard.press('Escape');
      assert.ok(await page.isHidden('#people'));
      assert.equal(await page.evaluate(() => document.activeElement.id), 'people-toggle');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      phone.checkSilence();
      await phone.close();
    });
  });

  describe('between two', () => {
    test('written to from the list: the head shows the partner, and whether they are here', async () => {
      await chooseOf(ann, '보라', 'Write directly');
      await ann.page.waitForFunction(() => document.getElementById('room-title')?.textContent === '보라');
      const direct = Number(await ann.page.getAttribute('#room', 'data-room'));
      await hasText(ann, '#room-about', 'online');
      assert.equal(await ann.page.locator('#like').count(), 0);
      await goTo(bora, direct);
      await hasText(ann, '#room-about', 'is here');
    });

    test('nobody is left there to write to', async () => {
      const direct = await ann.page.getAttribute('#room', 'data-room');
      await rest.bora.del(`/v1/rooms/${direct}/members/me`);
      await hasText(ann, '#hindrance', '보라 has left this conversation');
      assert.ok(await field(ann).isDisabled());
    });
  });

  test('the host deletes the room after a question', async () => {
    ann.expects = [/404/]; // the place up to which one has read, told too late
    const doomed = await newRoom({ title: 'doomed' });
    await goTo(ann, doomed);
    await choose(ann, 'Room settings');
    await ann.page.getByRole('button', { name: 'Delete room' }).click();
    await ann.page.click('#confirm-yes');
    await ann.page.waitForSelector('#welcome');
    assert.equal((await rest.ann.get(`/v1/rooms/${doomed}`)).status, 404);
  });

  test('nobody had anything to complain of', () => {
    for (const visitor of [ann, bora]) visitor.checkSilence();
  });
});
