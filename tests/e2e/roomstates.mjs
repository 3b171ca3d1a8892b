// What can be opened in a room, and how one opens and closes it with the keyboard alone.
//
//   for (const state of statesOf({ seqs, users, texts: textsOf('en') })) {
//     await openState(ann, state);
//     await closeState(ann, state);                // each layer by Escape; the focus is where it was
//   }
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.mjs';

/** The texts of the page in that language, by key. */
export function textsOf(language) {
  const directory = join(root, 'web/src/texts', language);
  return Object.assign({}, ...readdirSync(directory).map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8'))));
}

const menu = '[role=menu]';
const layer = (press, shown, more = {}) => ({ press, shown, ...more });

function inHead({ head }) {
  const notices = head('notices', '#notices .entries li');
  const settings = head('roomSettings', '#settings');
  return {
    'the menu of the room': [layer('#room-menu', menu)],
    'ways to call': [layer('#call-menu', menu)],
    'the music': [layer('#music-toggle', '#music .add-track', { wideOnly: true })],
    'adding a track': [layer('#music-toggle', '#music .add-track', { wideOnly: true }), layer('#music .add-track', '#track')],
    'the whiteboard': [layer('#board-toggle', '#board #board-undo', { wideOnly: true })],
    'clearing the whiteboard': [layer('#board-toggle', '#board #board-clear:enabled', { wideOnly: true }), layer('#board-clear', '#confirm')],
    'the desks': [layer('#study-toggle', '#study .ranking')],
    'the to-dos': [layer('#todos-toggle', '#todos .todo-add', { wideOnly: true })],
    'the music by the menu': [{ ...head('music', '#music .add-track'), narrowOnly: true }],
    'the whiteboard by the menu': [{ ...head('board', '#board #board-undo'), narrowOnly: true }],
    'the to-dos by the menu': [{ ...head('todos', '#todos .todo-add'), narrowOnly: true }],
    notices: [notices],
    'who confirmed a notice': [notices, layer('#notices [aria-expanded]', '#notices .faces li', { stays: true })],
    'a new notice': [notices, layer('#notices .actions button', '#notice-form')],
    'taking a notice off': [notices, layer('#notices .row-of button:last-child', '#confirm')],
    'the open notice': [layer('#notice .line', '#notice-rest', { stays: true })],
    'notices from the bar': [layer('#notice-rest .row-of button:last-child', '#notices .entries li')],
    pins: [head('pins', '#pins .entries li')],
    'the notification rule': [head('ruleHeading', '#rule fieldset:enabled')],
    invites: [head('invites', '#invites .entries li')],
    bans: [head('bans', '#bans .entries li')],
    settings: [settings],
    'the cover': [settings, layer('#settings .row-of button', '#picture')],
    'deleting the room': [settings, layer('#settings .danger', '#confirm')],
    export: [head('exportHeading', '#export')],
    'reporting the room': [head('reportRoom', '#report')],
    leaving: [head('leave', '#confirm')],
    'a cover from the head': [layer('#room-cover', '#picture', { wideOnly: true })],
  };
}

function ofPeople({ users: { bora, carl }, texts }) {
  const members = layer('#people-all', '#members-list li', { stays: true, inPeople: true });
  const person = ({ id }, item, shown = menu) => [members, layer(`#people [data-user="${id}"] .person-menu`, shown, { item: texts[item] })];
  return {
    'people who are here': [layer('#people-here', '#people-list li', { stays: true, inPeople: true })],
    members: [members],
    'nobody found': [members, layer('#people-panel input', '#people-panel .empty', { type: 'zzz', stays: true })],
    'the menu of a moderator': person(bora),
    'the menu of somebody muted': person(carl),
    'removing somebody': person(carl, 'removeThem', '#remove'),
    'banning somebody': [...person(carl, 'removeThem', '#remove'),
      layer('#remove [value="3600"]', '#remove [name=reason]', { key: 'Space', stays: true })],
    'reporting somebody': person(carl, 'reportThem', '#report'),
    'blocking somebody': person(carl, 'blockThem', '#confirm'),
    'handing the room over': person(bora, 'handOver', '#confirm'),
  };
}

function ofComposer({ ways }) {
  const write = (text, shown, more) => layer('#text', shown, { type: text, ...more });
  return {
    emoji: [layer('#emoji-toggle', '#emoji-popup .emoji-cells button')],
    'no emoji found': [layer('#emoji-toggle', '#emoji-popup .emoji-cells button'),
      layer('#emoji-popup input', '#emoji-popup .empty', { type: 'zzzz', stays: true })],
    stickers: [layer('#stickers-toggle', '#stickers .grid button')],
    'suggested people': [write('@', '#completion [role=option]')],
    'suggested commands': [write('/', '#completion [role=option]')],
    'more ways to send': [layer('#send-ways', menu)],
    'a new poll': [ways('pollNew', '#poll')],
    'what waits to be sent': [ways('laterList', '#scheduled .entries li')],
    'changing what waits': [ways('laterList', '#scheduled .entries li'), layer('#scheduled .entries button', '#later')],
    'ways to send a draft later': [write('a draft', '#text', { stays: true }), layer('#send-ways', menu)],
    'sending later': [write('a draft', '#text', { stays: true }), ways('laterChoose', '#later')],
  };
}

function ofMessages({ seqs, act, texts }) {
  const poll = (seq) => `#log [data-seq="${seq}"] .poll footer`;
  const acts = (seq, within = '#log') => `${within} [data-seq="${seq}"] .acts`;
  const thread = layer(`#log [data-seq="${seqs.root}"] .replies`, '#thread-log .message');
  return {
    'the menu of an own message': [layer(acts(seqs.edited), menu)],
    'the menu of a message': [layer(acts(seqs.last), menu)],
    'reacting by the menu': [act(seqs.last, texts.reactOther, '#emoji-popup .emoji-cells button')],
    'reacting by the button': [layer(`#log [data-seq="${seqs.root}"] .reaction.add`, '#emoji-popup .emoji-cells button')],
    editing: [act(seqs.edited, texts.edit, '.edit textarea', '#text')],
    replying: [act(seqs.last, texts.reply, '#reply-chip', '#text')],
    'earlier versions': [act(seqs.edited, texts.versions, '#versions .body')],
    reactors: [act(seqs.root, texts.reactors, '#reactors .persons li')],
    forwarding: [act(seqs.root, texts.forward, '#forward .persons li')],
    'reporting a message': [act(seqs.root, texts.flag, '#report')],
    hiding: [act(seqs.root, texts.messageHide, '#confirm')],
    deleting: [act(seqs.edited, texts.messageDelete, '#confirm')],
    thread: [thread],
    'the menu of an answer': [thread, layer(acts(seqs.answer, '#thread-log'), menu)],
    'the thread by the menu': [act(seqs.root, texts.threadOpen, '#thread-log .message')],
    voters: [layer(`${poll(seqs.poll)} button`, '#votes .persons li')],
    'closing a poll': [layer(`${poll(seqs.poll)} button:last-child`, '#confirm')],
    'a picture': [layer('#log a.picture', '#gallery-image')],
  };
}

const outside = {
  'a new room': [layer('#new-room', '#create', { inList: true })],
  'a new secret room': [layer('#new-room', '#create', { inList: true }),
    layer('#create [value=secret]', '#create [name=password]', { key: 'Space', stays: true })],
  'a new group': [layer('#new-room', '#create', { inList: true }),
    layer('#create [value=group]', '#create .pick', { key: 'Space', stays: true })],
  'a new room, all of it': [layer('#new-room', '#create', { inList: true }),
    layer('#create .more-of', '#create [name=tags]', { stays: true })],
  'all rooms': [layer('#tab-all', '#all li', { stays: true, inList: true })],
  'the card of a room': [layer('#all .card-of', '#room-card .faces', { inList: true })],
  'the own picture': [layer('#my-avatar', '#picture', { inList: true })],
  'the password': [layer('#change-password', '#new-password', { inList: true })],
};

/** All that can be opened in a room, or beside it, as [name, layers]: each layer by a press on something, and what is there then. */
export function statesOf({ seqs, users, texts }) {
  const within = {
    seqs, users, texts,
    head: (item, shown) => layer('#room-menu', shown, { item: texts[item] }),
    ways: (item, shown) => layer('#send-ways', shown, { item: texts[item] }),
    act: (seq, item, shown, back) => layer(`#log [data-seq="${seq}"] .acts`, shown, { item, back }),
  };
  return Object.entries({ ...inHead(within), ...ofPeople(within), ...ofComposer(within), ...ofMessages(within), ...outside });
}

// ---- by the keyboard

// With the arrow keys to an entry of the menu that is open.
async function walk({ page }, item) {
  await page.locator(menu).waitFor();
  const isThere = () => page.evaluate((wanted) => {
    const now = document.activeElement;
    return [now.ariaLabel, now.textContent, now.querySelector('.text > span')?.textContent].some((text) => text?.trim() === wanted);
  }, item);
  for (let i = 0; i < 30 && !await isThere(); i++) await page.keyboard.press('ArrowDown');
  assert.ok(await isThere(), `no "${item}" in the menu`);
  await page.keyboard.press('Enter');
}

async function openLayer(visitor, { press, item, type, key = 'Enter', shown, stays }) {
  const { page } = visitor;
  const target = page.locator(shown).first();
  if (stays && !type && await target.isVisible()) return;
  await page.locator(press).first().waitFor({ state: 'attached' });
  await page.focus(press);
  if (type) await page.keyboard.type(type);
  else await page.keyboard.press(key);
  if (item) await walk(visitor, item);
  await target.waitFor();
}

const isNarrow = ({ page }) => page.viewportSize().width <= 720;

// What is at hand on a desktop may have to be opened first on a phone.
const layersOf = (visitor, layers) => (isNarrow(visitor) && layers[0].inPeople ? [layer('#people-toggle', '#people.open'), ...layers] : layers);

const PARTS = ['#thread-log', '#members-list', '#people-list', '#people-panel', '#notice-rest', '#completion', '#stickers', '#reply-chip', '.edit',
  '#all', '#text', '#study', '#todos', '#music', '#board'];

/** What is to be looked at when it is open. */
export function placeOf(layers) {
  const { shown } = layers.at(-1);
  return [...PARTS, menu].find((part) => shown === part || shown.startsWith(`${part} `)) ?? 'dialog[open]';
}

/** Opens it layer by layer. Resolves with whether there is such a thing at this width. */
export async function openState(visitor, layers) {
  const { page } = visitor;
  if (isNarrow(visitor) ? layers[0].wideOnly : layers[0].narrowOnly) return false;
  if (isNarrow(visitor) && layers[0].inList) {
    await page.click('#back');
    await page.locator('#sidebar').waitFor();
  }
  for (const one of layersOf(visitor, layers)) await openLayer(visitor, one);
  return true;
}

// Escape takes off what is on top, and only that.
async function closeLayer({ page }, { press, shown, back = press }) {
  await page.keyboard.press('Escape');
  if (shown !== press) await page.locator(shown).first().waitFor({ state: 'hidden' });
  const isBack = page.waitForFunction((wanted) => document.activeElement.matches(wanted), back);
  const now = () => page.evaluate(() => document.activeElement.outerHTML.slice(0, 160));
  await isBack.catch(async () => assert.fail(`the focus is not on ${back} but on ${await now()}`));
}

/** Closes it layer by layer, and goes back to the room. */
export async function closeState(visitor, layers, room) {
  for (const one of [...layersOf(visitor, layers)].reverse()) {
    if (!one.stays) await closeLayer(visitor, one);
    if (one.type) await visitor.page.fill(one.press, '');
  }
  if (!isNarrow(visitor) || !layers[0].inList) return;
  await visitor.page.evaluate((to) => { location.hash = `#/rooms/${to}`; }, room);
  await visitor.opened(room);
}
