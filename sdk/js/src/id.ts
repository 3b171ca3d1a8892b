// SPDX-License-Identifier: MIT
/** Something nobody else makes: a client_id, the name of a tab. randomUUID exists in secure contexts only. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
