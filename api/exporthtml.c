/* SPDX-License-Identifier: MIT */
/* One HTML file that needs no other, and runs nothing: what people wrote is text, and a policy of
 * its own keeps a browser from doing anything else with the file. */
#include "export.h"

/* The policy has the hash of the style sheet. */
#define STYLE                                                                                \
	"body{font:16px/1.5 sans-serif;max-width:48rem;margin:auto;padding:1rem;color:#222;" \
	"background:#fff}h2{font-size:1rem;text-align:center;color:#555;margin:2rem 0 1rem}" \
	"p{margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}time,.event{color:"    \
	"#666}time{font-size:.8rem}.event{text-align:center}"
#define POLICY "default-src 'none'; style-src 'sha256-JwdrYQBWfAJp9xZ2jl6kcRMkbServRU+QfyLaHjfkL4='"

static void
add_text(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&': buf_addstr(out, "&amp;"); break;
		case '<': buf_addstr(out, "&lt;"); break;
		case '>': buf_addstr(out, "&gt;"); break;
		case '"': buf_addstr(out, "&quot;"); break;
		case '\'': buf_addstr(out, "&#39;"); break;
		default: buf_addch(out, *text);
		}
	}
}

static void
begin(const struct export *x, struct buf *out)
{
	buf_printf(out,
	    "<!doctype html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	    x->lang == LANG_KO ? "ko" : "en");
	add_text(out, x->title);
	buf_addstr(out, "</title>\n<style>" STYLE "</style>\n<h1>");
	add_text(out, x->title);
	buf_addstr(out, "</h1>\n<p><time>");
	export_add_time(out, &x->saved_local);
	buf_addstr(out, "</time></p>\n");
}

static void
add(const struct export *x, const struct export_item *i, struct buf *out)
{
	if (i->new_day) {
		buf_addstr(out, "<h2>");
		phrase_add_day(out, x->lang, &i->local);
		buf_addstr(out, "</h2>\n");
	}
	buf_addstr(out, i->event ? "<p class=\"event\">" : "<p><b>");
	if (!i->event) {
		add_text(out, i->name);
		buf_printf(out, "</b> <time datetime=\"%s\">", i->time);
		phrase_add_time(out, x->lang, &i->local);
		buf_addstr(out, "</time>\n");
	}
	add_text(out, i->text);
	buf_addstr(out, "</p>\n");
}

static void
end(const struct export *x, struct buf *out)
{
	(void)x;
	buf_addstr(out, "</html>\n");
}

const struct export_format export_html = {
    .word = "html", .type = "text/html; charset=utf-8", .begin = begin, .add = add, .end = end};
