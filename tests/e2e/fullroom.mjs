// A room with everything in it that a room can have, for the stories of how it looks. Ann, its host, is who looks.
import assert from 'node:assert/strict';
import { api, signUp } from '../harness.mjs';
import { png, uploaded } from '../api/filekit.mjs';

const later = () => new Date(Date.now() + 86400000).toISOString();

// Short ways to say things in that room; what is refused fails at once. say(who, body, fields) resolves with the seq.
function speaker({ rest, room }) {
  let count = 0;
  const path = `/v1/rooms/${room}`;
  const does = async (who, method, where, body) => {
    const answer = await rest[who][method](`${path}${where}`, body);
    assert.ok(answer.status < 300, `${who} ${method} ${where}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const send = async (who, where, fields) => (await does(who, 'post', where, { client_id: `full-${++count}`, ...fields })).seq;
  const say = (who, body, fields = {}) => send(who, '/messages', { body, format: 'markdown', ...fields });
  return { does, send, say };
}

async function talk({ stack, users, rest, room, newRoom }, { does, send, say }) {
  const seqs = {};
  seqs.marks = await say('bora', '**Bold**, *slanted*, ~~gone~~, `code` and https://maru.example/a/very/long/address/that/does/not/fit/in/one/line/of/a/phone');
  seqs.mention = await say('carl', '@ann come here, @bora too');
  await say('bora', '```\nconst far = "a line of code that is wider than any phone and than most bubbles on a desktop as well, so that it is scrolled";\n```');
  await say('bora', '> what was said\nwhat is said of it');
  seqs.own = await say('ann', 'What do we drink? @bora https://maru.example');
  await say('ann', '`tea`, **of course**');
  seqs.reply = await say('carl', 'Oolong', { reply_to: seqs.own });
  await say('ann', 'So do I', { reply_to: seqs.reply });
  seqs.root = await say('bora', 'Which cake?');
  await say('carl', 'Carrot', { thread: seqs.root });
  seqs.answer = await say('ann', 'Lemon', { thread: seqs.root });
  for (const [who, emoji] of [['ann', '👍'], ['carl', '👍'], ['carl', '🍰']]) {
    for (const seq of [seqs.root, seqs.own]) await does(who, 'put', `/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
  }
  seqs.edited = await say('ann', 'at tree');
  await does('ann', 'patch', `/messages/${seqs.edited}`, { body: 'at three' });
  const slip = await say('bora', 'a slip');
  await does('bora', 'del', `/messages/${slip}`);
  await does('ann', 'put', `/pins/${seqs.mention}`);
  const [picture, paper] = [await uploaded(stack, users.bora, png(640, 400, 1), { name: '바다.png', type: 'image/png' }),
    await uploaded(stack, users.ann, Buffer.from('%PDF-1.7 not really'), { name: '아주 긴 이름의 회의 보고서 최종의 최종.pdf', type: 'application/pdf' })];
  await say('bora', 'at the sea', { attachments: [picture.id] });
  await say('ann', '', { attachments: [paper.id] });
  const { packs: [pack] } = (await rest.bora.get('/v1/sticker-packs')).body;
  await send('bora', '/stickers', { pack: pack.id, sticker: 'hello' });
  await send('carl', '/commands', { text: '/roll 2d6' });
  const elsewhere = await newRoom({ title: 'Coffee' });
  const { body: { seq } } = await rest.ann.post(`/v1/rooms/${elsewhere}/messages`, { client_id: 'full', body: 'said elsewhere' });
  await rest.ann.post(`/v1/rooms/${elsewhere}/messages/${seq}/forward`, { client_id: 'full-there', rooms: [room] });
  return seqs;
}

async function polls(seqs, { does, send }) {
  seqs.poll = await send('ann', '/polls', { question: 'When?', options: ['At three', 'At four'] });
  seqs.closed = await send('bora', '/polls', { question: '어디서 만날까요?', options: ['찻집', '도서관 앞 작은 공원의 벤치'], multiple: true });
  await does('ann', 'put', `/polls/${seqs.poll}/vote`, { options: [0] });
  await does('carl', 'put', `/polls/${seqs.poll}/vote`, { options: [1] });
  await does('ann', 'put', `/polls/${seqs.closed}/vote`, { options: [0, 1] });
  await does('carl', 'put', `/polls/${seqs.closed}/vote`, { options: [1] });
  await does('bora', 'post', `/polls/${seqs.closed}/close`);
}

// A moderator, one who may not speak, one who is blocked, one who is banned.
async function ranks({ stack, users, rest, room }, { does, say }, seqs) {
  for (const name of ['dora', 'eve']) {
    users[name] = await signUp(stack, name);
    rest[name] = api(stack, users[name]);
    await rest[name].put(`/v1/rooms/${room}/members/me`, {});
  }
  await say('dora', 'nobody hears me');
  await rest.ann.put(`/v1/blocks/${users.dora.id}`);
  await say('carl', 'the last word');
  seqs.last = await say('carl', 'and one more');
  await does('ann', 'patch', `/members/${users.bora.id}`, { role: 'moderator' });
  await does('ann', 'patch', `/members/${users.carl.id}`, { muted_seconds: 86400 });
  await does('ann', 'put', `/bans/${users.eve.id}`, { reason: 'too loud' });
}

async function around({ stack, rest, room }, { does, send }, seqs) {
  const { id } = await does('ann', 'post', '/notices', { body: 'Tea at three. 세 시에 차를 마셔요. '.repeat(12) });
  await does('bora', 'put', `/notices/${id}/confirmation`);
  await does('ann', 'post', '/invites', { expires_in: 3600, uses: 5 });
  await send('ann', '/scheduled', { body: 'good morning', send_at: later() });
  await does('bora', 'put', '/like');
  for (const color of ['black', 'orange']) await send('bora', '/strokes', { color, width: 24, points: [[200, 300], [3900, color === 'black' ? 2200 : 400]] });
  // No page is asked here what it says of itself.
  const preview = { url: 'https://maru.example/', title: '차 이야기', description: 'All about tea, in many words that go on and on', site_name: 'maru.example' };
  await stack.sql(`UPDATE message SET previews = '${JSON.stringify([preview])}' WHERE room = ${room} AND seq IN (${seqs.own}, ${seqs.marks})`);
  await rest.bora.post('/v1/rooms', { kind: 'public', title: '아직 들어가지 않은 대화방', description: 'To be looked at first', tags: ['tea', '차'] });
}

/** Fills the room of a party (see roomkit.mjs). Resolves with the seqs of some of its messages. */
export async function furnish(party) {
  const short = speaker(party);
  const seqs = await talk(party, short);
  await polls(seqs, short);
  await ranks(party, short, seqs);
  await around(party, short, seqs);
  return seqs;
}
