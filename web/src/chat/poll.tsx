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
  );
}
