// SPDX-License-Identifier: MIT
// What one has drawn and the server has not confirmed, on an earlier visit, too, or in a window that is gone, is sent as soon as
// there is a network, whichever room is open.
import { maru, me } from '../maru';
import { keptRooms } from './kept';

async function sendAll(): Promise<void> {
  if (!me.value || keptRooms(me.value.id).length === 0) return;
  const { sendKept } = await import('./sender');
  sendKept();
}

export function startBoards(): void {
  const back = () => { sendAll().catch(() => {}); }; // if it could not be loaded: the next time
  addEventListener('online', back);
  maru.on('state', (state) => { if (state === 'connected') back(); });
}
