// SPDX-License-Identifier: MIT
// What people reacted with, below a message. A click does the same or takes it back; who it was is asked
// for when the pointer comes near.
import { useRef, useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { number, t } from '../i18n';
import { rest } from '../maru';
import { Icon } from '../ui/icon';
import { reactTo, toggleReaction } from './acts';
import { isThere } from './rights';
import { useTalk } from './talk';

const NAMED = 20;

export function Reactions({ message }: { message: Message }) {
  const talk = useTalk();
  const all = message.reactions ?? [];
  if (all.length === 0 || !isThere(message)) return null;
  return (
    <ul class="reactions" aria-label={t('reactions')}>
      {all.map(({ emoji, count, mine }) => <li key={emoji}><Chip message={message} emoji={emoji} count={count} mine={mine} /></li>)}
      <li><button type="button" class="reaction add" aria-label={t('react')} title={t('react')}
        onClick={({ currentTarget }) => void talk.attempt(() => reactTo(talk, message, currentTarget))}><Icon name="smile" /></button></li>
    </ul>
  );
}

function Chip({ message, emoji, count, mine }: { message: Message; emoji: string; count: number; mine: boolean }) {
  const talk = useTalk();
  const [who, setWho] = useState('');
  const asked = useRef(0); // for which count
  const ask = async () => {
    if (asked.current === count) return;
    asked.current = count;
    const { users } = await rest.get('/v1/rooms/{room}/messages/{message}/reactions/{emoji}', { room: talk.room.id, message: message.seq, emoji, limit: NAMED })
      .catch(() => ({ users: [] }));
    const names = users.map(({ nickname }) => nickname);
    setWho(count > names.length && names.length > 0 ? `${names.join(', ')} ${t('morePeople', { n: count - names.length })}` : names.join(', '));
  };
  return (
    <button type="button" class="reaction" aria-pressed={mine} title={who} aria-label={t('reactionCount', { emoji, n: count })} data-emoji={emoji}
      onPointerEnter={() => void ask()} onFocus={() => void ask()} onClick={() => void talk.attempt(() => toggleReaction(talk, message, emoji))}>
      <span aria-hidden="true">{emoji}</span><span>{number(count)}</span>
    </button>
  );
}
