// SPDX-License-Identifier: MIT
// A list of what is to be done: a field to add, what is open, below it what is done. One that has the focus moves with
// Alt and the arrows; with a mouse they are dragged.
import { useRef, useState } from 'preact/hooks';
import type { Chat } from '../chat/state';
import { dayKey, plainDay, t } from '../i18n';
import { me } from '../maru';
import { problemText } from '../problem';
import { Menu, type MenuItems } from '../room/menu';
import { Avatar } from '../ui/avatar';
import { Select } from '../ui/choose';
import { ask, FormDialog } from '../ui/dialog';
import { useFocusKept } from '../ui/focus';
import { Field, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { MODERATOR, myRank } from '../chat/state';
import { useTodos, type Todo, type TodoActs } from './list';

type Attempt = (work: () => Promise<unknown>) => Promise<void>;
interface Shared { chat: Chat | null; acts: TodoActs; attempt: Attempt; open: readonly Todo[] }

export function Todos({ chat }: { chat: Chat | null }) {
  const { todos, problem, acts } = useTodos(chat);
  const [trouble, attempt] = useAttempt();
  const open = todos?.filter(({ done_at }) => !done_at) ?? [];
  const done = todos?.filter(({ done_at }) => done_at) ?? [];
  const shared: Shared = { chat, acts, attempt, open };
  return (
    <div class="todos" {...useFocusKept('[data-todo]', 'input')}>
      <Add acts={acts} attempt={attempt} />
      <Trouble text={trouble || (problem ? problemText(problem) : '')} />
      {todos?.length === 0 && <p class="empty">{t(chat ? 'noTodos' : 'noTodosOfMine')}</p>}
      <ul class="todo-list" aria-label={t('todosOpen')}>{open.map((todo) => <Row key={todo.id} todo={todo} shared={shared} />)}</ul>
      {done.length > 0 && (
        <details>
          <summary>{t('todosDone', { n: done.length })}</summary>
          <ul class="todo-list" aria-label={t('todosDone', { n: done.length })}>{done.map((todo) => <Row key={todo.id} todo={todo} shared={shared} />)}</ul>
        </details>
      )}
    </div>
  );
}

function Add({ acts, attempt }: { acts: TodoActs; attempt: Attempt }) {
  const field = useRef<HTMLInputElement>(null);
  const id = useRef(''); // the same for each attempt to add the same
  const submit = (event: Event) => {
    event.preventDefault();
    const text = field.current!.value.trim();
    if (!text) return;
    id.current ||= crypto.getRandomValues(new Uint32Array(4)).join('-');
    void attempt(async () => {
      await acts.add({ client_id: id.current, text });
      if (field.current?.value.trim() !== text) return; // the next one was begun meanwhile
      id.current = '';
      field.current.value = '';
    });
  };
  return (
    <form class="todo-add" onSubmit={submit}>
      <input ref={field} maxLength={500} dir="auto" aria-label={t('todoNew')} placeholder={t('todoNew')} autocomplete="off" onInput={() => { id.current = ''; }} />
      <button class="primary" aria-label={t('todoAdd')} title={t('todoAdd')}><Icon name="plus" /></button>
    </form>
  );
}

// The one that it would stand behind if it went up or down by one; undefined: it can't.
function neighbour(open: readonly Todo[], { id }: Todo, step: 1 | -1): number | undefined {
  const at = open.findIndex((one) => one.id === id);
  if (at < 0 || at + step < 0 || at + step >= open.length) return undefined;
  return step === 1 ? open[at + 1]!.id : open[at - 2]?.id ?? 0;
}

function Row({ todo, shared }: { todo: Todo; shared: Shared }) {
  const { chat, acts, attempt, open } = shared;
  const [over, setOver] = useState(false);
  const move = (after: number | undefined) => { if (after !== undefined) void attempt(() => acts.change(todo.id, { after })); };
  const key = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(neighbour(open, todo, event.key === 'ArrowUp' ? -1 : 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const moved = Number(event.dataTransfer?.getData('application/x-maru-todo'));
    if (moved && moved !== todo.id) void attempt(() => acts.change(moved, { after: todo.id }));
  };
  return (
    <li data-todo={todo.id} class={over ? 'over' : ''} draggable={!todo.done_at} onKeyDown={key} onDrop={drop} onDragLeave={() => setOver(false)}
      onDragStart={({ dataTransfer }) => dataTransfer?.setData('application/x-maru-todo', String(todo.id))}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes('application/x-maru-todo')) return;
        event.preventDefault();
        setOver(true);
      }}>
      <label><input type="checkbox" checked={todo.done_at !== undefined} onChange={({ currentTarget }) => {
        const done = currentTarget.checked;
        currentTarget.checked = !done; // until it is so
        void attempt(() => acts.change(todo.id, { done }));
      }} /><span dir="auto">{todo.text}</span></label>
      <About todo={todo} chat={chat} />
      <Menu class="small bare" label={t('todoMenu', { text: todo.text.slice(0, 40) })} items={() => menuOf(todo, shared, move)} />
    </li>
  );
}

function About({ todo: { due_on, assignee, done_at }, chat }: { todo: Todo; chat: Chat | null }) {
  const late = due_on !== undefined && !done_at && due_on < dayKey(new Date());
  const names = chat && chat.named.value >= 0 ? chat.room.names : null;
  return (
    <>
      {due_on && <time class={late ? 'late' : ''} dateTime={due_on} title={late ? t('todoLate') : ''}>{plainDay(due_on)}{late && <span class="sr"> ({t('todoLate')})</span>}</time>}
      {assignee && names && <span class="assignee" title={names.of(assignee)}><Avatar id={assignee} name={names.of(assignee)} emblem={names.avatarOf(assignee)} /><span class="sr">{t('todoFor', { name: names.of(assignee) })}</span></span>}
    </>
  );
}

function menuOf(todo: Todo, { chat, acts, attempt, open }: Shared, move: (after: number | undefined) => void): MenuItems {
  const [up, down] = [neighbour(open, todo, -1), neighbour(open, todo, 1)];
  return [
    { label: t('todoEdit'), icon: 'pencil', act: () => void ask((close) => <Edit todo={todo} chat={chat} acts={acts} close={() => close(null)} />) },
    up !== undefined && { label: t('todoUp'), icon: 'up', act: () => move(up) },
    down !== undefined && { label: t('todoDown'), icon: 'open', act: () => move(down) },
    (!chat || todo.author === me.value?.id || myRank(chat) >= MODERATOR) && { label: t('todoRemove'), icon: 'trash', danger: true, act: () => void attempt(() => acts.remove(todo.id)) },
  ];
}

function Edit({ todo, chat, acts, close }: { todo: Todo; chat: Chat | null; acts: TodoActs; close: () => void }) {
  const submit = async (form: HTMLFormElement) => {
    await acts.change(todo.id, { text: valueOf(form, 'text').trim(), due_on: valueOf(form, 'due_on'), ...chat && { assignee: Number(valueOf(form, 'assignee')) } });
    close();
  };
  const members = chat ? [...chat.members.list.value.values()].map(({ id, nickname }) => ({ value: String(id), label: nickname })) : [];
  return (
    <FormDialog id="todo" heading={t('todoEdit')} yes={t('save')} close={close} submit={submit}>
      <Field name="text" label={t('todoText')} defaultValue={todo.text} maxLength={500} required />
      <Field name="due_on" label={t('todoDue')} type="date" defaultValue={todo.due_on ?? ''} />
      {chat && <Select name="assignee" label={t('todoWho')} value={String(todo.assignee ?? 0)} options={[{ value: '0', label: t('todoNobody') }, ...members]} />}
    </FormDialog>
  );
}
