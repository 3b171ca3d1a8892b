// The pictures in docs/: four looks at the same people talking. What can be read in each is kept beside it, in docs/pictures.json,
// and has to be what the page says today. `make pictures` takes them anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { api, logIn, root, startStack, until } from '../harness.mjs';
import { LOCAL_PAGES, openBrowser, visit } from './browser.mjs';

const isTaking = process.env.PICTURES === 'take';
const textsFile = join(root, 'docs/pictures.json');
const password = 'correct horse battery';
const NOW = '2026-11-02T14:42:00+09:00';

const people = { minji: '김민지', alex: 'Alex', sora: '이소라' };
const rooms = [
  ['alex', 'public', 'Weekend hiking', 'Trails around Seoul', ['outdoors']],
  ['sora', 'secret', '독서 모임', '이번 달: 토지 3권', ['책']],
  ['minji', 'public', 'Maru 개발 이야기', 'LAMP, C and websockets', ['개발', 'c']],
  ['alex', 'public', 'English ↔ 한국어', 'Language exchange, every evening', ['language', '언어']],
  ['sora', 'public', '오늘 점심 뭐 먹지', '', []],
];
const talk = [
  ['minji', 0, '여러분 안녕하세요! 내일 모임 시간 정해요 🙂'],
  ['alex', 1, 'Hi! I can come any time after three.'],
  ['alex', 1, 'Is it the café near the station again?'],
  ['sora', 2, '네, 같은 곳이에요. 저는 네 시가 좋아요.'],
  ['sora', 2, 'Alex, last time you asked me what “마루” means.\nIt is the wooden floor in the middle of a Korean house, where everybody sits together.'],
  ['alex', 4, '아하! So a good name for a chat server.'],
  ['minji', 5, '그럼 네 시로 할까요? 자리 예약해 둘게요.'],
  ['alex', 5, 'Four it is. 감사합니다!'],
  ['sora', 6, '내일 봐요 👋'],
];

// Rooms and what was said in one of them, always on the same afternoon; resolves with that one's id.
async function furnish(stack) {
  const clients = {};
  for (const [name, nickname] of Object.entries(people)) {
    await api(stack).post('/v1/users', { name, nickname, password });
    clients[name] = api(stack, await logIn(stack, name, password));
  }
  await stack.sql("UPDATE user SET avatar = CONCAT('preset-', 2 * id)");
  const ids = [];
  for (const [host, kind, title, description, tags] of rooms) {
    const secret = kind === 'secret' ? { password: 'toji' } : {};
    const { body } = await clients[host].post('/v1/rooms', { kind, title, description, tags, guests: kind === 'public', ...secret });
    ids.push(body.id);
    for (const name of Object.keys(people)) await clients[name].put(`/v1/rooms/${body.id}/members/me`, secret);
  }
  const room = ids[3];
  for (const [i, [name, , body]] of talk.entries()) await clients[name].post(`/v1/rooms/${room}/messages`, { client_id: `m${i}`, body });
  const seqs = (await clients.alex.get(`/v1/rooms/${room}/messages`)).body.messages.map(({ seq }) => seq);
  for (const [name, emoji] of [['sora', '👍'], ['alex', '👍'], ['minji', '🌿']]) await clients[name].put(`/v1/rooms/${room}/messages/${seqs[6]}/reactions/${encodeURIComponent(emoji)}`);
  const day = NOW.slice(0, 10);
  await stack.sql(talk.map(([, minute], i) => `UPDATE message SET created_at = '${day} 05:3${minute}:00' WHERE room = ${room} AND client_id = 'm${i}'`).join(';'));
  for (const [name, { get, put }] of Object.entries(clients)) {
    assert.ok(name);
    const { body: { rooms: unread } } = await get('/v1/users/me/unread');
    for (const { room: id, head } of unread) await put(`/v1/rooms/${id}/read-cursor`, { seq: head });
  }
  return room;
}

describe('the pictures of the docs', { timeout: 180000 }, () => {
  let stack;
  let browser;
  let room;
  const others = [];
  const kept = isTaking ? {} : JSON.parse(readFileSync(textsFile, 'utf8'));

  const look = async (path, options) => {
    const visitor = await visit(browser, stack, { path: '/?', ...options });
    // The date alone stands still: what waits goes on.
    await visitor.page.clock.setFixedTime(new Date(NOW));
    await visitor.page.goto(`${stack.url}${path}`);
    return visitor;
  };
  const open = async (name, options) => {
    const visitor = await look(`/#/rooms/${room}`, options);
    await visitor.logIn(name, password);
    await visitor.opened(room);
    return visitor;
  };
  const isWhole = async (visitor) => {
    await visitor.sees(talk.map(([, , body]) => body));
    await visitor.atEnd();
    await visitor.page.evaluate(() => document.activeElement.blur());
    await visitor.page.mouse.move(0, 0);
  };
  // Takes the picture, or holds what can be read against the one that there is.
  const compare = async (name, { page }) => {
    if (isTaking) await page.screenshot({ path: join(root, `docs/${name}.png`) });
    const read = async () => {
      // A closed list shows what is chosen; which time zones there are is the machine's own.
      await page.evaluate(() => { for (const option of document.querySelectorAll('option:not(:checked)')) option.remove(); });
      return (await page.locator('body').innerText()).split('\n').map((line) => line.trim()).filter(Boolean);
    };
    if (isTaking) {
      kept[name] = await read();
      return;
    }
    // The lists at the side ask for the last words of each room, and for who said them.
    await until(async () => isDeepStrictEqual(await read(), kept[name]), 10000).catch(() => {});
    assert.deepEqual(await read(), kept[name], `docs/${name}.png shows another page than there is now: make pictures`);
  };

  before(async () => {
    stack = await startStack();
    browser = await openBrowser(LOCAL_PAGES);
    room = await furnish(stack);
    for (const name of ['minji', 'sora']) {
      const visitor = await open(name, {});
      await visitor.connected();
      others.push(visitor);
    }
  });
  after(async () => {
    if (isTaking) writeFileSync(textsFile, `${JSON.stringify(kept, undefined, 1)}\n`);
    await browser?.close();
    await stack?.stop();
  });

  test('page.png: a room on a wide screen', async () => {
    const alex = await open('alex', {});
    await isWhole(alex);
    await alex.seesPeople(Object.values(people));
    await alex.page.waitForFunction(() => document.querySelectorAll('#mine li').length === 5);
    await compare('page', alex);
    await alex.close();
  });

  test('phone.png: the same on a phone, in Korean, at night', async () => {
    const alex = await open('alex', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, locale: 'ko-KR', colorScheme: 'dark' });
    await isWhole(alex);
    await compare('phone', alex);
    await alex.close();
  });

  test('settings.png: what one can choose', async () => {
    const alex = await open('alex', {});
    await alex.page.goto(`${stack.url}/#/settings`);
    // Each part reads its own of the server.
    for (const part of ['Time zone', 'Others see when I am here']) await alex.page.getByLabel(part).waitFor();
    await alex.page.getByRole('button', { name: 'Send a code' }).waitFor();
    await alex.page.waitForFunction(() => !document.body.innerText.includes('One moment'));
    await alex.page.evaluate(() => document.activeElement.blur());
    await compare('settings', alex);
    await alex.close();
  });

  test('widget.png: the chat in a page of somebody else', async () => {
    const visitor = await look('/', { locale: 'ko-KR', viewport: { width: 900, height: 640 } });
    await visitor.page.route(`${stack.url}/shop/`, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: `<!doctype html><html lang="ko"><title>차 가게</title>
      <link rel="icon" href="/favicon.svg"><style>body { margin: 60px; font: 18px sans-serif; }</style><h1>차 가게</h1><p>오늘의 차는 우전이에요. 궁금한 것은 옆에서 물어보세요.</p>
      <script src="/widget.js" data-room="${room}" data-open defer></script></html>` }));
    await visitor.page.goto(`${stack.url}/shop/`);
    await visitor.page.getByLabel('여기서 쓸 이름').fill('지나가던 이');
    await visitor.page.getByRole('button', { name: '손님으로 들어가기' }).click();
    await visitor.page.getByText('내일 봐요').waitFor();
    await visitor.page.locator('maru-chat .offline').waitFor({ state: 'detached' });
    await compare('widget', visitor);
    await visitor.close();
  });
});
