// A hundred messages a second arrive: whether all are shown, and how long a key takes until it stands in the field.
import { api } from '../../tests/harness.mjs';
import { fillRoom, go, withPage } from './page.mjs';

async function flow(stack, user, room, rate, seconds) {
  const rest = api(stack, user);
  const start = performance.now();
  const sent = [];
  for (let i = 0; i < rate * seconds; i++) {
    const wait = start + i * 1000 / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => { setTimeout(resolve, wait); });
    sent.push(rest.post(`/v1/rooms/${room}/messages`, { client_id: `f${i}`, body: `flood ${i}` }));
  }
  const bad = (await Promise.all(sent)).filter(({ status }) => status !== 201).length;
  if (bad > 0) throw new Error(`${bad} messages were refused`);
}

// From each key until the frame after it was drawn, in milliseconds.
const watchKeys = (page) => page.evaluate(() => {
  window.keys = [];
  document.getElementById('text').addEventListener('keydown', ({ timeStamp }) => {
    requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - timeStamp)));
  });
});

export async function flood({ bar, env }) {
  const [rate, seconds] = [env('RATE', 100), env('SECONDS', 20)];
  await withPage(async ({ stack, people, open }) => {
    const room = await fillRoom(stack, people, 100);
    const visitor = await open('ann');
    const { page } = visitor;
    await go(visitor, room);
    await page.waitForSelector('#log .message');
    await watchKeys(page);
    const flowing = flow(stack, people[1], room, rate, seconds);
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      await page.press('#text', 'a');
      await page.waitForTimeout(50);
    }
    await flowing;
    await page.waitForFunction((text) => [...document.querySelectorAll('#log .body')].at(-1)?.textContent === text, `flood ${rate * seconds - 1}`, { timeout: 5000 })
      .catch(() => {});
    const last = await page.evaluate(() => [...document.querySelectorAll('#log .body')].at(-1)?.textContent);
    const keys = (await page.evaluate(() => window.keys)).sort((a, b) => a - b);
    const p95 = keys[Math.floor(keys.length * 0.95)];
    console.log(`${keys.length} keys: p50 ${keys[keys.length >> 1].toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, longest ${keys.at(-1).toFixed(0)} ms; the last line is "${last}"`);
    bar('web_flood_behind', last === `flood ${rate * seconds - 1}` ? 0 : 1, 'pages', '<=0');
    bar('web_flood_key_p95', p95, 'ms', '<=100');
  });
}
