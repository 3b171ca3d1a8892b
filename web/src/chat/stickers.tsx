// SPDX-License-Identifier: MIT
// The packs of stickers; a press sends one.
import type { Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { newId, type Got } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { Icon } from '../ui/icon';
import type { Draft } from './draft';
import type { Chat } from './state';

type Pack = Got<'/v1/sticker-packs'>['packs'][number];
let packs: Promise<Pack[]> | undefined;

function load(): Promise<Pack[]> {
  packs ??= rest.get('/v1/sticker-packs').then((list) => list.packs);
  packs.catch(() => { packs = undefined; });
  return packs;
}

interface Props { chat: Chat; draft: Draft; close: () => void; said: Signal<{ text: string; bad: boolean } | null> }

export default function Stickers({ chat, draft, close, said }: Props) {
  const [all, setAll] = useState<Pack[] | null>(null);
  const [shown, setShown] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const fail = (problem: unknown) => { said.value = { text: problemText(problem), bad: true }; };
  useEffect(() => { load().then(setAll, fail); }, []);
  useLayoutEffect(() => { box.current?.querySelector<HTMLElement>('.grid button')?.focus(); }, [all]);
  useEffect(() => {
    const outside = ({ target }: Event) => { if (!(target as Element).closest('#stickers, #stickers-toggle')) close(); };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  const send = async (pack: number, sticker: string) => {
    const { reply_to } = draft.more.value;
    close();
    draft.more.value = {};
    await rest.post('/v1/rooms/{room}/stickers', { room: chat.room.id }, { client_id: newId(), pack, sticker, ...reply_to !== undefined && { reply_to } }).catch(fail);
  };
  const pack = all?.[shown];
  return (
    <div id="stickers" ref={box} role="dialog" aria-label={t('roomStickers')} aria-busy={all === null} onKeyDown={(event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        close();
        document.getElementById('stickers-toggle')?.focus();
      } else turn(event);
    }}>
      <header>
        {all?.map((one, i) => <button key={one.id} type="button" class="small" aria-pressed={i === shown} onClick={() => setShown(i)}><bdi>{one.title}</bdi></button>)}
        <button type="button" class="small bare" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      {all?.length === 0 && <p class="empty">{t('noStickers')}</p>}
      <div class="grid">
        {pack?.stickers.map(({ name, emoji, image }) => (
          <button key={name} type="button" aria-label={name} title={name} onClick={() => void send(pack.id, name)}>
            {image ? <img src={image} alt="" loading="lazy" width="72" height="72" /> : <span class="emoji">{emoji}</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

// Arrow keys go through the pictures.
function turn(event: KeyboardEvent): void {
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.grid button')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const columns = all.filter((one) => one.offsetTop === all[0]!.offsetTop).length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (!step) return;
  event.preventDefault();
  all[at + step]?.focus();
}
