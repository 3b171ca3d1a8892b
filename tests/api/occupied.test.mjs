// Webhooks all the way from a subscription to the receiver, and across a crash of maru-push.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after } from 'node:test';
import { client, connected, startStack, subscribed, until } from '../harness.mjs';

const told = [];
const receiver = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (part) => { body += part; });
  req.on('end', () => { told.push(...JSON.parse(body).events.map(({ name, channel }) => `${name} ${channel}`)); res.end(); });
});
await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
const stack = await startStack({ conf: { webhook_url: `http://127.0.0.1:${receiver.address().port}/`,
  webhook_events: 'channel_occupied channel_vacated', presence_linger: 0 } });
after(async () => {
  await stack.stop();
  receiver.closeAllConnections();
  receiver.close();
});

test('after kill -9 who comes back is announced again; what nobody comes back to is not said to be vacated', async () => {
  const [stays, goes] = [await client(stack), await client(stack)];
  await subscribed(stays, 'stays');
  await subscribed(goes, 'goes');
  await until(() => told.length === 2);
  assert.deepEqual(told.splice(0), ['channel_occupied stays', 'channel_occupied goes']);
  goes.connection.bind('state_change', () => goes.disconnect());
  const back = new Promise((resolve) => { stays.connection.bind('connecting', resolve); });
  await stack.killPush();
  await stack.startPush();
  await back;
  await connected(stays, 20000);
  await until(() => told.length > 0);
  stays.unsubscribe('stays');
  await until(() => told.length > 1);
  assert.deepEqual(told, ['channel_occupied stays', 'channel_vacated stays']);
});
