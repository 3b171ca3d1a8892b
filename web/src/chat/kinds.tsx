// SPDX-License-Identifier: MIT
// Messages that are more than a text: stickers, dice; and what is known of the links in one.
import type { Message } from 'maru-client';
import { number, t } from '../i18n';
import { rest } from '../maru';
import { Icon } from '../ui/icon';
import { mayTidy } from './rights';
import { useTalk } from './talk';

type Content = NonNullable<Message['content']>;

export function Sticker({ sticker: { name, emoji, image } }: { sticker: NonNullable<Content['sticker']> }) {
  return image?.startsWith('/stickers/')
    ? <img class="sticker" src={image} alt={t('stickerOf', { name, emoji })} width={132} height={132} loading="lazy" draggable={false} />
    : <span class="sticker emoji" role="img" aria-label={t('stickerOf', { name, emoji })}>{emoji}</span>;
}

export function Roll({ roll: { sides, rolls, sum } }: { roll: NonNullable<Content['roll']> }) {
  return (
    <div class="msg-card roll">
      <span class="die" aria-hidden="true">🎲</span>
      <p><strong>{number(sum)}</strong><small>{t('rolled', { dice: `${rolls.length}d${sides}`, rolls: rolls.map(number).join(' + ') })}</small></p>
    </div>
  );
}

const hostOf = (url: string): string => {
  try {
    return new URL(url).host.replace(/^www\./, '');
  } catch {
    return '';
  }
};

export function Previews({ message }: { message: Message }) {
  const talk = useTalk();
  const mayRemove = mayTidy(talk, message);
  const remove = () => talk.attempt(() => rest.delete('/v1/rooms/{room}/messages/{message}/previews', { room: talk.room.id, message: message.seq }));
  return (
    <>
      {(message.previews ?? []).filter(({ url }) => /^https?:/i.test(url)).map(({ url, title, description, site_name: site }, i) => (
        <div class="msg-card preview" key={url}>
          <a href={url} target="_blank" rel="noopener noreferrer nofollow" dir="auto">
            <small>{site || hostOf(url)}</small><strong>{title}</strong>{description && <span>{description}</span>}
          </a>
          {mayRemove && i === 0 && <button type="button" aria-label={t('previewRemove')} title={t('previewRemove')} onClick={() => void remove()}><Icon name="close" /></button>}
        </div>
      ))}
    </>
  );
}
