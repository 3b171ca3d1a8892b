// SPDX-License-Identifier: MIT
import type { RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import { RoomCard } from './preview';

export async function join(room: number, password?: string): Promise<boolean> {
  await rest.put('/v1/rooms/{room}/members/me', { room }, password === undefined ? {} : { password });
  return true;
}

/** Shows what room it is and asks whether to join, with the password if the room has one. Resolves with whether one is in. */
export async function askToJoin(room: RoomInfo): Promise<boolean> {
  return await ask<boolean>((close) => (
    <FormDialog id="join" heading={room.title} about={t(room.locked ? 'joinLocked' : 'joinAsk')} yes={t('join')} close={close}
      submit={async (form) => close(await join(room.id, room.locked ? valueOf(form, 'password') : undefined))}>
      <RoomCard room={room} />
      {room.locked && <Field name="password" label={t('roomPassword')} type="password" maxLength={128} autocomplete="off" required />}
    </FormDialog>
  )) === true;
}
