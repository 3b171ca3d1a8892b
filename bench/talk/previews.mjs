// Attempts to have Maru call what stands beside it: by a link in a message, by a page that sends the caller on, by a webhook. The
// targets are real: a listener on every address of this host, at a port that is allowed, which counts who connects. One address
// is opened (outbound_allow); that it is reached shows that the others could be.
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { api, until } from '../../tests/harness.mjs';
import { createRoom, say } from '../../tests/api/check.mjs';
import { Elsewhere, HOOKS, OPEN, hook } from '../../tests/api/targets.mjs';

const PORT = 8443;
const OTHER = 8444; // another lookup of the same name
const LINKS = [`http://${OPEN}:${PORT}/fine`, `http://open.example:${PORT}/fine`];

// Addresses and other spellings of them, all of this host.
const own = Object.values(networkInterfaces()).flat().filter(({ internal, address }) => !internal && !/^fe80/.test(address));
const hosts = ['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0x7f.0x0.0x0.0x1', '0177.0.0.1', '017700000001', '0', '0.0.0.0',
  '127.0.0.1.', '127.127.127.127', '127.0.0.76', '127.0.0.78', 'localhost', 'localhost.', 'LOCALHOST', '[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1%25lo]', '[::1%25lo]', '①②⑦.⓪.⓪.①', '127。0。0。1',
  '１２７.0.0.1', ...own.map(({ family, address }) => (family === 'IPv6' ? `[${address}]` : address)),
  ...own.filter(({ family }) => family === 'IPv4').map(({ address }) => `[::ffff:${address}]`)];
const NAMES = { 'open.example': [OPEN], 'inner.example': ['127.0.0.1'], 'inner6.example': ['::1'], 'mapped.example': ['::ffff:127.0.0.1'], 'zero.example': ['0.0.0.0'],
  'private.example': [own.find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.2'], 'rebind.example': [OPEN, '127.0.0.1'], 'rebind6.example': [OPEN, '::1'] };
const named = Object.keys(NAMES).filter((name) => !/^(open|rebind)/.test(name));
const direct = [...hosts, ...named].map((host) => `http://${host}:${PORT}/`);
const tricks = [`https://127.0.0.1:${PORT}/`, `http://x@127.0.0.1:${PORT}/`, `http://x:y@127.0.0.1:${PORT}/`, `http://${OPEN}:${PORT}@127.0.0.1:${PORT}/`,
  `http://127.0.0.1:${PORT}#@${OPEN}:${PORT}/`, `http://127.0.0.1:${PORT}\\@${OPEN}:${PORT}/`, `http://127.0.0.1:${PORT}?@${OPEN}:${PORT}/`, `http:///127.0.0.1:${PORT}/`,
  `http:127.0.0.1:${PORT}/`, `http://127.0.0.1%00.open.example:${PORT}/`, `http://127.0.0.1%2f:${PORT}/`];
const schemes = ['file:///etc/hostname', `ftp://127.0.0.1:${PORT}/`, `gopher://127.0.0.1:${PORT}/_GET%20/`, `dict://127.0.0.1:${PORT}/d`, `telnet://127.0.0.1:${PORT}/`,
  `ldap://127.0.0.1:${PORT}/`, `smtp://127.0.0.1:${PORT}/`, `//127.0.0.1:${PORT}/`];
const sentOn = [...direct, ...tricks, ...schemes];

// Counts the connections by the address that was called.
async function listenEverywhere(reached) {
  const servers = [];
  for (const port of [PORT, OTHER]) {
    const server = createServer((req, res) => {
      const { pathname, searchParams } = new URL(req.url, 'http://x');
      if (pathname === '/on') res.writeHead(302, { Location: Buffer.from(searchParams.get('to')).toString('latin1') });
      else res.writeHead(200, { 'Content-Type': 'text/html' });
      res.end(`<title>reached</title><meta property="og:image" content="https://127.0.0.1:${PORT}/image"><img src="http://127.0.0.1:${PORT}/image">`);
    });
    server.on('connection', (socket) => {
      const address = socket.localAddress.replace(/^::ffff:/, '');
      reached.set(address, (reached.get(address) ?? 0) + 1);
    });
    await new Promise((resolve, reject) => { server.on('error', reject); server.listen(port, '::', resolve); });
    servers.push(server);
  }
  return servers;
}

// Has links read; resolves when all of them were.
async function readLinks(stack, user, room, links) {
  for (const link of links) {
    const { status, body } = await say(stack, user, room, link);
    if (status !== 201) throw new Error(`${link}: ${JSON.stringify(body)}`);
  }
  await until(async () => (await stack.sql('SELECT COUNT(*) FROM preview_job'))[0][0] === '0', 300_000, 'all links to be read');
}

// How many of these a webhook may be of, and then was tried to be reached.
async function postTo(stack, user, urls) {
  let taken = 0;
  for (let i = 0; i < urls.length; i += 10) {
    const room = await createRoom(stack, user);
    for (const url of urls.slice(i, i + 10)) {
      const { status } = await api(stack, user).post(`/v1/rooms/${room.id}/webhooks`, { url, events: ['message.created'] });
      if (![201, 422].includes(status)) throw new Error(`${url}: ${status}`);
      taken += status === 201;
    }
    await say(stack, user, room, 'x');
  }
  await until(async () => (await stack.sql("SELECT COUNT(*) FROM delivery WHERE tries > 0"))[0][0] >= taken, 120_000, 'all webhooks to be tried');
  return taken;
}

export async function previews({ bar }) {
  const reached = new Map();
  const servers = await listenEverywhere(reached);
  const stack = await new Elsewhere({ conf: { ...HOOKS, link_previews: 'on' } }).up();
  stack.name(NAMES);
  const [ann] = await stack.people(1);
  const room = await createRoom(stack, ann);
  const on = (to, host = OPEN) => `http://${host}:${PORT}/on?to=${encodeURIComponent(to)}`;
  const links = [...direct, ...tricks, ...sentOn.map((to) => on(to)), on(`http://rebind.example:${OTHER}/`, 'rebind.example'),
    on(`http://rebind6.example:${OTHER}/`, 'rebind6.example'), on(on(on(`http://127.0.0.1:${PORT}/`)))];
  await readLinks(stack, ann, room, links);
  const byLinks = reached.get(OPEN) ?? 0;
  const taken = await postTo(stack, ann, [...direct, ...tricks, ...schemes]);
  const hits = [...reached].filter(([address]) => address !== OPEN);
  console.log(`${links.length} links and ${taken} webhooks (${direct.length + tricks.length + schemes.length - taken} were refused at once); connections: ${JSON.stringify([...reached])}`);
  bar('talk_ssrf_attempts', links.length + taken, 'attempts', '>=40');
  bar('talk_ssrf_reached', hits.reduce((sum, [, n]) => sum + n, 0), 'connections', '<=0');
  // That the test can fail: what is open is reached, by an address, by a name, by being sent on and by a webhook.
  const shown = async () => (await stack.sql(`SELECT COUNT(*) FROM message WHERE room = ${control.id} AND previews IS NOT NULL`))[0][0];
  const control = await createRoom(stack, ann);
  await readLinks(stack, ann, control, [...LINKS, on(LINKS[0])]);
  const { id } = await hook(stack, ann, control, `http://open.example:${PORT}/hook`);
  await say(stack, ann, control, 'x');
  await until(async () => (await stack.sql(`SELECT 1 FROM delivery WHERE webhook = ${id} AND state = 'delivered'`)).length > 0, 30_000, 'the webhook to be posted');
  console.log(`the open address: ${byLinks} connections before, ${await shown()} of 3 links shown`);
  bar('talk_ssrf_control', Number(await shown()) + 1, 'of_4_reached', '>=4');
  await stack.stop();
  for (const server of servers) { server.closeAllConnections(); server.close(); }
}
