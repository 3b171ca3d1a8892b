/* SPDX-License-Identifier: MIT */
/* The reader behind conf.h; everything it knows about single settings comes from conf.def. */
#include "conf.h"

#include "iceurls.h"
#include "outbound.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)256 << 10)
#define SECRET_MIN     32

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_FLAG };

struct key {
	const char *name;
	enum type type;
	size_t offset; /* of the member in struct conf */
	const char *text;
	int64_t number, min, max;
	const char *help;
};

static const struct key keys[] = {
#define TEXT(name, value, help) \
	{#name, TYPE_TEXT, offsetof(struct conf, name), value, 0, 0, 0, help},
#define NUMBER(name, value, min, max, help) \
	{#name, TYPE_NUMBER, offsetof(struct conf, name), NULL, value, min, max, help},
#define FLAG(name, value, help) \
	{#name, TYPE_FLAG, offsetof(struct conf, name), NULL, value, 0, 1, help},
#include "conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void
set_text(struct conf *c, const struct key *k, const char *value)
{
	memcpy((char *)c + k->offset, &value, sizeof(value));
}

static void
set_number(struct conf *c, const struct key *k, int64_t value)
{
	bool flag = value != 0;

	if (k->type == TYPE_FLAG)
		memcpy((char *)c + k->offset, &flag, sizeof(flag));
	else
		memcpy((char *)c + k->offset, &value, sizeof(value));
}

void
conf_init(struct conf *c)
{
	*c = (struct conf){0};
	arena_init(&c->mem);
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].type == TYPE_TEXT)
			set_text(c, &keys[i], keys[i].text);
		else
			set_number(c, &keys[i], keys[i].number);
	}
}

void
conf_finish(struct conf *c)
{
	arena_finish(&c->mem);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str
trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = (struct str){s.p + 1, s.n - 1};
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static const struct key *
find_key(struct str name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (str_eq(str_of(keys[i].name), name))
			return &keys[i];
	}
	return NULL;
}

/* Reads the value of a flag or number; false: it is none. */
static bool
parse_number(const struct key *k, const char *text, int64_t *value)
{
	char *end;

	if (k->type == TYPE_FLAG) {
		*value = strcmp(text, "on") == 0;
		return *value != 0 || strcmp(text, "off") == 0;
	}
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

/* Sets one key; NULL, or what is wrong with the value. */
static const char *
assign(struct conf *c, const struct key *k, struct str value)
{
	char *text;
	int64_t number;

	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = (struct str){value.p + 1, value.n - 2};
	if (value.n > 0 && memchr(value.p, '\0', value.n) != NULL)
		return "contains a NUL byte";
	text = arena_strndup(&c->mem, value.p, value.n);
	if (k->type == TYPE_TEXT) {
		set_text(c, k, text);
		return NULL;
	}
	if (!parse_number(k, text, &number))
		return k->type == TYPE_FLAG ? "must be on or off" : "must be a whole number";
	if (number < k->min || number > k->max)
		return arena_printf(
		    &c->mem, "must be from %" PRId64 " to %" PRId64, k->min, k->max);
	set_number(c, k, number);
	return NULL;
}

/* Takes one line; NULL, or the sentence that says what is wrong with it. */
static const char *
parse_line(struct conf *c, struct str line)
{
	const struct key *k;
	const char *equals, *problem;
	struct str name;

	line = trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return NULL;
	if ((equals = memchr(line.p, '=', line.n)) == NULL)
		return "expected `key = value`";
	name = trim((struct str){line.p, (size_t)(equals - line.p)});
	if ((k = find_key(name)) == NULL)
		return arena_printf(
		    &c->mem, "unknown setting \"%.*s\"", (int)(name.n < 64 ? name.n : 64), name.p);
	problem =
	    assign(c, k, trim((struct str){equals + 1, line.n - (size_t)(equals + 1 - line.p)}));
	return problem == NULL ? NULL : arena_printf(&c->mem, "%s %s", k->name, problem);
}

bool
conf_parse(struct conf *c, const char *name, struct str text, struct buf *errors)
{
	unsigned line = 0;
	bool ok = true;

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end == NULL ? text.n : (size_t)(end - text.p);
		const char *problem = parse_line(c, (struct str){text.p, n});

		line++;
		if (problem != NULL) {
			buf_printf(errors, "%s:%u: %s\n", name, line, problem);
			ok = false;
		}
		n += end != NULL;
		text = (struct str){text.p + n, text.n - n};
	}
	return ok;
}

static bool
is_web_address(const char *url)
{
	return (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) &&
	       strpbrk(url, " \t\"<>") == NULL;
}

/* Whether the host of an address (scheme://host...) is this machine. With a user name in front of
 * the host it is not clear what is what. */
static bool
is_here(const char *url)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	const char *host = strstr(url, "://");

	if (host == NULL || memchr(host, '@', 3 + strcspn(host + 3, "/?#")) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(host + 3, names[i], n) == 0 && strchr(":/", host[3 + n]) != NULL)
			return true;
	}
	return false;
}

bool
conf_is_secure(const char *url)
{
	return is_web_address(url) && (strncmp(url, "https:", 6) == 0 || is_here(url));
}

static void
check_smtp(const struct conf *c, const char *name, struct buf *errors)
{
	bool tls = strncmp(c->smtp_url, "smtps://", 8) == 0 || strcmp(c->smtp_tls, "required") == 0;

	if (c->smtp_url[0] == '\0')
		return;
	if (strncmp(c->smtp_url, "smtp://", 7) != 0 && strncmp(c->smtp_url, "smtps://", 8) != 0)
		buf_printf(errors, "%s: smtp_url must begin with smtp:// or smtps://\n", name);
	if (strchr(c->smtp_from, '@') == NULL || strpbrk(c->smtp_from, " \t<>,;:\"") != NULL)
		buf_printf(errors, "%s: smtp_from must be an e-mail address\n", name);
	if (!conf_list_has("off try required", str_of(c->smtp_tls)))
		buf_printf(errors, "%s: smtp_tls must be off, try or required\n", name);
	if (c->smtp_user[0] != '\0' && !tls && !is_here(c->smtp_url))
		buf_printf(errors,
		    "%s: smtp_user needs smtps:// or smtp_tls = required, or the password could be "
		    "read on the way\n",
		    name);
}

static void
check_oidc(const struct conf *c, const char *name, struct buf *errors)
{
	bool any = c->oidc_kakao_client_id[0] != '\0' || c->oidc_google_client_id[0] != '\0' ||
		   c->oidc_name[0] != '\0';
	size_t n = strlen(c->oidc_name);

	if (any && !is_web_address(c->public_url))
		buf_printf(errors, "%s: logins with OpenID Connect need public_url\n", name);
	if (n == 0)
		return;
	if (n > 20 || n != strspn(c->oidc_name, "abcdefghijklmnopqrstuvwxyz0123456789-") ||
	    conf_list_has("kakao google", str_of(c->oidc_name)))
		buf_printf(
		    errors, "%s: oidc_name must be a short word, and not kakao or google\n", name);
	if (!conf_is_secure(c->oidc_issuer) || c->oidc_client_id[0] == '\0')
		buf_printf(errors,
		    "%s: oidc_name needs oidc_client_id and oidc_issuer with https://\n", name);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool
consists_of(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

/* scheme://host[:port] and nothing else. */
static bool
is_server(const char *url)
{
	const char *host = strstr(url, "://");

	return is_web_address(url) && strlen(url) <= 256 && host[3] != '\0' &&
	       strpbrk(host + 3, "/?#@\\") == NULL;
}

/* The names of objects are never escaped: what a server would have to escape differently from us in
 * signatures is not allowed in them. */
static bool
is_s3_prefix(const char *prefix)
{
	return strlen(prefix) <= 200 && prefix[0] != '/' && strstr(prefix, "//") == NULL &&
	       strstr(prefix, "./") == NULL &&
	       consists_of(prefix, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "._/-");
}

static void
check_s3(const struct conf *c, const char *name, struct buf *errors)
{
	size_t n = strlen(c->s3_bucket);

	if (c->s3_endpoint[0] == '\0')
		return;
	if (!is_server(c->s3_endpoint))
		buf_printf(errors,
		    "%s: s3_endpoint must be https://host or http://host, with a :port if need be, "
		    "and without the bucket\n",
		    name);
	if (n < 3 || n > 63 || !consists_of(c->s3_bucket, LETTERS DIGITS ".-"))
		buf_printf(errors,
		    "%s: s3_endpoint needs s3_bucket: 3 to 63 small letters, digits, dots and "
		    "hyphens\n",
		    name);
	if (c->s3_access_key[0] == '\0' || c->s3_secret_key[0] == '\0')
		buf_printf(errors, "%s: s3_endpoint needs s3_access_key and s3_secret_key\n", name);
	if (strlen(c->s3_region) > 64 || c->s3_region[0] == '\0' ||
	    !consists_of(c->s3_region, LETTERS DIGITS "-"))
		buf_printf(errors, "%s: s3_region must be a word such as ap-northeast-2\n", name);
	if (!is_s3_prefix(c->s3_prefix))
		buf_printf(errors,
		    "%s: s3_prefix must consist of letters, digits and . _ / -, at most 200, and "
		    "not begin with a slash\n",
		    name);
	if (c->files_dir[0] != '/')
		buf_printf(errors, "%s: files_dir must begin with a slash\n", name);
}

/* Whoever is in a call has a name and its signature, and could try secrets against them at home: a
 * short one would be found, and must not be one that means more. */
static void
check_turn(const struct conf *c, const char *name, struct buf *errors)
{
	if (!iceurls_are(c->stun_urls, "stun"))
		buf_printf(errors,
		    "%s: stun_urls must be addresses such as stun:turn.example.org:3478, separated "
		    "by commas\n",
		    name);
	if (!iceurls_are(c->turn_urls, "turn"))
		buf_printf(errors,
		    "%s: turn_urls must be addresses such as "
		    "turn:turn.example.org:3478?transport=udp, separated by commas\n",
		    name);
	if (c->turn_urls[0] == '\0')
		return;
	if (strlen(c->turn_secret) < SECRET_MIN)
		buf_printf(errors, "%s: turn_urls needs turn_secret: %d or more characters\n", name,
		    SECRET_MIN);
	else if (strcmp(c->turn_secret, c->app_secret) == 0 ||
		 strcmp(c->turn_secret, c->token_secret) == 0)
		buf_printf(
		    errors, "%s: turn_secret must differ from app_secret and token_secret\n", name);
}

/* What Janus checks is in the hands of everybody in a call, as with relays. Its configuration has
 * quotes around it. */
static void
check_sfu(const struct conf *c, const char *name, struct buf *errors)
{
	if (c->sfu_url[0] == '\0')
		return;
	if (!is_web_address(c->sfu_url) || strlen(c->sfu_url) > 256 ||
	    strpbrk(c->sfu_url, "?#@") != NULL)
		buf_printf(errors,
		    "%s: sfu_url must be an address such as http://127.0.0.1:8088/janus\n", name);
	if (strlen(c->sfu_secret) < SECRET_MIN ||
	    !consists_of(c->sfu_secret, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS))
		buf_printf(errors, "%s: sfu_url needs sfu_secret: %d or more letters and digits\n",
		    name, SECRET_MIN);
	else if (strcmp(c->sfu_secret, c->app_secret) == 0 ||
		 strcmp(c->sfu_secret, c->token_secret) == 0 ||
		 strcmp(c->sfu_secret, c->turn_secret) == 0)
		buf_printf(errors,
		    "%s: sfu_secret must differ from app_secret, token_secret and turn_secret\n",
		    name);
	if (c->sfu_admin_key[0] == '\0' || strcmp(c->sfu_admin_key, c->sfu_secret) == 0)
		buf_printf(errors,
		    "%s: sfu_url needs sfu_admin_key, which must differ from sfu_secret\n", name);
}

bool
conf_check(const struct conf *c, const char *name, struct buf *errors)
{
	size_t before = errors->n;
	struct outbound networks;

	if (c->app_key[0] == '\0' || strpbrk(c->app_key, ":/?&\" ") != NULL)
		buf_printf(errors, "%s: app_key must be a plain word\n", name);
	if (c->app_id[0] == '\0' || c->app_id[strspn(c->app_id, "0123456789")] != '\0')
		buf_printf(errors, "%s: app_id must be a number\n", name);
	if (c->webhook_url[0] != '\0' && !is_web_address(c->webhook_url))
		buf_printf(errors, "%s: webhook_url must begin with http:// or https://\n", name);
	if (!outbound_read(c->outbound_allow, &networks))
		buf_printf(errors,
		    "%s: outbound_allow must be at most %d networks such as 10.1.0.0/16\n", name,
		    OUTBOUND_NETS_MAX);
	check_smtp(c, name, errors);
	check_oidc(c, name, errors);
	check_s3(c, name, errors);
	check_turn(c, name, errors);
	check_sfu(c, name, errors);
	if (strlen(c->app_secret) < SECRET_MIN)
		buf_printf(
		    errors, "%s: app_secret needs %d or more characters\n", name, SECRET_MIN);
	if (strlen(c->token_secret) < SECRET_MIN)
		buf_printf(
		    errors, "%s: token_secret needs %d or more characters\n", name, SECRET_MIN);
	if (strcmp(c->app_secret, c->token_secret) == 0)
		buf_printf(errors, "%s: app_secret and token_secret must differ\n", name);
	if (c->push_hangup <= c->push_ping)
		buf_printf(errors, "%s: push_hangup must be greater than push_ping\n", name);
	if (c->db_socket[0] == '\0' && c->db_host[0] == '\0')
		buf_printf(errors, "%s: set db_socket or db_host\n", name);
	return errors->n == before;
}

/* Reads a whole file; false with errno. */
static bool
read_file(const char *path, struct buf *out)
{
	char chunk[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	(void)close(fd);
	if (out->full)
		errno = EFBIG;
	return n == 0 && !out->full;
}

bool
conf_load(struct conf *c, const char *path, struct buf *errors)
{
	struct buf text;
	bool ok;

	buf_init(&text, FILE_MAX_BYTES);
	ok = read_file(path, &text);
	if (!ok)
		buf_printf(errors, "%s: %s\n", path, strerror(errno));
	else
		ok = conf_parse(c, path, (struct str){text.p, text.n}, errors) &&
		     conf_check(c, path, errors);
	buf_finish(&text);
	return ok;
}

/* Adds a comment, broken at blanks so that no line passes 98 characters. */
static void
write_help(struct buf *out, const char *help)
{
	size_t column = 0;

	while (*help != '\0') {
		size_t n = strcspn(help, " ");

		if (column == 0 || column + 1 + n > 98) {
			buf_addstr(out, column == 0 ? "#" : "\n#");
			column = 1;
		}
		buf_addch(out, ' ');
		buf_add(out, help, n);
		column += 1 + n;
		help += n + (help[n] == ' ');
	}
	buf_addch(out, '\n');
}

void
conf_write_sample(struct buf *out)
{
	buf_addstr(out,
	    "# Maru: every setting with its default. maru-api and maru-push read this file;\n"
	    "# `maru-api --check` tells what is wrong with it.\n");
	for (size_t i = 0; i < KEYS; i++) {
		const struct key *k = &keys[i];

		buf_addch(out, '\n');
		write_help(out, k->help);
		if (k->type == TYPE_TEXT)
			buf_printf(out, "#%s = %s\n", k->name, k->text);
		else if (k->type == TYPE_NUMBER)
			buf_printf(out, "#%s = %" PRId64 "\n", k->name, k->number);
		else
			buf_printf(out, "#%s = %s\n", k->name, k->number != 0 ? "on" : "off");
	}
}

bool
conf_list_has(const char *list, struct str item)
{
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n > 0 && str_eq((struct str){list, n}, item))
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}
