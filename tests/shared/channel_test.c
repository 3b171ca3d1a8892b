/* SPDX-License-Identifier: MIT */
#include "shared/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LARGEST (((uint64_t)1 << 53) - 1) /* exact for every JSON reader */

static const struct {
	enum wire_kind kind;
	uint64_t id;
	const char *name;
} rows[] = {
    {WIRE_ROOM, 1, "presence-room-1"},
    {WIRE_ROOM, 7, "presence-room-7"},
    {WIRE_ROOM, LARGEST, "presence-room-9007199254740991"},
    {WIRE_USER, 5, "private-user-5"},
    {WIRE_USER, 10, "private-user-10"},
    {WIRE_USER, LARGEST, "private-user-9007199254740991"},
    {WIRE_LOBBY, 0, "lobby"},
    {WIRE_SYSTEM, 0, "#system"},
};

static void
names_are_written_and_read_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[CHANNEL_TEXT_SIZE];
		enum wire_kind kind;
		uint64_t id;

		assert_int_equal(
		    channel_write(rows[i].kind, rows[i].id, name), strlen(rows[i].name));
		assert_string_equal(name, rows[i].name);
		assert_true(channel_read(str_of(name), &kind, &id));
		assert_int_equal(kind, rows[i].kind);
		assert_true(id == rows[i].id);
	}
}

static void
any_id_fits(void **state)
{
	char name[CHANNEL_TEXT_SIZE];

	(void)state;
	assert_int_equal(channel_write(WIRE_ROOM, UINT64_MAX, name), 34);
	assert_string_equal(name, "presence-room-18446744073709551615");
	assert_int_equal(channel_write(WIRE_USER, UINT64_MAX, name), 33);
	assert_string_equal(name, "private-user-18446744073709551615");
}

static void
streams_without_an_id_have_one_channel(void **state)
{
	char name[CHANNEL_TEXT_SIZE];

	(void)state;
	assert_int_equal(channel_write(WIRE_LOBBY, 7, name), 5);
	assert_string_equal(name, "lobby");
}

static void
other_names_are_none_of_ours(void **state)
{
	static const char *const names[] = {"", "x", "lobby-", "lobby1", "Lobby", "obby", "lobb",
	    "#systems", "system", "#syste", "presence-room", "presence-room-", "presence-room-0",
	    "presence-room-01", "presence-room-+1", "presence-room--1", "presence-room-1 ",
	    "presence-room- 1", "presence-room-1x", "presence-room-x1", "presence-room-1-2",
	    "presence-room-1.0", "presence-room-0x1", "presence-Room-1", "Presence-room-1",
	    "private-room-1", "presence-user-1", "private-user-", "private-user-0",
	    "private-user-007", "private-users-1", "xpresence-room-1",
	    "presence-room-9007199254740992", "presence-room-9999999999999999",
	    "presence-room-18446744073709551617", "private-user-00000000000000001",
	    "presence-room-99999999999999999999999999999999999999999"};
	enum wire_kind kind;
	uint64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (channel_read(str_of(names[i]), &kind, &id))
			fail_msg("taken for one of ours: %s", names[i]);
	}
	assert_false(channel_read((struct str){NULL, 0}, &kind, &id));
	assert_false(channel_read(STR("lobby\0"), &kind, &id));
	assert_false(channel_read(STR("presence-room-1\0"), &kind, &id));
}

/* Names come as parts of packets: nothing stands behind their last letter. */
static void
only_the_given_letters_count(void **state)
{
	enum wire_kind kind;
	uint64_t id;

	(void)state;
	assert_true(channel_read((struct str){"presence-room-123", 16}, &kind, &id));
	assert_int_equal(id, 12);
	assert_true(channel_read((struct str){"lobbyist", 5}, &kind, &id));
	assert_int_equal(kind, WIRE_LOBBY);
	for (size_t n = 0; n < 15; n++)
		assert_false(channel_read((struct str){"presence-room-1", n}, &kind, &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_written_and_read_again),
	    cmocka_unit_test(any_id_fits),
	    cmocka_unit_test(streams_without_an_id_have_one_channel),
	    cmocka_unit_test(other_names_are_none_of_ours),
	    cmocka_unit_test(only_the_given_letters_count),
	};

	return cmocka_run_group_tests_name("shared/channel", tests, NULL, NULL);
}
