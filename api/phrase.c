/* SPDX-License-Identifier: MIT */
#include "phrase.h"

#include <string.h>
#include <strings.h>

static const char *const phrases[PHRASES][LANGS] = {
#define PHRASE(name, en, ko) {en, ko},
#include "phrases.def"
#undef PHRASE
};

static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December"};
static const char *const days[][LANGS] = {{"Sunday", "일"}, {"Monday", "월"}, {"Tuesday", "화"},
    {"Wednesday", "수"}, {"Thursday", "목"}, {"Friday", "금"}, {"Saturday", "토"}};

enum lang
phrase_lang(const char *locale)
{
	return strncasecmp(locale, "ko", 2) == 0 && (locale[2] == '\0' || locale[2] == '-')
		   ? LANG_KO
		   : LANG_EN;
}

void
phrase_add(
    struct buf *out, enum lang lang, enum phrase phrase, const char *first, const char *second)
{
	const char *p = phrases[phrase][lang], *place;

	while ((place = strchr(p, '{')) != NULL) {
		buf_add(out, p, (size_t)(place - p));
		buf_addstr(out, place[1] == '1' ? first : second);
		p = place + 3;
	}
	buf_addstr(out, p);
}

void
phrase_add_day(struct buf *out, enum lang lang, const struct tm *local)
{
	int year = local->tm_year + 1900;

	if (lang == LANG_KO)
		buf_printf(out, "%d년 %d월 %d일 %s요일", year, local->tm_mon + 1, local->tm_mday,
		    days[local->tm_wday][lang]);
	else
		buf_printf(out, "%s, %s %d, %d", days[local->tm_wday][lang], months[local->tm_mon],
		    local->tm_mday, year);
}

void
phrase_add_time(struct buf *out, enum lang lang, const struct tm *local)
{
	int hour = local->tm_hour % 12 == 0 ? 12 : local->tm_hour % 12;
	bool morning = local->tm_hour < 12;

	if (lang == LANG_KO)
		buf_printf(out, "%s %d:%02d", morning ? "오전" : "오후", hour, local->tm_min);
	else
		buf_printf(out, "%d:%02d %s", hour, local->tm_min, morning ? "AM" : "PM");
}
