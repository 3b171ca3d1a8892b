// SPDX-License-Identifier: MIT
const SECOND = 1000;
const two = (n: number): string => String(n).padStart(2, '0');

/** 3:05, or 1:02:03. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
