/* SPDX-License-Identifier: MIT */
#include "shared/err.h"
#include "shared/event.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char small_letters[] = "abcdefghijklmnopqrstuvwxyz";

static void
every_error_has_a_status_a_slug_and_a_title(void **state)
{
	(void)state;
	for (int e = OK + 1; e < ERR_COUNT; e++) {
		const struct err_info *info = err_info((enum err)e);
		size_t n = strlen(info->title);

		assert_in_range(info->status, 400, 599);
		assert_true(strlen(info->slug) > 0);
		assert_int_equal(info->slug[strspn(info->slug, "abcdefghijklmnopqrstuvwxyz-")], 0);
		assert_true(n > 0 && info->title[n - 1] != '.');
		assert_in_range(info->title[0], 'A', 'Z');
	}
}

static void
no_two_errors_share_a_slug(void **state)
{
	(void)state;
	for (int a = OK + 1; a < ERR_COUNT; a++) {
		for (int b = a + 1; b < ERR_COUNT; b++)
			assert_string_not_equal(
			    err_info((enum err)a)->slug, err_info((enum err)b)->slug);
	}
}

static void
the_table_and_the_enum_are_in_step(void **state)
{
	(void)state;
	assert_string_equal(err_info(ERR_BAD_REQUEST)->name, "BAD_REQUEST");
	assert_int_equal(err_info(ERR_BAD_REQUEST)->status, 400);
	assert_string_equal(err_info(ERR_NOT_FOUND)->slug, "not-found");
	assert_int_equal(err_info(ERR_NOT_FOUND)->status, 404);
	assert_string_equal(err_info(ERR_BAD_PASSWORD)->slug, "bad-password");
	assert_int_equal(err_info(ERR_BAD_PASSWORD)->status, 403);
	assert_string_equal(err_info(ERR_BANNED)->slug, "banned");
	assert_int_equal(err_info(ERR_BANNED)->status, 403);
	assert_string_equal(err_info(ERR_RETRY)->name, "RETRY");
	assert_int_equal(err_info(ERR_RETRY)->status, 503);
}

static int calls;

static enum err
first_of(enum err a, enum err b)
{
	TRY((calls++, a));
	TRY((calls++, b));
	return OK;
}

static void
try_leaves_with_the_first_error_and_evaluates_once(void **state)
{
	(void)state;
	calls = 0;
	assert_int_equal(first_of(OK, OK), OK);
	assert_int_equal(calls, 2);
	assert_int_equal(first_of(OK, ERR_INVALID), ERR_INVALID);
	assert_int_equal(calls, 4);
	assert_int_equal(first_of(ERR_CONFLICT, ERR_INVALID), ERR_CONFLICT);
	assert_int_equal(calls, 5);
}

static void
events_are_named_noun_dot_verb_and_no_two_alike(void **state)
{
	(void)state;
	assert_string_equal(event_name(EV_MESSAGE_CREATED), "message.created");
	for (int a = 0; a < EV_COUNT; a++) {
		const char *name = event_name((enum event)a);
		size_t noun = strspn(name, small_letters);
		size_t verb = name[noun] == '.' ? strspn(name + noun + 1, small_letters) : 0;

		assert_true(noun > 0 && verb > 0);
		assert_int_equal(name[noun + 1 + verb], '\0');
		assert_true(strlen(name) <= 40); /* event.type in schema.sql */
		for (int b = a + 1; b < EV_COUNT; b++)
			assert_string_not_equal(name, event_name((enum event)b));
	}
}

static int
signal_of(int what)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		if (what < 2)
			(void)err_info(what == 0 ? OK : ERR_COUNT);
		else
			(void)event_name(EV_COUNT);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
a_number_that_is_no_error_and_no_event_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(signal_of(0), SIGABRT);
	assert_int_equal(signal_of(1), SIGABRT);
	assert_int_equal(signal_of(2), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_error_has_a_status_a_slug_and_a_title),
	    cmocka_unit_test(no_two_errors_share_a_slug),
	    cmocka_unit_test(the_table_and_the_enum_are_in_step),
	    cmocka_unit_test(try_leaves_with_the_first_error_and_evaluates_once),
	    cmocka_unit_test(events_are_named_noun_dot_verb_and_no_two_alike),
	    cmocka_unit_test(a_number_that_is_no_error_and_no_event_ends_the_program),
	};

	return cmocka_run_group_tests_name("shared/err", tests, NULL, NULL);
}
