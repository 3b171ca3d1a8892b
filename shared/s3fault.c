/* SPDX-License-Identifier: MIT */
/* The judge behind s3fault.h. */
#include "s3fault.h"

#include <stdio.h>

#define CODE_SIZE 64
#define TEXT_SIZE 200

static const char *const silences[] = {
    [S3_NO_NAME] = "the name of its host can't be resolved; check s3_endpoint and DNS",
    [S3_NO_CONNECTION] = "no connection; check s3_endpoint, and whether the server runs",
    [S3_NOT_TRUSTED] = "its certificate is not to be trusted",
    [S3_NO_TLS] = "TLS could not be agreed on",
    [S3_TOO_SLOW] = "it does not answer, or too slowly",
    [S3_CUT_OFF] = "the connection broke or its answer was not whole",
    [S3_NO_FILE] = "the local file can't be read",
};

/* Codes with which all requests will be refused, and what helps. */
static const struct {
	const char *code, *words;
} known[] = {
    {"NoSuchBucket", "there is no such bucket; check s3_bucket, or create it"},
    {"InvalidAccessKeyId", "it does not know s3_access_key"},
    {"SignatureDoesNotMatch", "s3_secret_key or s3_region is wrong"},
    {"AuthorizationHeaderMalformed", "s3_region is wrong"},
    {"RequestTimeTooSkewed", "the clock of this host is wrong"},
    {"AccessDenied", "s3_access_key may not do this with s3_bucket"},
    {"AllAccessDisabled", "the bucket is disabled"},
    {"ExpiredToken", "the keys are no longer valid"},
    {"PermanentRedirect", "the bucket is in another region or at another host; set s3_endpoint "
			  "and s3_region"},
    {"SlowDown", "it asks to slow down"},
    {"InternalError", "it has a fault of its own"},
    {"ServiceUnavailable", "it is not available"},
    {"RequestTimeout", "it got nothing from us in time"},
    {"QuotaExceeded", "the bucket is full"},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* Undoes the five entities that XML has by itself. */
static char
entity(const char *p, const char *end, size_t *n)
{
	static const struct {
		const char *text;
		char c;
	} all[] = {{"&amp;", '&'}, {"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*n = strlen(all[i].text);
		if ((size_t)(end - p) >= *n && memcmp(p, all[i].text, *n) == 0)
			return all[i].c;
	}
	*n = 1;
	return *p;
}

bool
s3fault_element(struct str xml, const char *name, char *out, size_t size)
{
	char tag[CODE_SIZE];
	const char *p, *end;
	size_t n = (size_t)snprintf(tag, sizeof(tag), "<%s>", name), used = 0, step;

	out[0] = '\0';
	if (xml.n == 0 || (p = memmem(xml.p, xml.n, tag, n)) == NULL)
		return false;
	p += n;
	if ((end = memchr(p, '<', xml.n - (size_t)(p - xml.p))) == NULL)
		return false;
	for (; p < end; p += step) {
		if (used + 1 >= size)
			return false;
		out[used++] = entity(p, end, &step);
	}
	out[used] = '\0';
	return true;
}

/* Of a status that comes without a word, as after HEAD. */
static const char *
words_of(long status)
{
	switch (status) {
	case 301:
	case 302:
	case 307:
	case 308:
		return "the bucket is in another region or at another host; set s3_endpoint and "
		       "s3_region";
	case 401:
	case 403: return "s3_access_key, s3_secret_key or its rights are wrong";
	case 404: return "it is not there";
	case 429:
	case 503: return "it is not available, or asks to slow down";
	case 507: return "the bucket is full";
	default: return status >= 500 ? "it has a fault of its own" : "it does not take this";
	}
}

static enum s3_trouble
whose(long status, bool code_is_known)
{
	if (code_is_known || status >= 500 || (status >= 300 && status < 400))
		return S3_SERVER;
	return status == 401 || status == 403 || status == 408 || status == 429 ? S3_SERVER
										: S3_OBJECT;
}

static void
judge_answer(struct s3_call *c, const char *place)
{
	struct str xml = {c->answer.p, c->answer.n};
	char code[CODE_SIZE] = "", text[TEXT_SIZE] = "";
	bool error = xml.n > 0 && memmem(xml.p, xml.n, "<Error>", 7) != NULL;
	const char *words = words_of(c->status);
	unsigned i = KNOWN;

	if (error && s3fault_element(xml, "Code", code, sizeof(code)))
		for (i = 0; i < KNOWN && strcmp(known[i].code, code) != 0; i++)
			continue;
	if (c->status >= 200 && c->status < 300 && !error)
		return;
	if (i < KNOWN)
		words = known[i].words;
	/* What a server says about itself goes into the log, which escapes it. */
	(void)s3fault_element(xml, "Message", text, sizeof(text));
	c->trouble = whose(c->status, i < KNOWN);
	(void)snprintf(c->why, sizeof(c->why), "%s (HTTP %ld%s%s%s%.*s%s%.200s)", words, c->status,
	    code[0] == '\0' ? "" : " ", code, text[0] == '\0' ? "" : ": ", (int)(TEXT_SIZE - 1),
	    text, place[0] == '\0' ? "" : ", it names ", place);
}

void
s3fault_judge(struct s3_call *c, enum s3_silence silence, const char *place)
{
	c->trouble = S3_FINE;
	c->why[0] = '\0';
	if (silence == S3_ANSWERED) {
		judge_answer(c, place);
		return;
	}
	c->trouble = silence == S3_NO_FILE ? S3_OBJECT : S3_SERVER;
	(void)snprintf(c->why, sizeof(c->why), "%s (%s)", silences[silence], c->error);
}
