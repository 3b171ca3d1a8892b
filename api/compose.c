/* SPDX-License-Identifier: MIT */
/* See compose.h. The signs go first, or they would hide words from those who do not want to read
 * them; links and mentions are looked for in what is left, as everybody will see it. */
#include "compose.h"

#include "markup.h"
#include "mentions.h"
#include "words.h"

/* Where links lead to, which the text does not show. */
static enum err
filter_links(struct req *r, uint64_t room, const struct rich *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct span *s = &t->spans[i];
		const char *url, *masked;

		if (s->type != SPAN_LINK)
			continue;
		url = masked = arena_strndup(&r->mem, s->word.p, s->word.n);
		TRY(words_filter(r, room, &masked));
		if (masked != url)
			return ERR_REFUSED_WORD;
	}
	return OK;
}

enum err
compose_text(struct req *r, uint64_t room, const char *said, bool markdown, struct composed *out)
{
	struct rich t;
	const char *body;

	rich_init(&t, &r->mem, said);
	if (markdown)
		markup_read(&t);
	body = t.text;
	*out = (struct composed){.plain = body, .body = body};
	TRY(words_filter(r, room, &body));
	TRY(filter_links(r, room, &t));
	if (body != out->plain)
		rich_replace(&t, body);
	rich_find_links(&t);
	TRY(mentions_find(r, room, &t, &out->mentions));
	out->body = body;
	out->entities = rich_entities(&t);
	return OK;
}
