// SPDX-License-Identifier: MIT
// The form for logging in and for creating an account; the same form, one field more or less.
import { useState } from 'preact/hooks';
import { LanguageSwitch } from './ui/language';
import { Alert, Field, Form, valueOf } from './ui/form';
import { t, type TextKey } from './i18n';
import { maru } from './maru';
import { store } from './store';

// Why one was logged out, said once.
function takeReason(): string {
  const reason = store.get('reason');
  store.remove('reason');
  return reason ? t(reason as TextKey) : '';
}

export function Login({ done }: { done: () => void }) {
  const [joining, setJoining] = useState(false);
  const [reason] = useState(takeReason);
  const submit = async (form: HTMLFormElement) => {
    const name = valueOf(form, 'name').trim().toLowerCase();
    const password = valueOf(form, 'password');
    if (joining) await maru.signUp(name, valueOf(form, 'nickname').trim(), password);
    else await maru.logIn(name, password);
    done();
  };
  const toggle = () => {
    setJoining(!joining);
    document.querySelector<HTMLElement>('#login-form [name=name]')?.focus();
  };
  return (
    <main id="login">
      <LanguageSwitch class="link language" />
      <Form id="login-form" key={String(joining)} submit={submit}>
        <img src="favicon.svg" alt="" width="56" height="56" />
        <p class="brand">Maru <span lang="ko">마루</span></p>
        <p class="tagline">{t('tagline')}</p>
        <h1 id="login-heading" class="sr">{t(joining ? 'signUp' : 'logIn')}</h1>
        <Alert text={reason} />
        <Field name="name" label={t('name')} hint={joining ? t('nameHint') : undefined} autocomplete="username"
          autocapitalize="none" spellcheck={false} maxLength={100} required autoFocus />
        {joining && <Field name="nickname" label={t('nickname')} hint={t('nicknameHint')} autocomplete="nickname" maxLength={60} required />}
        <Field name="password" label={t('password')} hint={joining ? t('passwordHint') : undefined} type="password"
          autocomplete={joining ? 'new-password' : 'current-password'} maxLength={128} required />
        <button id="login-submit" class="primary">{t(joining ? 'signUp' : 'logIn')}</button>
        <button type="button" id="login-switch" class="link" onClick={toggle}>{t(joining ? 'toLogIn' : 'toSignUp')}</button>
      </Form>
    </main>
  );
}
