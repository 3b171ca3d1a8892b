/* SPDX-License-Identifier: MIT */
#include "api/token.h"

#include "shared/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET STR("0123456789abcdef0123456789abcdef")
#define NOW    1700000000
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

/* {"sub":"42","sid":7,"iat":1700000000,"exp":1700000900}, made with another program. */
#define KNOWN                                                                       \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"                                      \
	".eyJzdWIiOiI0MiIsInNpZCI6NywiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDA5MDB9" \
	".QSvZHlaXz_ledTNuLw7Ggazyy6TRdgGiBcxM-d3uJu4"

static struct arena mem;
static uint64_t user, session;

static int
start(void **state)
{
	(void)state;
	arena_init(&mem);
	return crypt_init() ? 0 : -1;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

static const char *
b64(const char *text)
{
	char *out = arena_alloc(&mem, CRYPT_B64_SIZE(strlen(text)));

	crypt_b64(text, strlen(text), out);
	return out;
}

/* A token with any header and payload, properly signed. */
static const char *
forge(const char *header, const char *payload, struct str secret)
{
	const char *text = arena_printf(&mem, "%s.%s", b64(header), b64(payload));
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	unsigned char bytes[CRYPT_HASH];

	crypt_hmac(secret, str_of(text), bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
	return arena_printf(&mem, "%s.%s", text, mac);
}

static enum err
check(const char *token)
{
	return token_check(str_of(token), SECRET, NOW, &user, &session);
}

static void
a_token_is_what_any_jwt_library_would_make(void **state)
{
	(void)state;
	assert_string_equal(token_make(&mem, SECRET, 42, 7, NOW, 900), KNOWN);
	assert_string_equal(
	    forge(
		HEADER, "{\"sub\":\"42\",\"sid\":7,\"iat\":1700000000,\"exp\":1700000900}", SECRET),
	    KNOWN);
}

static void
a_token_gives_back_user_and_session(void **state)
{
	(void)state;
	assert_int_equal(check(KNOWN), OK);
	assert_int_equal(user, 42);
	assert_int_equal(session, 7);
	assert_int_equal(check(token_make(&mem, SECRET, INT64_MAX, INT64_MAX, NOW, 86400)), OK);
	assert_true(user == INT64_MAX && session == INT64_MAX);
}

static void
a_token_ends_with_its_last_second(void **state)
{
	(void)state;
	assert_int_equal(token_check(STR(KNOWN), SECRET, NOW + 899, &user, &session), OK);
	assert_int_equal(
	    token_check(STR(KNOWN), SECRET, NOW + 900, &user, &session), ERR_TOKEN_EXPIRED);
	assert_int_equal(
	    token_check(STR(KNOWN), SECRET, NOW + 90000, &user, &session), ERR_TOKEN_EXPIRED);
}

static void
another_secret_is_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    token_check(STR(KNOWN), STR("1123456789abcdef0123456789abcdef"), NOW, &user, &session),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(
	    token_check(STR(KNOWN), STR(""), NOW, &user, &session), ERR_UNAUTHENTICATED);
}

static void
any_changed_character_is_refused(void **state)
{
	char token[] = KNOWN;

	(void)state;
	for (size_t i = 0; i < sizeof(token) - 1; i++) {
		char good = token[i];

		token[i] = good == 'A' ? 'B' : 'A';
		assert_int_equal(check(token), ERR_UNAUTHENTICATED);
		token[i] = good;
	}
}

static void
any_part_of_a_token_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(KNOWN) - 1; n++) {
		/* On the heap, so that the sanitizer sees a step too far. */
		char *part = malloc(n == 0 ? 1 : n);

		assert_non_null(part);
		memcpy(part, KNOWN, n);
		assert_int_equal(token_check((struct str){part, n}, SECRET, NOW, &user, &session),
		    ERR_UNAUTHENTICATED);
		free(part);
	}
	assert_int_equal(check(KNOWN "A"), ERR_UNAUTHENTICATED);
	assert_int_equal(check(KNOWN "="), ERR_UNAUTHENTICATED);
	assert_int_equal(check(KNOWN "." KNOWN), ERR_UNAUTHENTICATED);
}

#define PAYLOAD "{\"sub\":\"42\",\"sid\":7,\"iat\":1700000000,\"exp\":1700000900}"

static void
there_is_only_one_header(void **state)
{
	static const char *const headers[] = {"{\"alg\":\"none\",\"typ\":\"JWT\"}",
	    "{\"alg\":\"None\"}", "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
	    "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", "{\"alg\":\"HS256\"}",
	    "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"/dev/null\"}",
	    "{\"alg\":\"HS256\",\"alg\":\"none\",\"typ\":\"JWT\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jwk\":{}}", "{}", ""};

	(void)state;
	assert_int_equal(check(forge(HEADER, PAYLOAD, SECRET)), OK);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(check(forge(headers[i], PAYLOAD, SECRET)), ERR_UNAUTHENTICATED);
	/* alg none, without a signature */
	assert_int_equal(check(arena_printf(&mem, "%s.%s.",
			     b64("{\"alg\":\"none\",\"typ\":\"JWT\"}"), b64(PAYLOAD))),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(
	    check(arena_printf(&mem, "%s.%s.", b64(HEADER), b64(PAYLOAD))), ERR_UNAUTHENTICATED);
	assert_int_equal(
	    check(arena_printf(&mem, "%s.%s", b64(HEADER), b64(PAYLOAD))), ERR_UNAUTHENTICATED);
}

static void
a_signed_payload_must_still_name_a_user_and_a_session(void **state)
{
	static const char *const payloads[] = {"", "{}", "[]", "null", "\"42\"", "{\"sub\":\"42\"}",
	    "{\"sub\":42,\"sid\":7,\"exp\":1700000900}",
	    "{\"sub\":\"0\",\"sid\":7,\"exp\":1700000900}",
	    "{\"sub\":\"x\",\"sid\":7,\"exp\":1700000900}",
	    "{\"sub\":\"42\",\"sid\":0,\"exp\":1700000900}",
	    "{\"sub\":\"42\",\"sid\":\"7\",\"exp\":1700000900}",
	    "{\"sub\":\"42\",\"sub\":\"43\",\"sid\":7,\"exp\":1700000900}",
	    "{\"sub\":\"42\",\"sid\":7,\"exp\":1700000900} ,"};

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		if (check(forge(HEADER, payloads[i], SECRET)) != ERR_UNAUTHENTICATED)
			fail_msg("accepted: %s", payloads[i]);
	}
}

static void
a_token_without_a_usable_end_has_ended(void **state)
{
	(void)state;
	assert_int_equal(
	    check(forge(HEADER, "{\"sub\":\"42\",\"sid\":7}", SECRET)), ERR_TOKEN_EXPIRED);
	assert_int_equal(
	    check(forge(HEADER, "{\"sub\":\"42\",\"sid\":7,\"exp\":\"1700000900\"}", SECRET)),
	    ERR_TOKEN_EXPIRED);
	assert_int_equal(check(forge(HEADER, "{\"sub\":\"42\",\"sid\":7,\"exp\":-1}", SECRET)),
	    ERR_TOKEN_EXPIRED);
}

static void
a_huge_signed_payload_is_refused(void **state)
{
	char *payload = arena_printf(
	    &mem, "{\"sub\":\"42\",\"sid\":7,\"exp\":1700000900,\"x\":\"%08000d\"}", 0);

	(void)state;
	assert_int_equal(check(forge(HEADER, payload, SECRET)), ERR_UNAUTHENTICATED);
}

static void
a_payload_that_is_no_base64url_is_refused(void **state)
{
	const char *text = arena_printf(&mem, "%s.%s=", b64(HEADER), b64(PAYLOAD));
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	unsigned char bytes[CRYPT_HASH];

	(void)state;
	crypt_hmac(SECRET, str_of(text), bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
	assert_int_equal(check(arena_printf(&mem, "%s.%s", text, mac)), ERR_UNAUTHENTICATED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_is_what_any_jwt_library_would_make),
	    cmocka_unit_test(a_token_gives_back_user_and_session),
	    cmocka_unit_test(a_token_ends_with_its_last_second),
	    cmocka_unit_test(another_secret_is_refused),
	    cmocka_unit_test(any_changed_character_is_refused),
	    cmocka_unit_test(any_part_of_a_token_is_refused),
	    cmocka_unit_test(there_is_only_one_header),
	    cmocka_unit_test(a_signed_payload_must_still_name_a_user_and_a_session),
	    cmocka_unit_test(a_token_without_a_usable_end_has_ended),
	    cmocka_unit_test(a_huge_signed_payload_is_refused),
	    cmocka_unit_test(a_payload_that_is_no_base64url_is_refused),
	};

	return cmocka_run_group_tests_name("api/token", tests, start, finish);
}
