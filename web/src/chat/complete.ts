// SPDX-License-Identifier: MIT
// What can be completed where the caret stands: somebody's name behind an @, a command behind the / that a
// message begins with.
import type { Got } from 'maru-client';
import { hasText, t } from '../i18n';
import { me } from '../maru';
import { fit } from './hangul';
import { mayPin, type Chat } from './state';

export interface Token { kind: 'mention' | 'command'; query: string; from: number; to: number }
export interface Option {
  key: string;
  /** What comes in place of what was typed. */
  text: string;
  label: string;
  about: string;
  person?: { id: number; nickname: string; avatar: string };
}
export type Command = Got<'/v1/rooms/{room}/commands'>['commands'][number];

const SHOWN = 8;

export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  const [, command] = /^\/([a-z0-9_-]*)$/i.exec(before) ?? [];
  if (command !== undefined) return { kind: 'command', query: command, from: 0, to: caret };
  const [, name] = /(?:^|[\s(])@([^\s@]{0,30})$/.exec(before) ?? [];
  return name === undefined ? null : { kind: 'mention', query: name, from: caret - name.length - 1, to: caret };
}

/** What a command does: the words of a bot, or ours. */
export function commandText({ name, code, description }: Command): string {
  const key = `command.${name}`;
  return code && hasText(key) ? t(key) : description ?? '';
}

export function commandsFor({ query }: Token, commands: readonly Command[]): Option[] {
  return commands.filter(({ name }) => name.startsWith(query.toLowerCase())).slice(0, SHOWN)
    .map((command) => ({ key: command.name, text: `/${command.name} `, label: `/${command.name} ${command.usage}`.trim(), about: commandText(command) }));
}

interface Known { id: number; name: string; nickname: string; avatar: string }

function known(chat: Chat): Known[] {
  const all = new Map<number, Known>();
  for (const person of chat.room.names.all) if (person.name) all.set(person.id, person);
  for (const member of chat.members.list.value.values()) all.set(member.id, member);
  all.delete(me.value?.id ?? 0);
  return [...all.values()];
}

/** A nickname that several have means none of them; then the login name does. */
export function mentionOf(chat: Chat, { name, nickname }: Pick<Known, 'name' | 'nickname'>): string {
  const clear = [...chat.members.list.value.values()].filter((one) => one.nickname.toLowerCase() === nickname.toLowerCase()).length < 2;
  return `@${clear && !/[@\s]/.test(nickname) ? nickname : name} `;
}

export function peopleFor({ query }: Token, chat: Chat): Option[] {
  const here = chat.people.value.people;
  const found = known(chat).map((person) => {
    const fits = [fit(query, person.nickname), fit(query, person.name)].filter((n) => n >= 0);
    return { person, fit: fits.length > 0 ? Math.min(...fits) : -1 };
  }).filter((one) => one.fit >= 0);
  found.sort((a, b) => a.fit - b.fit || Number(here.has(b.person.id)) - Number(here.has(a.person.id)) || a.person.nickname.localeCompare(b.person.nickname));
  const options: Option[] = found.slice(0, SHOWN).map(({ person }) => (
    { key: String(person.id), text: mentionOf(chat, person), label: person.nickname, about: `@${person.name}`, person }));
  if (mayPin(chat) && 'all'.startsWith(query.toLowerCase())) options.push({ key: 'all', text: '@all ', label: '@all', about: t('mentionAll') });
  return options;
}
