// SPDX-License-Identifier: MIT
// The conversation on the screen: events in order, below them what is not confirmed yet. Keeps the end
// in sight while the reader is there, and the reader's place when older lines are put above.
import { avatar } from './avatar.js';
import { byId } from './dom.js';
import { number, t } from './i18n.js';
import { dayLine, isMessage, messageLine, newDay, noticeLine, pendingLine } from './line.js';

const NEAR = 80; // pixels from an edge that count as being there

// What of a message is seen.
const looks = ({ body, hidden, deleted_at: deleted, content }) => JSON.stringify([body, hidden, deleted, content?.attachments]);

export class Log {
  #scroller = byId('scroller'); #list = byId('log'); #pending = byId('pending');
  #jump = byId('jump'); #older = byId('older'); #beginning = byId('beginning');
  #events = []; #lines = []; // #lines[i]: the nodes of #events[i]
  #me; #names; #atEnd = true; #top = 0; #unseen = 0; #observer; #cleanup = new AbortController();

  // wantOlder() is called when the reader comes to the top.
  constructor({ me, names, wantOlder }) {
    const { signal } = this.#cleanup;
    this.#me = me;
    this.#names = names;
    this.clear();
    this.#scroller.addEventListener('scroll', () => this.#scrolled(wantOlder), { signal, passive: true });
    this.#jump.addEventListener('click', () => this.toEnd(), { signal });
    this.#older.addEventListener('click', wantOlder, { signal });
    this.#observer = new ResizeObserver(() => this.#atEnd && this.toEnd());
    this.#observer.observe(this.#scroller);
    this.#observer.observe(byId('conversation'));
  }

  close() {
    this.#cleanup.abort();
    this.#observer.disconnect();
    this.clear();
  }

  clear() {
    this.#events = [];
    this.#lines = [];
    this.#list.replaceChildren();
    this.#pending.replaceChildren();
    this.#older.hidden = this.#beginning.hidden = true;
    this.#seen();
    this.#atEnd = true;
  }

  get isFull() { return this.#scroller.scrollHeight > this.#scroller.clientHeight; }

  // ---- lines

  #make(i, last) {
    const event = this.#events[i];
    const context = { before: this.#events[i - 1], last, me: this.#me, names: this.#names };
    if (!isMessage(event)) return [noticeLine(event)].filter(Boolean);
    const line = messageLine(event, context);
    return newDay(event, last) ? [dayLine(event), line] : [line];
  }

  #lastMessage(i) {
    while (--i >= 0) if (isMessage(this.#events[i])) return this.#events[i];
    return undefined;
  }

  // Makes the lines from..to-1 anew.
  #build(from, to) {
    let last = this.#lastMessage(from);
    const nodes = [];
    for (let i = from; i < to; i++) {
      this.#lines[i] = this.#make(i, last);
      nodes.push(...this.#lines[i]);
      if (isMessage(this.#events[i])) last = this.#events[i];
    }
    return nodes;
  }

  append(events) {
    const from = this.#events.length;
    this.#events.push(...events);
    this.#list.append(...this.#build(from, this.#events.length));
    if (this.#atEnd) this.toEnd();
    else this.#count(events.filter((event) => isMessage(event) && event.data.sender !== this.#me).length);
  }

  // A message is different now, or deleted.
  change(message) {
    const i = this.#events.findIndex((event) => isMessage(event) && event.seq === message.seq);
    if (i < 0 || looks(message) === looks(this.#events[i].data)) return;
    this.#events[i].data = message;
    const { scrollHeight: height } = this.#scroller;
    const above = this.#lines[i][0].getBoundingClientRect().top < this.#scroller.getBoundingClientRect().top;
    const old = this.#lines[i];
    const mark = old[0].previousSibling;
    old.forEach((node) => node.remove());
    const nodes = this.#build(i, i + 1);
    if (mark) mark.after(...nodes);
    else this.#list.prepend(...nodes);
    if (this.#atEnd) this.toEnd();
    else if (above) this.#scroller.scrollTop += this.#scroller.scrollHeight - height;
  }

  // The lines up to the first old message look different once something stands before them.
  prepend(events, rest) {
    const height = this.#scroller.scrollHeight;
    const edge = this.#events.findIndex(isMessage);
    const redo = edge < 0 ? this.#events.length : edge + 1;
    this.#list.setAttribute('aria-busy', 'true');
    this.#lines.splice(0, redo).flat().forEach((node) => node.remove());
    this.#events.unshift(...events);
    this.#lines.unshift(...new Array(events.length + redo).fill([]));
    this.#list.prepend(...this.#build(0, events.length + redo));
    this.setOlder(rest);
    if (this.#atEnd) this.toEnd();
    else this.#scroller.scrollTop += this.#scroller.scrollHeight - height;
    this.#list.removeAttribute('aria-busy');
  }

  // Whether there is more above what is loaded.
  setOlder(rest) {
    this.#older.hidden = !rest;
    this.#beginning.hidden = rest;
  }

  setPending(items, act) {
    this.#pending.replaceChildren(...items.map((item) => pendingLine(item, act)));
    if (this.#atEnd) this.toEnd();
  }

  // A name became known, or was changed.
  rename(id) {
    const name = this.#names.of(id);
    const emblem = this.#names.emblemOf(id);
    for (const line of this.#list.querySelectorAll(`.theirs[data-sender="${Number(id)}"]`)) {
      line.querySelector('.who')?.replaceChildren(name);
      line.querySelector('.avatar')?.replaceWith(avatar(id, name, { emblem }));
    }
  }

  // In another language.
  redraw() {
    this.#list.replaceChildren(...this.#build(0, this.#events.length));
    this.#count(0);
    if (this.#atEnd) this.toEnd();
  }

  // ---- the reader's place

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#top = this.#scroller.scrollTop;
    this.#atEnd = true;
    this.#seen();
  }

  #seen() {
    this.#unseen = 0;
    this.#jump.hidden = true;
  }

  #count(n) {
    this.#unseen += n;
    this.#jump.firstElementChild.textContent =
      this.#unseen > 0 ? t('newMessages', { n: number(this.#unseen) }) : t('toEnd');
  }

  #scrolled(wantOlder) {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    // Only who scrolls up leaves the end; lines that grow below leave nobody behind.
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.#atEnd = true;
    else if (scrollTop < this.#top) this.#atEnd = false;
    this.#top = scrollTop;
    if (this.#atEnd) this.#seen();
    else if (this.#jump.hidden) {
      this.#jump.hidden = false;
      this.#count(0);
    }
    if (scrollTop < NEAR && this.isFull) wantOlder();
  }
}
