// SPDX-License-Identifier: MIT
// What one sees beside an empty list: the next steps of somebody who is new, or has just set up this server.
import { t } from '../i18n';
import { me } from '../maru';
import { Icon, type IconName } from '../ui/icon';
import { all, createRoom, tab } from './rooms';

export default function FirstSteps() {
  const isAlone = all.value.loaded && all.value.rooms.length === 0;
  const step = (icon: IconName, title: string, text: string, act?: preact.ComponentChildren) => (
    <li><span class="step-icon"><Icon name={icon} /></span><div><h2>{title}</h2><p>{text}</p>{act}</div></li>
  );
  return (
    <div id="first-steps">
      <h1>{t(isAlone ? 'firstHeading' : 'hello', { name: me.value?.nickname ?? '' })}</h1>
      <p class="about">{t(isAlone ? 'firstAbout' : 'helloAbout')}</p>
      <ol>
        {!isAlone && step('search', t('stepLook'), t('stepLookText'), <button type="button" class="small" onClick={() => { tab.value = 'all'; }}>{t('allRooms')}</button>)}
        {step('plus', t('stepRoom'), t('stepRoomText'), <button type="button" class="small primary" onClick={() => void createRoom()}>{t('newRoom')}</button>)}
        {step('people', t('stepFriends'), t('stepFriendsText'), <a class="button small" href="#/friends">{t('friends')}</a>)}
        {step('download', t('stepApp'), t('stepAppText'))}
        {isAlone && step('shield', t('stepAdmin'), t('stepAdminText'), <code>maructl users promote {me.value?.name}</code>)}
        {step('file', t('stepDocs'), t('stepDocsText'), <a class="button small" href="/docs/">{t('stepDocsLink')}</a>)}
      </ol>
    </div>
  );
}

