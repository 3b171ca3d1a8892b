// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'preact/hooks';
import type { components, RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { Select, Switch } from '../ui/choose';
import { ask, FormDialog } from '../ui/dialog';
import { Area, Field, valueOf } from '../ui/form';
import { useCategories } from './browse';

type Kind = 'public' | 'secret' | 'group';
type NewRoom = components['schemas']['NewRoom'];

/** Asks what the new room should be, and makes it. */
export function askForRoom(kind: Kind = 'public'): Promise<RoomInfo | null> {
  return ask<RoomInfo>((close) => <CreateRoom close={close} first={kind} />);
}

const SLOW = [0, 5, 10, 30, 60, 300];
export const slowText = (seconds: number): string => (seconds === 0 ? t('slowOff') : seconds < 60 ? t('slowSeconds', { n: seconds }) : t('slowMinutes', { n: seconds / 60 }));
/** Words with commas or # between them. */
export const tagsOf = (text: string): string[] => [...new Set(text.split(/[,#\s]+/).filter(Boolean))];

// What the form says, without what was left as it is.
function wishOf(form: HTMLFormElement, kind: Kind): NewRoom {
  const text = (name: string) => valueOf(form, name).trim();
  const [description, tags, most, category, slow] = [text('description'), tagsOf(text('tags')), text('max_members'), text('category'), text('slow_seconds')];
  const last = text('ends_on');
  const checked = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.checked === true;
  return {
    kind, title: text('title'),
    ...description && { description }, ...tags.length > 0 && { tags }, ...most && { max_members: Number(most) },
    ...category && { category: Number(category) }, ...slow !== '0' && slow && { slow_seconds: Number(slow) }, ...last && { ends_on: last },
    ...kind === 'secret' && { password: valueOf(form, 'password'), ...checked('hidden') && { hidden: true } },
    ...checked('history') && { history: 'joined' }, ...checked('guests') && { guests: true },
    ...kind === 'group' && { members: [...form.querySelectorAll<HTMLInputElement>('[name=members]:checked')].map(({ value }) => Number(value)) },
  };
}

function CreateRoom({ close, first }: { close: (room: RoomInfo | null) => void; first: Kind }) {
  const [kind, setKind] = useState<Kind>(first);
  const [more, setMore] = useState(false);
  const submit = async (form: HTMLFormElement) => close(await rest.post('/v1/rooms', {}, wishOf(form, kind)) as RoomInfo);
  const choice = (value: Kind, label: string) => (
    <label class="choice"><input type="radio" name="kind" value={value} checked={kind === value} onChange={() => setKind(value)} /><span>{label}</span></label>
  );
  return (
    <FormDialog id="create" heading={t('newRoom')} yes={t('create')} close={close} submit={submit}>
      <Field name="title" label={t('title')} maxLength={100} required />
      <fieldset><legend>{t('kind')}</legend>{choice('public', t('kindPublic'))}{choice('secret', t('kindSecret'))}{choice('group', t('kindGroup'))}</fieldset>
      {kind === 'secret' && <Field name="password" label={t('roomPassword')} type="password" maxLength={128} autocomplete="off" required />}
      {kind === 'group' && <Friends />}
      <Area name="description" label={t('description')} maxLength={1000} rows={2} />
      <button type="button" class="link more-of" aria-expanded={more} onClick={() => setMore(!more)}>{t(more ? 'lessOptions' : 'moreOptions')}</button>
      {more && <Options kind={kind} />}
    </FormDialog>
  );
}

function Options({ kind }: { kind: Kind }) {
  const categories = useCategories();
  const [hidden, setHidden] = useState(false);
  const [joined, setJoined] = useState(false);
  const [guests, setGuests] = useState(false);
  return (
    <>
      {kind !== 'group' && categories.length > 0 && <Select name="category" label={t('category')} options={[{ value: '', label: t('noCategory') }, ...categories.map(({ id, name }) => ({ value: String(id), label: name }))]} />}
      <Field name="tags" label={t('tags')} hint={t('tagsHint')} maxLength={110} autocapitalize="none" />
      <Field name="max_members" label={t('maxMembers')} type="number" min={1} max={10000} placeholder="1000" inputMode="numeric" />
      <Field name="ends_on" label={t('endsOn')} type="date" />
      <Select name="slow_seconds" label={t('slowMode')} hint={t('slowHint')} value="0" options={SLOW.map((n) => ({ value: String(n), label: slowText(n) }))} />
      <Switch name="history" label={t('historyJoined')} hint={t('historyHint')} checked={joined} onChange={setJoined} />
      {kind !== 'group' && <Switch name="guests" label={t('letGuestsIn')} hint={t('guestsHint')} checked={guests} onChange={setGuests} />}
      {kind === 'secret' && <Switch name="hidden" label={t('hiddenRoom')} hint={t('hiddenHint')} checked={hidden} onChange={setHidden} />}
    </>
  );
}

function Friends() {
  const [friends, setFriends] = useState<components['schemas']['Friend'][] | null>(null);
  useEffect(() => { rest.get('/v1/friends', { limit: 100 }).then((page) => setFriends(page.friends), () => setFriends([])); }, []);
  return (
    <fieldset class="pick"><legend>{t('withFriends')}</legend>
      {friends?.length === 0 && <p class="about">{t('noFriendsToAdd')}</p>}
      {friends?.map(({ id, nickname, alias, avatar }) => (
        <label key={id} class="choice"><input type="checkbox" name="members" value={id} /><Avatar id={id} name={alias || nickname} emblem={avatar} /><span dir="auto">{alias || nickname}</span></label>
      ))}
    </fieldset>
  );
}
