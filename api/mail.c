/* SPDX-License-Identifier: MIT */
/* See mail.h. Everything is ASCII with short lines on the way: subjects as encoded words
 * (RFC 2047), texts as base64, so no server in between has anything to convert. */
#include "mail.h"

#include "shared/clock.h"
#include "shared/crypt.h"

#include <stdio.h>
#include <time.h>

#define LETTER_MAX 65536
#define WORD_BYTES 45 /* of UTF-8 in an encoded word: 60 characters of 75 */
#define LINE_BYTES 57 /* of the text in a line: 76 characters */
#define DIGITS     "0123456789"
#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS

enum err
mail_require(struct req *r)
{
	return r->conf->smtp_url[0] != '\0'
		   ? OK
		   : req_fail(r, ERR_FORBIDDEN, "this server sends no e-mail");
}

/* Words with single dots between; each consists of these characters. Gives the last one. */
static const char *
dotted(const char *s, size_t n, const char *allow, size_t word_max, unsigned *words)
{
	const char *end = s + n, *last = s;

	for (*words = 0; s <= end; (*words)++) {
		size_t len = strspn(s, allow);

		if (s + len > end)
			len = (size_t)(end - s);
		if (len == 0 || len > word_max || (s + len < end && s[len] != '.'))
			return NULL;
		last = s;
		s += len + 1;
	}
	return last;
}

bool
mail_is_address(const char *s)
{
	const char *at = strrchr(s, '@'), *last;
	unsigned words;

	if (at == NULL || strlen(s) > MAIL_ADDRESS_MAX || at - s > 64 ||
	    dotted(s, (size_t)(at - s), LETTERS "!#$%&'*+-/=?^_`{|}~", 64, &words) == NULL)
		return false;
	last = dotted(at + 1, strlen(at + 1), LETTERS "-", 63, &words);
	return last != NULL && words > 1 && last[strspn(last, DIGITS)] != '\0' && at[1] != '-' &&
	       strstr(at, ".-") == NULL && strstr(at, "-.") == NULL && s[strlen(s) - 1] != '-';
}

enum err
mail_check_address(struct req *r, const char *address)
{
	return mail_is_address(address) ? OK : req_invalid(r, "email", "must be an e-mail address");
}

static void
add_base64(struct buf *out, const char *p, size_t n)
{
	char text[CRYPT_B64_SIZE(LINE_BYTES)];

	crypt_base64(p, n, text);
	buf_addstr(out, text);
}

/* How much of a text fits into max bytes without a cut through a character. */
static size_t
whole(const char *s, size_t max)
{
	size_t n = strnlen(s, max + 1);

	if (n <= max)
		return n;
	for (n = max; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

static void
add_subject(struct buf *out, const char *subject)
{
	buf_addstr(out, "Subject:");
	for (size_t n; *subject != '\0'; subject += n) {
		n = whole(subject, WORD_BYTES);
		buf_addstr(out, " =?UTF-8?B?");
		add_base64(out, subject, n);
		buf_addstr(out, subject[n] == '\0' ? "?=" : "?=\r\n");
	}
	buf_addstr(out, "\r\n");
}

/* Date and Message-ID. Nobody has called setlocale(), so the names are English. */
static void
add_stamps(struct buf *out, const char *from)
{
	time_t now = (time_t)(clock_wall() / 1000);
	unsigned char id[16];
	char date[64], hex[2 * sizeof(id) + 1];
	struct tm tm;

	(void)gmtime_r(&now, &tm);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	crypt_random(id, sizeof(id));
	crypt_hex(id, sizeof(id), hex);
	buf_printf(out, "Date: %s\r\nMessage-ID: <%s%s>\r\n", date, hex, strchr(from, '@'));
}

static void
add_text(struct buf *out, const char *text)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n; at += LINE_BYTES) {
		add_base64(out, text + at, n - at < LINE_BYTES ? n - at : LINE_BYTES);
		buf_addstr(out, "\r\n");
	}
}

const char *
mail_write(struct req *r, const char *address, const char *subject, const char *text)
{
	const char *from = r->conf->smtp_from;
	struct buf *out = req_buf(r, LETTER_MAX);

	add_stamps(out, from);
	buf_printf(out, "From: Maru <%s>\r\nTo: <%s>\r\n", from, address);
	add_subject(out, subject);
	/* Automatic answers are not wanted (RFC 3834). */
	buf_addstr(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\n");
	add_text(out, text);
	return out->p;
}
