// SPDX-License-Identifier: MIT
// What one may do with a message. The server decides; this is for what is offered.
import type { Message } from 'maru-client';
import { me } from '../maru';
import { MODERATOR, rankOf } from './state';
import type { Talk } from './talk';

export const isMine = ({ sender }: Message): boolean => sender === me.value?.id;
export const isThere = ({ deleted_at: deleted, hidden }: Message): boolean => !deleted && !hidden;

const moderates = ({ chat }: Talk): boolean => rankOf(chat, me.value?.id ?? 0) >= MODERATOR;

/** Only texts, and not the copies of others'. */
export const mayEdit = (message: Message): boolean => isMine(message) && isThere(message) && !message.type && message.body !== '';

export const mayDelete = (talk: Talk, message: Message): boolean => isMine(message) || moderates(talk);
export const maySeeVersions = (talk: Talk, message: Message): boolean => Boolean(message.edited_at) && mayDelete(talk, message);
/** Also to close a poll, to take previews off. */
export const mayTidy = mayDelete;
