// SPDX-License-Identifier: MIT
// What the menu of a room opens, in one part that is loaded when the first of them is.
import type { Chat } from '../chat/state';

export interface RoomDialog { chat: Chat; close: () => void }

export { Bans } from './bans';
export { Export } from './export';
export { Invites } from './invites';
export { Notices } from './notices';
export { Pins } from './pins';
export { Rule } from './rule';
export { Settings } from './settings';
