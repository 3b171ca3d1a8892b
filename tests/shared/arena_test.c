/* SPDX-License-Identifier: MIT */
#include "shared/arena.h"

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

static void
memory_is_zeroed_and_aligned_for_any_type(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_finish(&a);
}

static void
pieces_never_overlap_over_many_blocks(void **state)
{
	struct arena a;
	unsigned char *pieces[1000];

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < 1000; i++) {
		pieces[i] = arena_alloc(&a, 1000);
		memset(pieces[i], (int)(i % 251), 1000);
	}
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(pieces[i][0], i % 251);
		assert_int_equal(pieces[i][999], i % 251);
	}
	assert_true(a.total >= (size_t)1000 * 1000);
	arena_finish(&a);
}

static void
a_piece_larger_than_a_block_is_given(void **state)
{
	const size_t size = (size_t)5 << 20;
	struct arena a;
	char *p, *small;

	(void)state;
	arena_init(&a);
	p = arena_alloc(&a, size);
	memset(p, 'x', size);
	small = arena_alloc(&a, 10);
	memset(small, 'y', 10);
	assert_int_equal(p[0], 'x');
	assert_int_equal(p[size - 1], 'x');
	arena_finish(&a);
}

static void
reset_keeps_the_first_block_and_hands_it_out_zeroed_again(void **state)
{
	struct arena a;
	unsigned char *before, *after;

	(void)state;
	arena_init(&a);
	before = arena_alloc(&a, 64);
	memset(before, 0xff, 64);
	(void)arena_alloc(&a, (size_t)1 << 20);
	arena_reset(&a);
	assert_int_equal(a.total, 0);
	assert_ptr_equal(a.first, a.last);
	after = arena_alloc(&a, 64);
	assert_ptr_equal(before, after);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(after[i], 0);
	arena_finish(&a);
}

static void
finish_may_be_called_twice_and_on_a_zeroed_arena(void **state)
{
	struct arena a = {0}, b;

	(void)state;
	arena_finish(&a);
	arena_init(&b);
	arena_finish(&b);
	assert_null(b.first);
	arena_finish(&b);
	assert_null(b.first);
}

static void
texts_are_copied_and_terminated(void **state)
{
	struct arena a;
	char source[] = "maru\0hidden";
	char *copy, *part, *empty, *printed;

	(void)state;
	arena_init(&a);
	copy = arena_strdup(&a, source);
	part = arena_strndup(&a, source, 6);
	empty = arena_strndup(&a, NULL, 0);
	printed = arena_printf(&a, "%s-%d", source, 7);
	source[0] = 'X';
	assert_string_equal(copy, "maru");
	assert_memory_equal(part, "maru\0h", 7);
	assert_string_equal(empty, "");
	assert_string_equal(printed, "maru-7");
	arena_finish(&a);
}

static void
a_long_printed_text_is_complete(void **state)
{
	struct arena a;
	char *text;

	(void)state;
	arena_init(&a);
	text = arena_printf(&a, "%0200000d", 7);
	assert_int_equal(strlen(text), 200000);
	assert_int_equal(text[199999], '7');
	arena_finish(&a);
}

static char order[8];

static void
note(void *letter)
{
	(void)strncat(order, letter, 1);
}

static void
deferred_calls_run_once_newest_first(void **state)
{
	struct arena a;

	(void)state;
	memset(order, 0, sizeof(order));
	arena_init(&a);
	arena_defer(&a, note, (char[]){"a"});
	arena_defer(&a, note, (char[]){"b"});
	arena_defer(&a, note, (char[]){"c"});
	arena_reset(&a);
	assert_string_equal(order, "cba");
	arena_defer(&a, note, (char[]){"d"});
	arena_finish(&a);
	assert_string_equal(order, "cbad");
}

/* Runs fn in a child; the signal that ended it, 0 if it came to an end by itself. */
static int
signal_of(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		fn();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
take_all_but_a_little(void)
{
	struct arena a;

	arena_init(&a);
	(void)arena_alloc(&a, ARENA_MAX - 64);
}

static void
take_too_much_at_once(void)
{
	struct arena a;

	arena_init(&a);
	(void)arena_alloc(&a, ARENA_MAX + 1);
}

static void
take_too_much_in_pieces(void)
{
	struct arena a;

	arena_init(&a);
	for (int i = 0; i < 64; i++)
		(void)arena_alloc(&a, (size_t)1 << 20);
}

static void
take_an_absurd_amount(void)
{
	struct arena a;

	arena_init(&a);
	(void)arena_alloc(&a, SIZE_MAX - 7);
}

static void
one_lifetime_may_take_arena_max_and_not_more(void **state)
{
	(void)state;
	assert_int_equal(signal_of(take_all_but_a_little), 0);
	assert_int_equal(signal_of(take_too_much_at_once), SIGABRT);
	assert_int_equal(signal_of(take_too_much_in_pieces), SIGABRT);
	assert_int_equal(signal_of(take_an_absurd_amount), SIGABRT);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

static void
memory_that_was_not_handed_out_is_poisoned(void **state)
{
	struct arena a;
	char *p, *q;

	(void)state;
	arena_init(&a);
	p = arena_alloc(&a, 24);
	q = arena_alloc(&a, 24);
	assert_false(__asan_address_is_poisoned(p + 23));
	assert_true(__asan_address_is_poisoned(p + 24));
	assert_false(__asan_address_is_poisoned(q));
	arena_reset(&a);
	assert_true(__asan_address_is_poisoned(p));
	assert_true(__asan_address_is_poisoned(q));
	arena_finish(&a);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
	    cmocka_unit_test(pieces_never_overlap_over_many_blocks),
	    cmocka_unit_test(a_piece_larger_than_a_block_is_given),
	    cmocka_unit_test(reset_keeps_the_first_block_and_hands_it_out_zeroed_again),
	    cmocka_unit_test(finish_may_be_called_twice_and_on_a_zeroed_arena),
	    cmocka_unit_test(texts_are_copied_and_terminated),
	    cmocka_unit_test(a_long_printed_text_is_complete),
	    cmocka_unit_test(deferred_calls_run_once_newest_first),
	    cmocka_unit_test(one_lifetime_may_take_arena_max_and_not_more),
#ifdef __SANITIZE_ADDRESS__
	    cmocka_unit_test(memory_that_was_not_handed_out_is_poisoned),
#endif
	};

	return cmocka_run_group_tests_name("shared/arena", tests, NULL, NULL);
}
