// Fifty rooms opened and closed, again and again: whether the page grows.
import { fillRoom, go, withPage } from './page.mjs';

async function heap(session) {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  return { megabytes: usedSize / (1 << 20), nodes, listeners: jsEventListeners };
}

export async function rooms({ bar, env }) {
  const [count, rounds] = [env('ROOMS', 50), env('ROUNDS', 4)];
  await withPage(async ({ stack, people, open }) => {
    const all = [];
    for (let i = 0; i < count; i++) all.push(await fillRoom(stack, people, 60, `room ${i}`));
    const visitor = await open('ann');
    const { page } = visitor;
    const session = await visitor.context.newCDPSession(page);
    const sizes = [];
    for (let round = 0; round < rounds; round++) {
      for (const room of all) {
        await go(visitor, room);
        // No waitForSelector: the handle that it answers would keep the whole room.
        await page.waitForFunction((id) => document.querySelector(`#room[data-room="${id}"] #log .message`) !== null, room);
      }
      await page.evaluate(() => { location.hash = '#/'; });
      await page.waitForFunction(() => document.getElementById('room') === null);
      await page.waitForTimeout(1000);
      sizes.push(await heap(session));
    }
    console.log(sizes.map(({ megabytes, nodes, listeners }) => `${megabytes.toFixed(2)} MB, ${nodes} nodes, ${listeners} listeners`).join('\n'));
    const [, second] = sizes; // the first round fills what is kept on purpose: lists, names, drafts
    bar('web_rooms_growth', (sizes.at(-1).megabytes / second.megabytes - 1) * 100, '%', '<=5');
    bar('web_rooms_nodes_growth', (sizes.at(-1).nodes / second.nodes - 1) * 100, '%', '<=5');
  });
}
