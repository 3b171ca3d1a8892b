// The lists that bench/people.mjs asks for: each endpoint with what can be asked of it. A variant is a path, for the reader
// unless it is [path, who]; `deep` ones are followed some pages first.
import { api } from '../tests/harness.mjs';
import { MINE, RARE_WORD } from './town.mjs';

const PAGES = 20; // that "deep" is into a list

const q = (path, word) => `${path}q=${encodeURIComponent(word)}`;
// What people search for: frequent and rare, a word and a letter, initial consonants, nothing that there is.
const SEARCHES = ['스터디', '모임', RARE_WORD, '방', 'ㅅㅌㄷ', 'ㅅㅇ', 'ㅁ', 'lounge', 'o', 'kernel', '서울 스터디 방', '없는말입니다'];
const NAMES = ['민서', '서민', RARE_WORD, '김', 'ㄱㅁㅅ', 'ㅅㅇ', 'ㄱ', 'tea', 'e', 'tiger77', 'p012345', 'rabbitmoon', '없는말입니다'];
const ids = (n, of) => Array.from({ length: n }, (_, i) => of(i + 1)).join(',');
const searches = (path, words) => words.map((word) => q(path, word));

export const LISTS = {
  rooms: { paths: ['/v1/rooms', '/v1/rooms?limit=100', '/v1/rooms?total=1', '/v1/rooms?free=1', '/v1/rooms?free=1&total=1', '/v1/rooms?kind=secret&total=1'],
    deep: ['/v1/rooms?limit=100'] },
  rooms_by_members: { paths: ['/v1/rooms?sort=members', '/v1/rooms?sort=members&free=1'], deep: ['/v1/rooms?sort=members&limit=100'] },
  rooms_by_likes: { paths: ['/v1/rooms?sort=likes', '/v1/rooms?sort=likes&kind=secret'], deep: ['/v1/rooms?sort=likes&limit=100'] },
  rooms_by_category: { paths: ['/v1/rooms?category=7', '/v1/rooms?category=7&total=1', '/v1/rooms?category=7&sort=members', '/v1/rooms?category=7&sort=likes&free=1'],
    deep: ['/v1/rooms?category=7&limit=4'] },
  rooms_by_tag: { paths: ['게임', '직장인'].flatMap((tag) => ['', '&total=1', '&sort=members', '&sort=likes&free=1&category=7']
    .map((more) => `/v1/rooms?tag=${encodeURIComponent(tag)}${more}`)), deep: [`/v1/rooms?tag=${encodeURIComponent('게임')}&limit=50`] },
  rooms_search: { paths: [...searches('/v1/rooms?', SEARCHES), ...searches('/v1/rooms?limit=100&', ['방', '스터디'])], deep: searches('/v1/rooms?', ['방']) },
  rooms_search_total: { paths: [...searches('/v1/rooms?total=1&', SEARCHES), ...searches('/v1/rooms?total=1&free=1&kind=secret&category=7&', ['방'])] },
  rooms_search_ordered: { paths: [...searches('/v1/rooms?sort=members&', SEARCHES), ...searches('/v1/rooms?sort=likes&free=1&', ['방', 'ㅅㅇ'])],
    deep: searches('/v1/rooms?sort=likes&', ['방']) },
  users_search: { paths: [...searches('/v1/users?', NAMES), ...searches('/v1/users?limit=100&', ['김', 'e'])], deep: searches('/v1/users?', ['김', 'ㅅㅇ', 'e']) },
  my_rooms: { paths: ['/v1/users/me/rooms', '/v1/users/me/rooms?limit=100&total=1', '/v1/users/me/rooms?role=host', '/v1/users/me/rooms?liked=1', '/v1/users/me/rooms?liked=1&total=1'],
    deep: ['/v1/users/me/rooms?limit=5'] },
  my_direct_rooms: { paths: [['/v1/users/me/rooms?kind=direct', 'partner'], ['/v1/users/me/rooms?kind=direct&limit=100&total=1', 'partner']],
    deep: [['/v1/users/me/rooms?limit=10', 'partner']] },
  room: { paths: ['/v1/rooms/1', '/v1/rooms/5000'] },
  preview: { paths: ['/v1/rooms/1/preview', '/v1/rooms/5000/preview'] },
  occupancy: { paths: [`/v1/rooms/occupancy?rooms=${ids(100, (i) => i * 20)}`] },
  categories: { paths: ['/v1/categories'] },
  categories_with_rooms: { paths: ['/v1/categories?include=rooms'] },
  members: { paths: ['/v1/rooms/1/members', '/v1/rooms/1/members?limit=100', '/v1/rooms/150/members'], deep: ['/v1/rooms/1/members?limit=100'] },
  room_presence: { paths: ['/v1/rooms/1/presence'] },
  bans: { paths: ['/v1/rooms/1/bans', '/v1/rooms/1/bans?limit=100'], deep: ['/v1/rooms/1/bans?limit=100'] },
  invites: { paths: ['/v1/rooms/1/invites'] },
  likes: { paths: ['/v1/rooms/1/likes', '/v1/rooms/1/likes?limit=100'], deep: ['/v1/rooms/1/likes?limit=100'] },
  notices: { paths: ['/v1/rooms/1/notices', '/v1/rooms/1/notices?limit=100'], deep: ['/v1/rooms/1/notices'] },
  confirmations: { paths: ['/v1/rooms/1/notices/100000/confirmations'], deep: ['/v1/rooms/1/notices/100000/confirmations?limit=100'] },
  pins: { paths: ['/v1/rooms/1/pins'] },
  words: { paths: ['/v1/rooms/1/words', '/v1/rooms/1/words?limit=100', ['/v1/words', 'admin']], deep: ['/v1/rooms/1/words'] },
  messages: { paths: ['/v1/rooms/1/messages', '/v1/rooms/1/messages?limit=100', '/v1/rooms/1/messages?before=150000', '/v1/rooms/1/messages?after=20000', '/v1/rooms/150/messages'] },
  events: { paths: ['/v1/rooms/1/events?after=299950', '/v1/rooms/1/events?after=100000&limit=100', '/v1/users/me/events?after=1950', '/v1/users/me/events?after=500&limit=100'] },
  friends: { paths: ['/v1/friends', '/v1/friends?limit=100', '/v1/friends?state=sent', '/v1/friends?state=received'], deep: ['/v1/friends?limit=25'] },
  blocks: { paths: ['/v1/blocks', '/v1/blocks?limit=100'], deep: ['/v1/blocks?limit=25'] },
  unread: { paths: ['/v1/users/me/unread'] },
  sessions: { paths: ['/v1/sessions', '/v1/sessions?limit=100'], deep: ['/v1/sessions?limit=2'] },
  identities: { paths: ['/v1/users/me/identities'] },
  profile: { paths: ['/v1/users/me', '/v1/users/4711', '/v1/users/me/settings'] },
  presence: { paths: [`/v1/presence?users=${ids(100, (i) => i * 7)}`, `/v1/presence?users=${ids(100, (i) => 90000 + i)}`] },
  sync: { paths: ['/v1/sync', `/v1/sync?since=${ids(MINE, (i) => `presence-room-${i}:${i === 1 ? 299999 : 69}:${i === 1 ? 1299999 : i * 1000 + 69}`)}`] },
  reports: { paths: ['/v1/reports?room=1', '/v1/reports?room=1&state=resolved', ['/v1/reports', 'admin'], ['/v1/reports?state=dismissed&limit=100', 'admin'], '/v1/users/me/reports'],
    deep: [['/v1/reports?limit=100', 'admin'], '/v1/users/me/reports?limit=100'] },
  audit: { paths: ['/v1/audit?room=1', ['/v1/audit', 'admin'], ['/v1/audit?user=78', 'admin'], ['/v1/audit?room=1&user=78', 'admin']], deep: [['/v1/audit?limit=100', 'admin'], '/v1/audit?room=1&limit=100'] },
  admin_users: { paths: ['', '?limit=100', '?state=disabled', q('?', '김'), q('?', 'p0'), q('?', 'tea'), q('?', 'p4712@example.org'), q('?state=disabled&', '김')]
    .map((more) => [`/v1/admin/users${more}`, 'admin']), deep: [['/v1/admin/users?limit=100', 'admin'], [q('/v1/admin/users?', '김'), 'admin']] },

};

// An empty answer would be quick: these have to list something.
export const EMPTY_ALLOWED = /없는|occupancy|presence/;

// The path of a page far behind, or of the last full one: { path, page }.
async function followed(stack, user, path) {
  let [at, page] = [path, 1];
  for (let next = 0; page <= PAGES; page++) {
    const { status, body } = await api(stack, user).get(at);
    if (status !== 200) throw new Error(`${at}: ${status} ${JSON.stringify(body)}`);
    ({ next } = body);
    if (next === null) break;
    at = `${path}${path.includes('?') ? '&' : '?'}cursor=${next}`;
  }
  if (page < 3) throw new Error(`${path} has ${page} pages only`);
  return { path: at, page };
}

async function assertAnswer(stack, user, path) {
  const { status, body } = await api(stack, user).get(path);
  const list = Object.values(body).find(Array.isArray);
  if (status !== 200 || (list?.length === 0 && !EMPTY_ALLOWED.test(decodeURIComponent(path))))
    throw new Error(`${path}: ${status}, ${JSON.stringify(body).slice(0, 200)}`);
}

// [{ name, path, who }] of all variants, each of which was answered once.
export async function variants(stack, people) {
  const all = [];
  for (const [name, { paths, deep = [] }] of Object.entries(LISTS)) {
    const given = paths.map((path) => [path].flat()).map(([path, who = 'reader']) => ({ name, path, who, shown: path }));
    for (const [path, who = 'reader'] of deep.map((one) => [one].flat())) {
      const far = await followed(stack, people[who], path);
      given.push({ name, who, path: far.path, shown: `${path}, page ${far.page}` });
    }
    for (const { who, path } of given) await assertAnswer(stack, people[who], path);
    all.push(...given);
  }
  return all;
}
