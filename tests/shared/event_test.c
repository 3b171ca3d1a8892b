/* SPDX-License-Identifier: MIT */
#include "shared/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
every_event_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < EV_COUNT; a++) {
		for (int b = a + 1; b < EV_COUNT; b++)
			assert_string_not_equal(
			    event_name((enum event)a), event_name((enum event)b));
	}
}

/* <noun>.<past verb>, and short enough for the column event.type. */
static void
names_are_a_noun_and_a_verb(void **state)
{
	(void)state;
	for (int i = 0; i < EV_COUNT; i++) {
		const char *name = event_name((enum event)i);
		size_t noun = strspn(name, "abcdefghijklmnopqrstuvwxyz"), verb;

		assert_true(noun > 0 && name[noun] == '.');
		verb = strspn(name + noun + 1, "abcdefghijklmnopqrstuvwxyz");
		assert_true(verb > 0 && name[noun + 1 + verb] == '\0');
		assert_true(strlen(name) <= 40);
	}
}

/* Whoever adds an event that takes a right away has to think of this list. */
static void
these_events_and_no_others_have_effects(void **state)
{
	static const struct {
		enum event ev;
		enum event_effect effect;
	} rows[] = {
	    {EV_MEMBER_LEFT, EVENT_REMOVES_ONE},
	    {EV_MEMBER_KICKED, EVENT_REMOVES_ONE},
	    {EV_MEMBER_BANNED, EVENT_REMOVES_ONE},
	    {EV_ROOM_DELETED, EVENT_REMOVES_ALL},
	    {EV_SESSION_ENDED, EVENT_ENDS_SESSION},
	    {EV_BLOCK_CHANGED, EVENT_CHANGES_BLOCK},
	};
	bool seen[EV_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(event_effect(event_name(rows[i].ev)), rows[i].effect);
		seen[rows[i].ev] = true;
	}
	for (int i = 0; i < EV_COUNT; i++) {
		if (!seen[i])
			assert_int_equal(event_effect(event_name((enum event)i)), EVENT_NOTHING);
	}
}

static void
names_that_are_not_ours_do_nothing(void **state)
{
	static const char *const names[] = {"", "x", "member", "member.", "member.left ",
	    " member.left", "Member.left", "member.lef", "member.leftx", "client-member.left",
	    "MEMBER_LEFT"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(event_effect(names[i]), EVENT_NOTHING);
}

static void
some_names_that_clients_know(void **state)
{
	(void)state;
	assert_string_equal(event_name(EV_MESSAGE_CREATED), "message.created");
	assert_string_equal(event_name(EV_MEMBER_KICKED), "member.kicked");
	assert_string_equal(event_name(EV_MEMBER_BANNED), "member.banned");
	assert_string_equal(event_name(EV_SESSION_ENDED), "session.ended");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_event_has_a_name_of_its_own),
	    cmocka_unit_test(names_are_a_noun_and_a_verb),
	    cmocka_unit_test(these_events_and_no_others_have_effects),
	    cmocka_unit_test(names_that_are_not_ours_do_nothing),
	    cmocka_unit_test(some_names_that_clients_know),
	};

	return cmocka_run_group_tests_name("shared/event", tests, NULL, NULL);
}
