// SPDX-License-Identifier: MIT
// What begins with a / is a command if there is one of that name, else a text like others.
import { newId, type Got } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { whenText } from '../room/when';
import { ask } from '../ui/dialog';
import { commandText, type Command } from './complete';
import type { Draft } from './draft';
import type { Chat } from './state';
import { commandsOf } from './text';

type Say = (words: string, bad?: boolean) => void;
type Reminder = Got<'/v1/reminders'>['reminders'][number];

/** Carries out the command that the draft is; resolves with whether it is one. */
export async function runCommand(chat: Chat, draft: Draft, say: Say): Promise<boolean> {
  const text = draft.text.value.trim();
  const [, name] = /^\/([a-z0-9_-]+)(?:\s|$)/i.exec(text) ?? [];
  if (!name || draft.uploads.value.length > 0) return false;
  const commands = await commandsOf(chat).catch(() => []);
  if (!commands.some((one) => one.name === name.toLowerCase())) return false;
  if (draft.text.value.trim() === text) draft.text.value = ''; // else the next one is begun already
  try {
    answered(await rest.post('/v1/rooms/{room}/commands', { room: chat.room.id }, { client_id: newId(), text }), chat, say);
  } catch (problem) {
    if (draft.text.value === '') draft.text.value = text; // unless the next one is begun already
    say(problemText(problem), true);
  }
  return true;
}

function answered(answer: object, chat: Chat, say: Say): void {
  if (!('reply' in answer)) return; // a message, which comes by itself
  const { code, args } = answer.reply as { code: string; args: { commands?: Command[]; bot?: number } & Partial<Reminder> };
  if (code === 'reminder') say(t('reminderSet', { time: whenText(args.due_at ?? ''), text: String(args.text ?? '') }));
  else if (code === 'delivered') say(t('commandTold', { name: chat.room.names.of(args.bot ?? 0) }));
  else void ask((close) => <Help commands={args.commands ?? []} close={() => close(null)} />);
}

function Help({ commands, close }: { commands: Command[]; close: () => void }) {
  return (
    <dialog id="commands" aria-labelledby="commands-heading">
      <form method="dialog">
        <h2 id="commands-heading">{t('commands')}</h2>
        <dl class="facts">{commands.map((command) => <div key={command.name}><dt><code>{`/${command.name} ${command.usage}`.trim()}</code></dt><dd dir="auto">{commandText(command)}</dd></div>)}</dl>
        <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
      </form>
    </dialog>
  );
}
