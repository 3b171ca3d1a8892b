// SPDX-License-Identifier: MIT
// The text of a message as it may have been written: the server took the marks out and tells what they made.
import type { Message } from 'maru-client';

type Entity = NonNullable<Message['entities']>[number];

const MARKS: Partial<Record<Entity['type'], string>> = { bold: '**', italic: '*', strike: '~~', code: '`' };

function marked({ type, url, language }: Entity, inside: string): string {
  const mark = MARKS[type];
  if (mark) return `${mark}${inside}${mark}`;
  if (type === 'pre') return `\`\`\`${language ?? ''}\n${inside}\n\`\`\``;
  if (type === 'quote') return inside.replace(/^/gm, '> ');
  if (type === 'link' && url && url !== inside && !url.endsWith(`://${inside}`) && url !== `${inside}/`) return `[${inside}](${url})`;
  return inside;
}

function part(text: string, entities: readonly Entity[], from: number, to: number): string {
  let out = '';
  let at = from;
  for (let i = 0; i < entities.length;) {
    const entity = entities[i]!;
    const end = Math.min(to, entity.offset + entity.length);
    let next = i + 1;
    while (next < entities.length && entities[next]!.offset < end) next++;
    out += text.slice(at, entity.offset) + marked(entity, part(text, entities.slice(i + 1, next), entity.offset, end));
    at = end;
    i = next;
  }
  return out + text.slice(at, to);
}

export function toMarkdown({ body, entities = [] }: Message): string {
  return part(body, entities, 0, body.length);
}

const MARKUP = /\*\*\S|~~\S|`[^`\s]|^```|^> |\[[^\]\n]+\]\(https?:|(?:^|[\s(])[*_][^\s*_]/m;

/** How the text is to be read: as Markdown where it may be some. */
export const formatOf = (text: string): { format?: 'markdown' } => (MARKUP.test(text) ? { format: 'markdown' } : {});
