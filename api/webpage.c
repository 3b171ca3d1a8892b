/* SPDX-License-Identifier: MIT */
/* libxml2 is loaded by the process that reads pages, when it reads the first: with what stands
 * behind it (ICU, the runtime of C++) it would be 3 MB in each worker. */
#include "webpage.h"

#include "shared/log.h"

#include <dlfcn.h>
#include <iconv.h>
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define LIBXML      "libxml2.so.2"
#define NODES_MAX   20000
#define SNIFF_BYTES 1024
#define NAME_SIZE   32
#define GROWTH      4 /* bytes of UTF-8 for one of another encoding, at most */
#define OPTIONS                                                                              \
	(HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | \
	    HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT)

/* ---- which characters it is written in ---- */

/* The word behind "charset=" in a text. */
static bool
find_charset(struct str text, char out[NAME_SIZE])
{
	static const char mark[] = "charset=";
	size_t n = 0;

	for (size_t i = 0; i + sizeof(mark) - 1 <= text.n; i++) {
		if (strncasecmp(text.p + i, mark, sizeof(mark) - 1) != 0)
			continue;
		i += sizeof(mark) - 1;
		while (i < text.n && (text.p[i] == '"' || text.p[i] == '\''))
			i++;
		while (i < text.n && n < NAME_SIZE - 1 && text.p[i] != '\0' &&
		       strchr("\"'; >/", text.p[i]) == NULL)
			out[n++] = text.p[i++];
		break;
	}
	out[n] = '\0';
	return n > 0;
}

/* The names that browsers take for Windows' superset of EUC-KR (encoding.spec.whatwg.org). */
static bool
is_korean(const char *charset)
{
	static const char *const names[] = {
	    "euc-kr", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "windows-949", "cp949"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(charset, names[i]) == 0)
			return true;
	}
	return false;
}

/* As UTF-8; what is no character becomes '?', or with strict nothing is converted. */
static bool
convert(const char *charset, struct str in, bool strict, struct buf *out)
{
	iconv_t way = iconv_open("UTF-8", charset);
	char chunk[1024], *from = (char *)(uintptr_t)in.p;
	size_t left = in.n;
	bool ok = way != (iconv_t)-1;

	buf_clear(out);
	while (ok && left > 0) {
		char *to = chunk;
		size_t room = sizeof(chunk), before = left;
		bool broken = iconv(way, &from, &left, &to, &room) == (size_t)-1;

		buf_add(out, chunk, (size_t)(to - chunk));
		if (broken && left == before && to == chunk) {
			ok = !strict || left < GROWTH; /* it may be cut off there */
			buf_addch(out, '?');
			from++;
			left--;
		}
	}
	if (way != (iconv_t)-1)
		(void)iconv_close(way);
	return ok;
}

static void
to_utf8(struct str html, const char *type, struct buf *out)
{
	struct str head = {html.p, html.n < SNIFF_BYTES ? html.n : SNIFF_BYTES};
	char charset[NAME_SIZE];

	if (find_charset(str_of(type), charset) || find_charset(head, charset)) {
		if (convert(is_korean(charset) ? "CP949" : charset, html, false, out))
			return;
	} else if (convert("UTF-8", html, true, out) || convert("CP949", html, true, out)) {
		return;
	}
	(void)convert("UTF-8", html, false, out);
}

/* ---- the library ---- */

#define FUNCTIONS(F)            \
	F(htmlReadMemory)       \
	F(xmlDocGetRootElement) \
	F(xmlNodeGetContent)    \
	F(xmlGetProp)           \
	F(xmlFreeDoc)

static struct {
	bool tried, ready;
#define POINTER(name) __typeof__(&(name)) name;
	FUNCTIONS(POINTER)
} lib;

static bool
load(void)
{
	void *handle;

	if (lib.tried)
		return lib.ready;
	lib.tried = lib.ready = true;
	if ((handle = dlopen(LIBXML, RTLD_NOW | RTLD_LOCAL)) == NULL) {
		log_error("no links are previewed: %s", dlerror());
		return lib.ready = false;
	}
#define FIND(name) lib.ready = (*(void **)&lib.name = dlsym(handle, #name)) != NULL && lib.ready;
	FUNCTIONS(FIND)
	return lib.ready;
}

/* ---- what it says ---- */

static bool
is_blank(unsigned char c)
{
	return c <= ' ' || c == 0x7f;
}

/* One line, without blanks at its ends, cut after so many characters; NULL if nothing is left. */
static const char *
one_line(struct arena *mem, const char *text, size_t most)
{
	char *out = arena_alloc(mem, strlen(text) + 1);
	size_t n = 0, characters = 0;

	for (const char *c = text; *c != '\0'; c++) {
		bool blank = is_blank((unsigned char)*c);

		if (blank && (n == 0 || out[n - 1] == ' '))
			continue;
		if (((unsigned char)*c & 0xc0) != 0x80 && characters++ == most)
			break;
		out[n++] = blank ? ' ' : *c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n == 0 ? NULL : out;
}

/* iconv lets through what is no character: surrogates, numbers beyond the last one. */
static bool
is_text(const char *s)
{
	json_t *json = json_string(s);

	json_decref(json);
	return json != NULL;
}

/* Takes over libxml's text, which it has from malloc(). */
static void
take(struct arena *mem, xmlChar *text, size_t most, const char **out)
{
	if (text != NULL && *out == NULL)
		*out = one_line(mem, (const char *)text, most);
	if (*out != NULL && !is_text(*out))
		*out = NULL;
	free(text);
}

static bool
is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

struct found {
	struct webpage og;
	const char *title, *description;
};

static void
read_meta(struct arena *mem, xmlNode *node, struct found *f)
{
	xmlChar *key = lib.xmlGetProp(node, BAD_CAST "property"), *name;
	const struct {
		const char *key;
		const char **out;
	} known[] = {{"og:title", &f->og.title}, {"og:description", &f->og.description},
	    {"og:site_name", &f->og.site}, {"og:image", &f->og.image},
	    {"description", &f->description}};

	name = key == NULL ? lib.xmlGetProp(node, BAD_CAST "name") : key;
	for (size_t i = 0; name != NULL && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp((const char *)name, known[i].key) == 0)
			take(mem, lib.xmlGetProp(node, BAD_CAST "content"),
			    i == 0 || i == 2 ? WEBPAGE_TITLE_MAX : WEBPAGE_TEXT_MAX, known[i].out);
	}
	free(name);
}

/* The next node in the order of the text. */
static xmlNode *
next_of(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != NULL && node->next == NULL)
		node = node->parent;
	return node == NULL ? NULL : node->next;
}

void
webpage_read(struct arena *mem, struct str html, const char *type, struct webpage *out)
{
	struct found f = {0};
	struct buf text;
	htmlDocPtr page;
	xmlNode *node;

	*out = f.og;
	if (!load())
		return;
	buf_init(&text, GROWTH * html.n + 1);
	to_utf8(html, type, &text);
	page =
	    lib.htmlReadMemory(text.p == NULL ? "" : text.p, (int)text.n, NULL, "UTF-8", OPTIONS);
	node = page == NULL ? NULL : lib.xmlDocGetRootElement(page);
	for (unsigned i = 0; node != NULL && i < NODES_MAX; i++, node = next_of(node)) {
		if (is_named(node, "title"))
			take(mem, lib.xmlNodeGetContent(node), WEBPAGE_TITLE_MAX, &f.title);
		else if (is_named(node, "meta"))
			read_meta(mem, node, &f);
	}
	if (page != NULL)
		lib.xmlFreeDoc(page);
	buf_finish(&text);
	*out = f.og;
	out->title = out->title == NULL ? f.title : out->title;
	out->description = out->description == NULL ? f.description : out->description;
}
