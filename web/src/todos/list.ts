// SPDX-License-Identifier: MIT
// What is to be done, in a room or by oneself, as it is now.
import { useEffect, useState } from 'preact/hooks';
import type { Got, StreamEvent } from 'maru-client';
import type { Chat } from '../chat/state';
import { maru, rest } from '../maru';
import { Reading } from '../ui/reading';

export type Todo = Got<'/v1/todos'>['todos'][number];
type Added = { client_id: string; text: string };
type Change = { text?: string; done?: boolean; due_on?: string; assignee?: number; after?: number };

/** What can be done with a list; each may reject with a Problem. */
export interface TodoActs {
  add(todo: Added): Promise<unknown>;
  change(id: number, change: Change): Promise<unknown>;
  remove(id: number): Promise<unknown>;
}

const ofRoom = (room: number): TodoActs & { page(cursor?: string): Promise<Got<'/v1/todos'>> } => ({
  page: (cursor) => rest.get('/v1/rooms/{room}/todos', { room, limit: 100, ...cursor && { cursor } }),
  add: (todo) => rest.post('/v1/rooms/{room}/todos', { room }, todo),
  change: (todo, change) => rest.patch('/v1/rooms/{room}/todos/{todo}', { room, todo }, change),
  remove: (todo) => rest.delete('/v1/rooms/{room}/todos/{todo}', { room, todo }),
});
const own: ReturnType<typeof ofRoom> = {
  page: (cursor) => rest.get('/v1/todos', { limit: 100, ...cursor && { cursor } }),
  add: (todo) => rest.post('/v1/todos', {}, todo),
  change: (todo, change) => rest.patch('/v1/todos/{todo}', { todo }, change),
  remove: (todo) => rest.delete('/v1/todos/{todo}', { todo }),
};

type Heard = Pick<StreamEvent, 'type' | 'data'>;

// Each event has the whole to-do, so it does no harm to take one twice.
function take(todos: readonly Todo[], { type, data }: Heard): readonly Todo[] {
  if (!type.startsWith('todo.')) return todos;
  const others = todos.filter(({ id }) => id !== data.id);
  return type === 'todo.deleted' ? others : [...others, data as unknown as Todo];
}

function listen(chat: Chat | null, hear: (events: Heard[]) => void, reload: () => void): () => void {
  if (!chat) return maru.on('own', (event) => (event.type === 'reset' ? reload() : hear([event])));
  const offs = [chat.room.on('events', hear), chat.room.on('reset', reload)];
  return () => { for (const off of offs) off(); };
}

async function readAll(source: ReturnType<typeof ofRoom>): Promise<readonly Todo[]> {
  const all: Todo[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const { todos, next } = await source.page(cursor);
    all.push(...todos);
    more = next !== null;
    cursor = String(next);
  }
  return all;
}

/** The to-dos of a room, or one's own (null), in their order; null until they are known. */
export function useTodos(chat: Chat | null): { todos: readonly Todo[] | null; problem: unknown; acts: TodoActs } {
  const source = chat ? ofRoom(chat.room.id) : own;
  const [todos, setTodos] = useState<readonly Todo[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const reading = new Reading<Heard>();
    const reload = () => { reading.read(() => readAll(source), (all, told) => setTodos(told.reduce(take, all))).catch(setProblem); };
    reload();
    return listen(chat, (events) => {
      reading.tell(...events);
      setTodos((before) => before && events.reduce(take, before));
    }, reload);
  }, []);
  return { todos: todos && [...todos].sort((a, b) => a.place - b.place), problem, acts: source };
}
