// SPDX-License-Identifier: MIT
// The own e-mail address: told by a code that was sent there.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { maru, rest } from '../maru';
import { Alert, Field, Form, valueOf } from '../ui/form';
import { Trouble, useAttempt } from '../ui/pages';
import { Part } from '../ui/screen';

export function Email() {
  const [email, setEmail] = useState<string | null | undefined>(undefined);
  const [sentTo, setSentTo] = useState('');
  const [problem, attempt] = useAttempt();
  useEffect(() => {
    void attempt(async () => setEmail((await rest.get('/v1/users/me/email', {})).email));
    return maru.on('own', ({ type, data }) => { if (type === 'email.updated') setEmail(data.email as string | null); });
  }, []);
  const ask = async (form: HTMLFormElement) => {
    const address = valueOf(form, 'email').trim();
    await rest.post('/v1/email-verifications', {}, { email: address });
    setSentTo(address);
  };
  const confirm = async (form: HTMLFormElement) => {
    setEmail((await rest.put('/v1/email-verifications', {}, { code: valueOf(form, 'code').trim() })).email);
    setSentTo('');
  };
  const remove = () => attempt(async () => {
    await rest.delete('/v1/users/me/email', {});
    setEmail(null);
  });
  if (email === undefined) return problem ? <Part title={t('email')}><Trouble text={problem} /></Part> : null;
  return (
    <Part title={t('email')} about={t('emailAbout')}>
      {email && <p class="fact"><bdi>{email}</bdi><button type="button" class="small" onClick={() => void remove()}>{t('removeIt')}</button></p>}
      {sentTo ? (
        <Form key="code" class="inline" submit={confirm}>
          <Field name="code" label={t('code')} hint={t('codeSentTo', { email: sentTo })} inputMode="numeric" autocomplete="one-time-code" maxLength={20} required autoFocus />
          <button class="primary">{t('confirm')}</button><button type="button" onClick={() => setSentTo('')}>{t('cancel')}</button>
          <Alert />
        </Form>
      ) : (
        <Form key="address" class="inline" submit={ask}>
          <Field name="email" label={t(email ? 'otherEmail' : 'email')} type="email" autocomplete="email" maxLength={254} required />
          <button>{t('sendCode')}</button>
          <Alert />
        </Form>
      )}
      <Trouble text={problem} />
    </Part>
  );
}
