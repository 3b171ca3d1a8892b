// SPDX-License-Identifier: MIT
// What web/emoji.mjs makes.
declare module 'emoji-data/*' {
  const groups: [emoji: string, name: string, words: string][][];
  export default groups;
}
