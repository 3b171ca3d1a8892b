/* SPDX-License-Identifier: MIT */
#include "shared/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct conf conf;
	struct buf errors;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	conf_init(&f->conf);
	buf_init(&f->errors, 65536);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	conf_finish(&f->conf);
	buf_finish(&f->errors);
	free(f);
	return 0;
}

static bool
parse(struct fixture *f, const char *text)
{
	return conf_parse(&f->conf, "t.conf", str_of(text), &f->errors);
}

/* Parses one text that is wrong; the complaint must be exactly this. */
static void
assert_refused(const char *text, const char *complaint)
{
	struct conf conf;
	struct buf errors;

	conf_init(&conf);
	buf_init(&errors, 4096);
	assert_false(conf_parse(&conf, "t.conf", str_of(text), &errors));
	assert_string_equal(errors.p, complaint);
	buf_finish(&errors);
	conf_finish(&conf);
}

static void
defaults_stand_before_anything_is_read(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(f->conf.app_key, "maru");
	assert_string_equal(f->conf.app_secret, "");
	assert_int_equal(f->conf.workers, 16);
	assert_int_equal(f->conf.access_ttl, 900);
	assert_int_equal(f->conf.push_frame_max, 65536);
	assert_string_equal(f->conf.log_level, "info");
}

static void
an_empty_text_changes_nothing(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, ""));
	assert_true(parse(f, "\n\n  \t\r\n# a comment = with a sign\n   # another\n"));
	assert_int_equal(f->errors.n, 0);
	assert_int_equal(f->conf.workers, 16);
}

static void
blanks_around_key_and_value_are_dropped(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, "  workers\t=  4 \r\napp_key=tea\ncors_origins = https://a b \n"));
	assert_int_equal(f->conf.workers, 4);
	assert_string_equal(f->conf.app_key, "tea");
	assert_string_equal(f->conf.cors_origins, "https://a b");
}

static void
quotes_keep_blanks_and_only_both_of_them_count(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, "app_key = \"  x  \"\ndb_password = \"half\ndb_name = \"\"\n"
			     "db_user = \"\n"));
	assert_string_equal(f->conf.app_key, "  x  ");
	assert_string_equal(f->conf.db_password, "\"half");
	assert_string_equal(f->conf.db_name, "");
	assert_string_equal(f->conf.db_user, "\"");
}

static void
a_value_may_contain_signs_that_mean_something_elsewhere(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, "db_password = a=b#c\n"));
	assert_string_equal(f->conf.db_password, "a=b#c");
}

static void
the_last_line_needs_no_newline_and_the_last_value_wins(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, "workers = 4\nworkers = 5"));
	assert_int_equal(f->conf.workers, 5);
}

static void
the_limits_of_a_number_belong_to_it(void **state)
{
	struct fixture *f = *state;

	assert_true(parse(f, "workers = 1\naccess_ttl = 86400\n"));
	assert_int_equal(f->conf.workers, 1);
	assert_int_equal(f->conf.access_ttl, 86400);
	assert_refused("workers = 0", "t.conf:1: workers must be from 1 to 256\n");
	assert_refused("workers = 257", "t.conf:1: workers must be from 1 to 256\n");
	assert_refused("workers = -1", "t.conf:1: workers must be from 1 to 256\n");
}

static void
what_is_no_whole_number_is_refused(void **state)
{
	static const char *const bad[] = {"", "x", "4x", "4 5", "1e1", "0x10", "4.0",
	    "99999999999999999999", "-99999999999999999999", "+", "\"\""};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(line, sizeof(line), "workers = %s\n", bad[i]);
		assert_refused(line, "t.conf:1: workers must be a whole number\n");
	}
}

static void
unknown_settings_and_lines_without_a_sign_are_refused(void **state)
{
	char line[300] = "", expected[300];

	(void)state;
	assert_refused("worker = 4", "t.conf:1: unknown setting \"worker\"\n");
	assert_refused("Workers = 4", "t.conf:1: unknown setting \"Workers\"\n");
	assert_refused("= 4", "t.conf:1: unknown setting \"\"\n");
	assert_refused("workers 4", "t.conf:1: expected `key = value`\n");
	memset(line, 'k', 200);
	(void)strncat(line, "=1", 3);
	(void)snprintf(expected, sizeof(expected), "t.conf:1: unknown setting \"%.64s\"\n", line);
	assert_refused(line, expected);
}

static void
every_mistake_is_reported_with_its_line(void **state)
{
	struct fixture *f = *state;

	assert_false(parse(f, "# one\nworkers = many\napp_key = tea\n\nnonsense\nzzz = 1\n"));
	assert_string_equal(f->errors.p, "t.conf:2: workers must be a whole number\n"
					 "t.conf:5: expected `key = value`\n"
					 "t.conf:6: unknown setting \"zzz\"\n");
	assert_string_equal(f->conf.app_key, "tea");
	assert_int_equal(f->conf.workers, 16);
}

static void
a_nul_byte_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_false(conf_parse(&f->conf, "t.conf", STR("app_key = a\0b\n"), &f->errors));
	assert_string_equal(f->errors.p, "t.conf:1: app_key contains a NUL byte\n");
}

#define A32  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B32  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define GOOD "app_secret = " A32 "\ntoken_secret = " B32 "\n"

/* Good settings with a change: what conf_check says about them. */
static void
assert_check(const char *change, const char *complaint)
{
	struct conf conf;
	struct buf errors;

	conf_init(&conf);
	buf_init(&errors, 4096);
	assert_true(conf_parse(&conf, "t.conf", STR(GOOD), &errors));
	assert_true(conf_parse(&conf, "t.conf", str_of(change), &errors));
	assert_int_equal(conf_check(&conf, "t.conf", &errors), complaint[0] == '\0');
	assert_string_equal(errors.p == NULL ? "" : errors.p, complaint);
	buf_finish(&errors);
	conf_finish(&conf);
}

static void
settings_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_check("", "");
	assert_check("db_socket =\ndb_host = db.example", "");
	assert_check("app_key =", "t.conf: app_key must be a plain word\n");
	assert_check("app_key = a/b", "t.conf: app_key must be a plain word\n");
	assert_check("app_key = a:b", "t.conf: app_key must be a plain word\n");
	assert_check("app_id =", "t.conf: app_id must be a number\n");
	assert_check("app_id = maru", "t.conf: app_id must be a number\n");
	assert_check(
	    "webhook_url = ftp://x/", "t.conf: webhook_url must begin with http:// or https://\n");
	assert_check("outbound_allow = localhost",
	    "t.conf: outbound_allow must be at most 16 networks such as 10.1.0.0/16\n");
	assert_check("webhook_url = http://a b",
	    "t.conf: webhook_url must begin with http:// or https://\n");
	assert_check("app_secret = " A32 "\ntoken_secret = short",
	    "t.conf: token_secret needs 32 or more characters\n");
	assert_check("app_secret = short", "t.conf: app_secret needs 32 or more characters\n");
	assert_check("app_secret = " B32, "t.conf: app_secret and token_secret must differ\n");
	assert_check("push_ping = 35", "t.conf: push_hangup must be greater than push_ping\n");
	assert_check("db_socket =", "t.conf: set db_socket or db_host\n");
	assert_check("app_key =\ndb_socket =", "t.conf: app_key must be a plain word\n"
					       "t.conf: set db_socket or db_host\n");
}

#define S3                                                                    \
	"s3_bucket = files.example\ns3_access_key = a:b\ns3_secret_key = c\n" \
	"s3_endpoint = "

static void
a_bucket_needs_a_name_and_keys(void **state)
{
	static const char server[] =
	    "t.conf: s3_endpoint must be https://host or http://host, with a :port if need be, and "
	    "without the bucket\n";
	static const char prefix[] =
	    "t.conf: s3_prefix must consist of letters, digits and . _ / -, at most 200, and not "
	    "begin with a slash\n";
	static const char bucket[] = "t.conf: s3_endpoint needs s3_bucket: 3 to 63 small letters, "
				     "digits, dots and hyphens\n";

	(void)state;
	assert_check(S3, "");
	assert_check(S3 "https://s3.example.org:9000", "");
	assert_check(S3 "http://10.0.0.1\ns3_prefix = a/B-c_1.2/", "");
	assert_check(S3 "s3.example.org", server);
	assert_check(S3 "https://", server);
	assert_check(S3 "https://s3.example.org/", server);
	assert_check(S3 "https://me:you@s3.example.org", server);
	assert_check(S3 "https://x\ns3_bucket =", bucket);
	assert_check(S3 "https://x\ns3_bucket = Files/a", bucket);
	assert_check(S3 "https://x\ns3_secret_key =",
	    "t.conf: s3_endpoint needs s3_access_key and s3_secret_key\n");
	assert_check(S3 "https://x\ns3_region = us east",
	    "t.conf: s3_region must be a word such as ap-northeast-2\n");
	assert_check(S3 "https://x\ns3_prefix = /a", prefix);
	assert_check(S3 "https://x\ns3_prefix = a//b", prefix);
	assert_check(S3 "https://x\ns3_prefix = ../b", prefix);
	assert_check(S3 "https://x\ns3_prefix = a b", prefix);
	assert_check(
	    S3 "https://x\nfiles_dir = files", "t.conf: files_dir must begin with a slash\n");
}

#define TURN "turn_secret = cccccccccccccccccccccccccccccccc\nturn_urls = "

static void
a_relay_needs_addresses_and_a_secret_of_its_own(void **state)
{
	static const char stun[] = "t.conf: stun_urls must be addresses such as "
				   "stun:turn.example.org:3478, separated by commas\n";
	static const char turn[] =
	    "t.conf: turn_urls must be addresses such as turn:turn.example.org:3478?transport=udp, "
	    "separated by commas\n";
	static const char differ[] =
	    "t.conf: turn_secret must differ from app_secret and token_secret\n";

	(void)state;
	assert_check("stun_urls = stun:a.example, stuns:b.example:5349", "");
	assert_check("stun_urls = stun:a.example?transport=udp", stun);
	assert_check("stun_urls = turn:a.example", stun);
	assert_check(TURN "turn:a.example:3478?transport=udp,turns:[2001:db8::1]:443", "");
	assert_check(TURN "a.example:3478", turn);
	assert_check("turn_urls = turn:a.example",
	    "t.conf: turn_urls needs turn_secret: 32 or more characters\n");
	assert_check("turn_urls = turn:a.example\nturn_secret = short",
	    "t.conf: turn_urls needs turn_secret: 32 or more characters\n");
	assert_check(TURN "turn:a.example\nturn_secret = " A32, differ);
	assert_check(TURN "turn:a.example\nturn_secret = " B32, differ);
	assert_check("turn_secret = short", "");
}

#define C32 "cccccccccccccccccccccccccccccccc"
#define SFU "sfu_secret = " C32 "\nsfu_admin_key = key\nsfu_url = "

static void
a_server_for_large_calls_needs_an_address_and_secrets_of_its_own(void **state)
{
	static const char url[] =
	    "t.conf: sfu_url must be an address such as http://127.0.0.1:8088/janus\n";
	static const char secret[] =
	    "t.conf: sfu_url needs sfu_secret: 32 or more letters and digits\n";
	static const char differ[] =
	    "t.conf: sfu_secret must differ from app_secret, token_secret and turn_secret\n";
	static const char key[] =
	    "t.conf: sfu_url needs sfu_admin_key, which must differ from sfu_secret\n";

	(void)state;
	assert_check(SFU "http://127.0.0.1:8088/janus", "");
	assert_check(SFU "ws://127.0.0.1:8188", url);
	assert_check(SFU "http://127.0.0.1:8088/janus?x", url);
	assert_check(SFU "http://a.example\nsfu_secret = short", secret);
	assert_check(SFU "http://a.example\nsfu_secret = " C32 "-", secret);
	assert_check(SFU "http://a.example\nsfu_secret = " A32, differ);
	assert_check(SFU "http://a.example\nturn_secret = " C32, differ);
	assert_check(SFU "http://a.example\nsfu_admin_key =", key);
	assert_check(SFU "http://a.example\nsfu_admin_key = " C32, key);
	assert_check("sfu_secret = short", "");
}

#define SMTP "smtp_from = a@b.org\nsmtp_url = "

static void
a_mail_server_needs_an_address_and_encryption_for_its_password(void **state)
{
	(void)state;
	assert_check(SMTP "smtp://mail.example.org", "");
	assert_check(SMTP "smtps://mail.example.org\nsmtp_user = me", "");
	assert_check(SMTP "smtp://mail.example.org\nsmtp_user = me\nsmtp_tls = required", "");
	assert_check(SMTP "smtp://localhost:25\nsmtp_user = me", "");
	assert_check(SMTP "smtp://mail.example.org\nsmtp_user = me",
	    "t.conf: smtp_user needs smtps:// or smtp_tls = required, or the password could be "
	    "read on the way\n");
	assert_check(SMTP "smtp://localhost:x@mail.example.org\nsmtp_user = me",
	    "t.conf: smtp_user needs smtps:// or smtp_tls = required, or the password could be "
	    "read on the way\n");
	assert_check(
	    SMTP "mail.example.org", "t.conf: smtp_url must begin with smtp:// or smtps://\n");
	assert_check(
	    "smtp_url = smtp://localhost", "t.conf: smtp_from must be an e-mail address\n");
	assert_check(SMTP "smtp://localhost\nsmtp_from = Maru <a@b.org>",
	    "t.conf: smtp_from must be an e-mail address\n");
	assert_check(SMTP "smtp://localhost\nsmtp_tls = maybe",
	    "t.conf: smtp_tls must be off, try or required\n");
}

#define OIDC                                                            \
	"public_url = https://chat.example.org\noidc_name = keycloak\n" \
	"oidc_client_id = maru\noidc_issuer = "
#define NEEDS "t.conf: oidc_name needs oidc_client_id and oidc_issuer with https://\n"

static void
a_provider_is_asked_by_https_or_on_this_host(void **state)
{
	(void)state;
	assert_check(OIDC "https://login.example.org/realms/maru", "");
	assert_check(OIDC "http://127.0.0.1:8080/realms/maru", "");
	assert_check(OIDC "http://[::1]/", "");
	assert_check(OIDC "http://localhost", "");
	assert_check(OIDC "http://login.example.org", NEEDS);
	assert_check(OIDC "http://localhost.example.org", NEEDS);
	assert_check(OIDC "http://localhost@example.org", NEEDS);
	assert_check(OIDC "http://localhost:1@example.org", NEEDS);
	assert_check(OIDC "localhost", NEEDS);
	assert_check(OIDC "https://login.example.org\noidc_client_id =", NEEDS);
	assert_check(OIDC "https://login.example.org\noidc_name = kakao",
	    "t.conf: oidc_name must be a short word, and not kakao or google\n");
	assert_check(OIDC "https://login.example.org\noidc_name = a/b",
	    "t.conf: oidc_name must be a short word, and not kakao or google\n");
	assert_check(
	    "oidc_google_client_id = x", "t.conf: logins with OpenID Connect need public_url\n");
}

static void
the_defaults_alone_lack_their_secrets(void **state)
{
	struct fixture *f = *state;

	assert_false(conf_check(&f->conf, "t.conf", &f->errors));
	assert_non_null(strstr(f->errors.p, "app_secret needs 32"));
	assert_non_null(strstr(f->errors.p, "token_secret needs 32"));
}

static void
write_file(char path[32], const char *text, size_t n)
{
	int fd;

	(void)snprintf(path, 32, "/tmp/maru-conf-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	(void)close(fd);
}

static void
a_file_is_read_and_checked(void **state)
{
	struct fixture *f = *state;
	char path[32];

	write_file(path, "workers = 3\n", 12); /* without the secrets */
	assert_false(conf_load(&f->conf, path, &f->errors));
	assert_non_null(strstr(f->errors.p, path));
	(void)unlink(path);
	write_file(path, GOOD "workers = 3\n", strlen(GOOD "workers = 3\n"));
	assert_true(conf_load(&f->conf, path, &f->errors));
	assert_int_equal(f->conf.workers, 3);
	(void)unlink(path);
}

static void
a_file_that_is_missing_or_a_directory_is_reported(void **state)
{
	struct fixture *f = *state;

	assert_false(conf_load(&f->conf, "/nonexistent/maru.conf", &f->errors));
	assert_string_equal(f->errors.p, "/nonexistent/maru.conf: No such file or directory\n");
	buf_clear(&f->errors);
	assert_false(conf_load(&f->conf, "/tmp", &f->errors));
	assert_string_equal(f->errors.p, "/tmp: Is a directory\n");
}

static void
a_file_beyond_256_kib_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t n = ((size_t)256 << 10) + 1;
	char *text = malloc(n), path[32];

	assert_non_null(text);
	memset(text, '\n', n);
	write_file(path, text, n);
	assert_false(conf_load(&f->conf, path, &f->errors));
	assert_non_null(strstr(f->errors.p, "File too large"));
	(void)unlink(path);
	free(text);
}

/* What stands behind the one sign that makes a setting of the sample a comment. */
static void
uncomment(char *text)
{
	char *out = text;

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n"), skip = p[0] == '#' && p[1] != ' ';

		memmove(out, p + skip, n - skip);
		out += n - skip;
		p += n;
		if (*p == '\n')
			*out++ = *p++;
	}
	*out = '\0';
}

static void
the_sample_states_every_default(void **state)
{
	struct fixture *f = *state;
	struct conf again;
	struct buf sample, back;

	buf_init(&sample, (size_t)1 << 20);
	buf_init(&back, (size_t)1 << 20);
	conf_write_sample(&sample);
	assert_false(sample.full);
	for (const char *line = sample.p; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 150);
	assert_true(parse(f, sample.p)); /* all comments */
	uncomment(sample.p);
	conf_init(&again);
	assert_true(conf_parse(&again, "sample", str_of(sample.p), &back));
#define TEXT(name, value, help)             assert_string_equal(again.name, value);
#define NUMBER(name, value, min, max, help) assert_int_equal(again.name, value);
#define FLAG(name, value, help)             assert_int_equal(again.name, value);
#include "shared/conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
	conf_finish(&again);
	buf_finish(&sample);
	buf_finish(&back);
}

static void
a_list_has_whole_items_only(void **state)
{
	const char *list = "https://a.example  http://localhost:3000 ";

	(void)state;
	assert_true(conf_list_has(list, STR("https://a.example")));
	assert_true(conf_list_has(list, STR("http://localhost:3000")));
	assert_false(conf_list_has(list, STR("https://a.exampl")));
	assert_false(conf_list_has(list, STR("https://a.example.org")));
	assert_false(conf_list_has(list, STR("http://localhost")));
	assert_false(conf_list_has(list, STR("HTTPS://A.EXAMPLE")));
	assert_false(conf_list_has(list, STR("")));
	assert_false(conf_list_has("", STR("")));
	assert_false(conf_list_has("", STR("x")));
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    WITH(defaults_stand_before_anything_is_read),
	    WITH(an_empty_text_changes_nothing),
	    WITH(blanks_around_key_and_value_are_dropped),
	    WITH(quotes_keep_blanks_and_only_both_of_them_count),
	    WITH(a_value_may_contain_signs_that_mean_something_elsewhere),
	    WITH(the_last_line_needs_no_newline_and_the_last_value_wins),
	    WITH(the_limits_of_a_number_belong_to_it),
	    WITH(what_is_no_whole_number_is_refused),
	    WITH(unknown_settings_and_lines_without_a_sign_are_refused),
	    WITH(every_mistake_is_reported_with_its_line),
	    WITH(a_nul_byte_is_refused),
	    WITH(settings_that_contradict_each_other_are_refused),
	    WITH(a_bucket_needs_a_name_and_keys),
	    WITH(a_relay_needs_addresses_and_a_secret_of_its_own),
	    WITH(a_server_for_large_calls_needs_an_address_and_secrets_of_its_own),
	    WITH(a_mail_server_needs_an_address_and_encryption_for_its_password),
	    WITH(a_provider_is_asked_by_https_or_on_this_host),
	    WITH(the_defaults_alone_lack_their_secrets),
	    WITH(a_file_is_read_and_checked),
	    WITH(a_file_that_is_missing_or_a_directory_is_reported),
	    WITH(a_file_beyond_256_kib_is_refused),
	    WITH(the_sample_states_every_default),
	    WITH(a_list_has_whole_items_only),
	};

	return cmocka_run_group_tests_name("shared/conf", tests, NULL, NULL);
}
