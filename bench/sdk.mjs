// The client library in a network that breaks at random: several clients in several rooms, 10^5 events, and each client's
// history held against the server's. And how much of it a browser has to load.
//
//   make bench-sdk [EVENTS=100000] [CLIENTS=4] [ROOMS=4]
import { startStack } from '../tests/harness.mjs';
import { bundle, closeAll, gzipped } from '../tests/sdk/kit.mjs';
import { storm } from '../tests/sdk/storm.mjs';
import { bar, printBars } from './bar.mjs';
import { env } from './load.mjs';

const EVENTS = env('EVENTS', 100000);

const stack = await startStack({ conf: { log_level: 'warn', login_attempts: 1000, access_ttl: 86400, workers: 4 } });
try {
  const found = await storm(stack, { events: EVENTS, clients: env('CLIENTS', 4), rooms: env('ROOMS', 4), cutMs: 400,
    onProgress: ({ left, cuts }) => console.log(`${left} events to go, ${cuts} connections cut`) });
  console.log(`${found.events} events in ${found.seconds.toFixed(0)} s, told ${found.heard} times; ${found.cuts} connections cut, ${found.resets} rooms loaded anew`);
  bar('sdk_events', found.events, 'events', `>=${EVENTS}`);
  bar('sdk_cuts', found.cuts, 'connections', '>=100');
  bar('sdk_lost', found.lost, 'events', '<=0');
  bar('sdk_doubled', found.doubled, 'events', '<=0');
  bar('sdk_disordered', found.disordered, 'events', '<=0');
  bar('sdk_unsent', found.unsent, 'messages', '<=0');
  bar('sdk_misshown', found.misshown, 'messages', '<=0');
} finally {
  closeAll();
  await stack.stop();
}
bar('sdk_gzip', gzipped(await bundle()) / 1024, 'kB', '<=15');
process.exit(printBars() ? 0 : 1);
