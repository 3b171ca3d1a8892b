// A call that nobody answered: as a toast where one is, as a number at the bell, among the notifications, and until it is read.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { directRoom } from './callkit.mjs';
import { openParty } from './roomkit.mjs';

const go = ({ page }, path) => page.evaluate((to) => { location.hash = to; }, path);
const badge = ({ page }) => page.locator('[data-place=notifications] .badge');
const toast = ({ page }, text) => page.locator('#toasts .toast', { hasText: text });
const rows = ({ page }) => page.locator('#notifications-screen li.row-item');
const unread = async (rest) => (await rest.get('/v1/notifications?unread=1')).body.notifications;

describe('missed calls', { timeout: 300000 }, () => {
  let party, rest, users, room, direct, bora;

  const begin = async (where) => {
    const { status, body } = await rest.ann.post(`/v1/rooms/${where}/calls`, { peer: 'a-window-of-somebody' });
    assert.equal(status, 201);
    return body;
  };
  const end = async ({ id }) => assert.equal((await rest.ann.del(`/v1/calls/${id}/members/me`)).status, 204);

  before(async () => {
    party = await openParty({ call_ring: 600, call_lost: 250 });
    ({ rest, users, room } = party);
    direct = await directRoom(rest.ann, users.bora.id);
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark' });
  });
  after(() => party?.close());

  test('it rings, the caller gives up: a toast tells of it and leads to the room, where it is read', async () => {
    await go(bora, '#/friends');
    const call = await begin(direct);
    await bora.page.waitForSelector('#incoming');
    await end(call);
    await bora.page.waitForSelector('#incoming', { state: 'detached' });
    await toast(bora, 'Ann님의 부재중 전화').locator('.toast-open').click();
    await bora.opened(direct);
    await badge(bora).waitFor({ state: 'detached' }); // though nothing was ever said there
    await until(async () => (await unread(rest.bora)).length === 0, 10000, 'it to be read');
  });

  test('what one has read elsewhere is withdrawn here', async () => {
    await go(bora, '#/friends');
    await end(await begin(direct));
    const mine = toast(bora, 'Ann님의 부재중 전화');
    await mine.locator('.toast-open').focus(); // the focus keeps it
    await badge(bora).waitFor();
    assert.equal((await rest.bora.put('/v1/notifications/read', {})).status, 204);
    await mine.waitFor({ state: 'detached' });
    await badge(bora).waitFor({ state: 'detached' });
  });

  test('in the list it stands among the missed calls, with the room where that is one of many', async () => {
    await go(bora, '#/settings');
    await end(await begin(direct));
    const many = await begin(room);
    assert.equal((await rest.ann.put(`/v1/calls/${many.id}/members/${users.bora.id}`, {})).status, 200);
    await end(many);
    await until(async () => (await unread(rest.bora)).length === 2, 10000, 'two missed calls');
    await go(bora, '#/notifications');
    await bora.page.check('[name=news-kind][value=call]');
    await bora.page.waitForFunction(() => document.querySelectorAll('#notifications-screen li.unread').length === 2);
    assert.match(await rows(bora).nth(0).textContent(), /Ann님의 부재중 전화.*Tea/);
    assert.match(await rows(bora).nth(1).textContent(), /Ann님의 부재중 전화/);
    await checkAccess(bora.page);
    await bora.page.check('[name=news-kind][value=mention]');
    await bora.page.waitForFunction(() => document.querySelectorAll('#notifications-screen li.row-item').length === 0);
    await bora.page.check('[name=news-kind][value=call]');
    await rows(bora).nth(0).locator('a').click();
    await bora.opened(room);
    await until(async () => (await unread(rest.bora)).length === 1, 10000, 'one to be read');
    await go(bora, `#/rooms/${direct}`);
    await bora.opened(direct);
    await badge(bora).waitFor({ state: 'detached' });
  });

  test('whoever was not there finds it when they come', async () => {
    const toCarl = await directRoom(rest.ann, users.carl.id);
    await begin(toCarl);
    await until(async () => (await unread(rest.carl)).length === 1, 15000, 'the server to find nobody');
    const carl = await party.open('carl');
    await badge(carl).waitFor();
    await go(carl, '#/notifications');
    await rows(carl).getByText('Missed call from Ann').click();
    await carl.opened(toCarl);
    await badge(carl).waitFor({ state: 'detached' });
    carl.checkSilence();
  });

  test('nothing else was written to the console', () => bora.checkSilence());
});
