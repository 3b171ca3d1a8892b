// SPDX-License-Identifier: MIT
// The settings: of this device first, then of the account.
import { useEffect, useState } from 'preact/hooks';
import type { components } from 'maru-client';
import { clockTime, language, LANGUAGES, setLanguage, t, type Language, type TextKey } from '../i18n';
import { rest } from '../maru';
import { changePassword } from '../me/password';
import { allowDesktop, ring } from '../notify/alert';
import { wish, wishes } from '../notify/state';
import { logOut } from '../session';
import { Choices, Select, Switch } from '../ui/choose';
import { Trouble, useAttempt } from '../ui/pages';
import { Part, Screen } from '../ui/screen';
import { change, settings, timeZones, type Settings } from './account';
import { Bots } from './bots';
import { DeleteAccount } from './erase';
import { Email } from './email';
import { Identities } from './identities';
import { Sessions } from './sessions';
import { Study } from './study';
import { setTheme, theme, THEMES, type Theme } from './theme';

const NAMES: Record<Language, string> = { en: 'English', ko: '한국어' };

export default function SettingsScreen() {
  return (
    <Screen id="settings" title={t('settings')}>
      <Looks />
      <Study />
      <Notifications />
      <Privacy />
      <Account />
      <Email />
      <Identities />
      <Sessions />
      <Bots />
      <DeleteAccount />
    </Screen>
  );
}

function Looks() {
  const [problem, attempt] = useAttempt();
  const now = settings.value;
  return (
    <Part title={t('looks')}>
      <Choices name="language" label={t('language')} value={language.value} options={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
        onChange={(value) => void attempt(async () => {
          await setLanguage(value as Language);
          await change({ locale: value });
        })} />
      <Choices name="theme" label={t('theme')} value={theme.value} options={THEMES.map((value) => ({ value, label: t(`theme.${value}` as TextKey) }))} onChange={(value) => setTheme(value as Theme)} />
      {now && <Select name="time_zone" label={t('timeZone')} hint={t('timeNow', { time: clockTime(new Date()) })} value={now.time_zone}
        options={[...new Set([now.time_zone, ...timeZones()])].map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        onChange={(time_zone) => void attempt(() => change({ time_zone }))} />}
      <Trouble text={problem} />
    </Part>
  );
}

function Notifications() {
  const [refused, setRefused] = useState(false);
  const can = globalThis.Notification !== undefined;
  const desktop = async (on: boolean) => {
    if (!on) wish('desktop', false);
    else setRefused(!await allowDesktop());
  };
  return (
    <Part title={t('news')} about={t('newsAbout')}>
      <Switch label={t('wishToasts')} hint={t('wishToastsHint')} checked={wishes.toasts.value} onChange={(on) => wish('toasts', on)} />
      <Switch label={t('wishSound')} checked={wishes.sound.value} onChange={(on) => {
        wish('sound', on);
        if (on) ring();
      }} />
      <Switch label={t('wishDesktop')} hint={can ? t('wishDesktopHint') : t('wishDesktopCannot')} disabled={!can} checked={wishes.desktop.value} onChange={(on) => void desktop(on)} />
      <Trouble text={refused ? t('desktopRefused') : ''} />
    </Part>
  );
}

type Presence = components['schemas']['PresenceSettings'];

function Privacy() {
  const [presence, setPresence] = useState<Presence | null>(null);
  const [problem, attempt] = useAttempt();
  useEffect(() => { void attempt(async () => setPresence(await rest.get('/v1/users/me/presence', {}))); }, []);
  const now = settings.value;
  const show = (changes: Partial<Presence>) => void attempt(async () => setPresence(await rest.put('/v1/users/me/presence', {}, changes)));
  const set = (changes: Partial<Settings>) => void attempt(() => change(changes));
  return (
    <Part title={t('privacy')}>
      {now && <Switch label={t('showReceipts')} hint={t('showReceiptsHint')} checked={now.receipts === 'shown'} onChange={(on) => set({ receipts: on ? 'shown' : 'hidden' })} />}
      {presence && <Switch label={t('showOnline')} hint={t('showOnlineHint')} checked={presence.appear === 'online'} onChange={(on) => show({ appear: on ? 'online' : 'offline' })} />}
      {presence && <Switch label={t('showSeen')} checked={presence.last_seen === 'shown'} onChange={(on) => show({ last_seen: on ? 'shown' : 'hidden' })} />}
      {now && <Switch label={t('showFound')} hint={t('showFoundHint')} checked={now.found === 'shown'} onChange={(on) => set({ found: on ? 'shown' : 'hidden' })} />}
      {now && <Choices name="direct" label={t('whoWrites')} value={now.direct} onChange={(direct) => set({ direct: direct as Settings['direct'] })}
        options={[{ value: 'everybody', label: t('everybody') }, { value: 'friends', label: t('friendsOnly') }, { value: 'nobody', label: t('nobody') }]} />}
      <Trouble text={problem} />
    </Part>
  );
}

function Account() {
  const [problem, attempt] = useAttempt();
  return (
    <Part title={t('account')}>
      <div class="acts">
        <a class="button" href="#/me">{t('editProfile')}</a>
        <button type="button" onClick={() => void changePassword()}>{t('changePassword')}</button>
        <button type="button" onClick={() => void attempt(logOut)}>{t('logOut')}</button>
      </div>
      <Trouble text={problem} />
    </Part>
  );
}
