// SPDX-License-Identifier: MIT
// A question to the room: the answers to choose from and how many chose each, as it stands now.
import { useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { clockTime, fullTime, number, percent, shortDate, t } from '../i18n';
import { rest } from '../maru';
import { confirmed } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { mayTidy } from './rights';
import { useTalk } from './talk';

const NOBODY: number[] = [];

export function Poll({ message }: { message: Message }) {
  const talk = useTalk();
  const [busy, setBusy] = useState(false);
  const { question = '', options = [], multiple = false, anonymous = false, closes_at: closes } = message.content?.poll ?? {};
  const { counts = NOBODY, voters = 0, mine = NOBODY, closed_at: closed } = message.poll ?? {};
  const params = { room: talk.room.id, message: message.seq };
  const send = async (chosen: number[]) => {
    setBusy(true);
    await talk.attempt(async () => {
      await (chosen.length > 0 ? rest.put('/v1/rooms/{room}/polls/{message}/vote', params, { options: chosen }) : rest.delete('/v1/rooms/{room}/polls/{message}/vote', params));
      await talk.room.again(message.seq);
    });
    setBusy(false);
  };
  const choose = (i: number) => {
    const others = multiple ? mine.filter((one) => one !== i) : [];
    void send(mine.includes(i) ? others : [...others, i].sort((a, b) => a - b));
  };
  const close = () => talk.attempt(async () => {
    if (!await confirmed(t('pollCloseAsk'), t('pollClose'))) return;
    await rest.post('/v1/rooms/{room}/polls/{message}/close', params);
  });
  const kind = [multiple && t('pollMultiple'), anonymous && t('pollAnonymous')].filter(Boolean).join(' · ');
  const most = Math.max(1, ...counts);
  return (
    <div class="msg-card poll" role="group" aria-label={question} aria-busy={busy || undefined}>
      <p class="question" dir="auto">{question}</p>
      {kind && <p class="kind">{kind}</p>}
      <ul>
        {options.map((text, i) => (
          <li key={i}><Option text={text} count={counts[i] ?? 0} voters={voters} first={closed !== undefined && counts[i] === most} mine={mine.includes(i)} multiple={multiple}
            disabled={busy || closed !== undefined} choose={() => choose(i)} /></li>
        ))}
      </ul>
      <footer>
        <span role="status">{[t('pollVoters', { n: voters }), closed && t('pollClosed'), !closed && closes && t('pollCloses', { at: `${shortDate(new Date(closes))} ${clockTime(new Date(closes))}` })].filter(Boolean).join(' · ')}</span>
        {!anonymous && voters > 0 && <button type="button" class="link" onClick={() => void import('./votes').then(({ showVotes }) => showVotes(talk, message))}>{t('pollVotes')}</button>}
        {!closed && mayTidy(talk, message) && <button type="button" class="link" title={closes && fullTime(new Date(closes))} onClick={() => void close()}>{t('pollClose')}</button>}
      </footer>
    </div>
  );
}

interface OptionProps { text: string; count: number; voters: number; first: boolean; mine: boolean; multiple: boolean; disabled: boolean; choose: () => void }

function Option({ text, count, voters, first, mine, multiple, disabled, choose }: OptionProps) {
  const part = voters > 0 ? count / voters : 0;
  return (
    <button type="button" class={first ? 'option winner' : 'option'} aria-pressed={mine} aria-disabled={disabled} data-kind={multiple ? 'many' : 'one'}
      onClick={() => { if (!disabled) choose(); }}>
      <span class="mark" aria-hidden="true">{mine && <Icon name="check" />}</span>
      <span class="text" dir="auto">{text}</span>
      <span class="count" title={percent(part)}>{number(count)}</span>
      <span class="poll-part" aria-hidden="true" ref={(node) => { if (node) node.style.width = `${part * 100}%`; }} />
    </button>
// Asking the room: a question, what can be answered, how.
import { useState } from 'preact/hooks';
import { newId } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { ask, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';

const MOST = 20;

export async function askPoll(room: number): Promise<void> {
  await ask((close) => <PollDialog room={room} close={close} />);
}

function PollDialog({ room, close }: { room: number; close: (done: null) => void }) {
  const [count, setCount] = useState(2);
  const [id] = useState(newId); // one poll, however often it is tried
  const submit = async (form: HTMLFormElement) => {
    const options = [...form.querySelectorAll<HTMLInputElement>('[name=options]')].map(({ value }) => value.trim()).filter(Boolean);
    const isOn = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).checked;
    const ends = valueOf(form, 'closes_at');
    await rest.post('/v1/rooms/{room}/polls', { room }, {
      client_id: id, question: valueOf(form, 'question').trim(), options, multiple: isOn('multiple'), anonymous: isOn('anonymous'),
      ...ends && { closes_at: new Date(ends).toISOString() },
    });
    close(null);
  };
  return (
    <FormDialog id="poll" heading={t('pollNew')} yes={t('pollAsk')} close={close} submit={submit}>
      <Field name="question" label={t('pollQuestion')} maxLength={500} required autocomplete="off" />
      <fieldset class="options"><legend>{t('pollOptions')}</legend>
        {Array.from({ length: count }, (_, i) => (
          <input key={i} name="options" maxLength={100} aria-label={t('pollOption', { n: i + 1 })} placeholder={t('pollOption', { n: i + 1 })} autocomplete="off"
            onInput={({ currentTarget }) => { if (currentTarget.value && i === count - 1 && count < MOST) setCount(count + 1); }} />
        ))}
      </fieldset>
      <fieldset><legend class="sr">{t('pollRules')}</legend>
        <label class="choice"><input type="checkbox" name="multiple" /><span>{t('newPollMultiple')}</span></label>
        <label class="choice"><input type="checkbox" name="anonymous" /><span>{t('newPollAnonymous')}</span></label>
      </fieldset>
      <Field name="closes_at" label={t('pollEnds')} type="datetime-local" />
    </FormDialog>
  );
}
