/* SPDX-License-Identifier: MIT */
#include "shared/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
assert_hash(struct str data, const char *expected)
{
	unsigned char hash[CRYPT_HASH];
	char hex[CRYPT_HEX_SIZE];

	crypt_sha256(data, hash);
	crypt_hex(hash, sizeof(hash), hex);
	assert_string_equal(hex, expected);
}

/* FIPS 180-4, the examples that NIST publishes with it. */
static void
sha256_agrees_with_fips_180(void **state)
{
	char *million = malloc(1000000);

	(void)state;
	assert_non_null(million);
	assert_hash(STR(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash(STR("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hash(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', 1000000);
	assert_hash((struct str){million, 1000000},
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

static void
assert_mac(struct str key, struct str data, const char *expected)
{
	char hex[CRYPT_HEX_SIZE];

	crypt_hmac_hex(key, data, hex);
	assert_string_equal(hex, expected);
}

/* RFC 4231 section 4; case 5 is about truncation, which we don't have. */
static void
hmac_agrees_with_rfc_4231(void **state)
{
	char k0b[20], kaa[131], dd[50], cd[50], k4[25];

	(void)state;
	memset(k0b, 0x0b, sizeof(k0b));
	memset(kaa, 0xaa, sizeof(kaa));
	memset(dd, 0xdd, sizeof(dd));
	memset(cd, 0xcd, sizeof(cd));
	for (size_t i = 0; i < sizeof(k4); i++)
		k4[i] = (char)(i + 1);
	assert_mac((struct str){k0b, 20}, STR("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_mac(STR("Jefe"), STR("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_mac((struct str){kaa, 20}, (struct str){dd, 50},
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	assert_mac((struct str){k4, 25}, (struct str){cd, 50},
	    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	assert_mac((struct str){kaa, 131},
	    STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_mac((struct str){kaa, 131},
	    STR("This is a test using a larger than block-size key and a larger than block-size "
		"data. The key needs to be hashed before being used by the HMAC algorithm."),
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

/* RFC 4648 section 10, and the two letters in which base64url differs. */
static void
base64url_agrees_with_rfc_4648(void **state)
{
	static const struct {
		const char *plain, *coded;
	} vectors[] = {
	    {"", ""},
	    {"f", "Zg"},
	    {"fo", "Zm8"},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg"},
	    {"fooba", "Zm9vYmE"},
	    {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xfe", "-__-"},
	};
	char text[CRYPT_B64_SIZE(6)], back[6];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const char *plain = vectors[i].plain;

		crypt_b64(plain, strlen(plain), text);
		assert_string_equal(text, vectors[i].coded);
		assert_true(crypt_unb64(str_of(text), back, sizeof(back), &n));
		assert_int_equal(n, strlen(plain));
		assert_memory_equal(back, plain, n);
	}
}

static void
base64_agrees_with_rfc_4648(void **state)
{
	char text[CRYPT_B64_SIZE(6)];

	(void)state;
	crypt_base64("foob", 4, text);
	assert_string_equal(text, "Zm9vYg==");
	crypt_base64("\xfb\xff\xfe", 3, text);
	assert_string_equal(text, "+//+");
	crypt_base64("", 0, text);
	assert_string_equal(text, "");
}

static void
what_is_not_exactly_base64url_is_refused(void **state)
{
	static const char *const bad[] = {"Zg==", "Zm8=", "Zm9v=", "Zm9v Zm9v", " Zm9v", "Zm9v\n",
	    "Zm+v", "Zm/v", "Z", "Zm9vZ", "Zh", "Zm9", "Zm9v!", "\xc3\xa4"};
	char out[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(crypt_unb64(str_of(bad[i]), out, sizeof(out), &n));
	assert_false(crypt_unb64(STR("Zm9v\0Zm9v"), out, sizeof(out), &n));
}

static void
decoded_text_must_fit(void **state)
{
	char out[3];
	size_t n;

	(void)state;
	assert_true(crypt_unb64(STR("Zm9v"), out, 3, &n));
	assert_int_equal(n, 3);
	assert_false(crypt_unb64(STR("Zm9vYg"), out, 3, &n));
}

static void
hex_is_lower_case(void **state)
{
	char hex[9];

	(void)state;
	crypt_hex("\x00\x0f\xa5\xff", 4, hex);
	assert_string_equal(hex, "000fa5ff");
}

static void
comparing_sees_every_byte(void **state)
{
	char a[32], b[32];

	(void)state;
	memset(a, 'x', sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(crypt_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 'y';
		assert_false(crypt_equal(a, b, sizeof(a)));
		b[i] = 'x';
	}
	assert_true(crypt_equal(a, "different", 0));
}

static void
random_values_differ(void **state)
{
	uint64_t seen[100];
	char a[32] = {0}, b[32] = {0};

	(void)state;
	crypt_random(a, sizeof(a));
	crypt_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (size_t i = 0; i < 100; i++) {
		seen[i] = crypt_random64();
		for (size_t k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
	}
}

static void
passwords_are_hashed_with_argon2id_salted_and_checked(void **state)
{
	char one[CRYPT_STORED_SIZE], two[CRYPT_STORED_SIZE];

	(void)state;
	assert_true(crypt_password_hash("correct horse", one));
	assert_true(crypt_password_hash("correct horse", two));
	assert_memory_equal(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_string_not_equal(one, two);
	assert_true(crypt_password_verify(one, "correct horse"));
	assert_true(crypt_password_verify(two, "correct horse"));
	assert_false(crypt_password_verify(one, "correct horsf"));
	assert_false(crypt_password_verify(one, "correct horse "));
	assert_false(crypt_password_verify(one, ""));
}

static void
a_password_of_128_bytes_counts_to_its_last_byte(void **state)
{
	char stored[CRYPT_STORED_SIZE], password[CRYPT_PASSWORD_MAX + 1] = {0};

	(void)state;
	memset(password, 'p', CRYPT_PASSWORD_MAX);
	assert_true(crypt_password_hash(password, stored));
	assert_true(crypt_password_verify(stored, password));
	password[CRYPT_PASSWORD_MAX - 1] = 'q';
	assert_false(crypt_password_verify(stored, password));
}

static void
a_damaged_stored_hash_never_verifies(void **state)
{
	(void)state;
	assert_false(crypt_password_verify("", ""));
	assert_false(crypt_password_verify("correct horse", "correct horse"));
	assert_false(crypt_password_verify("$argon2id$v=19$m=19456,t=2,p=1$", "x"));
	assert_false(crypt_password_verify("$argon2id$v=19$m=99999999999,t=2,p=1$AAAA$AAAA", "x"));
}

static int
start(void **state)
{
	(void)state;
	return crypt_init() && crypt_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_agrees_with_fips_180),
	    cmocka_unit_test(hmac_agrees_with_rfc_4231),
	    cmocka_unit_test(base64url_agrees_with_rfc_4648),
	    cmocka_unit_test(base64_agrees_with_rfc_4648),
	    cmocka_unit_test(what_is_not_exactly_base64url_is_refused),
	    cmocka_unit_test(decoded_text_must_fit),
	    cmocka_unit_test(hex_is_lower_case),
	    cmocka_unit_test(comparing_sees_every_byte),
	    cmocka_unit_test(random_values_differ),
	    cmocka_unit_test(passwords_are_hashed_with_argon2id_salted_and_checked),
	    cmocka_unit_test(a_password_of_128_bytes_counts_to_its_last_byte),
	    cmocka_unit_test(a_damaged_stored_hash_never_verifies),
	};

	return cmocka_run_group_tests_name("shared/crypt", tests, start, NULL);
}
