// The first load: how much script, how soon something is seen, how soon one can write, on a processor that is four times
// slower; and whether a reload shows the login form for a moment.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { median } from '../bar.mjs';
import { root } from '../../tests/harness.mjs';
import { fillRoom, withPage } from './page.mjs';

const SLOWER = 4;
const dir = join(root, process.env.MARU_BUILD ?? 'build', 'web');

// Scripts that the page asks for until it can be used, as kB of gzip.
async function scriptsOf(page, work) {
  const paths = new Set();
  page.on('request', (request) => { if (request.resourceType() === 'script') paths.add(new URL(request.url()).pathname); });
  await work();
  const sizes = [...paths].map((path) => gzipSync(readFileSync(join(dir, path)), { level: 9 }).length);
  console.log(`scripts: ${[...paths].map((path, i) => `${path} ${(sizes[i] / 1000).toFixed(1)} kB`).join(', ')}`);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

const paint = (page) => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000);

// When the messages were there and the field took a key: seconds since the beginning of the load.
async function usable(page) {
  await page.waitForFunction(() => document.querySelectorAll('#log .message').length > 10 && document.getElementById('text')?.disabled === false);
  await page.focus('#text');
  await page.keyboard.type('x');
  const seconds = await page.evaluate(() => performance.now() / 1000);
  await page.fill('#text', '');
  return seconds;
}

export async function load({ bar, env }) {
  const times = env('TIMES', 7);
  await withPage(async ({ stack, people, open }) => {
    const room = await fillRoom(stack, people, 200);
    const visitor = await open('ann');
    const { page } = visitor;
    await page.addInitScript(() => {
      window.flashes = 0;
      new MutationObserver(() => { if (document.getElementById('login')) window.flashes++; }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`http://localhost:${stack.port}/#/rooms/${room}`);
    const session = await visitor.context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    const [paints, uses] = [[], []];
    let flashes = 0;
    for (let i = 0; i < times; i++) {
      await session.send('Network.clearBrowserCache');
      await page.reload({ waitUntil: 'commit' });
      uses.push(await usable(page));
      paints.push(await paint(page));
      flashes += await page.evaluate(() => window.flashes);
    }
    console.log(`first paint ${paints.map((n) => n.toFixed(2)).join(' ')} s, usable ${uses.map((n) => n.toFixed(2)).join(' ')} s`);
    const kilobytes = await scriptsOf(page, async () => {
      await session.send('Network.clearBrowserCache');
      await page.reload();
      await usable(page);
    });
    bar('web_script_gzip', kilobytes, 'kB', '<=120');
    bar('web_first_paint', median(paints), 's', '<=1');
    bar('web_usable', median(uses), 's', '<=2');
    bar('web_login_flashes', flashes, 'times', '<=0');
  });
}
