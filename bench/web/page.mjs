// What the parts of bench-web share: a Maru with a room full of messages, and visitors who look at it.
import { openBrowser, visit } from '../../tests/e2e/browser.mjs';
import { api, signUp, startStack } from '../../tests/harness.mjs';

const AT_ONCE = 8;

export const body = (i) => `${i}: ${'지금 여기서 이야기해요 and a few more words to read. '.repeat(1 + i % 3)}`.trim();

// count messages of two people in a room of theirs; resolves with the room's id.
export async function fillRoom(stack, people, count, title = 'full') {
  const [first, second] = people.map((user) => api(stack, user));
  const { body: { id } } = await first.post('/v1/rooms', { kind: 'public', title });
  await second.put(`/v1/rooms/${id}/members/me`, {});
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i; (i = next++) < count;) {
      const { status } = await (i % 3 ? first : second).post(`/v1/rooms/${id}/messages`, { client_id: `m${i}`, body: body(i) });
      if (status !== 201) throw new Error(`a message was answered with ${status}`);
    }
  }));
  return id;
}

// Runs work({ stack, people, browser, open }) with a Maru and a browser; open(options) opens the page logged in.
export async function withPage(work) {
  const stack = await startStack({ conf: { log_level: 'warn', signup_attempts: 100000, room_attempts: 100000 } });
  const browser = await openBrowser();
  try {
    const people = [await signUp(stack, 'ann'), await signUp(stack, 'bora')];
    const open = async (name, { port = stack.port, ...options } = {}) => {
      const visitor = await visit(browser, { url: `http://localhost:${port}` }, { locale: 'ko-KR', ...options });
      visitor.expects = [/./];
      await visitor.logIn(name, people.find((one) => one.name === name).password);
      await visitor.connected();
      return visitor;
    };
    await work({ stack, people, browser, open });
  } finally {
    await browser.close();
    await stack.stop();
  }
}

export const go = (visitor, room) => visitor.page.evaluate((id) => { location.hash = `#/rooms/${id}`; }, room);

// All messages of the room from the beginning on, as the page shows them: [{ seq, text }].
export async function readAll({ page }) {
  await toBeginning(page);
  return page.evaluate(async () => {
    const scroller = document.getElementById('scroller');
    const frame = () => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
    const found = new Map();
    scroller.scrollTop = 0;
    for (let last = -1; ;) {
      await frame();
      for (const node of document.querySelectorAll('#log .message')) {
        found.set(Number(node.dataset.seq), node.querySelector('.body')?.textContent ?? '');
      }
      if (scroller.scrollTop === last) break;
      last = scroller.scrollTop;
      scroller.scrollTop += 600;
    }
    return [...found].map(([seq, text]) => ({ seq, text }));
  });
}

// Scrolls up until there is nothing older.
export function toBeginning(page) {
  return page.evaluate(async () => {
    const scroller = document.getElementById('scroller');
    while (document.getElementById('beginning')?.hidden !== false) {
      scroller.scrollTop = scroller.scrollTop > 1 ? 0 : 1;
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
    }
  });
}
