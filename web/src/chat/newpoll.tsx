// SPDX-License-Identifier: MIT
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
