// SPDX-License-Identifier: MIT
// The form for logging in and for creating an account, the same form, one field more or less; the other ways in:
// a code by e-mail, the providers that the server knows.
import { useEffect, useState } from 'preact/hooks';
import { LanguageSwitch } from './ui/language';
import { Alert, Field, Form, valueOf } from './ui/form';
import { hasText, t, type TextKey } from './i18n';
import { maru, rest } from './maru';
import { route } from './router';
import { store } from './store';

// Why one was logged out, or not let in by a provider, said once.
function takeReason(): string {
  const reason = store.get('reason');
  store.remove('reason');
  if (reason) return t(reason as TextKey);
  const { searchParams } = new URL(location.href);
  const error = searchParams.get('login_error');
  if (!error) return '';
  history.replaceState(null, '', location.pathname + location.hash);
  return t(hasText(`loginError.${error}`) ? `loginError.${error}` as TextKey : 'loginError.provider');
}

// Set while one is at a provider, who sends the browser back with a login that this device does not know of.
const AWAY = 'provider';
async function cameBack(): Promise<boolean> {
  if (!store.get(AWAY)) return false;
  store.remove(AWAY);
  return rest.get('/v1/users/me', {}).then((user) => {
    maru.session.keepMe(user);
    return true;
  }, () => false);
}

type Way = 'logIn' | 'signUp' | 'reset';

export function Login({ done }: { done: () => void }) {
  const [way, setWay] = useState<Way>('logIn');
  const [reason, setReason] = useState(takeReason);
  useEffect(() => { void cameBack().then((isIn) => { if (isIn) done(); }); }, []);
  const turn = (to: Way, why = '') => {
    setWay(to);
    setReason(why);
    document.querySelector<HTMLElement>('#login-form input')?.focus();
  };
  return (
    <main id="login">
      <LanguageSwitch class="link language" />
      {way === 'reset' ? <Reset back={(why) => turn('logIn', why)} /> : <Entrance joining={way === 'signUp'} reason={reason} turn={turn} done={done} />}
    </main>
  );
}

function Brand({ heading }: { heading: string }) {
  return (
    <>
      <img src="favicon.svg" alt="" width="56" height="56" />
      <p class="brand">Maru <span lang="ko">마루</span></p>
      <p class="tagline">{t(route.value.screen === 'invite' ? 'taglineInvited' : 'tagline')}</p>
      <h1 id="login-heading" class="sr">{heading}</h1>
    </>
  );
}

function Entrance({ joining, reason, turn, done }: { joining: boolean; reason: string; turn: (to: Way) => void; done: () => void }) {
  const submit = async (form: HTMLFormElement) => {
    const name = valueOf(form, 'name').trim().toLowerCase();
    const password = valueOf(form, 'password');
    if (joining) await maru.signUp(name, valueOf(form, 'nickname').trim(), password);
    else await maru.logIn(name, password);
    done();
  };
  return (
    <Form id="login-form" key={String(joining)} submit={submit}>
      <Brand heading={t(joining ? 'signUp' : 'logIn')} />
      <Alert text={reason} />
      <Field name="name" label={t('name')} hint={joining ? t('nameHint') : undefined} autocomplete="username"
        autocapitalize="none" spellcheck={false} maxLength={100} required autoFocus />
      {joining && <Field name="nickname" label={t('nickname')} hint={t('nicknameHint')} autocomplete="nickname" maxLength={60} required />}
      <Field name="password" label={t('password')} hint={joining ? t('passwordHint') : undefined} type="password"
        autocomplete={joining ? 'new-password' : 'current-password'} maxLength={128} required />
      <button id="login-submit" class="primary">{t(joining ? 'signUp' : 'logIn')}</button>
      <Providers />
      <button type="button" id="login-switch" class="link" onClick={() => turn(joining ? 'logIn' : 'signUp')}>{t(joining ? 'toLogIn' : 'toSignUp')}</button>
      {!joining && <button type="button" id="login-reset" class="link" onClick={() => turn('reset')}>{t('forgotPassword')}</button>}
    </Form>
  );
}

// Where the server knows any.
function Providers() {
  const [providers, setProviders] = useState<string[]>([]);
  // Without asking who one is: that would try to renew a login that is not there.
  useEffect(() => { maru.http.send('GET', '/v1/oidc').then((list) => setProviders((list as { providers: string[] }).providers), () => {}); }, []);
  if (providers.length === 0) return null;
  const back = encodeURIComponent(`/${location.hash}`);
  return (
    <div class="providers">
      <p class="or"><span>{t('or')}</span></p>
      {providers.map((one) => <a key={one} class="button" href={`/v1/oidc/${encodeURIComponent(one)}?return_to=${back}`} onClick={() => store.set(AWAY, one)}>{t('logInWith', { name: one.charAt(0).toUpperCase() + one.slice(1) })}</a>)}
    </div>
  );
}

// First the address, then the code that came there with a new password.
function Reset({ back }: { back: (why?: string) => void }) {
  const [email, setEmail] = useState('');
  const submit = async (form: HTMLFormElement) => {
    if (!email) {
      const address = valueOf(form, 'email').trim();
      await maru.http.send('POST', '/v1/password-resets', { email: address });
      setEmail(address);
      return;
    }
    await maru.http.send('PUT', '/v1/password-resets', { email, code: valueOf(form, 'code').trim(), new_password: valueOf(form, 'new_password') });
    back(t('passwordIsNew'));
  };
  return (
    <Form id="login-form" key={String(email !== '')} submit={submit}>
      <Brand heading={t('resetPassword')} />
      <p class="about">{email ? t('codeSentTo', { email }) : t('resetAbout')}</p>
      <Alert />
      {email ? (
        <>
          <Field name="code" label={t('code')} inputMode="numeric" autocomplete="one-time-code" maxLength={20} required autoFocus />
          <Field name="new_password" label={t('newPassword')} hint={t('passwordHint')} type="password" autocomplete="new-password" maxLength={128} required />
        </>
      ) : <Field name="email" label={t('email')} type="email" autocomplete="email" maxLength={254} required autoFocus />}
      <button id="login-submit" class="primary">{t(email ? 'setPassword' : 'sendCode')}</button>
      <button type="button" class="link" onClick={() => back()}>{t('backToLogIn')}</button>
    </Form>
  );
}
