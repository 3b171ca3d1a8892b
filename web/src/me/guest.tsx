// SPDX-License-Identifier: MIT
// All of the page that a guest sees: how to get an account, and how to be forgotten. Guests talk in the widget.
import { t } from '../i18n';
import { maru, myself } from '../maru';
import { startOver } from '../session';
import { confirmed } from '../ui/dialog';
import { Alert, Field, Form, valueOf } from '../ui/form';
import { LanguageSwitch } from '../ui/language';

export default function Guest() {
  const submit = async (form: HTMLFormElement) => {
    await maru.upgrade(valueOf(form, 'name').trim().toLowerCase(), valueOf(form, 'password'));
    startOver();
  };
  const leave = async () => {
    if (!await confirmed(t('guestLeaveAsk'), t('guestLeave'))) return;
    await maru.http.call('DELETE', '/v1/users/me', { messages: 'keep' });
    maru.session.drop();
    startOver();
  };
  return (
    <main id="login">
      <LanguageSwitch class="link language" />
      <Form id="login-form" submit={submit}>
        <h1>{t('guestHeading')}</h1>
        <p class="about">{t('guestAbout', { name: myself().nickname })}</p>
        <Alert />
        <Field name="name" label={t('name')} hint={t('nameHint')} autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={100} required autoFocus />
        <Field name="password" label={t('password')} hint={t('passwordHint')} type="password" autocomplete="new-password" maxLength={128} required />
        <button id="login-submit" class="primary">{t('signUp')}</button>
        <button type="button" class="link" onClick={() => void leave()}>{t('guestLeave')}</button>
      </Form>
    </main>
  );
}
