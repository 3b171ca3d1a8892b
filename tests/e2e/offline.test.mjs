// The page as an app: it can be installed, and opens without a network.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../harness.mjs';
import { openBrowser, visit } from './browser.mjs';

describe('the page as an app', () => {
  let stack;
  let browser;
  let ann;

  before(async () => {
    stack = await startStack();
    browser = await openBrowser();
    ann = await visit(browser, { url: `http://localhost:${stack.port}` }, { serviceWorkers: 'allow' });
    ann.expects = [/./];
    await ann.signUp('ann', 'Ann');
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('its manifest is whole: a browser offers to install it', async () => {
    const session = await ann.context.newCDPSession(ann.page);
    const { errors, manifest } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    assert.equal(manifest.display, 'kStandalone');
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
  });

  test('without a network it opens, and says so; with it all is back', async () => {
    await ann.page.evaluate(() => navigator.serviceWorker.ready);
    await ann.page.waitForFunction(async () => (await caches.keys()).length === 1);
    await ann.context.setOffline(true);
    await ann.page.reload();
    await ann.page.waitForSelector('#app');
    assert.equal(await ann.page.textContent('#my-name'), 'Ann');
    await ann.page.waitForFunction(() => document.getElementById('lobby-trouble').textContent === 'The server cannot be reached. Check your connection.', null, { timeout: 20000 });
    await ann.context.setOffline(false);
    await ann.connected();
    const room = await ann.createRoom('back again');
    assert.ok(room > 0);
  });

  test('nothing of the API is kept', async () => {
    const kept = await ann.page.evaluate(async () => {
      const urls = [];
      for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) urls.push(new URL(url).pathname);
      return urls;
    });
    assert.ok(kept.includes('/app.js'));
    assert.deepEqual(kept.filter((path) => /^\/(v1|app\/|docs)/.test(path)), []);
  });
});
