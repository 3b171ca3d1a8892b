// A bot: answers /echo, and whoever names it. The token is that of POST /v1/bots.
//   npm install pusher-js && MARU=http://localhost:8080 TOKEN=maru_... node bot.mjs
import Pusher from 'pusher-js';

const { MARU, TOKEN } = process.env;
const { hostname, port, protocol } = new URL(MARU);
const headers = { Authorization: `Bearer ${TOKEN}` };

async function call(method, path, body) {
  const answer = await fetch(`${MARU}/v1${path}`, { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
// The same client_id twice is one message: what caused the answer makes a good one.
const say = (room, cause, body) => call('POST', `/rooms/${room}/messages`, { client_id: cause, body });

const me = await call('GET', '/users/me');
await call('PUT', `/bots/${me.id}/commands/echo`, { description: 'repeats it', usage: '<text>' });

const pusher = new Pusher('maru', {
  cluster: 'x', wsHost: hostname, wsPort: port || 80, wssPort: port || 443, forceTLS: protocol === 'https:', enabledTransports: ['ws', 'wss'],
  channelAuthorization: { endpoint: `${MARU}/v1/realtime/auth`, transport: 'ajax', headers },
});
const listen = (room) => pusher.subscribe(`presence-room-${room}`).bind('message.created', ({ sender, seq, body }) => {
  if (sender !== me.id && body?.includes(`@${me.name}`)) say(room, `mention-${seq}`, `네? ${body}`).catch(console.error);
});
const own = pusher.subscribe(`private-user-${me.id}`);
own.bind('room.added', ({ id }) => listen(id));
own.bind('command.invoked', ({ room, mid, text }) => say(room, `echo-${mid}`, text || '...').catch(console.error));
own.bind('pusher:subscription_succeeded', () => console.log('listening'));
for (const { id } of (await call('GET', '/users/me/rooms?limit=100')).rooms) listen(id);
