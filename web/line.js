// SPDX-License-Identifier: MIT
// One line of a conversation as a DOM node: a message, a message on its way, a notice, a day.
import { avatar } from './avatar.js';
import { el } from './dom.js';
import { filesOf } from './files.js';
import { clockTime, dayName, fullTime, t } from './i18n.js';
import { problemText } from './problem.js';

const TOGETHER = 5 * 60 * 1000; // messages of one person within this time share one head

export const isMessage = (event) => event.type === 'message.created';
const dateOf = (event) => new Date(event.data.created_at ?? event.data.joined_at ?? 0);

// Only messages tell when they happened.
export function newDay(event, before) {
  if (!isMessage(event)) return false;
  return !before || dateOf(event).toDateString() !== dateOf(before).toDateString();
}

// `before` is the event right before, `last` the last message before.
function follows(event, before, last) {
  return before !== undefined && before === last && before.data.sender === event.data.sender &&
    !newDay(event, last) && dateOf(event) - dateOf(last) < TOGETHER;
}

function time(date) {
  return el('time', { datetime: date.toISOString(), title: fullTime(date) }, clockTime(date));
}

export function dayLine(event) {
  return el('li', { class: 'day' }, el('span', {}, dayName(dateOf(event))));
}

// What stands in place of a message that is gone, or of somebody whom one blocks.
function bodyOf({ body, hidden, deleted_at: deleted }) {
  if (!hidden && !deleted) return el('p', { class: 'body', dir: 'auto' }, body);
  return el('p', { class: 'body gone' }, t(hidden ? 'messageHidden' : 'messageDeleted'));
}

function contentOf(message) {
  const files = filesOf(message);
  if (!files) return bodyOf(message);
  return el('div', { class: 'content' }, files, message.body ? bodyOf(message) : null);
}

export function messageLine(event, { before, last, me, names }) {
  const { sender } = event.data;
  const mine = sender === me;
  const name = names.of(sender);
  const again = follows(event, before, last);
  const classes = ['message', mine ? 'mine' : 'theirs', again ? 'again' : 'first'].join(' ');
  const head = again ? null : el('span', { class: mine ? 'who sr' : 'who', dir: 'auto' }, mine ? t('you') : name);
  return el('li', { class: classes, 'data-seq': event.seq, 'data-sender': sender },
    mine || again ? null : avatar(sender, name, { emblem: names.emblemOf(sender) }),
    el('div', { class: 'box' }, head,
      el('div', { class: 'row' }, contentOf(event.data), time(dateOf(event)))));
}

const notices = {
  'member.joined': ({ nickname }) => t('memberJoined', { name: nickname }),
  'member.left': ({ nickname }) => t('memberLeft', { name: nickname }),
  'member.kicked': ({ nickname }) => t('memberKicked', { name: nickname }),
  'member.banned': ({ nickname, id }) => t('memberBanned', { name: nickname ?? `#${id}` }),
  'member.unbanned': ({ nickname, id }) => t('memberUnbanned', { name: nickname ?? `#${id}` }),
  'room.updated': ({ title }) => t('roomUpdated', { title }),
  'room.deleted': () => t('roomDeleted'),
};

// null for an event that this page does not know.
export function noticeLine(event) {
  const say = notices[event.type];
  if (!say) return null;
  return el('li', { class: 'notice', 'data-seq': event.seq }, el('span', { dir: 'auto' }, say(event.data)));
}

// A file that was not sent for an hour is gone.
function whyNot(problem) {
  return problem.fields?.some(({ field }) => field === 'attachments') ? t('filesGone') : problemText(problem);
}

// A message that is not confirmed yet; act.retry and act.discard take the item.
export function pendingLine(item, act) {
  const button = (label, action) => el('button', { type: 'button', class: 'small', onclick: () => action(item) }, label);
  const status = el('span', { class: 'status', role: item.state === 'failed' ? 'alert' : null });
  if (item.state === 'sending') status.append(t('sending'));
  if (item.state === 'waiting') status.append(t('waiting'), button(t('tryNow'), act.retry));
  if (item.state === 'failed') {
    status.append(t('failed', { why: whyNot(item.problem) }), button(t('tryAgain'), act.retry),
      button(t('discard'), act.discard));
  }
  return el('li', { class: `message mine again pending ${item.state}`, 'data-id': item.id },
    el('div', { class: 'box' },
      el('div', { class: 'row' }, contentOf({ body: item.body, content: { attachments: item.files } })), status));
}
