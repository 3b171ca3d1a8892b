// SPDX-License-Identifier: MIT
// The end of an account.
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { maru } from '../maru';
import { startOver } from '../session';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import { Part } from '../ui/screen';

type Fate = 'keep' | 'erase';

function EraseDialog({ close }: { close: (done: boolean | null) => void }) {
  const [messages, setMessages] = useState<Fate>('keep');
  const choice = (value: Fate, label: string) => (
    <label class="choice"><input type="radio" name="messages" value={value} checked={messages === value} onChange={() => setMessages(value)} /><span>{label}</span></label>
  );
  return (
    <FormDialog id="erase" heading={t('deleteAccount')} about={t('deleteAccountAbout')} yes={t('deleteForGood')} close={close} submit={async (form) => {
      const password = valueOf(form, 'password');
      maru.hub.stop(); // or the end of the connection would be told as the end of the login
      try {
        await maru.http.call('DELETE', '/v1/users/me', { messages, ...password && { password } });
      } catch (problem) {
        maru.hub.start();
        throw problem;
      }
      close(true);
    }}>
      <fieldset><legend>{t('myMessages')}</legend>{choice('keep', t('messagesKeep'))}{choice('erase', t('messagesErase'))}</fieldset>
      <Field name="password" label={t('presentPassword')} hint={t('passwordIfAny')} type="password" maxLength={128} autocomplete="current-password" />
    </FormDialog>
  );
}

export function DeleteAccount() {
  const erase = async () => {
    if (await ask<boolean>((close) => <EraseDialog close={close} />) !== true) return;
    maru.close();
    maru.session.drop();
    history.replaceState(null, '', '#');
    startOver('accountDeleted');
  };
  return <Part title={t('deleteAccount')} about={t('deleteAccountHint')}><div><button type="button" class="danger" onClick={() => void erase()}>{t('deleteAccount')}</button></div></Part>;
}
