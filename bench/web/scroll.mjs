// A room of ten thousand messages, all of them loaded: how many frames a second while it is scrolled.
import { fillRoom, go, toBeginning, withPage } from './page.mjs';

// Frames per second while the wheel turns: pixels per frame, for so many seconds; the worst second too.
const scrollBy = (page, pixels, seconds) => page.evaluate(async ([step, long]) => {
  const scroller = document.getElementById('scroller');
  const times = [];
  const start = performance.now();
  while (performance.now() - start < long * 1000) {
    scroller.scrollTop += step;
    await new Promise((resolve) => { requestAnimationFrame(resolve); });
    times.push(performance.now() - start);
  }
  const perSecond = Array.from({ length: long }, (_, i) => times.filter((t) => t >= i * 1000 && t < (i + 1) * 1000).length);
  return { mean: times.length / (times.at(-1) / 1000), worst: Math.min(...perSecond) };
}, [pixels, seconds]);

export async function scroll({ bar, env }) {
  const [count, seconds] = [env('MESSAGES', 10000), env('SECONDS', 10)];
  await withPage(async ({ stack, people, open }) => {
    const room = await fillRoom(stack, people, count);
    const visitor = await open('ann');
    const { page } = visitor;
    await go(visitor, room);
    await page.waitForSelector('#log .message');
    await toBeginning(page);
    const down = await scrollBy(page, 120, seconds);
    const up = await scrollBy(page, -120, seconds);
    const nodes = await page.evaluate(() => document.querySelectorAll('#log .message').length);
    console.log(`down ${down.mean.toFixed(1)} (worst second ${down.worst}), up ${up.mean.toFixed(1)} (${up.worst}) frames per second; ${nodes} of ${count} messages are in the page`);
    bar('web_scroll_messages', count, 'messages', '>=10000');
    bar('web_scroll_fps', Math.min(down.mean, up.mean), 'frames', '>=50');
  });
}
