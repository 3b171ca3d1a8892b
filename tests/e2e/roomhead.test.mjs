// What stands around the messages of a room: the head and its menu, notices, pins, people.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { choose, chooseOf, goTo, hasText, holdAnswer, openParty, type } from './roomkit.mjs';

describe('the head and the side of a room', { timeout: 240000 }, () => {
  let party, users, rest, room, newRoom, ann, bora, carl;

  before(async () => {
    party = await openParty();
    ({ users, rest, room, newRoom } = party);
    [ann, bora, carl] = await Promise.all(['ann', 'bora', 'carl'].map((name) => party.open(name)));
  });
  after(() => party?.close());

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

    test('a notice that comes while the ones before are read is the newest, whatever comes first', async () => {
      const other = await newRoom({ title: 'Notices on their way' }, 'bora');
      await rest.ann.post(`/v1/rooms/${other}/notices`, { body: 'Tea at three' });
      const { read, letGo } = await holdAnswer(bora, `**/v1/rooms/${other}/notices?*`);
      await goTo(bora, other);
      await read;
      const { body: { id } } = await rest.ann.post(`/v1/rooms/${other}/notices`, { body: 'Tea at four' });
      await hasText(bora, '#notice', 'Tea at four');
      await letGo();
      await rest.ann.patch(`/v1/rooms/${other}/notices/${id}`, { body: 'Tea at five' });
      await hasText(bora, '#notice', 'Tea at five');
      await goTo(bora, room);
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

    test('what is told of a room while it is asked for is newer than the answer', async () => {
      const other = await newRoom({ title: 'On its way' }, 'bora');
      await ann.page.locator(`#mine [data-room="${other}"]`).waitFor({ state: 'attached' });
      const { read, letGo } = await holdAnswer(ann, `**/v1/rooms/${other}`);
      await goTo(ann, other);
      await read;
      await rest.bora.put(`/v1/rooms/${other}/like`);
      const likes = ann.page.getByRole('button', { name: 'Like this room, 1 like' });
      await likes.waitFor(); // by the list
      await letGo();
      await ann.page.locator('#people-all', { hasText: /2$/ }).waitFor(); // by the answer
      assert.ok(await likes.isVisible());
      await goTo(ann, room);
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

    test('the menu goes along when the window is another one, as on a phone that is turned', async () => {
      const { page } = bora;
      const before = page.viewportSize();
      await page.click('#room-menu');
      const sizes = [];
      await page.exposeFunction('resizes', () => { sizes.push(1); });
      await page.evaluate(() => addEventListener('resize', () => window.resizes()));
      await page.setViewportSize({ width: 800, height: 400 });
      await until(() => sizes.length > 0);
      assert.ok(await page.evaluate(() => document.activeElement.matches('[role=menu] [role=menuitem]')), 'the focus stays in it');
      const box = await page.locator('[role=menu]').boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 800, JSON.stringify(box));
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'room-menu');
      await page.setViewportSize(before);
    });

    test('what one is told of the room', async () => {
      await choose(bora, 'Notifications');
      const { page } = bora;
      await page.waitForSelector('#rule [value=mentions]:checked');
      await page.getByLabel('Of nothing').check();
      await until(async () => (await rest.bora.get(`/v1/rooms/${room}/notification-rule`)).body.level === 'none');
      await page.getByRole('button', { name: '8 hours' }).click();
      await hasText(bora, '#rule', 'Quiet until:');
      const { body } = await rest.bora.get(`/v1/rooms/${room}/notification-rule`);
      assert.equal(body.level, 'none');
      await page.keyboard.press('Escape');
    });

    test('invite links are made and ended', async () => {
      const { page } = ann;
      const { read, letGo } = await holdAnswer(ann, `**/v1/rooms/${room}/invites`);
      await choose(ann, 'Invite links');
      await read;
      assert.ok(await page.getByRole('button', { name: 'Make a link' }).isDisabled(), 'the answer would take the new one off again');
      await letGo();
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
      const phone = await party.open('bora', { viewport: { width: 320, height: 640 }, hasTouch: true });
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

  describe('the focus', () => {
    test('is in the field as soon as the room is there', async () => {
      const other = await newRoom({ title: 'Other' });
      await goTo(ann, room);
      const at = await ann.page.evaluate((id) => new Promise((resolve) => {
        // As soon as scripts run after the change of the page.
        const watch = new MutationObserver(() => {
          if (!document.querySelector(`#room[data-room="${id}"] #text`)) return;
          watch.disconnect();
          resolve(document.activeElement.id);
        });
        watch.observe(document.body, { subtree: true, childList: true, attributes: true });
        location.hash = `#/rooms/${id}`;
      }), other);
      assert.equal(at, 'text');
    });

    test('stays where somebody has gone while the room was on its way', async () => {
      const { page } = ann;
      await page.route('**/v1/users/me/rooms?*', (route) => route.fulfill({ json: { rooms: [], next: null } }));
      let release;
      const isReleased = new Promise((resolve) => { release = resolve; });
      await page.route(`**/v1/rooms/${room}`, async (route) => {
        await isReleased;
        await route.continue();
      });
      await page.evaluate(() => {
        location.hash = '#/';
        location.reload();
      });
      await ann.connected();
      await page.waitForSelector('#tab-all[aria-selected=true]');
      await page.evaluate((id) => { location.hash = `#/rooms/${id}`; }, room);
      await page.locator('#welcome').getByText('One moment').waitFor();
      await page.focus('#change-password');
      release();
      await ann.opened(room);
      assert.equal(await page.evaluate(() => document.activeElement.id), 'change-password');
      await page.unrouteAll({ behavior: 'wait' });
      await page.reload();
      await ann.connected();
    });

    test('is in the field of a new room, and of one that is joined by its row', async () => {
      const { page } = bora;
      const other = await newRoom({ title: 'Joined by its row' });
      await bora.join(other);
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
      await bora.createRoom('Just made');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
      await goTo(bora, room);
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
      bora.expects = [/40[34]/];
      const direct = await ann.page.getAttribute('#room', 'data-room');
      await rest.bora.del(`/v1/rooms/${direct}/members/me`);
      await hasText(ann, '#hindrance', '보라 has left this conversation');
      assert.ok(await ann.page.isDisabled('#text'));
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
