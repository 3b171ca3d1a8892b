// SPDX-License-Identifier: MIT
// The column at the left: where one can go, one's rooms, all rooms, oneself.
import { useSignal } from '@preact/signals';
import { number, t } from './i18n';
import { connection, me } from './maru';
import { changeAvatar } from './me/avatar';
import { changePassword } from './me/password';
import { Listening } from './music/listening';
import { news } from './notify/state';
import { requests } from './friends/state';
import { problemText } from './problem';
import { route, type Screen } from './router';
import { Browse } from './rooms/browse';
import { RoomList } from './rooms/list';
import { all, createRoom, mine, tab, trouble } from './rooms/rooms';
import { hasFilters, filters } from './rooms/filters';
import { total } from './rooms/unread';
import { logOut } from './session';
import { Sitting } from './study/sitting';
import { stateText } from './app';
import { Avatar } from './ui/avatar';
import { Icon, type IconName } from './ui/icon';
import { LanguageSwitch } from './ui/language';

export function Sidebar() {
  return (
    <nav id="sidebar" aria-label={t('rooms')}>
      <header>
        <img src="favicon.svg" alt="" width="32" height="32" />
        <strong class="brand">Maru</strong>
        <button type="button" class="primary" id="new-room" onClick={() => void createRoom()}><Icon name="plus" /><span>{t('newRoom')}</span></button>
      </header>
      <Places />
      <Tabs />
      <p id="lobby-trouble" class="error" role="alert">{trouble.value ? problemText(trouble.value) : ''}</p>
      <Panel name="mine" />
      <Panel name="all" />
      <Sitting />
      <Listening />
      <Me />
    </nav>
  );
}

function Places() {
  const { screen } = route.value;
  const place = (to: Screen, label: string, icon: IconName, path: string, count = 0) => (
    <li>
      <a href={`#/${path}`} data-place={to} aria-current={screen === to || (to === 'home' && screen === 'room') ? 'page' : undefined}>
        <span class="place-icon"><Icon name={icon} />{count > 0 && <span class="badge" aria-hidden="true">{count > 99 ? `${number(99)}+` : number(count)}</span>}</span>
        <span class="label">{label}</span>{count > 0 && <span class="sr">({number(count)})</span>}
      </a>
    </li>
  );
  return (
    <ul id="places" aria-label={t('places')}>
      {place('home', t('rooms'), 'home', '', total.value)}
      {place('friends', t('friends'), 'people', 'friends', requests.value)}
      {place('search', t('search'), 'search', 'search')}
      {place('notifications', t('newsShort'), 'bell', 'notifications', news.value)}
      {place('me', t('myPage'), 'person', 'me')}
      {place('settings', t('settings'), 'settings', 'settings')}
      {me.value?.role === 'admin' && place('admin', t('admin'), 'shield', 'admin')}
    </ul>
  );
}

function Tabs() {
  const turn = ({ key }: KeyboardEvent) => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    tab.value = tab.value === 'mine' ? 'all' : 'mine';
    document.getElementById(`tab-${tab.value}`)?.focus();
  };
  const button = (name: 'mine' | 'all') => (
    <button type="button" role="tab" id={`tab-${name}`} aria-controls={`panel-${name}`} aria-selected={tab.value === name}
      tabIndex={tab.value === name ? 0 : -1} onClick={() => { tab.value = name; }}>{t(name === 'mine' ? 'myRooms' : 'allRooms')}</button>
  );
  return <div id="tabs" role="tablist" aria-label={t('rooms')} onKeyDown={turn}>{button('mine')}{button('all')}</div>;
}

function Panel({ name }: { name: 'mine' | 'all' }) {
  const empty = name === 'mine' ? 'noRoomsOfMine' : hasFilters(filters.value) ? 'noRoomsFound' : 'noRooms';
  return (
    <section id={`panel-${name}`} role="tabpanel" aria-labelledby={`tab-${name}`} hidden={tab.value !== name}>
      {name === 'all' && <Browse />}
      <RoomList id={name} list={name === 'mine' ? mine : all} empty={t(empty)} />
    </section>
  );
}

function Me() {
  const failed = useSignal<unknown>(null);
  const user = me.value;
  const { state, code = 0 } = connection.value;
  const leave = () => { logOut().catch((problem) => { failed.value = problem; }); };
  return (
    <footer>
      {failed.value && <p class="error" role="alert">{problemText(failed.value)}</p>}
      <button type="button" class="face" id="my-avatar" aria-label={t('myPicture')} title={t('myPicture')} onClick={() => void changeAvatar()}>
        {user && <Avatar id={user.id} name={user.nickname} emblem={user.avatar} />}
      </button>
      <div class="me"><bdi id="my-name">{user?.nickname}</bdi><small id="connection" data-connection={state}>{stateText(state, code)}</small></div>
      <LanguageSwitch class="link" />
      <button type="button" class="link" id="change-password" aria-label={t('changePassword')} title={t('changePassword')} onClick={() => void changePassword()}><Icon name="lock" /></button>
      <button type="button" class="link" id="log-out" onClick={leave}>{t('logOut')}</button>
    </footer>
  );
}
