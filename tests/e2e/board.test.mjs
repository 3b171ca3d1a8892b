// The whiteboard of a room: what one draws the others see, also late, and no line is lost.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { sleep, until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { choose, goTo, openParty } from './roomkit.mjs';
import { button } from './rowkit.mjs';

const PLANE = [4096, 2560];
// On the light ground, the dark one, and paper.
const RED = { light: [200, 50, 43], dark: [255, 123, 114] };
const BLUE = { light: [36, 99, 196], dark: [121, 174, 252] };

describe('the whiteboard', { timeout: 400000 }, () => {
  let party, rest, room, ann, bora;

  const canvas = ({ page }) => page.locator('#board-canvas');
  const openBoard = async (visitor, name = 'Whiteboard') => {
    await button(visitor, name).click();
    await visitor.page.locator('#board-canvas[data-loaded=true]').waitFor();
  };
  const placeOf = async (visitor, [x, y]) => {
    const box = await canvas(visitor).boundingBox();
    return [box.x + box.width * x / PLANE[0], box.y + box.height * y / PLANE[1]];
  };
  /** With the mouse, slowly enough for a line of several pieces if it is to take that long. On a slow machine any line may have several, a dot never. */
  const draw = async (visitor, points, pause = 0) => {
    const { page } = visitor;
    await page.mouse.move(...await placeOf(visitor, points[0]));
    await page.mouse.down();
    for (const point of points.slice(1)) {
      await page.mouse.move(...await placeOf(visitor, point), { steps: 4 });
      if (pause) await sleep(pause);
    }
    await page.mouse.up();
  };
  /** [red, green, blue, opacity] of the canvas there. */
  const pixel = (visitor, [x, y]) => visitor.page.evaluate(([u, v]) => {
    const node = document.getElementById('board-canvas');
    return [...node.getContext('2d').getImageData(Math.floor(node.width * u), Math.floor(node.height * v), 1, 1).data];
  }, [x / PLANE[0], y / PLANE[1]]);
  const isInk = (seen, ink) => seen[3] > 200 && ink.every((value, i) => Math.abs(value - seen[i]) < 8);
  const sees = async (visitor, point, ink) => {
    await until(async () => isInk(await pixel(visitor, point), ink), 10000).catch(() => {});
    const seen = await pixel(visitor, point);
    assert.ok(isInk(seen, ink), `${seen} at ${point} is not ${ink}`);
  };
  const seesNothing = async (visitor, point) => {
    await until(async () => (await pixel(visitor, point))[3] === 0, 10000).catch(() => {});
    assert.equal((await pixel(visitor, point))[3], 0, `something at ${point}`);
  };
  const chooseColor = ({ page }, name) => page.getByRole('radio', { name }).check({ force: true });
  const chooseWidth = chooseColor;
  const strokes = async () => (await rest.ann.get(`/v1/rooms/${room}/strokes?limit=100`)).body.strokes;
  const lines = async () => new Set((await strokes()).map(({ line }) => line)).size;
  const stored = (n) => until(async () => await lines() === n, 10000, `${n} lines`);
  const says = (visitor, text) => visitor.page.locator('#board-summary', { hasText: text }).waitFor();

  before(async () => {
    party = await openParty();
    ({ rest, room } = party);
    ann = await party.open('ann');
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 1500, height: 900 } });
  });
  after(() => party?.close());

  test('two draw, and each sees the other in the colours of the own theme', async () => {
    await openBoard(ann);
    await openBoard(bora, '화이트보드');
    await says(ann, 'Nothing is drawn here yet.');
    await chooseColor(ann, 'Red');
    await chooseWidth(ann, 'Thick');
    await draw(ann, [[400, 400], [2000, 400]]);
    await sees(ann, [1200, 400], RED.light);
    await sees(bora, [1200, 400], RED.dark);
    await chooseColor(bora, '파랑');
    await chooseWidth(bora, '굵게');
    await draw(bora, [[400, 1200], [2000, 1200]]);
    await draw(bora, [[3000, 1200]]);
    for (const point of [[1200, 1200], [3000, 1200]]) {
      await sees(bora, point, BLUE.dark);
      await sees(ann, point, BLUE.light);
    }
    await seesNothing(ann, [1200, 800]);
    await says(ann, '3 lines by 보라, Ann');
    await says(bora, '선 3개: 보라, Ann');
    await stored(3);
    await checkAccess(ann.page);
    await checkAccess(bora.page);
  });

  test('a long line is seen while it grows', async () => {
    const { page } = ann;
    await page.mouse.move(...await placeOf(ann, [400, 2000]));
    await page.mouse.down();
    await page.mouse.move(...await placeOf(ann, [1500, 2000]), { steps: 6 });
    await sees(bora, [1000, 2000], RED.dark);
    await page.mouse.move(...await placeOf(ann, [2600, 2000]), { steps: 6 });
    await sees(bora, [2200, 2000], RED.dark);
    await page.mouse.up();
    const line = (await strokes()).filter(({ points }) => Math.abs(points[0][1] - 2000) < 20);
    assert.ok(line.length > 1, 'it came in pieces');
    assert.deepEqual([...new Set(line.map((one) => one.line))], [line[0].id]);
    await says(bora, '선 4개');
  });

  test('who comes late sees all of it, and a reload changes nothing', async () => {
    const carl = await party.open('carl');
    await openBoard(carl);
    for (const [point, ink] of [[[1200, 400], RED], [[1200, 1200], BLUE], [[2200, 2000], RED]]) await sees(carl, point, ink.light);
    await carl.page.reload();
    await carl.connected();
    await openBoard(carl);
    await sees(carl, [2200, 2000], RED.light);
    await says(carl, '4 lines by');
    assert.equal(await carl.page.locator('#board-clear').count(), 0, 'this is for who keeps order');
    carl.checkSilence();
    await carl.close();
  });

  test('undo takes off the own last line as a whole, by button and by key', async () => {
    await draw(bora, [[3200, 300], [3800, 300]]);
    for (const x of [3500, 3780]) await sees(ann, [x, 300], BLUE.light);
    const drawn = () => ann.page.evaluate(() => document.getElementById('board-canvas').toDataURL());
    const drawAnew = () => ann.page.evaluate(async () => {
      document.documentElement.dataset.theme += ''; // as a change of the theme does it
      await new Promise((done) => { setTimeout(done); });
    });
    await ann.page.getByRole('button', { name: 'Undo' }).click();
    for (const visitor of [ann, bora]) for (const point of [[1000, 2000], [2200, 2000]]) await seesNothing(visitor, point);
    await sees(ann, [1200, 400], RED.light);
    await sees(ann, [3500, 300], BLUE.light);
    await drawAnew(); // a line that grew has other edges than the same one drawn at once
    const before = await drawn();
    await draw(ann, [[300, 100], [3700, 2400]]); // across all that is there
    await ann.page.keyboard.press('Control+z');
    assert.ok(await drawn() === before, 'what lay below is as it was');
    await canvas(ann).focus();
    await ann.page.keyboard.press('Control+z');
    for (const visitor of [ann, bora]) await seesNothing(visitor, [1200, 400]);
    await ann.page.locator('#board-undo:disabled').waitFor();
    await stored(3);
    assert.deepEqual([...new Set((await strokes()).map(({ author }) => author))], [party.users.bora.id]);
  });

  test('the board is saved as a picture on white, named by the room and the day', async () => {
    await draw(ann, [[400, 400], [2000, 400]]);
    await sees(bora, [1980, 400], RED.dark); // all of it
    const [download] = await Promise.all([ann.page.waitForEvent('download'), ann.page.getByRole('button', { name: 'Save as a picture' }).click()]);
    assert.match(download.suggestedFilename(), /^Tea \d{4}-\d\d-\d\d\.png$/);
    const bytes = readFileSync(await download.path()).toString('base64');
    const blank = await party.browser.newPage();
    const seen = await blank.evaluate(async (text) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: 'image/png' }));
      const to = new OffscreenCanvas(image.width, image.height).getContext('2d');
      to.drawImage(image, 0, 0);
      const at = (x, y) => [...to.getImageData(Math.floor(x * image.width / 4096), Math.floor(y * image.height / 2560), 1, 1).data];
      return { size: [image.width, image.height], red: at(1200, 400), blue: at(1200, 1200), ground: at(100, 100) };
    }, bytes);
    await blank.close();
    assert.deepEqual([seen.size, seen.ground], [[2048, 1280], [255, 255, 255, 255]]);
    assert.ok(isInk(seen.red, RED.light) && isInk(seen.blue, BLUE.light), JSON.stringify(seen));
    const [dark] = await Promise.all([bora.page.waitForEvent('download'), bora.page.getByRole('button', { name: '그림으로 저장' }).click()]);
    assert.ok(readFileSync(await dark.path()).equals(Buffer.from(bytes, 'base64')), 'a dark theme prints the same');
  });

  test('what is drawn without a network is sent when it is back, in its order, and survives a reload', async () => {
    ann.expects = [/.*/];
    const n = (await strokes()).length;
    await ann.context.setOffline(true);
    await draw(ann, [[400, 1600], [1500, 1600], [2600, 1600]], 500);
    await draw(ann, [[400, 1800], [2600, 1800]]);
    await sees(ann, [2000, 1600], RED.light);
    await ann.page.locator('.board-sending').waitFor();
    await ann.context.setOffline(false);
    await ann.page.locator('.board-sending').waitFor({ state: 'detached', timeout: 60000 });
    for (const point of [[2000, 1600], [2000, 1800]]) await sees(bora, point, RED.dark);
    const now = (await strokes()).slice(n);
    assert.deepEqual([new Set(now.map(({ line }) => line)).size, now.at(-1).points[0][1] > now[0].points[0][1]], [2, true]);
    await ann.context.setOffline(true);
    await draw(ann, [[2800, 1600], [3800, 1600]]);
    await ann.page.locator('.board-sending').waitFor();
    await ann.context.setOffline(false);
    await ann.page.reload();
    await ann.connected();
    await openBoard(ann);
    await sees(bora, [3300, 1600], RED.dark);
    await sees(ann, [3300, 1600], RED.light);
    ann.expects = [];
  });

  test('what is drawn and undone without a network never was', async () => {
    ann.expects = [/.*/];
    const before = await lines();
    await ann.context.setOffline(true);
    await chooseWidth(ann, 'Thick');
    await draw(ann, [[2800, 1900], [3800, 1900]]);
    await ann.page.locator('#board-undo').click();
    await seesNothing(ann, [3300, 1900]);
    await ann.context.setOffline(false);
    await draw(ann, [[2800, 2200], [3800, 2200]]);
    await until(async () => (await strokes()).some(({ points }) => Math.abs(points[0][1] - 2200) < 20), 60000);
    await seesNothing(bora, [3300, 1900]);
    assert.equal(await lines(), before + 1);
    ann.expects = [];
  });

  // As if the server could not be reached, but for all else.
  const noStrokes = async ({ context }) => {
    await context.route(/\/strokes/, (route) => route.abort());
    return () => context.unroute(/\/strokes/);
  };
  const waits = ({ page }) => page.evaluate(() => Object.keys(localStorage).filter((key) => /^maru\.boards?\./.test(key)));

  test('it is sent after a reload with another room open, and so is what was undone', async () => {
    ann.expects = [/.*/];
    const other = await party.newRoom({ title: 'Milk' });
    await chooseColor(ann, 'Red');
    await chooseWidth(ann, 'Thick');
    await draw(ann, [[2800, 2300], [3800, 2300]]);
    await sees(bora, [3780, 2300], RED.dark);
    const before = await strokes();
    const undone = before.at(-1).line;
    const allow = await noStrokes(ann);
    await ann.page.locator('#board-undo').click();
    await draw(ann, [[2800, 2400], [3800, 2400]]);
    await ann.page.locator('.board-sending').waitFor();
    await goTo(ann, other);
    await ann.page.reload();
    await ann.opened(other);
    await ann.connected();
    assert.deepEqual(await strokes(), before);
    await allow();
    await sees(bora, [3300, 2400], RED.dark);
    await seesNothing(bora, [3300, 2300]);
    assert.ok((await strokes()).every(({ line }) => line !== undone));
    assert.equal(await ann.page.locator('#board').count(), 0);
    await until(async () => (await waits(ann)).length === 0, 20000, 'nothing to wait');
    await goTo(ann, room);
    await openBoard(ann);
    await sees(ann, [3300, 2400], RED.light);
    await seesNothing(ann, [3300, 2300]);
    ann.expects = [];
  });

  test('a window that is left sends what another one drew that was closed without a network', async () => {
    const carl = await party.open('carl');
    const other = await party.newRoom({ title: 'Honey' }, 'carl');
    const closed = await carl.context.newPage();
    carl.expects = [/.*/];
    await goTo(carl, other);
    await closed.goto(carl.page.url().replace(/#.*/, `#/rooms/${room}`));
    const there = { page: closed };
    await openBoard(there);
    await sees(there, [1200, 1200], BLUE.light);
    const n = (await strokes()).length;
    await carl.context.setOffline(true);
    await chooseColor(there, 'Red');
    await chooseWidth(there, 'Thick');
    await draw(there, [[400, 2450], [1000, 2450], [1600, 2450]], 500);
    await closed.locator('.board-sending').waitFor();
    await closed.close();
    await carl.context.setOffline(false);
    await until(async () => (await waits(carl)).length === 0, 60000, 'nothing to wait');
    await sees(bora, [1000, 2450], RED.dark);
    const now = (await strokes()).slice(n);
    assert.ok(now.length > 1);
    assert.deepEqual([...new Set(now.map(({ line }) => line))], [now[0].id], 'it is one line still');
    await carl.close();
  });

  test('what was drawn in a room that one is no longer in is forgotten', async () => {
    const carl = await party.open('carl');
    const left = await party.newRoom({ title: 'Salt' }, 'carl');
    carl.expects = [/.*/];
    await goTo(carl, left);
    await openBoard(carl);
    const allow = await noStrokes(carl);
    await draw(carl, [[400, 400], [1000, 400]]);
    await carl.page.locator('.board-sending').waitFor();
    assert.equal((await waits(carl)).length, 2);
    await goTo(carl, room);
    assert.equal((await rest.carl.del(`/v1/rooms/${left}/members/me`)).status, 204);
    await allow();
    await until(async () => (await waits(carl)).length === 0, 60000, 'nothing to wait');
    await carl.close();
  });

  test('who may not draw is told why, and what was refused can be tried again', async () => {
    bora.expects = [/403/];
    await party.stack.sql(`UPDATE member SET muted_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE room = ${room} AND user = ${party.users.bora.id}`); // nobody is told
    await draw(bora, [[3000, 600], [3900, 600]]);
    await bora.page.locator('.board-sending [role=alert]').getByText(/./).waitFor();
    await sees(bora, [3400, 600], BLUE.dark);
    await seesNothing(ann, [3400, 600]);
    await party.stack.sql(`UPDATE member SET muted_until = NULL WHERE room = ${room} AND user = ${party.users.bora.id}`);
    await bora.page.locator('.board-sending').getByRole('button', { name: '다시 시도' }).click();
    for (const x of [3400, 3880]) await sees(ann, [x, 600], BLUE.light);
    await bora.page.locator('.board-sending').waitFor({ state: 'detached' });
    await rest.ann.patch(`/v1/rooms/${room}/members/${party.users.bora.id}`, { muted_seconds: 600 });
    await bora.page.locator('#board-canvas[data-may=false]').waitFor();
    const before = (await strokes()).length;
    await draw(bora, [[3000, 900], [3900, 900]]);
    await seesNothing(bora, [3400, 900]);
    assert.equal((await strokes()).length, before);
    await rest.ann.patch(`/v1/rooms/${room}/members/${party.users.bora.id}`, { muted_seconds: 0 });
    await bora.page.locator('#board-canvas[data-may=true]').waitFor();
  });

  test('what is removed of somebody goes from the screens of all, and nothing else', async () => {
    await chooseColor(bora, '파랑');
    await draw(bora, [[3000, 100], [3900, 100]]);
    for (const x of [3400, 3880]) await sees(ann, [x, 100], BLUE.light);
    await sees(ann, [3300, 1600], RED.light);
    assert.equal((await rest.ann.post(`/v1/rooms/${room}/purges`, { user: party.users.bora.id })).status, 200);
    for (const visitor of [ann, bora]) for (const point of [[3400, 100], [3400, 600]]) await seesNothing(visitor, point);
    await sees(bora, [3300, 1600], RED.dark);
    await draw(bora, [[400, 1200], [2000, 1200]]);
    await sees(ann, [1200, 1200], BLUE.light);
  });

  test('who keeps order clears it for all, after a question', async () => {
    await ann.page.getByRole('button', { name: 'Clear' }).click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await sees(bora, [1200, 1200], BLUE.dark);
    await ann.page.getByRole('button', { name: 'Clear' }).click();
    await ann.page.locator('#confirm-yes').click();
    await says(ann, 'Nothing is drawn here yet.');
    for (const visitor of [ann, bora]) await seesNothing(visitor, [1200, 1200]);
    assert.deepEqual(await strokes(), []);
  });

  test('a full board says so, stays quick, and takes more once some of it is gone', async () => {
    await party.stack.sql(`INSERT INTO stroke SELECT ${room}, 1000000 + seq, 1000000 + seq, ${party.users.carl.id}, CONCAT('f', seq), 'red', 10,
      CONCAT('[', GROUP_CONCAT(CONCAT('[', 40 + (seq MOD 50) * 80 + n, ',', 40 + (seq DIV 50) * 60 + (n * 7) MOD 50, ']') ORDER BY n SEPARATOR ','), ']'), UTC_TIMESTAMP(3)
      FROM seq_0_to_1998 JOIN (SELECT seq AS n FROM seq_1_to_40) k GROUP BY seq`);
    await goTo(ann, await party.newRoom({ title: 'Cake' }));
    await goTo(ann, room);
    await openBoard(ann);
    await says(ann, '1,999 lines by Karl');
    const quick = await ann.page.evaluate(() => new Promise((done) => {
      const root = document.documentElement;
      const { theme } = root.dataset;
      const began = performance.now();
      root.dataset.theme = 'dark'; // all is drawn anew
      requestAnimationFrame(() => requestAnimationFrame(() => {
        done(performance.now() - began);
        root.dataset.theme = theme;
      }));
    }));
    assert.ok(quick < 1000, `${quick} ms to draw all of it anew`);
    await draw(ann, [[100, 2500]]);
    await ann.page.getByText('The whiteboard is full: it holds 2,000 strokes.').waitFor();
    await ann.page.locator('#board-canvas[data-may=false]').waitFor();
    await ann.page.locator('#board-undo').click();
    await ann.page.locator('#board-canvas[data-may=true]').waitFor();
    assert.equal((await rest.ann.del(`/v1/rooms/${room}/strokes`)).status, 204);
    await goTo(ann, await party.newRoom({ title: 'Bread' })); // for these strokes are newer than any event
    await goTo(ann, room);
    await openBoard(ann);
    await says(ann, 'Nothing is drawn here yet.');
  });

  test('on a phone it is in the menu of the room, and a finger draws', async () => {
    const carl = await party.open('carl', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await choose(carl, 'Whiteboard');
    await carl.page.locator('#board-canvas[data-loaded=true]').waitFor();
    await chooseWidth(carl, 'Thick');
    const touch = await carl.context.newCDPSession(carl.page);
    const at = async (point) => {
      const [x, y] = await placeOf(carl, point);
      return [{ x, y }];
    };
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: await at([400, 400]) });
    for (const x of [1000, 1600, 2200]) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: await at([x, 400 + x]) });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await until(async () => (await pixel(ann, [1600, 2000]))[3] > 200, 10000, 'the line of the finger');
    assert.ok(await carl.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await checkAccess(carl.page);
    await carl.page.keyboard.press('Escape');
    await carl.page.locator('#board').waitFor({ state: 'detached' });
    carl.checkSilence();
    await carl.close();
  });

  test('nothing else was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
