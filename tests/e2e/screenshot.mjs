// Makes the picture of the README: three people talking. Not a test.
//
//   node tests/e2e/screenshot.mjs docs/page.png [phone|dark]
import { api, logIn, startStack } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

const [, , file = 'docs/page.png', look = ''] = process.argv;
const password = 'correct horse battery';

const people = { minji: '김민지', alex: 'Alex', sora: '이소라' };
const rooms = [
  ['alex', 'public', 'Weekend hiking', 'Trails around Seoul'],
  ['sora', 'secret', '독서 모임', '이번 달: 토지 3권'],
  ['minji', 'public', 'Maru 개발 이야기', 'LAMP, C and websockets'],
  ['alex', 'public', 'English ↔ 한국어', 'Language exchange, every evening'],
  ['sora', 'public', '오늘 점심 뭐 먹지', ''],
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

async function furnish(stack) {
  const clients = {};
  for (const [name, nickname] of Object.entries(people)) {
    await api(stack).post('/v1/users', { name, nickname, password });
    clients[name] = api(stack, await logIn(stack, name, password));
  }
  const ids = [];
  for (const [host, kind, title, description] of rooms) {
    const secret = kind === 'secret' ? { password: 'toji' } : {};
    const { body } = await clients[host].post('/v1/rooms', { kind, title, description, ...secret });
    ids.push(body.id);
    for (const name of Object.keys(people)) await clients[name].put(`/v1/rooms/${body.id}/members/me`, secret);
  }
  const room = ids[3];
  for (const [i, [name, , body]] of talk.entries()) {
    await clients[name].post(`/v1/rooms/${room}/messages`, { client_id: `m${i}`, body });
  }
  // Half past two in the afternoon of today, in the browsers' time zone.
  const day = new Date().toLocaleDateString('sv', { timeZone: 'Asia/Seoul' });
  const times = talk.map(([, minute], i) => `UPDATE message SET created_at = '${day} 05:3${minute}:00' WHERE room = ${room} AND client_id = 'm${i}'`);
  await stack.sql(times.join(';'));
  return room;
}

const stack = await startStack();
const browser = await openBrowser();
try {
  const room = await furnish(stack);
  const options = look === 'phone' ? { viewport: { width: 390, height: 844 } } : {};
  const visitors = {};
  for (const name of Object.keys(people)) {
    visitors[name] = await visit(browser, stack, {
      path: `/#/rooms/${room}`,
      colorScheme: look === 'dark' ? 'dark' : 'light',
      ...options,
    });
    await visitors[name].logIn(name, password);
    await visitors[name].opened(room);
  }
  const { alex } = visitors;
  await alex.sees(talk.map(([, , body]) => body));
  await alex.seesPeople(Object.values(people));
  await alex.page.waitForFunction(() => /3 members/.test(document.getElementById('room-about').textContent));
  await alex.atEnd();
  await alex.page.evaluate(() => document.activeElement.blur());
  await alex.page.screenshot({ path: file });
} finally {
  await browser.close();
  await stack.stop();
}
