// SPDX-License-Identifier: MIT
// What the room is: for its host. Moderators set slow mode only.
import { useEffect, useState } from 'preact/hooks';
import type { Got, RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { change, HOST, myRank } from '../chat/state';
import { changeCover } from '../chat/head';
import { problemText } from '../problem';
import { go } from '../router';
import { among, Select } from '../ui/choose';
import { confirmed, FormDialog } from '../ui/dialog';
import { Area, Field, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import type { RoomDialog } from './dialogs';

type Changes = Parameters<typeof rest.patch<'/v1/rooms/{room}'>>[2];
type Category = Got<'/v1/categories'>['categories'][number];

const seconds = (n: number): string => (n === 0 ? t('settingsSlowOff') : n % 60 === 0 ? t('minutes', { n: n / 60 }) : t('seconds', { n }));
const tagsIn = (text: string): string[] => [...new Set(text.split(/[,\s]+/).map((tag) => tag.replace(/^#/, '')).filter(Boolean))];

// Only what the form has, and of that what is different now.
function changesIn(form: HTMLFormElement, room: RoomInfo): Changes {
  const has = (name: string) => form.elements.namedItem(name) !== null;
  const now: Record<string, unknown> = { slow_seconds: Number(valueOf(form, 'slow_seconds')) };
  for (const name of ['title', 'description']) if (has(name)) now[name] = valueOf(form, name).trim();
  for (const name of ['max_members', 'category', 'retention']) if (has(name)) now[name] = Number(valueOf(form, name));
  if (has('ends_on')) now.ends_on = valueOf(form, 'ends_on');
  if (has('history')) now.history = valueOf(form, 'history');
  if (has('tags')) now.tags = tagsIn(valueOf(form, 'tags'));
  for (const name of ['hidden', 'guests']) if (has(name)) now[name] = (form.elements.namedItem(name) as HTMLInputElement).checked;
  if (valueOf(form, 'password')) now.password = valueOf(form, 'password');
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(room[name as keyof RoomInfo] ?? ''))) as Changes;
}

export function Settings({ chat, close }: RoomDialog) {
  const room = chat.info.value!;
  const isHost = myRank(chat) >= HOST;
  const submit = async (form: HTMLFormElement) => {
    const changes = changesIn(form, room);
    if (Object.keys(changes!).length > 0) change(chat, { ends_on: '', ...await rest.patch('/v1/rooms/{room}', { room: room.id }, changes) as RoomInfo });
    close();
  };
  return (
    <FormDialog id="settings" heading={t('roomSettings')} yes={t('roomSave')} close={close} submit={submit}>
      {isHost && <Basics room={room} />}
      <Select name="slow_seconds" label={t('settingsSlow')} value={String(room.slow_seconds)} options={among(room.slow_seconds, [0, 5, 10, 30, 60, 300, 900], seconds)} />
      {isHost && <Rest room={room} />}
      {isHost && <div class="row-of">
        <button type="button" class="small" onClick={() => void changeCover(chat)}><Icon name="smile" />{t('changeCover')}</button>
        <Delete id={room.id} close={close} />
      </div>}
    </FormDialog>
  );
}

function Basics({ room }: { room: RoomInfo }) {
  const [categories, setCategories] = useState<readonly Category[]>([]);
  useEffect(() => { rest.get('/v1/categories', {}).then((list) => setCategories(list.categories), () => {}); }, []);
  return (
    <>
      <Field name="title" label={t('title')} defaultValue={room.title} maxLength={100} required />
      <Area name="description" label={t('description')} value={room.description} rows={2} maxLength={1000} />
      <p class="soft">{t(room.kind === 'secret' ? 'kindSecret' : room.kind === 'group' ? 'settingsGroup' : 'kindPublic')}</p>
      {room.kind === 'secret' && <>
        <Field name="password" label={t('newRoomPassword')} hint={t('newRoomPasswordHint')} type="password" maxLength={128} autocomplete="off" />
        <label class="choice"><input type="checkbox" name="hidden" defaultChecked={room.hidden} /><span>{t('settingsHidden')}</span></label>
      </>}
      {room.kind !== 'group' && <label class="choice"><input type="checkbox" name="guests" defaultChecked={room.guests} /><span>{t('letGuestsIn')}</span></label>}
      {categories.length > 0 && <Select name="category" label={t('roomCategory')} value={String(room.category)}
        options={[{ value: '0', label: t('roomNoCategory') }, ...categories.map(({ id, name }) => ({ value: String(id), label: name }))]} />}
      <Field name="tags" label={t('roomTags')} hint={t('settingsTagsHint')} defaultValue={room.tags.join(', ')} maxLength={120} />
    </>
  );
}

function Rest({ room }: { room: RoomInfo }) {
  return (
    <>
      <Field name="max_members" label={t('roomMaxMembers')} type="number" min={1} max={10000} defaultValue={String(room.max_members)} required />
      <Field name="ends_on" label={t('endsOn')} type="date" defaultValue={room.ends_on} />
      <Select name="history" label={t('history')} value={room.history} options={[{ value: 'all', label: t('settingsHistoryAll') }, { value: 'joined', label: t('settingsHistoryJoined') }]} />
      <Select name="retention" label={t('retention')} value={String(room.retention)} options={among(room.retention, [0, 1, 7, 30, 90, 365], (n) => (n === 0 ? t('forever') : t('days', { n })))} />
    </>
  );
}

function Delete({ id, close }: { id: number; close: () => void }) {
  const [problem, setProblem] = useState<unknown>(null);
  const remove = async () => {
    if (!await confirmed(t('deleteRoomAsk'), t('deleteRoom'))) return;
    try {
      await rest.delete('/v1/rooms/{room}', { room: id });
      close();
      go('#/');
    } catch (why) {
      setProblem(why);
    }
  };
  return (
    <>
      <button type="button" class="small danger" onClick={() => void remove()}><Icon name="trash" />{t('deleteRoom')}</button>
      <p role="alert" class="error">{problem ? problemText(problem) : ''}</p>
    </>
  );
}
