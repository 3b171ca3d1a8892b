// SPDX-License-Identifier: MIT
import { t } from '../i18n';
import { rest } from '../maru';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';

/** Asks for another password, and sets it. */
export async function changePassword(): Promise<void> {
  await ask((close) => (
    <FormDialog id="new-password" heading={t('changePassword')} about={t('changePasswordHint')} yes={t('change')} close={close} submit={async (form) => {
      await rest.put('/v1/users/me/password', {}, { password: valueOf(form, 'password'), new_password: valueOf(form, 'new_password') });
      close(null);
    }}>
      <Field name="password" label={t('presentPassword')} type="password" maxLength={128} autocomplete="current-password" required />
      <Field name="new_password" label={t('newPassword')} hint={t('passwordHint')} type="password" maxLength={128} autocomplete="new-password" required />
    </FormDialog>
  ));
}
