// SPDX-License-Identifier: MIT
// The providers by which the account can be entered; nothing where the server knows none.
import { useEffect, useState } from 'preact/hooks';
import { shortDate, t } from '../i18n';
import { rest } from '../maru';
import { Trouble, useAttempt } from '../ui/pages';
import { Part } from '../ui/screen';

/** How a provider is called: "kakao" is Kakao. */
export const providerName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export function Identities() {
  const [providers, setProviders] = useState<string[]>([]);
  const [linked, setLinked] = useState<{ provider: string; created_at: string }[]>([]);
  const [problem, attempt] = useAttempt();
  const load = () => attempt(async () => {
    const [all, own] = await Promise.all([rest.get('/v1/oidc', {}), rest.get('/v1/users/me/identities', {})]);
    setProviders(all.providers);
    setLinked(own.identities);
  });
  useEffect(() => { void load(); }, []);
  if (providers.length === 0 && linked.length === 0) return null;
  const link = (provider: string) => attempt(async () => {
    const { location: address } = await rest.post('/v1/oidc/{provider}', { provider, return_to: '/#/settings' }, {});
    location.assign(address);
  });
  const unlink = (provider: string) => attempt(async () => {
    await rest.delete('/v1/users/me/identities/{provider}', { provider });
    await load();
  });
  return (
    <Part title={t('linkedLogins')} about={t('linkedLoginsAbout')}>
      <ul class="rows">
        {linked.map(({ provider, created_at: at }) => (
          <li key={provider} class="row-item"><span class="text"><span class="title">{providerName(provider)}</span><span class="about">{t('linkedSince', { date: shortDate(new Date(at)) })}</span></span>
            <button type="button" class="small" aria-label={t('unlinkOf', { name: providerName(provider) })} onClick={() => void unlink(provider)}>{t('unlink')}</button></li>
        ))}
        {providers.filter((one) => !linked.some(({ provider }) => provider === one)).map((provider) => (
          <li key={provider} class="row-item"><span class="text"><span class="title">{providerName(provider)}</span></span>
            <button type="button" class="small" aria-label={t('linkOf', { name: providerName(provider) })} onClick={() => void link(provider)}>{t('link')}</button></li>
        ))}
      </ul>
      <Trouble text={problem} />
    </Part>
  );
}
