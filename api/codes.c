/* SPDX-License-Identifier: MIT */
#include "codes.h"

#include "mail.h"
#include "shared/crypt.h"
#include "sql.h"
#include "throttle.h"

#include <ctype.h>
#include <inttypes.h>

#define CODES        1000000U
#define WINDOW       3600
#define NETWORK_MORE 10 /* times what one account may have */
#define EXPIRE_ROWS  10 /* that go with each new one */

struct words {
	const char *subject, *text; /* the text has a %s */
};

static const struct words english[] = {
    {"Confirm your e-mail address",
	"%s\n\nis the code that confirms this e-mail address. It is good for 10 minutes.\n\n"
	"If you did not ask for it, you need not do anything. Do not give it to anybody.\n"},
    {"Reset your password",
	"%s\n\nis the code that lets you choose a new password. It is good for 10 minutes.\n\n"
	"If you did not ask for it, you need not do anything. Do not give it to anybody.\n"},
};

static const struct words korean[] = {
    {"이메일 주소를 확인해 주세요",
	"%s\n\n이메일 주소를 확인하는 코드입니다. 10분 동안 쓸 수 있습니다.\n\n"
	"요청하지 않으셨다면 아무것도 하지 않으셔도 됩니다. 다른 사람에게 알려 주지 마세요.\n"},
    {"비밀번호를 다시 설정해 주세요",
	"%s\n\n비밀번호를 새로 정하는 코드입니다. 10분 동안 쓸 수 있습니다.\n\n"
	"요청하지 않으셨다면 아무것도 하지 않으셔도 됩니다. 다른 사람에게 알려 주지 마세요.\n"},
};

/* The address as a key: the same for upper and lower case, and not readable in the table. */
static const char *
key_of(struct req *r, const char *email)
{
	char *lower = arena_strdup(&r->mem, email), hex[CRYPT_HEX_SIZE];

	for (char *p = lower; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	crypt_hmac_hex(str_of(r->conf->token_secret), str_of(lower), hex);
	return arena_strdup(&r->mem, hex);
}

enum err
codes_throttle(struct req *r, uint64_t user, const char *email)
{
	const char *network = arena_printf(&r->mem, "mail-from:%s", throttle_network(r));
	int64_t most = r->conf->mail_attempts;

	TRY(throttle_take(r, network, NETWORK_MORE * most, WINDOW));
	if (user != 0)
		TRY(throttle_take(
		    r, arena_printf(&r->mem, "mail-of:%" PRIu64, user), most, WINDOW));
	return throttle_take(
	    r, arena_printf(&r->mem, "mail-to:%s", key_of(r, email)), most, WINDOW);
}

static void
hash(struct req *r, const char *purpose, uint64_t user, const char *email, const char *code,
    unsigned char out[CRYPT_HASH])
{
	const char *text =
	    arena_printf(&r->mem, "email-code:%s:%" PRIu64 ":%s:%s", purpose, user, email, code);

	crypt_hmac(str_of(r->conf->token_secret), str_of(text), out);
}

/* Each code is as likely as any other: what would make the first ones likelier is thrown away. */
static unsigned
draw(void)
{
	uint64_t v;

	do
		v = crypt_random64();
	while (v >= UINT64_MAX - UINT64_MAX % CODES);
	return (unsigned)(v % CODES);
}

enum err
codes_make(
    struct req *r, const char *purpose, uint64_t user, const char *email, char out[CODES_SIZE])
{
	unsigned char bytes[CRYPT_HASH];
	unsigned code = draw();

	for (unsigned i = CODES_SIZE - 1; i-- > 0; code /= 10)
		out[i] = (char)('0' + code % 10);
	out[CODES_SIZE - 1] = '\0';
	hash(r, purpose, user, email, out, bytes);
	TRY(sql_codes_expire(r, EXPIRE_ROWS, NULL));
	return sql_code_store(r, purpose, user, email, (struct str){(char *)bytes, sizeof(bytes)},
	    CODES_SECONDS, NULL);
}

enum err
codes_try(struct req *r, const char *purpose, uint64_t user, const char *code, const char **email)
{
	unsigned char bytes[CRYPT_HASH];
	char hex[CRYPT_HEX_SIZE];
	uint64_t counted;
	json_t *row;
	enum err e;

	TRY(sql_code_count(r, purpose, user, &counted));
	e = sql_code_get(r, purpose, user, &row);
	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_BAD_CODE : e;
	*email = row_text(row, "email");
	hash(r, purpose, user, *email, code, bytes);
	crypt_hex(bytes, sizeof(bytes), hex);
	if (counted == 0 || strlen(row_text(row, "hash")) != 2 * CRYPT_HASH)
		return ERR_BAD_CODE;
	return crypt_equal(row_text(row, "hash"), hex, 2 * CRYPT_HASH) ? OK : ERR_BAD_CODE;
}

enum err
codes_use(struct req *r, const char *purpose, uint64_t user, const char *email, const char *code)
{
	unsigned char bytes[CRYPT_HASH];
	uint64_t used;

	hash(r, purpose, user, email, code, bytes);
	TRY(sql_code_use(r, purpose, user, (struct str){(char *)bytes, sizeof(bytes)}, &used));
	return used == 1 ? OK : ERR_BAD_CODE;
}

const char *
codes_letter(
    struct req *r, const char *purpose, const char *email, const char *locale, const char *code)
{
	const struct words *w = strncmp(locale, "ko", 2) == 0 ? korean : english;
	struct buf *text = req_buf(r, 4096);
	const char *gap;

	w += strcmp(purpose, "reset") == 0;
	gap = strstr(w->text, "%s");
	buf_add(text, w->text, (size_t)(gap - w->text));
	buf_addstr(text, code);
	buf_addstr(text, gap + 2);
	return mail_write(r, email, w->subject, text->p);
}
