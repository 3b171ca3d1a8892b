// SPDX-License-Identifier: MIT
// Random names for messages (client_id). crypto.randomUUID exists in secure contexts only, and a
// Maru on http://192.168.0.10 is none; getRandomValues exists everywhere.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
