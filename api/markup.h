/* SPDX-License-Identifier: MIT */
/* A little Markdown, as people write it in chats:
 *
 *   **bold**  *italic* or _italic_  ~~strike~~  `code`  [text](https://address)
 *   ```language        > quote
 *   lines of code
 *   ```
 *
 * with \ before a sign that is meant as such. The signs are taken out of the text, what they say is
 * in the spans. Signs that have no partner stay what they are; unlike in CommonMark a letter may
 * follow a closing sign, as Korean particles do: "**마루**는".
 */
#ifndef MARU_MARKUP_H
#define MARU_MARKUP_H

#include "rich.h"

/* Reads t->text, of which nothing is known yet. A text of nothing but signs stays as it is. */
void markup_read(struct rich *t);

#endif
