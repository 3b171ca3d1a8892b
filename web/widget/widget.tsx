// SPDX-License-Identifier: MIT
// The frame of the widget: a button in the corner; a login where nobody is logged in, or a name where the room lets
// guests in; a question before joining; the chat.
import { useEffect, useState } from 'preact/hooks';
import { LocalStore, MaruClient, Problem, type Got, type RoomInfo } from 'maru-client';
import { Chat } from './chat';
import { t } from './texts';

const appKey = document.currentScript?.dataset.key ?? 'maru';
const maru = new MaruClient({ appKey, store: new LocalStore() });

interface Props { room: number; isOpen: boolean; isCorner: boolean; page: string }

export function Widget({ room, isOpen, isCorner, page }: Props) {
  const [open, setOpen] = useState(isOpen);
  const [unseen, setUnseen] = useState(0);
  if (!open) {
    return (
      <button type="button" class="opener" aria-expanded={false} onClick={() => setOpen(true)}>
        {t('chat')}{unseen > 0 && <span class="badge" aria-label={t('new', unseen)}>{unseen}</span>}
      </button>
    );
  }
  return (
    <section class={isCorner ? 'panel corner' : 'panel'} aria-label={t('chat')}>
      <Inside room={room} page={page} onNew={setUnseen} close={isCorner ? () => setOpen(false) : null} />
    </section>
  );
}

type Step = 'guest' | 'login' | 'join' | 'chat' | 'wait';
type Door = Got<'/v1/rooms/{room}/door'>;

function Inside({ room, page, onNew, close }: { room: number; page: string; onNew: (n: number) => void; close: (() => void) | null }) {
  const [info, setInfo] = useState<RoomInfo | null>(null);
  const [door, setDoor] = useState<Door | null>(null);
  const [step, setStep] = useState<Step>('wait');
  const [problem, setProblem] = useState('');
  // Without asking who one is: that would try to renew a login that is not there.
  const knock = () => maru.http.send('GET', `/v1/rooms/${room}/door`).then((found) => {
    setDoor(found as Door);
    setStep((found as Door).guests ? 'guest' : 'login');
  }, () => setStep('login'));
  const look = async () => {
    try {
      const found = await maru.rest.get('/v1/rooms/{room}', { room }) as RoomInfo;
      setInfo(found);
      if (found.joined && maru.state === 'stopped') await maru.start();
      setStep(found.joined ? 'chat' : 'join');
    } catch (why) {
      if (why instanceof Problem && why.status === 401) await knock();
      else setProblem(t('problem'));
    }
  };
  useEffect(() => { void (maru.me ? look() : knock()); }, []);
  useEffect(() => maru.on('ended', () => void knock()), []);
  return (
    <>
      <header>
        <strong dir="auto">{(info ?? door)?.title ?? t('chat')}</strong>
        <a href={`${page}#/rooms/${room}`} title={t('whole')} aria-label={t('whole')}>↗</a>
        {close && <button type="button" class="plain" aria-label={t('close')} title={t('close')} onClick={close}>×</button>}
      </header>
      <p class="problem" role="alert">{problem}</p>
      {step === 'guest' && door && <Enter door={door} done={look} logIn={() => setStep('login')} />}
      {step === 'login' && <Login page={page} done={look} />}
      {step === 'join' && info && <Join room={info} done={look} />}
      {step === 'chat' && <Chat maru={maru} room={room} onNew={onNew} lost={() => void look()} />}
    </>
  );
}

// A form that says what went wrong; act(form) may reject.
function Ask({ act, label, children }: { act: (data: FormData) => Promise<void>; label: string; children: preact.ComponentChildren }) {
  const [said, setSaid] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setSaid('');
    const known: Record<string, string> = { 'bad-login': t('wrong'), 'bad-room-password': t('wrongPassword'), 'nickname-taken': t('taken'), 'room-full': t('full') };
    await act(new FormData(event.currentTarget as HTMLFormElement))
      .catch((why) => setSaid((why instanceof Problem && known[why.slug]) || t('problem')));
  };
  return <form class="ask" onSubmit={submit}>{children}<p class="problem" role="alert">{said}</p><button class="primary">{label}</button></form>;
}

function Login({ page, done }: { page: string; done: () => Promise<void> }) {
  const act = async (data: FormData) => {
    await maru.logIn(String(data.get('name')).trim().toLowerCase(), String(data.get('password')));
    await done();
  };
  return (
    <>
      <Ask act={act} label={t('logIn')}>
        <label>{t('name')}<input name="name" autocomplete="username" autocapitalize="none" required maxLength={100} /></label>
        <label>{t('password')}<input name="password" type="password" autocomplete="current-password" required maxLength={128} /></label>
      </Ask>
      <p class="foot"><a href={page}>{t('signUp')}</a></p>
    </>
  );
}

function Enter({ door, done, logIn }: { door: Door; done: () => Promise<void>; logIn: () => void }) {
  const act = async (data: FormData) => {
    await maru.enter(door.id, String(data.get('nickname')).trim(), door.locked ? String(data.get('password')) : undefined);
    await done();
  };
  return (
    <>
      <Ask act={act} label={t('enter')}>
        <p dir="auto">{door.description}</p>
        <label>{t('nickname')}<input name="nickname" autocomplete="nickname" required maxLength={30} /></label>
        {door.locked && <RoomPassword />}
      </Ask>
      <p class="foot"><button type="button" class="plain" onClick={logIn}>{t('orLogIn')}</button></p>
    </>
  );
}

const RoomPassword = () => <label>{t('roomPassword')}<input name="password" type="password" autocomplete="off" required maxLength={128} /></label>;

function Join({ room, done }: { room: RoomInfo; done: () => Promise<void> }) {
  const act = async (data: FormData) => {
    await maru.rest.put('/v1/rooms/{room}/members/me', { room: room.id }, room.locked ? { password: String(data.get('password')) } : {});
    await done();
  };
  return (
    <Ask act={act} label={t('join')}>
      <p dir="auto">{room.description}</p>
      {room.locked && <RoomPassword />}
    </Ask>
  );
}
