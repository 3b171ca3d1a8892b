// SPDX-License-Identifier: MIT
// Names for what the API speaks of, from openapi.yaml.
import type { components } from './openapi.js';

type Schemas = components['schemas'];

export type MessageFields = Schemas['MessageFields'];
/** A message as one sees it; `hidden` stands for one of somebody whom one blocks. */
export type Message = Schemas['Message'] & { hidden?: true };
export type NewMessage = Schemas['NewMessage'];
export type FileInfo = Schemas['File'];
export type ReactionCount = Schemas['ReactionCount'];
export type RoomInfo = Schemas['Room'];
export type Member = Schemas['Member'];
export type { components, paths } from './openapi.js';
