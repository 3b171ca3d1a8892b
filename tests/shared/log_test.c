/* SPDX-License-Identifier: MIT */
#include "shared/log.h"

#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char written[16384];
static int file, saved;

/* From here on stderr is a file; what was written there is in `written` after listen_end(). */
static void
listen_start(void)
{
	char path[] = "/tmp/maru-log-XXXXXX";

	file = mkstemp(path);
	assert_true(file >= 0);
	(void)unlink(path);
	saved = dup(STDERR_FILENO);
	assert_true(dup2(file, STDERR_FILENO) >= 0);
}

static void
listen_end(void)
{
	ssize_t n;

	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	n = pread(file, written, sizeof(written) - 1, 0);
	(void)close(file);
	assert_true(n >= 0);
	written[n] = '\0';
}

static void
assert_matches(const char *text, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, text, 0, NULL, 0) != 0)
		fail_msg("\"%s\" does not match %s", text, pattern);
	regfree(&re);
}

#define HEAD "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z "

static void
a_line_has_time_level_program_pid_and_text(void **state)
{
	char pattern[200];

	(void)state;
	log_open("maru-test", LOG_DEBUG);
	listen_start();
	log_warn("%s has %d cups", "tea", 3);
	listen_end();
	(void)snprintf(pattern, sizeof(pattern), HEAD "warn maru-test\\[%d\\] tea has 3 cups\n$",
	    (int)getpid());
	assert_matches(written, pattern);
}

static void
the_request_stands_in_every_line_until_it_ends(void **state)
{
	(void)state;
	log_open("maru-test", LOG_DEBUG);
	listen_start();
	log_request("0123456789abcdef0123456789abcdef");
	log_info("during");
	log_request(NULL);
	log_info("after");
	listen_end();
	assert_non_null(strstr(written, "] 0123456789abcdef0123456789abcdef during\n"));
	assert_non_null(strstr(written, "] after\n"));
}

static void
a_request_id_that_is_too_long_is_cut(void **state)
{
	char id[200] = {0};

	(void)state;
	memset(id, 'i', sizeof(id) - 1);
	log_open("a-program-with-a-very-long-name-indeed", LOG_DEBUG);
	log_request(id);
	listen_start();
	log_info("text");
	listen_end();
	log_request(NULL);
	assert_matches(written, HEAD "info a-program-with-a-ver\\[[0-9]+\\] i{40} text\n$");
}

static void
less_important_levels_are_left_out(void **state)
{
	static const struct {
		enum log_level level;
		const char *expected;
	} cases[] = {{LOG_ERROR, "e"}, {LOG_WARN, "ew"}, {LOG_INFO, "ewi"}, {LOG_DEBUG, "ewid"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[8] = "";

		log_open("t", cases[i].level);
		listen_start();
		log_error("1");
		log_warn("2");
		log_info("3");
		log_debug("4");
		listen_end();
		for (const char *p = written; *p != '\0'; p += strcspn(p, "\n") + 1)
			(void)strncat(got, p + 25, 1);
		assert_string_equal(got, cases[i].expected);
	}
}

static void
one_event_cannot_pretend_to_be_two(void **state)
{
	(void)state;
	log_open("t", LOG_DEBUG);
	listen_start();
	log_info("%s", "name\n2026-01-01T00:00:00.000Z info t[1] forged\r\x1b[31m\x7f\t\x01 마루");
	listen_end();
	assert_non_null(strstr(written, "name\\x0a2026-01-01T00:00:00.000Z info t[1] "
					"forged\\x0d\\x1b[31m\\x7f\\x09\\x01 마루\n"));
	assert_ptr_equal(strchr(written, '\n'), written + strlen(written) - 1);
}

static void
long_texts_are_cut_and_still_end_their_line(void **state)
{
	static char text[9000];
	size_t n;

	(void)state;
	log_open("t", LOG_DEBUG);
	memset(text, 'x', sizeof(text) - 1);
	listen_start();
	log_info("%s", text);
	listen_end();
	n = strlen(written);
	assert_in_range(n, 2000, 2400);
	assert_int_equal(written[n - 1], '\n');
	memset(text, '\n', sizeof(text) - 1); /* four characters each */
	listen_start();
	log_info("%s", text);
	listen_end();
	n = strlen(written);
	assert_in_range(n, 2000, 2400);
	assert_ptr_equal(strchr(written, '\n'), written + n - 1);
}

static void
levels_have_names(void **state)
{
	(void)state;
	assert_int_equal(log_level("error"), LOG_ERROR);
	assert_int_equal(log_level("warn"), LOG_WARN);
	assert_int_equal(log_level("info"), LOG_INFO);
	assert_int_equal(log_level("debug"), LOG_DEBUG);
	assert_int_equal(log_level("loud"), LOG_INFO);
	assert_int_equal(log_level(""), LOG_INFO);
}

static void
a_log_that_cannot_be_written_stops_nobody(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int keep = dup(STDERR_FILENO);

	(void)state;
	assert_true(full >= 0 && keep >= 0);
	log_open("t", LOG_DEBUG);
	assert_true(dup2(full, STDERR_FILENO) >= 0);
	log_error("nobody reads this");
	(void)close(STDERR_FILENO);
	log_error("nor this");
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	(void)close(keep);
	(void)close(full);
	listen_start();
	log_error("but this");
	listen_end();
	assert_non_null(strstr(written, "but this\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_has_time_level_program_pid_and_text),
	    cmocka_unit_test(the_request_stands_in_every_line_until_it_ends),
	    cmocka_unit_test(a_request_id_that_is_too_long_is_cut),
	    cmocka_unit_test(less_important_levels_are_left_out),
	    cmocka_unit_test(one_event_cannot_pretend_to_be_two),
	    cmocka_unit_test(long_texts_are_cut_and_still_end_their_line),
	    cmocka_unit_test(levels_have_names),
	    cmocka_unit_test(a_log_that_cannot_be_written_stops_nobody),
	};

	return cmocka_run_group_tests_name("shared/log", tests, NULL, NULL);
}
