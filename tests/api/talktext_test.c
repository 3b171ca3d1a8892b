/* SPDX-License-Identifier: MIT */
#include "api/talktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
is_message(const char *line, const char *when, const char *name, const char *text)
{
	struct talktext t = talktext_read(str_of(line));
	char time[40];

	assert_int_equal(t.kind, TALK_MESSAGE);
	(void)snprintf(time, sizeof(time), "%d-%d-%d %d:%02d",
	    t.local.tm_mday == 0 ? 0 : t.local.tm_year + 1900,
	    t.local.tm_mday == 0 ? 0 : t.local.tm_mon + 1, t.local.tm_mday, t.local.tm_hour,
	    t.local.tm_min);
	assert_string_equal(time, when);
	assert_true(str_eq(t.name, str_of(name)));
	assert_true(str_eq(t.text, str_of(text)));
}

static void
is_kind(const char *line, int kind)
{
	assert_int_equal(talktext_read(str_of(line)).kind, kind);
}

static void
messages_of_every_layout(void **state)
{
	(void)state;
	is_message("[민지] [오후 3:05] 안녕", "0-0-0 15:05", "민지", "안녕");
	is_message("[민지] [오전 12:00] x", "0-0-0 0:00", "민지", "x");
	is_message("[민지] [오후 12:59] x", "0-0-0 12:59", "민지", "x");
	is_message("[Minji] [3:05 PM] hi", "0-0-0 15:05", "Minji", "hi");
	is_message("[Minji] [15:05] hi", "0-0-0 15:05", "Minji", "hi");
	is_message(
	    "[a [b] c] [3:05 AM] [x] [4:00 PM] y", "0-0-0 3:05", "a [b] c", "[x] [4:00 PM] y");
	is_message("[Minji] [3:05 PM]", "0-0-0 15:05", "Minji", "");
	is_message("[Minji] [3:05 PM]   two more", "0-0-0 15:05", "Minji", "  two more");
	is_message("2026년 11월 29일 오후 3:05, 민지 : a : b", "2026-11-29 15:05", "민지", "a : b");
	is_message("2026. 11. 9. 오전 3:05, 민지 : x", "2026-11-9 3:05", "민지", "x");
	is_message("November 29, 2026, 3:05 PM, Minji : x", "2026-11-29 15:05", "Minji", "x");
	is_message("Nov 29, 2026 at 15:05, Minji : x", "2026-11-29 15:05", "Minji", "x");
	is_message("오후 3:05, 민지 : x", "0-0-0 15:05", "민지", "x");
}

static void
days_of_every_layout(void **state)
{
	static const char *const days[] = {
	    "--------------- 2026년 11월 29일 일요일 ---------------",
	    "--------------- Sunday, November 29, 2026 ---------------", "2026년 11월 29일 일요일",
	    "2026년 11월 29일 오후 3:05", "Sunday, November 29, 2026"};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct talktext t = talktext_read(str_of(days[i]));

		assert_int_equal(t.kind, TALK_DAY);
		assert_int_equal(t.style, i < 2 ? TALK_BRACKETS : TALK_DATED);
		assert_int_equal(t.local.tm_year, 126);
		assert_int_equal(t.local.tm_mon, 10);
		assert_int_equal(t.local.tm_mday, 29);
	}
}

static void
what_kakaotalk_says_itself(void **state)
{
	(void)state;
	is_kind("우리 방 님과 카카오톡 대화", TALK_HEAD);
	is_kind("our room with KakaoTalk Chats", TALK_HEAD);
	is_kind("저장한 날짜 : 2026-11-29 15:05:00", TALK_HEAD);
	is_kind("Date Saved : 2026-11-29 15:05:00", TALK_HEAD);
	is_kind("Talk_2026.11.29 15:05-1.txt", TALK_HEAD);
	is_kind("민지님이 들어왔습니다.", TALK_EVENT);
	is_kind("민지님이 나갔습니다.", TALK_EVENT);
	is_kind("Minji left this chatroom.", TALK_EVENT);
	is_kind("[] [오후 3:05] x", TALK_EVENT);
	is_kind("2026년 11월 29일 오후 3:05, 민지님이 나갔습니다.", TALK_EVENT);
	is_kind("2026. 11. 29. 오후 3:05: 민지님이 나갔습니다.", TALK_EVENT);
	is_kind("오후 3:05, 민지님이 나갔습니다.", TALK_EVENT);
}

static void
all_else_goes_on(void **state)
{
	static const char *const rest[] = {"", " ", "[", "[]", "[a] [b] c", "[민지] [오후 13:05] x",
	    "[민지] [오후 0:05] x", "[민지] [24:00] x", "[민지] [3:60 PM] x", "[민지] [3:5 PM] x",
	    " [민지] [오후 3:05] x", "2026년 13월 29일 오후 3:05, 민지 : x",
	    "2026년 11월 32일 오후 3:05, 민지 : x", "1026년 11월 29일 일요일",
	    "2026년 11월 29일 일요일에 보자", "2026년 11월 29일에", "---------------",
	    "--------------- 2026년 11월 29일 일요일", "--------------- tomorrow ---------------",
	    "3:05, see you", "99999999999999999999년 1월 1일 월요일", "Nov", "Nov 29, 2026 at",
	    "November 0, 2026"};

	(void)state;
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		is_kind(rest[i], TALK_REST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_of_every_layout),
	    cmocka_unit_test(days_of_every_layout),
	    cmocka_unit_test(what_kakaotalk_says_itself),
	    cmocka_unit_test(all_else_goes_on),
	};

	return cmocka_run_group_tests_name("api/talktext", tests, NULL, NULL);
}
