/* SPDX-License-Identifier: MIT */
/* One line of a chat that KakaoTalk saved as text, in any of its layouts: of Windows, of Android
 * and of iOS, in Korean and in English.
 *
 *   --------------- 2026년 11월 29일 일요일 ---------------    a day (Windows)
 *   [민지] [오후 3:05] text                                    a message of that day
 *   2026년 11월 29일 오후 3:05, 민지 : text                    a message (Android)
 *   2026. 11. 29. 오후 3:05, 민지 : text                       a message (iOS)
 *   Nov 29, 2026 at 15:05, Minji : text                        the same in English
 *
 * Nothing is quoted in them. What is none of these goes on with the message before.
 */
#ifndef MARU_TALKTEXT_H
#define MARU_TALKTEXT_H

#include "shared/buf.h"

#include <time.h>

struct talktext {
	enum {
		TALK_REST,    /* none of the others */
		TALK_HEAD,    /* one of the lines on top of the file */
		TALK_DAY,     /* `local` has the day of what follows */
		TALK_MESSAGE, /* all is set; without a day of its own tm_mday is 0 */
		TALK_EVENT    /* what happened, a sentence of KakaoTalk's */
	} kind;
	/* All messages of a file are written in the same way; what looks like another one, or like
	 * a day without its ruler among bracketed ones, is what somebody said. */
	enum { TALK_BRACKETS = 1, TALK_DATED, TALK_TIMED } style;
	struct tm local; /* fields up to the minute */
	struct str name, text;
};

/* What a line is, without its end. name and text point into it. */
struct talktext talktext_read(struct str line);

#endif
