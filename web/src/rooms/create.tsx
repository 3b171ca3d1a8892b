// SPDX-License-Identifier: MIT
import { useState } from 'preact/hooks';
import type { RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';

/** Asks what the new room should be, and opens it. */
export function askForRoom(): Promise<RoomInfo | null> {
  return ask<RoomInfo>((close) => <CreateRoom close={close} />);
}

function CreateRoom({ close }: { close: (room: RoomInfo | null) => void }) {
  const [kind, setKind] = useState<'public' | 'secret'>('public');
  const submit = async (form: HTMLFormElement) => {
    const description = valueOf(form, 'description').trim();
    close(await rest.post('/v1/rooms', {}, {
      kind, title: valueOf(form, 'title').trim(),
      ...description && { description }, ...kind === 'secret' && { password: valueOf(form, 'password') },
    }) as RoomInfo);
  };
  const choice = (value: typeof kind, label: string) => (
    <label class="choice"><input type="radio" name="kind" value={value} checked={kind === value} onChange={() => setKind(value)} /><span>{label}</span></label>
  );
  return (
    <FormDialog id="create" heading={t('newRoom')} yes={t('create')} close={close} submit={submit}>
      <Field name="title" label={t('title')} maxLength={100} required />
      <fieldset><legend>{t('kind')}</legend>{choice('public', t('kindPublic'))}{choice('secret', t('kindSecret'))}</fieldset>
      {kind === 'secret' && <Field name="password" label={t('roomPassword')} type="password" maxLength={128} autocomplete="off" required />}
      <Field name="description" label={t('description')} maxLength={1000} />
    </FormDialog>
  );
}
