// SPDX-License-Identifier: MIT
// Who is writing: told by them every few seconds, and forgotten when they stop or when the message is there.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { me } from '../maru';
import type { Chat } from './state';

const FADES = 5000;

export function Typing({ chat }: { chat: Chat }) {
  const { room } = chat;
  const writers = useSignal<readonly number[]>([]);
  useEffect(() => {
    const timers = new Map<number, ReturnType<typeof setTimeout>>();
    const forget = (id: number) => {
      clearTimeout(timers.get(id));
      if (timers.delete(id)) writers.value = [...timers.keys()];
    };
    const offs = [
      room.on('typing', (id) => {
        if (id === me.value?.id || !id) return;
        clearTimeout(timers.get(id));
        timers.set(id, setTimeout(() => forget(id), FADES));
        writers.value = [...timers.keys()];
      }),
      room.on('events', (events) => {
        for (const { type, data } of events) {
          if (type === 'message.created') forget(Number(data.sender));
          else if (type.startsWith('member.')) forget(Number(data.id));
        }
      }),
    ];
    return () => {
      for (const off of offs) off();
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, []);
  const names = chat.named.value >= 0 ? writers.value.map((id) => room.names.of(id)) : [];
  return <p id="typing" dir="auto">{words(names)}{names.length > 0 && <span class="dots" aria-hidden="true"><i /><i /><i /></span>}</p>;
}

function words([a = '', b = '', ...more]: string[]): string {
  if (!a) return '';
  if (!b) return t('typingOne', { a });
  return more.length === 0 ? t('typingTwo', { a, b }) : t('typingMore', { a, n: more.length + 1 });
}
