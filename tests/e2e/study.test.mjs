// Studying: the desks of a room, seen by two and in two windows, and the graph of what somebody has studied.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HOUR, MINUTE, studied } from '../api/studykit.mjs';
import { until } from '../harness.mjs';
import { checkAccess } from './axe.mjs';
import { Visitor } from './browser.mjs';
import { hasText, holdAnswer, openParty } from './roomkit.mjs';

const DAY = 24 * HOUR;
const SEOUL = 9 * HOUR; // ahead of UTC, all year
const dayText = (ms) => new Date(ms).toISOString().slice(0, 10);
const secondsOf = (text) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

describe('studying', { timeout: 400000 }, () => {
  let party, rest, room, ann, bora;
  // The day of all of them began six to seven hours ago, whenever this runs.
  const now = Date.now();
  const dayStart = (new Date(now + SEOUL).getUTCHours() + 18) % 24;
  const today = Math.floor((now + SEOUL - dayStart * HOUR) / DAY) * DAY;
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  const tuesday = monday - 6 * DAY; // of last week
  /** When it is so late on a day, as milliseconds from its beginning. */
  const at = (day, ms) => day + dayStart * HOUR - SEOUL + ms;

  const clockOf = async (page, selector = '.study-clock .clock') => secondsOf(await page.locator(selector).textContent());
  const runsOn = async (page, selector) => {
    const before = await clockOf(page, selector);
    await until(async () => await clockOf(page, selector) > before, 10000);
  };
  const rowOf = ({ page }, name) => page.locator('#study ul.desks li', { hasText: users(name) });
  const users = (name) => ({ ann: 'Ann', bora: '보라', carl: 'Karl' })[name];
  const go = ({ page }, path) => page.evaluate((to) => { location.hash = to; }, path);
  const bar = ({ page }, day) => page.locator(`.day-bar[data-date="${dayText(day)}"]`);
  const hoursOf = (visitor, day) => bar(visitor, day).locator('.bar-hours').textContent();
  const seesHours = async (visitor, day, wanted) => {
    await until(async () => await hoursOf(visitor, day) === wanted, 10000).catch(() => {});
    assert.equal(await hoursOf(visitor, day), wanted);
  };
  const choose = ({ page }, name) => page.getByRole('radio', { name, exact: true }).check();
  const button = ({ page }, name) => page.getByRole('button', { name, exact: true });
  const tableOf = ({ page }) => page.$$eval('.graph-table tbody tr', (rows) => rows.map((row) => [row.dataset.day, row.cells[1].textContent]));
  const barsOf = ({ page }) => page.$$eval('.day-bar', (bars) => bars.map((one) => [one.dataset.date, one.querySelector('.bar-hours').textContent]));
  const sessionsOf = async (day) => (await rest.ann.get(`/v1/study-sessions?date=${dayText(day)}`)).body.sessions;
  // What is scrolled by itself is so on purpose.
  const isNarrow = ({ page }, within) => page.evaluate((selector) => [...document.querySelectorAll(`${selector}, ${selector} *`)]
    .filter((node) => node.checkVisibility() && !node.closest('.sr') && node.getBoundingClientRect().right > innerWidth + 0.5).map((node) => node.outerHTML.slice(0, 100)), within);

  before(async () => {
    party = await openParty({ desk_beat: 3, presence_linger: 0 });
    ({ rest, room } = party);
    for (const name of ['ann', 'bora', 'carl']) await rest[name].patch('/v1/users/me/settings', { time_zone: 'Asia/Seoul', day_start: dayStart });
    await studied(party.stack, party.users.ann, [
      [at(today, HOUR), at(today, 2 * HOUR + 3000)],
      [at(today - DAY, 5 * HOUR), at(today - DAY, 8 * HOUR)],
      [at(tuesday, 3 * HOUR), at(tuesday, 4.5 * HOUR)],
    ], { room });
    ann = await party.open('ann');
    bora = await party.open('bora', { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true });
    for (const { page } of [ann, bora]) page.setDefaultTimeout(20000);
  });
  after(() => party?.close());

  test('a page that starts does not ask for statistics of a year, only the graph does', async () => {
    const asked = [];
    const note = (request) => { if (request.url().includes('/v1/study-')) asked.push(new URL(request.url()).pathname); };
    ann.page.on('request', note);
    const isToday = ann.page.waitForResponse((answer) => answer.url().endsWith('/v1/study-today'));
    await ann.page.reload();
    await isToday;
    await ann.connected();
    await button(ann, 'Study').click();
    await ann.page.locator('.study-clock').getByText('01:00:03').waitFor();
    assert.ok(!asked.includes('/v1/study-stats'), asked.join());
    await go(ann, '#/me');
    await ann.page.locator('.graph-facts').waitFor();
    assert.ok(asked.includes('/v1/study-stats'));
    ann.page.off('request', note);
    await go(ann, `#/rooms/${room}`);
    await ann.opened(room);
  });

  test('S0.timer-1: who sits down goes on from what was studied today; others see it at once', async () => {
    await button(bora, '공부').click();
    await bora.page.getByText('지금 공부하는 사람이 없어요.').waitFor();
    await button(ann, 'Study').click();
    await ann.page.locator('.study-clock').getByText('01:00:03').waitFor();
    await button(ann, 'Sit down').click();
    await ann.page.getByText('You study here.').waitFor();
    await runsOn(ann.page);
    const shown = await clockOf(ann.page);
    assert.ok(shown > 3603 && shown < 2 * 3600, `${shown} s, of yesterday, too?`);
    await rowOf(bora, 'ann').getByText('공부 중').waitFor();
    await runsOn(bora.page, '#study ul.desks li .clock');
    assert.equal(await bora.page.locator('#study ul.desks li').count(), 1);
    for (const visitor of [ann, bora]) {
      assert.equal(await visitor.page.locator('[role=timer][aria-live]').count(), 0);
      await checkAccess(visitor.page);
    }
  });

  test('S0.timer-3: another window shows the same clock; pausing and going on is told everywhere', async () => {
    const page = await ann.context.newPage();
    const other = new Visitor(ann.context, page);
    await page.goto(`${party.stack.url}/#/me`);
    await page.locator('#sidebar .running', { hasText: 'Tea' }).waitFor();
    await button(ann, 'Pause').click();
    await button(ann, 'Go on').waitFor();
    await page.locator('#sidebar .running').getByText('paused').waitFor();
    await rowOf(bora, 'ann').getByText('쉬는 중').waitFor();
    const own = await ann.page.locator('.study-clock .clock').textContent();
    assert.equal(await page.locator('#sidebar .running .clock').textContent(), own);
    assert.equal(await rowOf(bora, 'ann').locator('.clock').textContent(), own);
    await page.locator('#sidebar .running').click();
    await other.opened(room);
    await button(other, 'Study').click();
    await button(other, 'Go on').click();
    await button(ann, 'Pause').waitFor();
    await rowOf(bora, 'ann').getByText('공부 중').waitFor();
    await runsOn(page);
    other.checkSilence();
    await page.close();
  });

  test('it runs on while one is elsewhere on the page, and leads back', async () => {
    await go(ann, '#/me');
    await ann.page.locator('#me-screen').waitFor();
    const [[left]] = await party.stack.sql('SELECT UTC_TIMESTAMP(3)');
    await until(async () => (await party.stack.sql(`SELECT seen_at > '${left}' FROM desk WHERE user = ${party.users.ann.id}`))[0]?.[0] === '1', 20000);
    await ann.page.locator('#sidebar .running').click();
    await ann.opened(room);
    await button(ann, 'Study').click();
    await button(ann, 'Pause').waitFor();
  });

  test('on a phone the clock stands on top of every screen', async () => {
    await button(bora, '자리에 앉기').click();
    await rowOf(ann, 'bora').getByText('studies').waitFor();
    await go(bora, '#/settings');
    const running = bora.page.locator('#top .running');
    await running.getByText('Tea').waitFor();
    await checkAccess(bora.page);
    await running.click();
    await bora.opened(room);
    await button(bora, '공부').click();
    await button(bora, '자리에서 일어나기').click();
    await rowOf(ann, 'bora').waitFor({ state: 'detached' });
    await running.waitFor({ state: 'detached' });
  });

  test('S0.timer-3: whose browser is gone has left, and keeps what was studied up to then', async () => {
    const carl = await party.open('carl');
    const since = Date.now();
    await button(carl, 'Study').click();
    await button(carl, 'Sit down').click();
    await rowOf(bora, 'carl').waitFor();
    await runsOn(carl.page);
    await carl.close();
    const closed = Date.now();
    await rowOf(bora, 'carl').waitFor({ state: 'detached', timeout: 60000 });
    const { body } = await rest.carl.get('/v1/study-stats?period=day');
    assert.equal(body.desk, undefined);
    assert.ok(body.studied <= closed - since, `${body.studied} ms are more than the ${closed - since} that there were`);
  });

  test('who goes somewhere else to study has left; who is removed is gone, too', async () => {
    const other = await party.newRoom({ title: 'Coffee' });
    await rest.carl.put(`/v1/rooms/${room}/desk`, {});
    await rowOf(bora, 'carl').waitFor();
    await rest.ann.put(`/v1/rooms/${other}/desk`, {});
    await rowOf(bora, 'ann').waitFor({ state: 'detached' });
    await ann.page.getByText('You sit at a desk in Coffee').waitFor();
    await button(ann, 'Sit down').click();
    await rowOf(bora, 'ann').waitFor();
    await rest.ann.del(`/v1/rooms/${room}/members/${party.users.carl.id}`);
    await rowOf(bora, 'carl').waitFor({ state: 'detached' });
  });

  test('the ranking is that of the room, by day, week and month', async () => {
    await studied(party.stack, party.users.bora, [[at(today, 0), at(today, 10 * MINUTE)], [at(today - DAY, 0), at(today - DAY, 9 * HOUR)]], { room });
    const order = ({ page }) => page.$$eval('.ranking ol .name', (names) => names.map(({ textContent }) => textContent));
    const ranks = async (period, wanted) => {
      await choose(ann, period);
      await until(async () => (await order(ann)).join() === wanted.join(), 10000).catch(() => {});
      assert.deepEqual(await order(ann), wanted);
    };
    const most = (isIn) => (isIn ? ['보라', 'Ann'] : ['Ann', '보라']); // if yesterday is in it
    await ranks('Month', most(new Date(today).getUTCDate() > 1));
    await ranks('Day', ['Ann', '보라']);
    await ranks('Week', most(today > monday));
    await ann.page.locator('.ranking ol li', { hasText: '보라' }).getByText('10 min').waitFor();
  });

  test('by the keyboard alone', async () => {
    const { page } = ann;
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'study-toggle');
    await page.keyboard.press('Enter');
    await page.locator('#study .beside-close:focus').waitFor();
    await button(ann, 'Leave the desk').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Leave the desk');
    await page.keyboard.press('Enter');
    await button(ann, 'Sit down').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Sit down', 'the focus stays where there is something');
    await page.keyboard.press('Enter');
    await button(ann, 'Pause').waitFor();
    await page.keyboard.press('Enter');
    await button(ann, 'Go on').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await button(ann, 'Sit down').waitFor();
    await page.locator('#sidebar .running').waitFor({ state: 'detached' });
    assert.ok(await clockOf(page) >= 3603, 'what was studied stays');
  });

  test('an answer that comes late takes back nothing that was told meanwhile', async () => {
    const { page } = ann;
    const path = `/v1/rooms/${room}/desk`;
    const { letGo } = await holdAnswer(ann, `**${path}`);
    await button(ann, 'Sit down').click();
    await button(ann, 'Pause').waitFor(); // by the event
    await rest.ann.put(path, { state: 'paused' });
    await button(ann, 'Go on').waitFor();
    const answer = page.waitForResponse(`**${path}`);
    await letGo();
    await (await answer).finished();
    await page.evaluate(async () => { await (await fetch('/v1/time')).text(); }); // what is answered later than that
    assert.equal(await button(ann, 'Go on').count(), 1);
    await rest.ann.del(path);
    await button(ann, 'Sit down').waitFor();
  });

  test('a computer with a wrong clock shows the right time', async () => {
    await rest.bora.put(`/v1/rooms/${room}/desk`, {});
    const wrong = await party.open('bora', { viewport: { width: 1280, height: 800 } });
    await wrong.page.addInitScript(() => {
      const real = Date.now;
      Date.now = () => real() - 5 * 24 * 3600e3;
    });
    await wrong.page.reload();
    await wrong.opened(room);
    await button(wrong, 'Study').click();
    await runsOn(wrong.page);
    const shown = await clockOf(wrong.page);
    assert.ok(shown >= 600 && shown < 3600, `${shown} s`);
    await button(wrong, 'Leave the desk').click();
    await button(wrong, 'Sit down').waitFor();
    wrong.checkSilence();
    await wrong.close();
  });

  test('S0.graph-1: a goal is set, and stands in the graph; last week’s Tuesday is in last week only', async () => {
    await go(ann, '#/settings');
    await ann.page.locator('select[name=goal_hours]').selectOption('2');
    await until(async () => (await rest.ann.get('/v1/users/me/settings')).body.study_goal === 120);
    await ann.page.locator('select[name=goal_minutes]').selectOption('30');
    await until(async () => (await rest.ann.get('/v1/users/me/settings')).body.study_goal === 150);
    await checkAccess(ann.page);
    await go(ann, '#/me');
    await ann.page.getByText('Goal: 2.5 hr a day').waitFor();
    assert.equal(await ann.page.locator('.day-bar[aria-current=date]').getAttribute('data-date'), dayText(today));
    assert.deepEqual((await barsOf(ann)).map(([date]) => date), Array.from({ length: 7 }, (_, i) => dayText(monday + i * DAY)));
    await seesHours(ann, today - DAY >= monday ? today - DAY : today, today - DAY >= monday ? '3.0' : '1.0');
    if (today !== monday + DAY && today !== monday + 2 * DAY) assert.equal(await hoursOf(ann, monday + DAY), '0.0', 'this week’s Tuesday');
    await button(ann, 'Earlier').click();
    await seesHours(ann, tuesday, '1.5');
    await checkAccess(ann.page);
    await button(ann, 'Earlier').click();
    await seesHours(ann, tuesday - 7 * DAY, '0.0');
    await button(ann, 'Later').click();
    await seesHours(ann, tuesday, '1.5');
  });

  test('S0.timer-2: what goes on over midnight is of both days, where one is, whatever the zone of the server', async () => {
    const midnight = at(tuesday + 2 * DAY, 0);
    await studied(party.stack, party.users.ann, [[midnight - 12 * MINUTE, midnight + 18 * MINUTE]]);
    await ann.page.reload();
    await button(ann, 'Earlier').click();
    await seesHours(ann, tuesday + DAY, '0.2');
    assert.equal(await hoursOf(ann, tuesday + 2 * DAY), '0.3');
    await party.stack.sql(`DELETE FROM study_session WHERE user = ${party.users.ann.id} AND room = 0`);
    await ann.page.reload();
    await button(ann, 'Earlier').click();
    await seesHours(ann, tuesday + DAY, '0.0');
  });

  test('the arrow keys lead from day to day and from week to week', async () => {
    const focused = () => ann.page.evaluate(() => document.activeElement.dataset.date);
    await bar(ann, tuesday).focus();
    await ann.page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), dayText(tuesday - DAY));
    await ann.page.keyboard.press('ArrowLeft');
    await until(async () => await focused() === dayText(tuesday - 2 * DAY));
    await ann.page.keyboard.press('ArrowRight');
    await until(async () => await focused() === dayText(tuesday - DAY));
    await ann.page.keyboard.press('ArrowRight');
    assert.equal(await focused(), dayText(tuesday));
    await button(ann, 'Later').focus();
    await ann.page.keyboard.press('ArrowRight');
    await bar(ann, today).waitFor();
    await ann.page.keyboard.press('ArrowRight');
    await button(ann, 'Later').and(ann.page.locator('[aria-disabled=true]')).waitFor();
    await ann.page.keyboard.press('ArrowLeft');
    await seesHours(ann, tuesday, '1.5');
  });

  test('a bar shows its sessions; one is corrected, and says so', async () => {
    const { page } = ann;
    await bar(ann, tuesday).press('Enter');
    const row = page.locator('.sessions li');
    await row.getByText('1 hr 30 min').waitFor();
    assert.equal(await page.getByText('corrected', { exact: true }).count(), 0);
    await checkAccess(page);
    await row.getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Correct' }).click();
    const dialog = page.getByRole('dialog', { name: 'Correct' });
    const wall = (ms) => new Date(ms + SEOUL).toISOString().slice(0, 16);
    assert.equal(await dialog.getByLabel('From').inputValue(), wall(at(tuesday, 3 * HOUR)));
    await checkAccess(page);
    ann.expects = [/422/];
    await dialog.getByLabel('Until').fill(wall(at(tuesday, 2 * HOUR)));
    await button(ann, 'Save').click();
    await dialog.getByText('The end must come after the beginning.').waitFor();
    await dialog.getByLabel('Until').fill(wall(at(tuesday, 5 * HOUR)));
    await button(ann, 'Save').click();
    await row.locator('.tag').getByText('corrected').waitFor();
    await seesHours(ann, tuesday, '2.0');
    await page.locator('.legend').getByText('corrected').waitFor();
    const [session] = await sessionsOf(tuesday);
    assert.deepEqual([Date.parse(session.started_at), Date.parse(session.ended_at), session.corrected], [at(tuesday, 3 * HOUR), at(tuesday, 5 * HOUR), true]);
  });

  test('one that was not measured is added, one is forgotten', async () => {
    const { page } = ann;
    const wall = (ms) => new Date(ms + SEOUL).toISOString().slice(0, 16);
    const add = async (from, to) => {
      await button(ann, 'Add a session').click();
      const dialog = page.getByRole('dialog', { name: 'Add a session' });
      await dialog.getByLabel('From').fill(wall(at(tuesday, from)));
      await dialog.getByLabel('Until').fill(wall(at(tuesday, to)));
      await button(ann, 'Save').click();
      return dialog;
    };
    const dialog = await add(4 * HOUR, 6 * HOUR);
    await dialog.getByText('It overlaps another session, or what is running.').waitFor();
    await page.keyboard.press('Escape');
    await add(6 * HOUR, 7 * HOUR);
    await seesHours(ann, tuesday, '3.0');
    await page.locator('.sessions li').nth(1).waitFor();
    await page.locator('.sessions li').first().getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.click('#confirm-yes');
    await seesHours(ann, tuesday, '1.0');
    await until(async () => await page.locator('.sessions li').count() === 1);
    assert.equal((await sessionsOf(tuesday)).length, 1);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Add a session');
  });

  test('a month is a calendar; the table says what the bars say', async () => {
    const { page } = ann;
    await choose(ann, 'Month');
    await page.locator('.bars.month').waitFor();
    if (await bar(ann, tuesday).count() === 0) await button(ann, 'Earlier').click();
    await seesHours(ann, tuesday, '1.0');
    await page.getByText('As a table').click();
    const bars = await barsOf(ann);
    assert.ok(bars.length >= 28 && bars.every(([date]) => date.startsWith(dayText(tuesday).slice(0, 7))));
    assert.deepEqual(await tableOf(ann), bars);
    const column = await page.evaluate((date) => {
      const left = document.querySelector(`.day-bar[data-date="${date}"]`).offsetLeft;
      return [...document.querySelectorAll('.bars .weekday')].findIndex(({ offsetLeft, offsetWidth }) => left < offsetLeft + offsetWidth);
    }, dayText(tuesday));
    assert.equal(column, 1, 'stands below its weekday');
    await checkAccess(page);
  });

  test('what runs counts while one looks', async () => {
    const { page } = ann;
    await choose(ann, 'Week');
    await go(ann, `#/rooms/${room}`);
    await ann.opened(room);
    await button(ann, 'Study').click();
    await button(ann, 'Sit down').click();
    await button(ann, 'Pause').waitFor();
    await go(ann, '#/me');
    await runsOn(page, '.graph-facts .clock');
    assert.deepEqual(await barsOf(ann), await tableOf(ann));
    await party.stack.sql(`UPDATE desk SET since = since - INTERVAL 1 HOUR, sat_at = sat_at - INTERVAL 1 HOUR WHERE user = ${party.users.ann.id}`);
    await page.reload();
    await bar(ann, today).waitFor();
    await until(async () => Number(await hoursOf(ann, today)) >= 2 && Number(await hoursOf(ann, today)) <= 2.3, 10000, 'an hour more');
  });

  test('in Korean, with a finger, on the smallest phone', async () => {
    const { page } = bora;
    await bora.resize(320, 640);
    await page.locator('#study').waitFor();
    await checkAccess(page);
    assert.deepEqual(await isNarrow(bora, '#study'), []);
    await page.keyboard.press('Escape');
    assert.deepEqual(await isNarrow(bora, '#room'), []);
    await go(bora, '#/me');
    await bar(bora, today).click();
    await page.getByText('기록 추가').waitFor();
    await hasText(bora, '.sessions small', '10분');
    const swipe = (dx) => page.locator('.bars').evaluate((node, by) => {
      const touch = (x) => new Touch({ identifier: 1, target: node, clientX: x, clientY: 300 });
      node.dispatchEvent(new TouchEvent('touchstart', { bubbles: true, touches: [touch(160)], changedTouches: [touch(160)] }));
      node.dispatchEvent(new TouchEvent('touchend', { bubbles: true, changedTouches: [touch(160 + by)] }));
    }, dx);
    await swipe(100);
    await bar(bora, tuesday).waitFor();
    await swipe(-100);
    await bar(bora, today).waitFor();
    for (const period of ['월', '주']) {
      await choose(bora, period);
      await page.locator(period === '월' ? '.bars.month' : '.bars.week').waitFor();
      if (period === '월') await page.getByText('표로 보기').click();
      await checkAccess(page);
      assert.deepEqual(await isNarrow(bora, '#me-screen'), []);
      assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth));
    }
  });

  test('a week begins on the day of the settings', async () => {
    await go(bora, '#/settings');
    await choose(bora, '일요일');
    await until(async () => (await rest.bora.get('/v1/users/me/settings')).body.week_start === 'sunday');
    await bora.page.locator('select[name=day_start]').selectOption(String(dayStart === 3 ? 4 : 3));
    await until(async () => (await rest.bora.get('/v1/users/me/settings')).body.day_start === (dayStart === 3 ? 4 : 3));
    assert.deepEqual(await isNarrow(bora, '#settings-screen'), []);
    await checkAccess(bora.page);
    await go(bora, '#/me');
    await bora.page.locator('.day-bar').first().waitFor();
    const [[first]] = await barsOf(bora);
    assert.equal(new Date(first).getUTCDay(), 0);
  });

  test('nothing else was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
