// Whether the open room can be used by everybody: with everything in it, and with everything in it that can be opened. In both
// languages, in every theme, with the keyboard alone, on a small phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { png } from '../api/filekit.mjs';
import { checkAccess } from './axe.mjs';
import { furnish } from './fullroom.mjs';
import { openParty } from './roomkit.mjs';
import { closeState, openState, placeOf, statesOf, textsOf } from './roomstates.mjs';

const THEMES = [['light', 'light'], ['dark', 'dark'], ['contrast', 'light'], ['contrast', 'dark']];
const LANGUAGES = [['en', 'en-US'], ['ko', 'ko-KR']];

// What is to be seen in the furnished room.
const KINDS = ['strong', 'em', 's', 'code', 'pre', 'blockquote', '.body a[target]', '.mention', '.mention.mine-too', '.quote', '.replies',
  '.reaction[aria-pressed=true]', '.reaction[aria-pressed=false]', '.option.winner', '.option:not([aria-disabled=true])', '.sticker', '.roll', '.picture img',
  '.document', '.edited', '.gone', '.forwarded', '.unread', '.preview', '.day', '.notice', '.fresh'];

// As the settings screen does it.
async function wear({ page }, [theme, colorScheme]) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate((now) => {
    localStorage.setItem('maru.theme', now);
    dispatchEvent(new Event('maru:theme'));
  }, theme);
}

// What is wrong; the other themes differ in their colours only.
async function faults(visitor, within) {
  const wrong = [];
  for (const theme of THEMES) {
    await wear(visitor, theme);
    const rules = theme === THEMES[0] ? undefined : ['color-contrast'];
    await checkAccess(visitor.page, within, rules).catch(({ message }) => wrong.push(`${theme.join(', ')}: ${message}`));
  }
  await wear(visitor, THEMES[0]);
  return wrong;
}

// Nothing is wider than the window: not the page, nor what is in the room or lies over it.
const widths = ({ page }) => page.evaluate(() => {
  const rightOf = (node) => node.getBoundingClientRect().right;
  const inside = ['#room', '#people', '.beside', 'dialog[open]', '#sidebar'].flatMap((part) => [...document.querySelectorAll(`${part}, ${part} *`)]);
  // What is hidden from the eye, or scrolled by itself, is so on purpose.
  const out = inside.filter((node) => node.checkVisibility() && rightOf(node) > innerWidth + 0.5 && !node.closest('.sr, pre, #stickers header'));
  const scrolled = [...document.querySelectorAll('dialog[open]')].filter((node) => node.scrollWidth > node.clientWidth);
  return [...document.scrollingElement.scrollWidth > innerWidth ? ['the page'] : [], ...scrolled.map(({ id }) => `inside of ${id}`),
    ...out.slice(0, 5).map((node) => `${Math.round(rightOf(node))}: ${node.outerHTML.slice(0, 120)}`)];
});

// From the beginning to the end of the page. What is passed must be seen, and be seen to have the focus.
async function tabThrough({ page }) {
  await page.evaluate(() => {
    const controls = 'a[href], button, input, textarea, select, [tabindex]';
    // That button comes and goes while one moves; chat.test.mjs has it.
    const isThere = (node) => node.id !== 'jump' && node.checkVisibility({ visibilityProperty: true }) && node.tabIndex >= 0 && !node.disabled;
    const wanted = [...document.querySelectorAll(controls)].filter(isThere);
    globalThis.toReach = new Set(wanted);
    globalThis.unseen = [];
    wanted[0].focus();
    globalThis.toReach.delete(wanted[0]);
  });
  const passed = () => page.evaluate(() => {
    const now = document.activeElement;
    // The end of the page; or the button to the newest message, which goes when that comes in sight.
    if (now === document.body) return true;
    const isSeen = getComputedStyle(now).outlineStyle !== 'none' && now.checkVisibility({ opacityProperty: true });
    if (globalThis.toReach.delete(now) && !isSeen) globalThis.unseen.push(now.outerHTML.slice(0, 120));
    return globalThis.toReach.size > 0;
  });
  for (let i = 0; i < 200 && await passed(); i++) await page.keyboard.press('Tab');
  const left = await page.evaluate(() => [...globalThis.toReach].filter((node) => node.checkVisibility()).map((node) => node.outerHTML.slice(0, 120)));
  assert.deepEqual([left, await page.evaluate(() => globalThis.unseen)], [[], []]);
}

// A refused message and one that waits, a draft that answers another one, with a file that is there and one that was refused.
async function halfDone(visitor, seqs) {
  const { page } = visitor;
  visitor.expects = [/422|ERR_FAILED/, /503/]; // a picture that a busy machine does not look at is sent again
  const posts = '**/v1/rooms/*/messages';
  const refused = JSON.stringify({ type: '/problems/invalid', title: 'This cannot be said here', status: 422 });
  await page.route(posts, (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body: refused }));
  await visitor.say('never sent');
  await page.waitForSelector('#pending .failed');
  await page.unroute(posts);
  await page.route(posts, (route) => route.abort());
  await visitor.say('not sent yet');
  await page.waitForSelector('#pending .waiting');
  const act = page.locator(`#log [data-seq="${seqs.last}"] .acts`);
  await act.focus();
  await page.keyboard.press('Enter');
  await page.locator('#message-menu [data-act=reply]').click();
  await page.fill('#text', 'half written');
  await page.setInputFiles('#file-input', [{ name: '아주 긴 이름의 바닷가 사진 하나.png', mimeType: 'image/png', buffer: png(64, 40, 2) },
    { name: 'no picture, and a long name.png', mimeType: 'image/png', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }]);
  for (const state of ['done', 'failed']) await page.waitForSelector(`.chip[data-state=${state}]`);
  await page.locator('#reply-chip').waitFor();
}

// As if nothing of it had been; what waits is sent now.
async function undo({ page }) {
  await page.unrouteAll({ behavior: 'wait' });
  for (const selector of ['.chip button:last-child', '#reply-cancel', '#pending .failed button:last-child']) {
    while (await page.locator(selector).count() > 0) await page.locator(selector).first().click();
  }
  await page.fill('#text', '');
  // After so many attempts half a minute may pass before the next one.
  await page.waitForFunction(() => !document.querySelector('#pending li'), null, { timeout: 40000 });
}

describe('the open room, for everybody', { timeout: 1500000 }, () => {
  let party, seqs, room;

  before(async () => {
    party = await openParty();
    ({ room } = party);
    seqs = await furnish(party);
  });
  after(() => party?.close());

  const ready = ({ page }) => page.waitForSelector(`#log [data-seq="${seqs.last}"]`);

  async function openAs(name, options) {
    const visitor = await party.open(name, { reducedMotion: 'reduce', ...options });
    visitor.page.setDefaultTimeout(20000);
    await ready(visitor);
    return visitor;
  }

  // Opens and closes one of the states; resolves with what is wrong.
  async function look(visitor, layers, find) {
    try {
      const wrong = await openState(visitor, layers) ? await find(placeOf(layers)) : null;
      if (wrong) await closeState(visitor, layers, room);
      return wrong ?? [];
    } catch ({ message }) {
      await visitor.page.reload();
      await visitor.opened(room);
      await ready(visitor);
      return [message];
    }
  }

  // All that is wrong is told at once.
  async function lookAtAll(visitor, language, find) {
    const wrong = [];
    for (const [name, layers] of statesOf({ seqs, users: party.users, texts: textsOf(language) })) {
      wrong.push(...(await look(visitor, layers, find)).map((what) => `${name}: ${what}`));
    }
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  }

  for (const [language, locale] of LANGUAGES) {
    describe(`in ${language}`, () => {
      let ann;
      before(async () => {
        await party.rest.bora.post(`/v1/rooms/${room}/messages`, { client_id: `new-${language}`, body: 'not read yet' });
        ann = await openAs('ann', { locale });
      });
      after(() => ann?.close());

      test('all that can be in it', async () => {
        await party.rest.ann.patch(`/v1/rooms/${room}`, { title: `Tea ${language}` }); // which is told by a line
        // So high that all of it is in sight.
        await ann.page.setViewportSize({ width: 1280, height: 4000 });
        for (const kind of KINDS) await ann.page.locator(`#log ${kind}`).first().waitFor();
        assert.deepEqual(await faults(ann, 'body'), []);
        await ann.page.setViewportSize({ width: 1280, height: 800 });
      });

      test('all that can be opened in it, and closed, by the keyboard', () => lookAtAll(ann, language, (within) => faults(ann, within)));

      test('all of it is reached by Tab, and seen to be', () => tabThrough(ann));

      test('what is on its way, and what is half written', async () => {
        await halfDone(ann, seqs);
        assert.deepEqual(await faults(ann, '#room'), []);
        await ann.resize(320, 640);
        assert.deepEqual(await widths(ann), []);
        await ann.page.setViewportSize({ width: 1280, height: 800 });
        await tabThrough(ann);
        await undo(ann);
      });

      test('on a small phone nothing is wider than the window', async () => {
        const phone = await openAs('ann', { locale, viewport: { width: 320, height: 640 } });
        assert.deepEqual(await widths(phone), []);
        await lookAtAll(phone, language, () => widths(phone));
        phone.checkSilence();
        await phone.close();
      });

      test('nobody had anything to complain of', () => ann.checkSilence());
    });
  }

  test('who may not speak is told why', async () => {
    const carl = await openAs('carl');
    await carl.page.locator('#hindrance').getByText('You are muted.').waitFor();
    assert.deepEqual(await faults(carl, '#room'), []);
    carl.checkSilence();
    await carl.close();
  });
});
