// SPDX-License-Identifier: MIT
// Sends a message once more, to rooms that one chooses.
import { useState } from 'preact/hooks';
import { newId, Problem, type Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { load, mine, roomEmblem, roomTitle } from '../rooms/rooms';
import { Avatar } from '../ui/avatar';
import { ask, FormDialog } from '../ui/dialog';
import { gist } from './gist';
import type { Talk } from './talk';

const MOST = 10;

export async function forward(talk: Talk, message: Message): Promise<void> {
  const sent = await ask<number>((close) => <Forward talk={talk} message={message} close={close} />);
  if (sent) talk.say(t('forwarded', { n: sent }));
}

function Forward({ talk, message, close }: { talk: Talk; message: Message; close: (sent: number | null) => void }) {
  const [id] = useState(newId);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [words, setWords] = useState('');
  const [done, setDone] = useState<readonly number[]>([]);
  const wanted = words.trim().toLowerCase();
  const rooms = mine.value.rooms.filter((room) => room.sendable !== false && (chosen.includes(room.id) || roomTitle(room).toLowerCase().includes(wanted)));
  const submit = async () => {
    const rooms = chosen.filter((room) => !done.includes(room));
    if (rooms.length === 0) throw new Problem(422, { type: '/problems/no-room', title: t('forwardNone') });
    const { results } = await rest.post('/v1/rooms/{room}/messages/{message}/forward', { room: talk.room.id, message: message.seq }, { client_id: id, rooms });
    const sent = [...done, ...results.filter(({ status }) => status === 201).map(({ room }) => room)];
    setDone(sent);
    const failed = results.find(({ status }) => status !== 201);
    if (!failed) close(sent.length);
    else throw new Problem(failed.status, { type: `/problems/${failed.problem}`, title: t('forwardFailed', { room: titleOf(failed.room) }) });
  };
  const toggle = (room: number, on: boolean) => setChosen(on ? [...chosen, room].slice(0, MOST) : chosen.filter((one) => one !== room));
  return (
    <FormDialog id="forward" heading={t('forwardHeading')} about={gist(message)} yes={t('forward')} close={close} submit={submit}>
      <input type="search" value={words} aria-label={t('forwardSearch')} placeholder={t('forwardSearch')} autocomplete="off" onInput={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Enter') event.preventDefault(); }} />
      <ul class="scrolled persons" aria-label={t('rooms')}>
        {rooms.map((room) => (
          <li key={room.id}><label class="choice">
            <Avatar id={room.id} name={roomTitle(room)} emblem={roomEmblem(room)} square /><bdi>{roomTitle(room)}</bdi>
            <input type="checkbox" checked={chosen.includes(room.id)} disabled={done.includes(room.id) || (chosen.length >= MOST && !chosen.includes(room.id))}
              onChange={({ currentTarget }) => toggle(room.id, currentTarget.checked)} />
          </label></li>
        ))}
      </ul>
      {mine.value.next !== null && <button type="button" class="more" onClick={() => void load(mine, 'more')}>{t('more')}</button>}
    </FormDialog>
  );
}

const titleOf = (id: number): string => {
  const room = mine.value.rooms.find((one) => one.id === id);
  return room ? roomTitle(room) : `#${id}`;
};
