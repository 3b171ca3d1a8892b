/* SPDX-License-Identifier: MIT */
#include "shared/claim.h"

#include "shared/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1795201616000

/* Key, secret and socket id of Pusher's documentation. */
static struct claim_subject
subject(const char *channel, const char *data)
{
	return (struct claim_subject){
	    .key = STR("278d425bdf160c739803"),
	    .secret = STR("7ad3773142a6692b25b8"),
	    .socket_id = STR("1234.1234"),
	    .channel = str_of(channel),
	    .channel_data = str_of(data),
	};
}

static enum claim_result
check(const char *channel, const char *data, const char *auth, struct claim *out)
{
	struct claim_subject s = subject(channel, data);

	return claim_check(&s, str_of(auth), NOW, out);
}

/* https://pusher.com/docs/channels/library_auth_reference/auth-signatures/ */
static void
two_part_signatures_are_those_of_pusher(void **state)
{
	struct claim claim = {1, 2, 3, 4, 5, 6};

	(void)state;
	assert_int_equal(check("private-foobar", "",
			     "278d425bdf160c739803:"
			     "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
			     &claim),
	    CLAIM_FOREIGN);
	assert_true(claim.user == 0 && claim.session == 0 && claim.time == 0 && claim.head == 0 &&
		    claim.mid == 0 && claim.from == 0);
	assert_int_equal(
	    check("presence-foobar", "{\"user_id\":10,\"user_info\":{\"name\":\"Mr. Channels\"}}",
		"278d425bdf160c739803:"
		"31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
		&claim),
	    CLAIM_FOREIGN);
}

#define ROOM_AUTH                                                           \
	"278d425bdf160c739803:"                                             \
	"f6a854115d9475f842a68b924402b37edd0b923cfe7b2f7dafc567aa47550b60:" \
	"5.9.1795201616000.77.78.66"
#define USER_AUTH                                                           \
	"278d425bdf160c739803:"                                             \
	"d0f865297539162687ae1c246d5214cb25395d0f8ab7111198fd05b579d53d0f:" \
	"5.9.1795201616000.77.78.66"

/* The expected texts were made with another HMAC, from the definition in claim.h. */
static void
signing_makes_the_three_parts_of_the_definition(void **state)
{
	struct claim_subject room = subject("presence-room-7", "{\"user_id\":\"5\"}");
	struct claim_subject user = subject("private-user-5", "");
	struct claim claim = {5, 9, NOW, 77, 78, 66};
	struct buf out;

	(void)state;
	buf_init(&out, CLAIM_TEXT_MAX);
	claim_sign(&room, &claim, &out);
	assert_string_equal(out.p, ROOM_AUTH);
	buf_clear(&out);
	claim_sign(&user, &claim, &out);
	assert_string_equal(out.p, USER_AUTH);
	buf_finish(&out);
}

static void
a_claim_gives_back_who_when_and_where(void **state)
{
	struct claim claim;

	(void)state;
	assert_int_equal(
	    check("presence-room-7", "{\"user_id\":\"5\"}", ROOM_AUTH, &claim), CLAIM_OURS);
	assert_int_equal(claim.user, 5);
	assert_int_equal(claim.session, 9);
	assert_true(claim.time == NOW);
	assert_int_equal(claim.head, 77);
	assert_int_equal(claim.mid, 78);
	assert_int_equal(claim.from, 66);
	assert_int_equal(check("private-user-5", "", USER_AUTH, &claim), CLAIM_OURS);
}

static void
a_claim_is_for_its_channel_data_socket_and_secret_only(void **state)
{
	struct claim_subject s;
	struct claim claim;

	(void)state;
	assert_int_equal(
	    check("presence-room-8", "{\"user_id\":\"5\"}", ROOM_AUTH, &claim), CLAIM_BAD);
	assert_int_equal(
	    check("presence-room-7", "{\"user_id\":\"6\"}", ROOM_AUTH, &claim), CLAIM_BAD);
	assert_int_equal(check("presence-room-7", "", ROOM_AUTH, &claim), CLAIM_BAD);
	s = subject("private-user-5", "");
	s.socket_id = STR("1234.1235");
	assert_int_equal(claim_check(&s, STR(USER_AUTH), NOW, &claim), CLAIM_BAD);
	s = subject("private-user-5", "");
	s.secret = STR("7ad3773142a6692b25b9");
	assert_int_equal(claim_check(&s, STR(USER_AUTH), NOW, &claim), CLAIM_BAD);
	s = subject("private-user-5", "");
	s.key = STR("278d425bdf160c739804");
	assert_int_equal(claim_check(&s, STR(USER_AUTH), NOW, &claim), CLAIM_BAD);
}

static void
a_claim_is_good_for_a_minute_in_both_directions(void **state)
{
	static const struct {
		int64_t now;
		enum claim_result result;
	} cases[] = {
	    {NOW, CLAIM_OURS},
	    {NOW + CLAIM_MAX_AGE, CLAIM_OURS},
	    {NOW + CLAIM_MAX_AGE + 1, CLAIM_STALE},
	    {NOW - CLAIM_MAX_AGE, CLAIM_OURS},
	    {NOW - CLAIM_MAX_AGE - 1, CLAIM_STALE},
	};
	struct claim_subject s = subject("private-user-5", "");
	struct claim claim;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    claim_check(&s, STR(USER_AUTH), cases[i].now, &claim), cases[i].result);
}

static void
any_changed_character_spoils_it(void **state)
{
	struct claim_subject s = subject("private-user-5", "");
	struct claim claim;
	char auth[] = USER_AUTH;

	(void)state;
	for (size_t i = 0; i < sizeof(auth) - 1; i++) {
		char good = auth[i];

		auth[i] = good == '0' ? '1' : '0';
		assert_int_equal(claim_check(&s, str_of(auth), NOW, &claim), CLAIM_BAD);
		auth[i] = good;
	}
	for (size_t n = 0; n < sizeof(auth) - 1; n++)
		assert_int_equal(claim_check(&s, (struct str){auth, n}, NOW, &claim), CLAIM_BAD);
}

/* Signs claims that claim_sign() would never write, as somebody with the secret could. */
static enum claim_result
signed_with(const char *claims)
{
	struct claim_subject s = subject("private-user-5", "");
	struct claim claim;
	char text[512], hex[CRYPT_HEX_SIZE], auth[700];

	(void)snprintf(text, sizeof(text), "claims:1234.1234:private-user-5::%s", claims);
	crypt_hmac_hex(s.secret, str_of(text), hex);
	(void)snprintf(auth, sizeof(auth), "278d425bdf160c739803:%s:%s", hex, claims);
	return claim_check(&s, str_of(auth), NOW, &claim);
}

static void
signed_claims_must_still_be_six_numbers(void **state)
{
	(void)state;
	assert_int_equal(signed_with("5.9.1795201616000.0.78.66"), CLAIM_OURS);
	assert_int_equal(signed_with("5.9.1795201616000.18446744073709551615.78.66"), CLAIM_OURS);
	assert_int_equal(signed_with("18446744073709551615.9.1795201616000.77.78.66"), CLAIM_OURS);
	assert_int_equal(signed_with("18446744073709551616.9.1795201616000.77.78.66"), CLAIM_BAD);
	assert_int_equal(
	    signed_with("99999999999999999999999.9.1795201616000.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.18446744073709551616.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.99999999999999999999999.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.18446744073709551615.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.9223372036854775808.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.9223372036854775807.77.78.66"), CLAIM_STALE);
	assert_int_equal(signed_with("5.9.0.77.78.66"), CLAIM_STALE);
	assert_int_equal(signed_with("5.9.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9..78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000..78.66"), CLAIM_BAD);
	assert_int_equal(signed_with(".9.1795201616000.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5..1795201616000.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9..77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78 "), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.-77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("-5.9.1795201616000.77.78.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5:9:1795201616000:77:78"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77."), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.18446744073709551616.66"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78."), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78.-1"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78.18446744073709551616"), CLAIM_BAD);
	assert_int_equal(signed_with("5.9.1795201616000.77.78.18446744073709551615"), CLAIM_OURS);
	assert_int_equal(signed_with("5.9.1795201616000.77.78.66.1"), CLAIM_BAD);
}

static void
a_text_of_one_form_never_passes_as_the_other(void **state)
{
	/* The two-part signature over "socket:channel:data:claims" must not be taken for claims. */
	struct claim_subject s = subject("presence-room-7", "");
	struct claim claim;
	char hex[CRYPT_HEX_SIZE], auth[300];

	(void)state;
	crypt_hmac_hex(s.secret, STR("1234.1234:presence-room-7::5.9.1795201616000.77"), hex);
	(void)snprintf(auth, sizeof(auth), "278d425bdf160c739803:%s:5.9.1795201616000.77", hex);
	assert_int_equal(claim_check(&s, str_of(auth), NOW, &claim), CLAIM_BAD);
}

static void
texts_that_are_too_long_are_not_looked_at(void **state)
{
	struct claim_subject s = subject("private-user-5", "");
	struct claim claim;
	char auth[CLAIM_TEXT_MAX + 2];

	(void)state;
	memset(auth, '1', sizeof(auth));
	memcpy(auth, USER_AUTH, sizeof(USER_AUTH) - 1);
	assert_int_equal(
	    claim_check(&s, (struct str){auth, CLAIM_TEXT_MAX + 1}, NOW, &claim), CLAIM_BAD);
	assert_int_equal(claim_check(&s, STR(""), NOW, &claim), CLAIM_BAD);
	assert_int_equal(claim_check(&s, (struct str){NULL, 0}, NOW, &claim), CLAIM_BAD);
}

/* What was cut before it was signed must not be valid for another text with the same beginning. */
static void
data_beyond_the_limit_never_verifies(void **state)
{
	const size_t n = 70000;
	char *data = calloc(n + 1, 1);
	struct claim_subject s;
	struct claim claim = {5, 9, NOW, 77, 78, 66};
	struct buf out;

	(void)state;
	assert_non_null(data);
	memset(data, 'd', n);
	s = subject("presence-room-7", data);
	buf_init(&out, CLAIM_TEXT_MAX);
	claim_sign(&s, &claim, &out);
	assert_int_equal(claim_check(&s, (struct str){out.p, out.n}, NOW, &claim), CLAIM_BAD);
	buf_finish(&out);
	free(data);
}

/* The example of Pusher's documentation. */
static void
people_sign_in_as_with_pusher(void **state)
{
	static const char auth[] =
	    "278d425bdf160c739803:"
	    "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba";
	struct claim_subject s = subject("", "{\"id\":\"12345\"}");
	struct buf out;

	(void)state;
	buf_init(&out, CLAIM_TEXT_MAX);
	claim_sign_person(&s, &out);
	assert_string_equal(out.p, auth);
	buf_finish(&out);
	assert_true(claim_check_person(&s, STR(auth)));
	assert_false(claim_check_person(&s, (struct str){auth, sizeof(auth) - 2}));
	assert_false(claim_check_person(&s, STR("")));
	s.channel_data = STR("{\"id\":\"12346\"}");
	assert_false(claim_check_person(&s, STR(auth)));
	s = subject("", "{\"id\":\"12345\"}");
	s.socket_id = STR("1234.1235");
	assert_false(claim_check_person(&s, STR(auth)));
	s = subject("", "{\"id\":\"12345\"}");
	s.key = STR("278d425bdf160c739804");
	assert_false(claim_check_person(&s, STR(auth)));
}

static int
start(void **state)
{
	(void)state;
	return crypt_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_part_signatures_are_those_of_pusher),
	    cmocka_unit_test(signing_makes_the_three_parts_of_the_definition),
	    cmocka_unit_test(a_claim_gives_back_who_when_and_where),
	    cmocka_unit_test(a_claim_is_for_its_channel_data_socket_and_secret_only),
	    cmocka_unit_test(a_claim_is_good_for_a_minute_in_both_directions),
	    cmocka_unit_test(any_changed_character_spoils_it),
	    cmocka_unit_test(signed_claims_must_still_be_six_numbers),
	    cmocka_unit_test(a_text_of_one_form_never_passes_as_the_other),
	    cmocka_unit_test(texts_that_are_too_long_are_not_looked_at),
	    cmocka_unit_test(data_beyond_the_limit_never_verifies),
	    cmocka_unit_test(people_sign_in_as_with_pusher),
	};

	return cmocka_run_group_tests_name("shared/claim", tests, start, NULL);
}
