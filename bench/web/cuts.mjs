// Two people write a thousand messages while all connections of the browsers are cut a hundred times: whether both screens
// show all, once, in the order of the log.
import { api, until } from '../../tests/harness.mjs';
import { openTcpProxy } from '../../tests/chaos/proxy.mjs';
import { fillRoom, go, readAll, withPage } from './page.mjs';

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function write(visitor, count, mark) {
  for (let i = 0; i < count; i++) {
    await visitor.say(`${mark} ${i}`);
    await pause(20);
  }
  await visitor.page.waitForFunction(() => document.querySelectorAll('#pending li').length === 0, null, { timeout: 120000 });
}

// The whole log of the room, from the API: [{ seq, text }].
async function logOf(stack, user, room) {
  const found = [];
  for (let after = 0; ;) {
    const { body: { messages } } = await api(stack, user).get(`/v1/rooms/${room}/messages?after=${after}&limit=100`);
    if (messages.length === 0) return found;
    found.push(...messages.map(({ seq, body }) => ({ seq, text: body })));
    after = messages.at(-1).seq;
  }
}

// What of the log a screen does not show, shows twice, or elsewhere.
function compare(shown, log) {
  const missing = log.filter(({ seq }) => !shown.some((one) => one.seq === seq)).length;
  const wrong = shown.filter(({ seq, text }) => log.find((one) => one.seq === seq)?.text !== text).length;
  const texts = shown.map(({ text }) => text);
  const disorder = shown.filter(({ seq }, i) => i > 0 && seq < shown[i - 1].seq).length;
  return { missing, wrong, doubled: texts.length - new Set(texts).size, disorder };
}

export async function cuts({ bar, env }) {
  const [count, times] = [env('MESSAGES', 1000), env('CUTS', 100)];
  await withPage(async ({ stack, people, open }) => {
    const wire = await openTcpProxy(stack.port);
    const room = await fillRoom(stack, people, 2);
    const visitors = [await open('ann', { port: wire.port }), await open('bora', { port: wire.port })];
    for (const visitor of visitors) {
      await go(visitor, room);
      await visitor.page.waitForSelector('#log .message');
    }
    let done = false;
    let cut = 0;
    const writing = Promise.all(visitors.map((visitor, i) => write(visitor, count / 2, ['ann', 'bora'][i]))).finally(() => { done = true; });
    while (cut < times) {
      await pause(50 + Math.random() * 400);
      wire.reset();
      cut++;
    }
    const during = !done;
    await writing;
    const log = await logOf(stack, people[0], room);
    await until(async () => (await Promise.all(visitors.map(({ page }) => page.evaluate(() => [...document.querySelectorAll('#log .body')].at(-1)?.textContent))))
      .every((text) => text === log.at(-1).text), 60000).catch(() => {});
    const sums = { missing: 0, wrong: 0, doubled: 0, disorder: 0 };
    for (const visitor of visitors) {
      const found = compare(await readAll(visitor), log);
      for (const name of Object.keys(sums)) sums[name] += found[name];
    }
    console.log(`${log.length} messages in the log; ${cut} cuts${during ? '' : ', the last ones after the writing'}`);
    bar('web_cuts', cut, 'cuts', '>=100');
    bar('web_cuts_messages', log.length - 2, 'messages', `>=${count}`);
    for (const [name, n] of Object.entries(sums)) bar(`web_cuts_${name}`, n, 'messages', '<=0');
    wire.close();
  });
}
