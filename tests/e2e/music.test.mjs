// Background music of a room: one list, heard by all who want to at the same place, whenever they come.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { upload } from '../api/filekit.mjs';
import { wav } from '../api/wav.mjs';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { apart, heardIn, placeAt } from './musickit.mjs';
import { goTo, hasText, openParty } from './roomkit.mjs';
import { button } from './rowkit.mjs';

const NEAR = 250; // milliseconds that two who listen may be apart
/** A sound that says what it is, and is none. */
const noise = Buffer.concat([wav(0).subarray(0, 12), Buffer.alloc(3000, 7)]);

describe('music', { timeout: 400000 }, () => {
  let party, rest, room, ann, bora;

  const music = async (id = room) => (await rest.ann.get(`/v1/rooms/${id}/music`)).body;
  const put = async (change) => {
    const { status, body } = await rest.ann.put(`/v1/rooms/${room}/music`, change);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const panel = ({ page }) => page.locator('#music');
  const row = (visitor, title) => panel(visitor).locator('.tracks li', { hasText: title });
  const openPanel = async (visitor, name = 'Music') => {
    if (await button(visitor, name).isVisible()) await button(visitor, name).click();
    else { // the head has no room for it
      await visitor.page.click('#room-menu');
      await visitor.page.getByRole('menuitem', { name }).click();
    }
    await panel(visitor).locator('#tracks-heading').waitFor();
  };
  const listensAlong = async (visitor, label = 'Listen along') => {
    await panel(visitor).getByRole('button', { name: label }).click();
    await inPlace(visitor);
  };
  /** Waits until that page plays what it should, where it should. */
  const inPlace = async ({ page }) => {
    let last;
    const isThere = async () => {
      const [now, heard] = [await music(), await heardIn(page)];
      last = heard && { heard, place: placeAt(now, heard.now), apart: apart(now, heard, placeAt(now, heard.now)) };
      return last && last.apart < NEAR;
    };
    await until(isThere, 15000).catch(() => {});
    assert.ok(last && last.apart < NEAR, JSON.stringify(last));
    return last.heard;
  };
  const silent = ({ page }) => until(async () => await heardIn(page) === null, 10000, 'silence');
  const chooseFor = async (visitor, title, item) => {
    await row(visitor, title).getByRole('button').click();
    await visitor.page.getByRole('menuitem', { name: item }).click();
  };
  /** Over HTTP: resolves with the answer. */
  let count = 0;
  const addTrack = async (title, bytes, duration) => {
    const file = await upload(party.stack, party.users.ann, bytes, { name: `${title}.wav`, type: 'audio/wav' });
    const message = await rest.ann.post(`/v1/rooms/${room}/messages`, { client_id: `track-${++count}`, body: title, attachments: [file.body.id] });
    const answer = await rest.ann.post(`/v1/rooms/${room}/tracks`, { message: message.body.seq, file: file.body.id, title, licence: 'made here', duration });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };

  before(async () => {
    party = await openParty();
    ({ rest, room } = party);
    ann = await party.open('ann');
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 1100, height: 800 } });
  });
  after(() => party?.close());

  test('S2.bgm-1: the host adds a track from a file, and says why it may be played', async () => {
    const { page } = ann;
    await openPanel(ann);
    await openPanel(bora, '음악');
    await panel(bora).getByText('아직 음악이 없어요.').waitFor();
    await button(ann, 'Add a track').click();
    const dialog = page.getByRole('dialog', { name: 'Add a track' });
    await dialog.getByLabel('Audio file').setInputFiles({ name: 'rain_on tea.wav', mimeType: 'audio/wav', buffer: wav(30000) });
    assert.equal(await dialog.getByLabel('Title').inputValue(), 'rain on tea');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.locator('[data-error=licence]').getByText(/./).waitFor();
    assert.equal((await rest.ann.get(`/v1/rooms/${room}/messages`)).body.messages.filter(({ attachments }) => attachments).length, 0, 'nothing is sent half');
    await dialog.getByText('Everybody in the room hears it').waitFor();
    await checkAccess(page);
    await dialog.getByLabel('Who made it').fill('made by Ann, CC0');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    for (const visitor of [ann, bora]) {
      await row(visitor, 'rain on tea').getByText('0:30').waitFor();
      await row(visitor, 'rain on tea').getByText('made by Ann, CC0').waitFor();
    }
    await row(ann, 'rain on tea').getByText('added by Ann').waitFor();
    await hasText(bora, '#log .message', 'rain on tea');
    const { tracks: [track] } = await music();
    assert.ok(Math.abs(track.duration - 30000) < 100, `${track.duration} ms`);
  });

  test('S2.bgm-1: what is no music is refused before anything is sent', async () => {
    const { page } = ann;
    await button(ann, 'Add a track').click();
    const dialog = page.getByRole('dialog', { name: 'Add a track' });
    await dialog.getByLabel('Who made it').fill('nobody');
    await dialog.getByLabel('Audio file').setInputFiles({ name: 'noise.wav', mimeType: 'audio/wav', buffer: noise });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText("This browser can't play the file.").waitFor();
    await dialog.getByLabel('Audio file').setInputFiles({ name: 'notes.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 no music') });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('This is no audio file that we know').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await music()).tracks.length, 1);
  });

  test('S2.bgm-1: the host plays, and who listens along hears the same at the same time', async () => {
    await addTrack('green leaves', wav(26000, 330), 26000);
    await row(bora, 'green leaves').waitFor();
    await panel(ann).getByRole('button', { name: 'Play for everybody' }).click();
    await panel(bora).locator('.music-now').getByText('rain on tea').waitFor();
    assert.equal(await heardIn(ann.page), null, 'nobody hears what they did not ask for');
    await listensAlong(ann);
    await listensAlong(bora, '함께 듣기');
    await until(async () => {
      const [now, one, other] = await Promise.all([music(), heardIn(ann.page), heardIn(bora.page)]);
      return one && other && apart(now, { ...one, at: one.at + other.now - one.now }, other) < NEAR;
    }, 10000, 'both at the same place');
    await checkAccess(ann.page);
    await checkAccess(bora.page);
  });

  test('S2.bgm-1: who comes later is in place, too', async () => {
    const carl = await party.open('carl');
    await openPanel(carl);
    await listensAlong(carl);
    carl.checkSilence();
    await carl.close();
  });

  test('S2.bgm-1: pause, seek, next and previous are for all who listen', async () => {
    await panel(ann).getByRole('button', { name: 'Pause for everybody' }).click();
    for (const visitor of [ann, bora]) await silent(visitor);
    await panel(bora).getByText('방 모두에게 일시정지됨').waitFor();
    const slider = panel(ann).getByRole('slider', { name: 'Position in the track' });
    await slider.focus();
    await ann.page.keyboard.press('Home');
    await until(async () => (await music()).position === 0);
    await panel(ann).getByRole('button', { name: 'Play for everybody' }).click();
    for (const visitor of [ann, bora]) await inPlace(visitor);
    await slider.fill('15');
    await until(async () => placeAt(await music(), Date.now()).at >= 15000);
    for (const visitor of [ann, bora]) assert.ok((await inPlace(visitor)).at >= 15000);
    const { tracks: [first, second] } = await music();
    await panel(ann).getByRole('button', { name: 'Next track' }).click();
    await row(bora, 'green leaves').and(bora.page.locator('[aria-current]')).waitFor();
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, second.id);
    const { since } = await music();
    await panel(ann).getByRole('button', { name: 'Previous track' }).click();
    await until(async () => (await music()).since !== since);
    const now = await music();
    assert.ok(now.track === first.id || now.position === 0);
    for (const visitor of [ann, bora]) await inPlace(visitor);
  });

  test('S2.bgm-1: one track goes over into the next without anybody doing anything', async () => {
    const { tracks: [first, second] } = await music();
    await put({ track: first.id, state: 'playing', position: 20000 }); // early enough to look at both
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, first.id);
    await until(async () => (await heardIn(bora.page))?.track === second.id, 20000, 'the next track');
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, second.id);
  });

  test('S2.bgm-1: volume and mute are everybody’s own, and stay on the device', async () => {
    await panel(bora).getByRole('slider', { name: '내 음량' }).fill('20');
    await panel(bora).getByRole('button', { name: '나에게만 음소거' }).click();
    await until(async () => (await heardIn(bora.page))?.volume === 0.2 && (await heardIn(bora.page)).muted);
    const { volume, muted } = await heardIn(ann.page);
    assert.deepEqual([volume, muted], [0.7, false]);
    assert.equal(await panel(bora).getByRole('button', { name: '나에게만 음소거' }).getAttribute('aria-pressed'), 'true');
  });

  test('S2.bgm-1: who has no rank has no controls', async () => {
    for (const name of ['곡 추가', '모두에게 재생', '모두에게 일시정지', '다음 곡', '이전 곡']) {
      assert.equal(await panel(bora).getByRole('button', { name }).count(), 0, name);
    }
    assert.equal(await panel(bora).getByRole('slider', { name: '재생 위치' }).count(), 0);
    await row(bora, 'green leaves').getByRole('button').click();
    assert.deepEqual(await bora.page.getByRole('menuitem').allTextContents(), ['메시지 보기']);
    await bora.page.keyboard.press('Escape');
    const { status } = await rest.bora.put(`/v1/rooms/${room}/music`, { state: 'paused' });
    assert.equal(status, 403);
  });

  test('S2.bgm-1: who becomes a moderator has them at once', async () => {
    await rest.ann.patch(`/v1/rooms/${room}/members/${party.users.bora.id}`, { role: 'moderator' });
    await panel(bora).getByRole('button', { name: '모두에게 일시정지' }).click();
    for (const visitor of [ann, bora]) await silent(visitor);
    await panel(bora).getByRole('button', { name: '모두에게 재생' }).click();
    for (const visitor of [ann, bora]) await inPlace(visitor);
  });

  test('S2.bgm-1: it goes on while one looks at other rooms, and is paused for oneself', async () => {
    const other = await party.newRoom({ title: 'Coffee' }, 'bora');
    await goTo(ann, other);
    await inPlace(ann);
    const bar = ann.page.locator('#sidebar .heard');
    await bar.getByRole('button', { name: 'Pause for me' }).click();
    await silent(ann);
    await inPlace(bora);
    await bar.getByRole('button', { name: 'Listen along' }).click();
    await inPlace(ann);
    await checkAccess(ann.page);
    await bar.getByRole('link').click();
    await ann.opened(room);
    await inPlace(ann);
  });

  test('S2.bgm-1: after a reload it goes on', async () => {
    await ann.page.reload();
    await ann.opened(room);
    await inPlace(ann);
    await openPanel(ann);
  });

  test('S2.bgm-1: where the browser wants a click first there is a button', async () => {
    const other = { page: await ann.context.newPage() };
    const { page } = other;
    // For Chromium, whoever looks into a page from outside has clicked in it: so its own rule is told anew here.
    await page.addInitScript((value) => {
      sessionStorage.setItem('maru.listens', value);
      let clicked = false;
      addEventListener('click', ({ isTrusted }) => { clicked ||= isTrusted; }, true);
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () { return clicked ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError')); };
    }, `${party.users.ann.id}.${room}`);
    await page.goto(`${party.stack.url}/#/rooms/${room}`);
    await page.locator('#sidebar .heard[data-state=blocked]').waitFor();
    assert.equal(await heardIn(page), null);
    await checkAccess(page);
    await page.locator('#sidebar .heard').getByRole('button', { name: 'Listen along' }).click();
    await inPlace(other);
    await page.close();
  });

  test('S2.bgm-1: what can’t be played is said and left out', async () => {
    ann.expects = bora.expects = [/./];
    const track = await addTrack('broken string', noise, 4000);
    const { tracks: [first] } = await music();
    await put({ track: track.id, state: 'playing', position: 0 });
    await panel(ann).getByText("“broken string” can't be played here.").waitFor();
    await until(async () => (await heardIn(ann.page))?.track === first.id, 10000, 'the next one');
    await inPlace(ann);
    await chooseFor(ann, 'broken string', 'Take off the list');
    await row(bora, 'broken string').waitFor({ state: 'detached' });
    for (const visitor of [ann, bora]) await inPlace(visitor);
    ann.expects = bora.expects = [];
  });

  test('S2.bgm-1: if the track that plays is taken off, the next one begins', async () => {
    const third = await addTrack('last sip', wav(20000, 500), 20000);
    const { tracks: [, second] } = await music();
    await put({ track: second.id, state: 'playing', position: 5000 });
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, second.id);
    await chooseFor(ann, 'green leaves', 'Take off the list');
    await row(bora, 'green leaves').waitFor({ state: 'detached' });
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, third.id);
    assert.ok(await ann.page.evaluate(() => document.activeElement !== document.body), 'the focus stays in the list');
  });

  test('S2.bgm-1: a message that is deleted takes its track with it', async () => {
    const { tracks: [first, third] } = await music();
    assert.equal((await rest.ann.del(`/v1/rooms/${room}/messages/${third.message}`)).status, 204);
    await row(bora, 'last sip').waitFor({ state: 'detached' });
    const { tracks, track } = await music();
    assert.deepEqual(tracks.map(({ id }) => id), [first.id]);
    for (const visitor of [ann, bora]) await (track === null ? silent(visitor) : inPlace(visitor));
    await put({ track: first.id, state: 'playing' });
    for (const visitor of [ann, bora]) assert.equal((await inPlace(visitor)).track, first.id);
  });

  test('S2.bgm-1: in Korean, on the smallest phone', async () => {
    const { page } = bora;
    await page.setViewportSize({ width: 320, height: 640 });
    await page.keyboard.press('Escape');
    await panel(bora).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '대화방 메뉴' }).click();
    await page.getByRole('menuitem', { name: '음악' }).click();
    await row(bora, 'rain on tea').waitFor();
    await checkAccess(page);
    const wide = await page.evaluate(() => [...document.querySelectorAll('#music *')].filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map(({ className }) => className));
    assert.deepEqual(wide, []);
    await page.locator('#music .beside-close').focus();
    await page.keyboard.press('Escape');
    await panel(bora).waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.id), 'room-menu');
    await page.locator('#top .heard').waitFor();
    await checkAccess(page);
  });

  test('S2.bgm-1: who is out of the room hears no more of it', async () => {
    await inPlace(bora);
    assert.equal((await rest.bora.del(`/v1/rooms/${room}/members/me`)).status, 204);
    await silent(bora);
    await bora.page.locator('.heard').first().waitFor({ state: 'detached' });
    await inPlace(ann);
    await panel(ann).getByRole('button', { name: 'Stop listening' }).click();
    await silent(ann);
  });

  test('nothing else was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
