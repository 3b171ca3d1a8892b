// SPDX-License-Identifier: MIT
// Who is in the open room right now: the members of its presence channel.
import { avatar } from './avatar.js';
import { byId, el } from './dom.js';
import { currentLanguage, number, t } from './i18n.js';

const SHOWN = 200;

export class People {
  #here = new Map(); #count = 0; #me; #names; #canRemove; #remove; #timer = 0;

  // canRemove() tells whether this is the host's page; remove(id, name) asks how.
  constructor({ me, names, canRemove, remove }) {
    this.#me = String(me);
    this.#names = names;
    this.#canRemove = canRemove;
    this.#remove = remove;
    this.draw();
  }

  // The names of the presence channel's events.
  'subscribed'({ presence }) {
    this.#here = new Map(Object.entries(presence?.hash ?? {}));
    this.#count = presence?.count ?? this.#here.size;
    for (const [id, info] of this.#here) this.#names.hear(id, info);
    this.#changed();
  }

  'member_added'({ user_id: id, user_info: info }) {
    if (!this.#here.has(id)) this.#count++;
    this.#here.set(id, info);
    this.#names.hear(id, info);
    this.#changed();
  }

  'member_removed'({ user_id: id }) {
    this.#here.delete(id);
    this.#count = Math.max(this.#count - 1, this.#here.size);
    this.#changed();
  }

  // More than a hundred are only counted, until so few are left that they can be told again.
  'maru:presence_count'({ count }) {
    this.#count = count;
    this.#changed();
  }

  'maru:presence'(list) { this.subscribed(list); }

  // Without a connection nobody knows.
  unknown() {
    this.#here.clear();
    this.#count = 0;
    this.#changed();
  }

  // A name or a picture became known.
  renamed() { this.#changed(); }

  close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    byId('people-list').replaceChildren();
  }

  // A hundred people who come at once are drawn once.
  #changed() {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.draw();
    }, 50);
  }

  #removal(id, name) {
    if (!this.#canRemove()) return null;
    const label = t('removeName', { name });
    return el('button', { type: 'button', class: 'small', 'aria-label': label, title: label, onclick: () => this.#remove(id, name) }, '×');
  }

  draw() {
    const people = [...this.#here.keys()].map((id) => ({ id, name: this.#names.of(id), mine: id === this.#me }));
    people.sort((a, b) => b.mine - a.mine || a.name.localeCompare(b.name, currentLanguage()));
    const rows = people.slice(0, SHOWN).map(({ id, name, mine }) => el('li', { 'data-user': id },
      avatar(id, name, { emblem: this.#names.emblemOf(id) }), el('span', { class: 'name', dir: 'auto' }, name),
      mine ? el('span', { class: 'tag' }, t('you')) : this.#removal(id, name)));
    const rest = this.#count - rows.length;
    if (rest > 0) rows.push(el('li', { class: 'rest' }, t('morePeople', { n: number(rest) })));
    byId('people-list').replaceChildren(...rows);
    byId('people-toggle-count').textContent = this.#count > 0 ? t('here', { n: number(this.#count) }) : t('people');
  }
}
