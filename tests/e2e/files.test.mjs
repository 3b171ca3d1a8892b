// Files on the page: attached, dropped and pasted, on their way, seen by the others, and gone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { png } from '../api/filekit.mjs';
import { gif } from '../api/pictures.mjs';
import { startStack, until } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

const LIMIT = 12 << 20;
// On a machine where too much happens a picture is not looked at; the page tries again by itself.
const BUSY = [/503/];
const svg = { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') };
const picture = (name, seed = 0, width = 640, height = 400) => ({ name, mimeType: 'image/png', buffer: png(width, height, seed) });
const paper = (name, buffer) => ({ name, mimeType: 'application/pdf', buffer });

describe('files on the web page', { timeout: 240000 }, () => {
  let stack;
  let browser;
  let ann;
  let bora;
  let room;
  let directory;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'maru-files.'));
    stack = await startStack({ conf: { files_image_max: LIMIT, files_video_max: LIMIT, files_document_max: LIMIT } });
    browser = await openBrowser();
    [ann, bora] = await Promise.all([visit(browser, stack), visit(browser, stack, { locale: 'ko-KR' })]);
    ann.expects = bora.expects = BUSY;
    await Promise.all([ann.signUp('ann', 'Ann'), bora.signUp('bora', '보라')]);
    room = await ann.createRoom('Photos');
    await bora.join(room);
    await ann.seesPeople(['Ann', '보라']);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  // Large ones lie on the disk: the browser takes them from there.
  const onDisk = (name, bytes) => {
    writeFileSync(join(directory, name), bytes);
    return join(directory, name);
  };
  const attach = (visitor, ...files) => visitor.page.setInputFiles('#file-input', files);
  const chips = (visitor, state, n) => visitor.page.waitForFunction(([wanted, count]) =>
    document.querySelectorAll(`.chip[data-state="${wanted}"]`).length === count, [state, n], { timeout: 30000 });
  const noChips = (visitor) => visitor.page.waitForFunction(() => !document.querySelector('.chip'));
  const stateSays = (visitor, text) => visitor.page.waitForFunction((wanted) => document.getElementById('files-state')?.textContent === wanted, text);
  const quiet = (visitor) => visitor.page.waitForFunction(() => !document.querySelector('#pending li'));
  const enter = (visitor) => visitor.page.press('#text', 'Enter');
  const last = (what) => `#log .slot:not(:has(~ .slot .message)) .message ${what}`;
  const loaded = (visitor, n) => visitor.page.waitForFunction(([selector, count]) => {
    const images = [...document.querySelectorAll(selector)];
    return images.length === count && images.every((image) => image.complete && image.naturalWidth > 0);
  }, [last('.picture img'), n]);
  const messages = async () => Number((await stack.sql(`SELECT COUNT(*) FROM message WHERE room = ${room}`))[0][0]);

  test('two pictures and a text are one message, which the other sees at once', async () => {
    const { page } = ann;
    assert.equal(await page.getAttribute('#attach', 'aria-label'), 'Attach files');
    assert.equal(await bora.page.getAttribute('#attach', 'aria-label'), '파일 첨부');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#attach')]);
    assert.ok(chooser.isMultiple());
    await chooser.setFiles([picture('바다.png', 1), picture('wide.png', 2, 900, 300)]);
    await chips(ann, 'done', 2);
    assert.deepEqual(await page.$$eval('.chip progress', (bars) => bars.map((bar) => bar.value)), [100, 100]);
    assert.deepEqual(await page.$$eval('.chip .name', (names) => names.map((node) => node.textContent)), ['바다.png', 'wide.png']);
    await page.fill('#text', 'two pictures');
    await enter(ann);
    await Promise.all([loaded(ann, 2), loaded(bora, 2)]);
    await noChips(ann);
    assert.equal(await messages(), 1);
    assert.equal(await bora.page.textContent(last('.body')), 'two pictures');
    assert.deepEqual(await bora.page.$$eval(last('.picture img'), (images) => images.map(({ alt }) => alt)), ['사진: 바다.png', '사진: wide.png']);
  });

  test('a picture has its place before it is loaded', async () => {
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    await bora.page.route('**/v1/files/*/thumb', async (route) => {
      await gate;
      await route.continue();
    });
    await attach(ann, picture('one.png', 3, 800, 400));
    await chips(ann, 'done', 1);
    await enter(ann);
    const image = last('.picture img');
    await bora.page.waitForFunction((selector) => document.querySelectorAll(selector).length === 1, image);
    const box = () => bora.page.$eval(image, (node) => [node.offsetWidth, node.offsetHeight, node.style.backgroundImage.slice(0, 16)]);
    assert.deepEqual(await box(), [320, 160, 'url("data:image/']);
    release();
    await loaded(bora, 1);
    assert.deepEqual(await box(), [320, 160, '']);
    await bora.atEnd();
    await bora.page.unrouteAll({ behavior: 'wait' });
    assert.equal(await bora.page.locator(last('.body')).count(), 0, 'no empty bubble below it');
  });

  test('the pictures are looked at one by one, with the keyboard', async () => {
    const { page } = bora;
    const place = (text) => page.waitForFunction((wanted) => document.getElementById('gallery-place')?.textContent.endsWith(wanted) &&
      document.getElementById('gallery-image').naturalWidth > 320, text);
    await page.click('#log .picture >> nth=1');
    await place('3장 중 2번째');
    assert.equal(await page.getAttribute('#gallery-image', 'alt'), '사진: wide.png');
    await page.keyboard.press('ArrowRight');
    await place('3장 중 3번째');
    await page.keyboard.press('ArrowRight');
    await place('3장 중 3번째');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await place('3장 중 1번째');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#gallery-save')]);
    assert.match(download.suggestedFilename(), /^바다\./);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#gallery', { state: 'hidden' });
    assert.ok(await page.evaluate(() => document.activeElement.matches('.picture')), 'the focus is where it was');
  });

  test('a document is downloaded under its Korean name', async () => {
    const bytes = Buffer.from('%PDF-1.7 not really');
    await attach(ann, paper('2024년 보고서 (최종).pdf', bytes));
    await chips(ann, 'done', 1);
    await enter(ann);
    await bora.page.waitForSelector(last('.document'));
    const [download] = await Promise.all([bora.page.waitForEvent('download'), bora.page.click(last('.document'))]);
    assert.equal(download.suggestedFilename(), '2024년 보고서 (최종).pdf');
    assert.deepEqual(readFileSync(await download.path()), bytes);
    assert.match(await bora.page.getAttribute(last('.document'), 'aria-label'), /^2024년 보고서 \(최종\)\.pdf, 19바이트 내려받기$/);
  });

  test('a video has a poster and plays, a sound too', async () => {
    const make = (name, ...how) => {
      execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', ...how, join(directory, name)]);
      return join(directory, name);
    };
    await attach(ann, make('film.webm', 'testsrc2=s=320x180:d=1:r=10', '-c:v', 'libvpx'), make('소리.wav', 'sine=440:duration=1'));
    await chips(ann, 'done', 2);
    await enter(ann);
    await bora.page.waitForSelector(last('audio'));
    const video = await bora.page.$(last('video'));
    assert.deepEqual(await video.evaluate((node) => [node.preload, node.offsetWidth, node.offsetHeight, node.poster !== '', node.ariaLabel]),
      ['none', 320, 180, true, 'film.webm']);
    for (const tag of ['video', 'audio']) {
      assert.ok(await bora.page.$eval(last(tag), async (node) => {
        node.muted = true;
        await node.play();
        await new Promise((resolve) => { node.onended = resolve; });
        return node.currentTime > 0.5;
      }), tag);
    }
  });

  const give = (visitor, type, files) => visitor.page.evaluate(([how, list]) => {
    const data = new DataTransfer();
    for (const { name, mimeType, text } of list) data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type: mimeType }));
    const target = document.getElementById(how === 'drop' ? 'scroller' : 'text');
    const fire = (event) => !target.dispatchEvent(event);
    const options = { bubbles: true, cancelable: true };
    if (how === 'paste') return [fire(new ClipboardEvent('paste', { ...options, clipboardData: data }))];
    const over = fire(new DragEvent('dragover', { ...options, dataTransfer: data }));
    const shown = getComputedStyle(document.getElementById('drop-hint')).display !== 'none';
    return [over, shown, fire(new DragEvent('drop', { ...options, dataTransfer: data }))];
  }, [type, files.map(({ name, mimeType, buffer }) => ({ name, mimeType, text: buffer.toString('base64') }))]);

  test('files are dropped on the conversation, and pictures pasted', async () => {
    assert.deepEqual(await give(bora, 'drop', [picture('dropped.png', 4), paper('메모.txt', Buffer.from('안녕'))]), [true, true, true]);
    await chips(bora, 'done', 2);
    assert.ok(await bora.page.isHidden('#drop-hint'));
    assert.deepEqual(await give(bora, 'paste', [picture('image.png', 5), { name: 'moves.gif', mimeType: 'image/gif', buffer: gif(80, 60, 3) }]), [true]);
    await chips(bora, 'done', 4);
    await enter(bora);
    await loaded(ann, 3);
    const thumbs = await ann.page.$$eval(last('.picture img'), (images) => images.map(({ src }) => src.endsWith('/thumb')));
    assert.deepEqual(thumbs, [true, true, false], 'a thumbnail would not move');
    assert.equal(await ann.page.locator(last('.document')).count(), 1);
  });

  test('what is no picture is refused in words, and can be removed', async () => {
    ann.expects = bora.expects = [/422/, ...BUSY];
    const why = [[ann, /^Not uploaded: This is not a picture/, 'Remove logo.png', 'Some files could not be uploaded. Try again or remove them, then send.'],
      [bora, /^올리지 못했어요: 보여 줄 수 있는 사진이 아니에요/, 'logo.png 빼기', '올리지 못한 파일이 있어요. 다시 올리거나 뺀 뒤에 보내 주세요.']];
    const count = await messages();
    for (const [visitor, text, remove, hint] of why) {
      await visitor.page.fill('#text', 'my logo');
      await attach(visitor, svg);
      await chips(visitor, 'failed', 1);
      assert.match(await visitor.page.textContent('.chip [role=alert]'), text);
      await stateSays(visitor, hint);
      await enter(visitor);
      assert.equal(await visitor.page.inputValue('#text'), 'my logo', 'it is not sent without the file');
      await visitor.page.click(`.chip [aria-label="${remove}"]`);
      await noChips(visitor);
      await stateSays(visitor, '');
      await visitor.page.fill('#text', '');
    }
    assert.equal(await messages(), count);
    ann.expects = bora.expects = BUSY;
  });

  // None of them is there, or they were given up.
  const isGone = async (...names) => (await stack.sql(`SELECT COUNT(*) FROM file WHERE name IN (${names.map((name) => `'${name}'`)})
    AND loose_at > UTC_TIMESTAMP() - INTERVAL 1 HOUR`))[0][0] === '0';

  test('cancel removes a file that is under way, and one that is there', async () => {
    const { page } = ann;
    await page.route('**/v1/files?*', () => {});
    await attach(ann, picture('stuck.png', 6));
    await chips(ann, 'sending', 1);
    await page.click('.chip [aria-label="Remove stuck.png"]');
    await noChips(ann);
    await page.unrouteAll();
    await attach(ann, picture('unwanted.png', 7));
    await chips(ann, 'done', 1);
    await page.click('.chip [aria-label="Remove unwanted.png"]');
    await until(() => isGone('stuck.png', 'unwanted.png'));
    await ann.say('only words');
    await bora.page.waitForFunction((selector) => document.querySelector(selector)?.textContent === 'only words', last('.body'));
    assert.equal(await bora.page.locator(last('.files')).count(), 0);
  });

  test('a file that is removed before its answer is here does not stay on the server', async () => {
    const { page } = ann;
    const large = onDisk('late.pdf', Buffer.alloc(9 << 20, 1));
    for (const [posts, name, file] of [['**/v1/files?*', 'late.png', picture('late.png', 16)], ['**/v1/uploads/*', 'late.pdf', large]]) {
      let arrived, release;
      const hasArrived = new Promise((resolve) => { arrived = resolve; });
      const gate = new Promise((resolve) => { release = resolve; });
      await page.route(posts, async (route) => {
        const response = await route.fetch();
        if (!await isGone(name)) {
          arrived();
          await gate;
        }
        await route.fulfill({ response });
      });
      await attach(ann, file);
      await hasArrived;
      await page.click(`.chip [aria-label="Remove ${name}"]`);
      await noChips(ann);
      release();
      await until(() => isGone(name));
      await page.unrouteAll({ behavior: 'wait' });
    }
  });

  test('too large, no room, no connection: each says so, and what to do', async () => {
    ann.expects = bora.expects = [/413|507|ERR_FAILED/, ...BUSY];
    await attach(ann, onDisk('huge.pdf', Buffer.alloc(LIMIT + 1, 1)));
    await chips(ann, 'failed', 1);
    assert.equal(await ann.page.textContent('.chip [role=alert]'), 'Not uploaded: A file can have at most 12 MB.');
    await ann.page.click('.chip [aria-label="Remove huge.pdf"]');
    await bora.page.route('**/v1/files?*', (route) => route.fulfill({
      status: 507, contentType: 'application/problem+json', body: JSON.stringify({ type: '/problems/storage-full', title: 'There is no room', status: 507 }),
    }));
    await attach(bora, picture('later.png', 8));
    await chips(bora, 'failed', 1);
    assert.equal(await bora.page.textContent('.chip [role=alert]'), '올리지 못했어요: 지금은 파일을 둘 자리가 없어요. 나중에 다시 해 주세요.');
    await bora.page.unrouteAll();
    await bora.page.route('**/v1/files?*', (route) => route.abort());
    await bora.page.click('.chip >> text=다시 올리기');
    // Until it is tried again, which fails again.
    await bora.page.waitForFunction(() => document.querySelector('.chip[data-state=waiting] .about')?.textContent.includes('연결이 끊겨서 다시 시도하고 있어요'));
    await bora.page.unrouteAll();
    await chips(bora, 'done', 1);
    await enter(bora);
    await loaded(ann, 1);
    ann.expects = bora.expects = BUSY;
  });

  test('a large file comes in pieces, and goes on after a broken connection', async () => {
    ann.expects = [/ERR_FAILED|ERR_CONNECTION/, ...BUSY];
    const bytes = Buffer.alloc(9 << 20);
    for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(i, i);
    const offsets = [];
    await ann.page.route('**/v1/uploads/*', async (route) => {
      const request = route.request();
      if (request.method() === 'PATCH') {
        const offset = Number(request.headers()['upload-offset']);
        offsets.push(offset);
        // The second piece is lost, and of the third the answer.
        if (offsets.length === 2) return route.abort();
        if (offsets.length === 4) await route.fetch();
        if (offsets.length === 4) return route.abort();
      }
      return route.continue();
    });
    await attach(ann, onDisk('큰 파일.pdf', bytes));
    await enter(ann);
    await stateSays(ann, 'It is sent as soon as the files are there.');
    await ann.page.waitForFunction(() => document.querySelector('.chip progress')?.value >= 40, null, { timeout: 30000 });
    await ann.page.waitForSelector('.chip', { state: 'detached', timeout: 60000 });
    await noChips(ann);
    await quiet(ann);
    assert.deepEqual(offsets, [0, 4 << 20, 4 << 20, 8 << 20]);
    await ann.page.unrouteAll({ behavior: 'wait' });
    await bora.page.waitForSelector(`${last('.document')} >> text=큰 파일.pdf`);
    const [download] = await Promise.all([bora.page.waitForEvent('download'), bora.page.click(last('.document'))]);
    assert.ok(readFileSync(await download.path()).equals(bytes), 'byte for byte');
    ann.expects = BUSY;
  });

  test('who looks at another room meanwhile has the files, and the message is sent', async () => {
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    await ann.page.route('**/v1/files?*', async (route) => {
      await gate;
      await route.continue();
    });
    await ann.page.fill('#text', 'on my way');
    await attach(ann, picture('slow.png', 9));
    await enter(ann);
    const other = await ann.createRoom('elsewhere');
    assert.equal(await ann.page.inputValue('#text'), '');
    assert.equal(await ann.page.locator('.chip').count(), 0);
    release();
    await loaded(bora, 1);
    assert.equal(await bora.page.textContent(last('.body')), 'on my way');
    await ann.page.unrouteAll({ behavior: 'wait' });
    await ann.page.fill('#text', 'half');
    await attach(ann, picture('half.png', 10));
    await chips(ann, 'done', 1);
    await ann.page.click(`#mine [data-room="${room}"] a`);
    await ann.opened(room);
    assert.equal(await ann.page.locator('.chip').count(), 0);
    await ann.page.click(`#mine [data-room="${other}"] a`);
    await ann.opened(other);
    assert.equal(await ann.page.inputValue('#text'), 'half');
    assert.equal(await ann.page.textContent('.chip .name'), 'half.png');
    await ann.page.click('#mine [data-room="' + room + '"] a');
    await ann.opened(room);
  });

  test('a message with files whose answer is lost is one message', async () => {
    ann.expects = [/ERR_FAILED/, ...BUSY];
    let requests = 0;
    await ann.page.route('**/v1/rooms/*/messages', async (route) => {
      if (requests++ > 0) return route.continue();
      await route.fetch();
      return route.abort();
    });
    const count = await messages();
    await attach(ann, picture('once.png', 11));
    await chips(ann, 'done', 1);
    await ann.page.fill('#text', 'once');
    await enter(ann);
    await loaded(bora, 1);
    await quiet(ann);
    await loaded(ann, 1);
    assert.equal(await messages(), count + 1);
    await ann.page.unrouteAll({ behavior: 'wait' });
    ann.expects = BUSY;
  });

  test('files that were kept for too long are missed in words', async () => {
    bora.expects = [/422|404/, ...BUSY];
    await attach(bora, picture('old.png', 15));
    await chips(bora, 'done', 1);
    await stack.sql(`UPDATE file SET owner = (SELECT id FROM user WHERE name = 'ann') WHERE name = 'old.png'`);
    await enter(bora);
    await bora.page.waitForSelector('#pending .failed');
    assert.match(await bora.page.textContent('#pending .status'), /^보내지 못했어요: 파일이 서버에서 지워졌어요/);
    await bora.page.click('#pending button >> text=지우기');
    await quiet(bora);
    bora.expects = BUSY;
  });

  test('more than ten are not taken', async () => {
    const files = Array.from({ length: 11 }, (_, i) => picture(`${i}.png`, i, 40, 30));
    await attach(bora, ...files);
    await chips(bora, 'done', 10);
    await stateSays(bora, '메시지 하나에 파일을 10개까지 보낼 수 있어요. 나머지는 뺐어요.');
    await enter(bora);
    await stateSays(bora, '');
    await loaded(ann, 10);
  });

  test('a deleted message shows no files', async () => {
    const seq = await ann.page.getAttribute(last('').trim(), 'data-seq');
    const answer = await bora.page.request.delete(`${stack.url}/v1/rooms/${room}/messages/${seq}`);
    assert.equal(answer.status(), 204);
    await ann.page.waitForFunction((selector) => document.querySelector(selector)?.textContent === 'This message was deleted.', last('.body.gone'));
    assert.equal(await ann.page.locator(last('.files')).count(), 0);
    await bora.page.waitForSelector(last('.gone'));
    await bora.page.reload();
    await bora.opened(room);
    await bora.page.waitForSelector(last('.gone'));
    assert.equal(await bora.page.locator(last('.files')).count(), 0);
  });

  test('a person and a room have a picture that was chosen', async () => {
    bora.expects = [/422/, ...BUSY];
    const { page } = bora;
    await ann.say('who are you?'); // so that the next line has a face
    await bora.page.waitForFunction((selector) => document.querySelector(selector)?.textContent === 'who are you?', last('.body'));
    await bora.say('look at me');
    await page.click('#my-avatar');
    await page.setInputFiles('#picture-input', svg);
    await page.waitForFunction(() => /사진이 아니에요/.test(document.querySelector('#picture [role=alert]').textContent));
    await page.setInputFiles('#picture-input', picture('me.png', 12));
    await page.press('#crop canvas', 'ArrowRight');
    await page.press('#crop canvas', '+');
    await page.click('#crop button.primary');
    await page.waitForSelector('#picture-now img.there');
    assert.equal(await page.textContent('#picture [role=alert]'), '');
    await page.click('#picture [data-cancel]');
    await page.waitForSelector('#my-avatar img.there');
    await ann.page.waitForSelector(`${last('.avatar')} img.there`);
    await ann.page.waitForSelector('#people-list li:last-child img.there');
    assert.ok(await page.isDisabled('#room-cover'), 'not the host');
    await ann.page.click('#room-cover');
    await ann.page.setInputFiles('#picture-input', picture('cover.png', 13));
    await ann.page.waitForSelector('#picture-now img.there');
    await ann.page.keyboard.press('Escape');
    await page.waitForSelector('#room-cover img.there');
    await page.waitForSelector(`.rooms [data-room="${room}"] img.there:visible`);
    await page.click('#my-avatar');
    await page.click('#picture-remove');
    await page.waitForFunction(() => !document.querySelector('#picture-now img'));
    await page.click('#picture [data-cancel]');
    await ann.page.waitForFunction((selector) => !document.querySelector(selector), `${last('.avatar')} img`);
    bora.expects = BUSY;
  });

  test('it fits a small phone', async () => {
    const { page } = bora;
    await bora.resize(360, 740);
    await attach(bora, picture('an extraordinarily long name of a picture that does not fit.png', 14));
    await chips(bora, 'done', 1);
    const wide = await page.evaluate(() => {
      const all = document.querySelectorAll('#conversation *, #files *');
      return [...all].filter((node) => node.getBoundingClientRect().right > innerWidth && !node.closest('.sr')).map((node) => node.className);
    });
    assert.deepEqual(wide, []);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('nothing was written to the console', () => {
    ann.checkSilence();
    bora.checkSilence();
  });
});
