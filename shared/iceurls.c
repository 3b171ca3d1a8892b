/* SPDX-License-Identifier: MIT */
#include "iceurls.h"

#define BETWEEN  ", \t"
#define DIGITS   "0123456789"
#define NAME     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS ".-"
#define IPV6     "abcdefABCDEF" DIGITS ":."
#define PORT_MAX 65535

bool
iceurls_next(const char **list, struct str *url)
{
	url->p = *list + strspn(*list, BETWEEN);
	url->n = strcspn(url->p, BETWEEN);
	*list = url->p + url->n;
	return url->n > 0;
}

static void
drop(struct str *s, size_t n)
{
	*s = (struct str){s->p + n, s->n - n};
}

/* Takes this text from the beginning; false if it is not there. */
static bool
cut(struct str *s, const char *text)
{
	if (!str_starts(*s, str_of(text)))
		return false;
	drop(s, strlen(text));
	return true;
}

/* Takes all of these characters from the beginning; how many. */
static size_t
cut_any(struct str *s, const char *characters)
{
	size_t n = 0;

	while (n < s->n && strchr(characters, s->p[n]) != NULL)
		n++;
	drop(s, n);
	return n;
}

static bool
cut_host(struct str *s)
{
	return cut(s, "[") ? cut_any(s, IPV6) > 0 && cut(s, "]") : cut_any(s, NAME) > 0;
}

/* The port, if there is a colon. */
static bool
cut_port(struct str *s)
{
	struct str digits;
	unsigned port = 0;

	if (!cut(s, ":"))
		return true;
	digits = *s;
	digits.n = cut_any(s, DIGITS);
	for (size_t i = 0; i < digits.n && port <= PORT_MAX; i++)
		port = port * 10 + (unsigned)(digits.p[i] - '0');
	return port > 0 && port <= PORT_MAX;
}

static bool
is_url(struct str url, const char *scheme)
{
	if (!cut(&url, scheme))
		return false;
	(void)cut(&url, "s");
	if (!cut(&url, ":") || !cut_host(&url) || !cut_port(&url))
		return false;
	if (strcmp(scheme, "turn") == 0)
		(void)(cut(&url, "?transport=udp") || cut(&url, "?transport=tcp"));
	return url.n == 0;
}

bool
iceurls_are(const char *list, const char *scheme)
{
	struct str url;

	while (iceurls_next(&list, &url)) {
		if (!is_url(url, scheme))
			return false;
	}
	return true;
}
