// SPDX-License-Identifier: MIT
// The text of a message with what the server found in it: links, mentions, bold and so on. The entities are
// sorted, the outer one first, and never cross; offsets count UTF-16 units as JavaScript does.
import type { ComponentChildren } from 'preact';
import type { Message } from 'maru-client';
import { me } from '../maru';
import { personPath } from '../router';

type Entity = NonNullable<Message['entities']>[number];

function wrap(entity: Entity, inside: ComponentChildren, key: number): ComponentChildren {
  switch (entity.type) {
    case 'bold': return <strong key={key}>{inside}</strong>;
    case 'italic': return <em key={key}>{inside}</em>;
    case 'strike': return <s key={key}>{inside}</s>;
    case 'code': return <code key={key}>{inside}</code>;
    case 'pre': return <pre key={key} tabIndex={0}>{inside}</pre>; // it scrolls sideways, also by the keyboard
    case 'quote': return <blockquote key={key}>{inside}</blockquote>;
    case 'mention_all': return <strong key={key} class="mention mine-too">{inside}</strong>;
    case 'mention': return <a key={key} class={entity.user === me.value?.id ? 'mention mine-too' : 'mention'} href={entity.user ? personPath(entity.user) : '#'} data-user={entity.user}>{inside}</a>;
    case 'link': return /^https?:/i.test(entity.url ?? '') ? <a key={key} href={entity.url} target="_blank" rel="noopener noreferrer nofollow">{inside}</a> : inside;
    default: return inside;
  }
}

// A quote or lines of code have lines of their own: the ends of the lines around them would be empty ones.
const isBlock = ({ type }: Entity): boolean => type === 'quote' || type === 'pre';
const between = (text: string, after: boolean, before: boolean): string => text.slice(after && text.startsWith('\n') ? 1 : 0, before && text.endsWith('\n') ? -1 : undefined);

// The text from..to, with those of the entities that lie in it.
function parts(text: string, entities: Entity[], from: number, to: number): ComponentChildren[] {
  const list: ComponentChildren[] = [];
  let at = from;
  let block = false; // what stands before
  for (let i = 0; i < entities.length;) {
    const entity = entities[i]!;
    const end = Math.min(to, entity.offset + entity.length);
    let next = i + 1;
    while (next < entities.length && entities[next]!.offset < end) next++;
    if (entity.offset > at) list.push(between(text.slice(at, entity.offset), block, isBlock(entity)));
    list.push(wrap(entity, parts(text, entities.slice(i + 1, next), entity.offset, end), i));
    at = end;
    i = next;
    block = isBlock(entity);
  }
  if (at < to) list.push(between(text.slice(at, to), block, false));
  return list;
}

const JUMBO = /^(?:\p{RI}{2}|\p{Emoji}(?:\uFE0F?\u20E3|\p{EMod}|\uFE0F)?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*){1,3}$/u;
const isJumbo = (text: string): boolean => text.length < 40 && !/^[\d#*]+$/.test(text) && JUMBO.test(text);

export function Body({ message: { body, entities = [] } }: { message: Message }) {
  return <div class={isJumbo(body) ? 'body jumbo' : 'body'} dir="auto">{parts(body, entities, 0, body.length)}</div>;
}
