// SPDX-License-Identifier: MIT
// Somebody: what they show of themselves, and what one can do about them.
import { useEffect, useState } from 'preact/hooks';
import { ago, shortDate, t } from '../i18n';
import { me, rest } from '../maru';
import { problemText } from '../problem';
import { replace, route } from '../router';
import { befriend, blockAsked, favor, friendsChanged, unblock, unfriend, unfriendAsked, writeTo, type Friend } from '../friends/state';
import { Avatar } from '../ui/avatar';
import { Field, Form, Alert, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { report } from '../ui/report';
import { Part, Screen } from '../ui/screen';
import { online, profileOf, stateOf, watchOnline } from './people';

/** What there is between oneself and somebody; null: it is not known yet. */
interface Bond { friend: Friend | null; blocked: boolean }

// Lists are in the order of ids: the first one after id - 1 is the one, if it is there.
async function bondWith(user: number): Promise<Bond> {
  const at = { cursor: String(user - 1), limit: 1 };
  const [lists, { blocks }] = await Promise.all([
    Promise.all((['friend', 'sent', 'received'] as const).map((state) => rest.get('/v1/friends', { state, ...at }))), rest.get('/v1/blocks', at),
  ]);
  const friend = lists.flatMap(({ friends }) => friends).find(({ id }) => id === user) ?? null;
  return { friend, blocked: blocks[0]?.id === user };
}

export default function PersonScreen() {
  const id = Number(route.value.id);
  useEffect(() => { if (id === me.peek()?.id) replace('#/me'); }, [id]);
  return <Person key={id} id={id} />;
}

function Person({ id }: { id: number }) {
  const [bond, setBond] = useState<Bond | null>(null);
  const [missing, setMissing] = useState<unknown>(null);
  const [problem, attempt] = useAttempt();
  const profile = profileOf(id).value;
  const changed = friendsChanged.value;
  useEffect(() => {
    rest.get('/v1/users/{user}', { user: id }).then((now) => { profileOf(id).value = now; }, setMissing);
  }, [id]);
  useEffect(watchOnline, [id]);
  useEffect(() => { bondWith(id).then(setBond, () => {}); }, [id, changed]);
  if (!profile) return <Screen id="person" title={t('profile')}>{missing ? <p class="error" role="alert">{problemText(missing)}</p> : <p class="empty" role="status">{t('loading')}</p>}</Screen>;
  const state = stateOf(id);
  const seen = online.value.get(id)?.seen;
  return (
    <Screen id="person" title={profile.nickname}>
      <section class="profile" aria-label={t('profile')}>
        <Avatar id={id} name={profile.nickname} emblem={profile.avatar} state={state} />
        <div class="profile-text">
          <p class="about">@{profile.name}{profile.bot && <> <span class="tag">{t('bot')}</span></>}{profile.guest && <> <span class="tag">{t('guest')}</span></>} · {t('since', { date: shortDate(new Date(profile.created_at)) })}</p>
          <p class="about" data-presence={state ?? 'offline'}>{state ? t('online') : seen ? t('seenAt', { when: ago(seen) }) : ''}</p>
          {profile.status_message && <p class="status-message" dir="auto">{profile.status_message}</p>}
          {bond && !profile.guest && <Acts id={id} name={profile.nickname} isBot={profile.bot === true} bond={bond} attempt={attempt} />}
          <Trouble text={problem} />
        </div>
      </section>
      {bond?.friend?.state === 'friend' && <Alias friend={bond.friend} />}
    </Screen>
  );
}

type Attempt = (work: () => Promise<unknown>) => Promise<void>;

function Acts({ id, name, isBot, bond: { friend, blocked }, attempt }: { id: number; name: string; isBot: boolean; bond: Bond; attempt: Attempt }) {
  const act = (work: () => Promise<unknown>) => () => void attempt(async () => {
    await work();
    friendsChanged.value++;
  });
  const state = friend?.state;
  return (
    <div class="acts">
      {!blocked && <button type="button" class="primary" onClick={() => void attempt(() => writeTo(id))}><Icon name="thread" />{t('write1')}</button>}
      {!blocked && !isBot && !state && <button type="button" onClick={act(() => befriend(id))}><Icon name="plus" />{t('befriend')}</button>}
      {state === 'sent' && <button type="button" onClick={act(() => unfriend(id))}>{t('takeBack')}</button>}
      {state === 'received' && <><button type="button" class="primary" onClick={act(() => befriend(id))}>{t('accept')}</button><button type="button" onClick={act(() => unfriend(id))}>{t('decline')}</button></>}
      {state === 'friend' && <button type="button" class="star" aria-pressed={friend!.favorite} onClick={act(() => favor(id, !friend!.favorite))}><Icon name="star" />{t('closeFriend')}</button>}
      {state === 'friend' && <button type="button" onClick={act(() => unfriendAsked(id, name))}>{t('unfriend')}</button>}
      {blocked ? <button type="button" onClick={act(() => unblock(id))}><Icon name="block" />{t('unblock')}</button>
        : <button type="button" onClick={act(() => blockAsked(id, name))}><Icon name="block" />{t('block')}</button>}
      <button type="button" onClick={() => void report({ user: id }, t('reportOf', { name }), t('reportAbout'))}><Icon name="flag" />{t('report')}</button>
    </div>
  );
}

function Alias({ friend }: { friend: Friend }) {
  const [saved, setSaved] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    await rest.patch('/v1/friends/{user}', { user: friend.id }, { alias: valueOf(form, 'alias').trim() });
    setSaved(true);
  };
  return (
    <Part title={t('alias')} about={t('aliasHint')}>
      <Form class="inline" submit={submit}>
        <Field name="alias" label={t('alias')} defaultValue={friend.alias} maxLength={30} onInput={() => setSaved(false)} />
        <button>{t('save')}</button>
        {saved && <span class="about" role="status">{t('saved')}</span>}
        <Alert />
      </Form>
    </Part>
  );
}
