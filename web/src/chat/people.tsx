// SPDX-License-Identifier: MIT
// Who is in the open room right now: the members of its presence channel.
import { useState } from 'preact/hooks';
import { language, number, t } from '../i18n';
import { me, rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import type { Chat } from './state';

const SHOWN = 200;

export function People({ chat, open }: { chat: Chat; open: boolean }) {
  const { people, count } = chat.people.value;
  const { names } = chat.room;
  const mine = me.value?.id;
  const isHost = chat.info.value?.host === mine;
  const rows = [...people.keys()].map((id) => ({ id, name: names.of(id) }))
    .sort((a, b) => Number(b.id === mine) - Number(a.id === mine) || a.name.localeCompare(b.name, language.value)).slice(0, SHOWN);
  const rest = count - rows.length;
  return (
    <aside id="people" class={chat.named.value >= 0 && open ? 'open' : ''} aria-labelledby="people-heading">
      <h2 id="people-heading">{t('people')}</h2>
      <ul id="people-list">
        {rows.map(({ id, name }) => (
          <li key={id} data-user={id}>
            <Avatar id={id} name={name} emblem={names.avatarOf(id)} /><span class="name" dir="auto">{name}</span>
            {id === mine ? <span class="tag">{t('you')}</span> : isHost && <Removal chat={chat} id={id} name={name} />}
          </li>
        ))}
        {rest > 0 && <li class="rest">{t('morePeople', { n: number(rest) })}</li>}
      </ul>
    </aside>
  );
}

function Removal({ chat, id, name }: { chat: Chat; id: number; name: string }) {
  const label = t('removeName', { name });
  const remove = () => ask((close) => <RemoveDialog room={chat.room.id} id={id} name={name} close={close} />);
  return <button type="button" class="small" aria-label={label} title={label} onClick={() => void remove()}>×</button>;
}

// How to remove somebody from a room: a kick, or a ban for a day or for good.
function RemoveDialog({ room, id, name, close }: { room: number; id: number; name: string; close: (done: null) => void }) {
  const [how, setHow] = useState('kick');
  const submit = async (form: HTMLFormElement) => {
    if (how === 'kick') await rest.delete('/v1/rooms/{room}/members/{user}', { room, user: id });
    else {
      const reason = valueOf(form, 'reason').trim();
      await rest.put('/v1/rooms/{room}/bans/{user}', { room, user: id }, { reason, ...how !== 'ban' && { seconds: Number(how) } });
    }
    close(null);
  };
  const choice = (value: string, label: string) => (
    <label class="choice"><input type="radio" name="how" value={value} checked={how === value} onChange={() => setHow(value)} /><span>{label}</span></label>
  );
  return (
    <FormDialog id="remove" heading={name} yes={t('remove')} close={close} submit={submit}>
      <fieldset><legend>{t('removeHow')}</legend>{choice('kick', t('kick'))}{choice('86400', t('banDay'))}{choice('ban', t('ban'))}</fieldset>
      {how !== 'kick' && <Field name="reason" label={t('reason')} maxLength={200} />}
    </FormDialog>
  );
}
