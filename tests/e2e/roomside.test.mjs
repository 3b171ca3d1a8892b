// The field to write in: what it completes, Korean keyboards, drafts, what can be sent besides text.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { chooseOf, goTo, hasText, openParty, type } from './roomkit.mjs';

describe('writing in a room', { timeout: 240000 }, () => {
  let party, users, rest, room, newRoom, ann, bora, carl;
  const last = async () => (await rest.ann.get(`/v1/rooms/${room}/messages?limit=1`)).body.messages[0];

  before(async () => {
    party = await openParty();
    ({ users, rest, room, newRoom } = party);
    [ann, bora, carl] = await Promise.all(['ann', 'bora', 'carl'].map((name) => party.open(name)));
  });
  after(() => party?.close());

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
    before(async () => { phone = await party.open('ann', { viewport: { width: 360, height: 740 }, hasTouch: true }); });
    after(() => phone.close());
    const written = (visitor, text) => visitor.page.waitForFunction((wanted) => document.getElementById('text')?.value === wanted, text);

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

    test('what a page that was left had still to say is taken back if it is emptied before one hears of it', async () => {
      await rest.ann.put(`/v1/rooms/${room}/draft`, { body: 'on its way' });
      await written(ann, 'on its way');
      await ann.page.evaluate((key) => localStorage.setItem(key, '{"body":"on its way"}'), `maru.draft.${users.ann.id}.${room}`);
      const isEmpty = (route) => route.fulfill({ json: { drafts: [], next: null } });
      await ann.page.route('**/v1/users/me/drafts*', isEmpty); // as if asked before it was there
      await ann.page.routeWebSocket(/\/app\//, (ws) => {
        ws.connectToServer().onMessage((text) => { if (!text.includes('draft.')) ws.send(text); });
      });
      await ann.page.reload();
      await written(ann, 'on its way');
      await ann.page.fill('#text', '');
      await until(async () => (await rest.ann.get('/v1/users/me/drafts')).body.drafts.length === 0);
      await ann.page.unroute('**/v1/users/me/drafts*', isEmpty);
    });

    test('that one was taken away, told late, does not take away the next', async () => {
      const held = [];
      let isHolding = true;
      await ann.page.routeWebSocket(/\/app\//, (ws) => {
        ws.connectToServer().onMessage((text) => {
          if (isHolding && text.includes('draft.')) held.push(() => ws.send(text));
          else ws.send(text);
        });
      });
      await ann.page.reload();
      await ann.connected();
      const isKept = (body) => until(async () => (await rest.ann.get('/v1/users/me/drafts')).body.drafts[0]?.body === body, 15000);
      await type(ann, 'first');
      await isKept('first');
      await ann.page.fill('#text', '');
      await isKept(undefined);
      await type(ann, 'second');
      await isKept('second');
      await until(() => held.length === 3); // of both, and of what lies between
      isHolding = false;
      for (const send of held) send();
      await rest.bora.post(`/v1/rooms/${room}/messages`, { client_id: 'after-all', body: 'after all of that' });
      await hasText(ann, '#log', 'after all of that'); // it came by the same way, later
      await written(phone, 'second');
      assert.equal(await ann.page.inputValue('#text'), 'second');
      await ann.page.fill('#text', '');
      await isKept(undefined);
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
      await hasText(ann, '#composer-said', 'You will be reminded');
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
      await page.locator('dialog').waitFor({ state: 'detached' }); // until the page has heard so, too, nothing else can be written in
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
      const slow = await newRoom({ slow_seconds: 3600 }, 'bora'); // longer than any machine needs
      await Promise.all([goTo(ann, slow), goTo(bora, slow)]);
      await bora.page.locator('#people-all small').waitFor(); // until the room is known it has no slow mode
      await bora.say('one');
      await bora.say('two'); // also while the first one is on its way
      await bora.page.locator('#slow-wait').getByText('you can write again in').waitFor();
      assert.equal(await bora.page.inputValue('#text'), 'two', 'kept until one may');
      await bora.sees(['one']); // what is heard of after the clock was moved counts from there
      const left = async () => Number((await bora.page.textContent('#slow-wait')).replace(/\D/g, ''));
      assert.ok(await left() > 1800);
      const later = (seconds) => bora.page.evaluate((ms) => {
        const now = globalThis.nowHere ??= Date.now.bind(Date);
        Date.now = () => now() + ms;
      }, seconds * 1000);
      await later(1800);
      await until(async () => await left() <= 1800);
      await party.stack.sql(`UPDATE room SET slow_seconds = 0 WHERE id = ${slow}`); // the clock of the server stays where it is
      await later(3600);
      await bora.page.waitForSelector('#slow-wait', { state: 'hidden' });
      await bora.page.press('#text', 'Enter');
      await ann.sees(['one', 'two']);
      await ann.say('three');
      await ann.say('four');
      await bora.sees(['one', 'two', 'three', 'four']);
      await later(0);
      await Promise.all([goTo(ann, room), goTo(bora, room)]);
    });

    test('who is muted is told so, and for how long; it ends at once when it is lifted', async () => {
      await chooseOf(ann, 'Karl', 'Mute for 10 minutes');
      await hasText(carl, '#hindrance', 'You are muted. You can write again');
      assert.ok(await carl.page.isDisabled('#text'));
      await ann.page.locator(`#people-list [data-user="${users.carl.id}"]`).getByRole('img', { name: 'muted' }).waitFor();
      await chooseOf(ann, 'Karl', 'Unmute');
      await carl.page.waitForFunction(() => !document.getElementById('text').disabled);
      assert.equal(await carl.page.textContent('#hindrance'), '');
    });
  });

  test('nobody had anything to complain of', () => {
    for (const visitor of [ann, bora, carl]) visitor.checkSilence();
  });
});
