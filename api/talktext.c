/* SPDX-License-Identifier: MIT */
/* See talktext.h. Each take_ function reads something at the beginning of the text that is left, or
 * leaves it as it is and says no. */
#include "talktext.h"

#include <strings.h>

#define RULER "---------------"

static bool
take(struct str *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static void
take_blanks(struct str *s)
{
	while (take(s, " "))
		continue;
}

/* A number of one to `digits` digits. */
static bool
take_number(struct str *s, size_t digits, int *out)
{
	size_t n = 0;

	for (*out = 0; n < s->n && n < digits && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		*out = *out * 10 + s->p[n] - '0';
	s->p += n;
	s->n -= n;
	return n > 0;
}

static bool
ends_with(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.p + s.n - n, word, n) == 0;
}

/* ---- days and times ---- */

static bool
is_day(const struct tm *tm)
{
	return tm->tm_year >= 90 && tm->tm_year < 200 && tm->tm_mon >= 0 && tm->tm_mon < 12 &&
	       tm->tm_mday >= 1 && tm->tm_mday <= 31;
}

/* "2026년 11월 29일", "2026. 11. 29." */
static bool
take_numbers_day(struct str *s, struct tm *tm)
{
	static const char *const korean[] = {"년", "월", "일"}, *const dots[] = {".", ".", "."};
	const char *const *mark = korean;
	struct str left = *s;
	int part[3];

	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			take_blanks(&left);
		if (!take_number(&left, 4, &part[i]))
			return false;
		if (i == 0)
			mark = left.n > 0 && left.p[0] == '.' ? dots : korean;
		if (!take(&left, mark[i]))
			return false;
	}
	tm->tm_year = part[0] - 1900;
	tm->tm_mon = part[1] - 1;
	tm->tm_mday = part[2];
	if (!is_day(tm))
		return false;
	*s = left;
	return true;
}

/* "November", "Nov" */
static bool
take_month(struct str *s, int *month)
{
	static const char *const names[] = {"January", "February", "March", "April", "May", "June",
	    "July", "August", "September", "October", "November", "December"};
	char brief[4] = "";

	for (*month = 0; *month < 12; ++*month) {
		if (take(s, names[*month]))
			return true;
		memcpy(brief, names[*month], 3);
		if (take(s, brief))
			return true;
	}
	return false;
}

/* "November 29, 2026", after the name of its day or without. */
static bool
take_english_day(struct str *s, struct tm *tm)
{
	static const char *const days[] = {"Sunday, ", "Monday, ", "Tuesday, ", "Wednesday, ",
	    "Thursday, ", "Friday, ", "Saturday, "};
	struct str left = *s;

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (take(&left, days[i]))
			break;
	}
	if (!take_month(&left, &tm->tm_mon) || !take(&left, " ") ||
	    !take_number(&left, 2, &tm->tm_mday) || !take(&left, ", ") ||
	    !take_number(&left, 4, &tm->tm_year))
		return false;
	tm->tm_year -= 1900;
	if (!is_day(tm))
		return false;
	*s = left;
	return true;
}

static bool
take_day(struct str *s, struct tm *tm)
{
	return take_numbers_day(s, tm) || take_english_day(s, tm);
}

/* Whether an hour of twelve can be that of the clock; then it is the day's. */
static bool
fix_hour(bool before, bool after, int *hour)
{
	if (!before && !after)
		return *hour < 24;
	if (*hour < 1 || *hour > 12)
		return false;
	*hour = *hour % 12 + (after ? 12 : 0);
	return true;
}

/* "오후 3:05", "3:05 PM", "15:05" */
static bool
take_time(struct str *s, struct tm *tm)
{
	struct str left = *s;
	bool before = take(&left, "오전 "), after = !before && take(&left, "오후 ");

	if (!take_number(&left, 2, &tm->tm_hour) || !take(&left, ":") || left.n < 2 ||
	    !take_number(&left, 2, &tm->tm_min) || left.p[-2] == ':')
		return false;
	if (!before && !after) {
		before = take(&left, " AM");
		after = !before && take(&left, " PM");
	}
	if (!fix_hour(before, after, &tm->tm_hour) || tm->tm_min > 59)
		return false;
	*s = left;
	return true;
}

/* ---- lines ---- */

/* Ends of KakaoTalk's own sentences, which have no time on Windows. */
static bool
is_sentence(struct str line)
{
	static const char *const ends[] = {"님이 들어왔습니다.", "님이 나갔습니다.",
	    "님을 내보냈습니다.", "님을 초대하였습니다.", "님을 초대했습니다.",
	    "채팅방 관리자가 메시지를 가렸습니다.", " joined this chatroom.",
	    " left this chatroom.", " was removed from this chatroom."};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (ends_with(line, ends[i]))
			return true;
	}
	return false;
}

static bool
is_head(struct str line)
{
	return ends_with(line, " 카카오톡 대화") || ends_with(line, "님과 카카오톡 대화") ||
	       ends_with(line, " with KakaoTalk Chats") || take(&line, "저장한 날짜 :") ||
	       take(&line, "Date Saved :") || take(&line, "Date Saved:") ||
	       (take(&line, "Talk_") && ends_with(line, ".txt"));
}

/* "--------------- ... ---------------"; or the day alone, with the name of the day or a time. */
static bool
read_day(struct str line, struct talktext *t)
{
	bool ruled = take(&line, RULER " ");

	if (!take_day(&line, &t->local))
		return false;
	t->style = ruled ? TALK_BRACKETS : TALK_DATED;
	if (ruled)
		return ends_with(line, " " RULER);
	if (line.n == 0 || ends_with(line, "요일"))
		return line.n <= sizeof(" 월요일") - 1;
	return take(&line, " ") && take_time(&line, &t->local) && line.n == 0;
}

/* "[name] [time] text"; a name may have brackets in it. */
static bool
read_brackets(struct str line, struct talktext *t)
{
	struct str left = line;

	if (!take(&left, "["))
		return false;
	for (; left.n > 0; left.p++, left.n--) {
		struct str rest = left;

		if (!take(&rest, "] [") || !take_time(&rest, &t->local) || !take(&rest, "]"))
			continue;
		t->name = (struct str){line.p + 1, (size_t)(left.p - line.p) - 1};
		(void)take(&rest, " ");
		t->text = rest;
		t->style = TALK_BRACKETS;
		t->kind = t->name.n > 0 ? TALK_MESSAGE : TALK_EVENT;
		return true;
	}
	return false;
}

/* "day time, name : text", also without the day. */
static bool
read_dated(struct str line, struct talktext *t)
{
	bool dated = take_day(&line, &t->local);

	if (dated && !take(&line, " at ") && !take(&line, ", "))
		take_blanks(&line);
	if (!take_time(&line, &t->local))
		return false;
	t->kind = TALK_EVENT;
	t->style = dated ? TALK_DATED : TALK_TIMED;
	if (dated && take(&line, ": "))
		return true;
	if (!take(&line, ", "))
		return false;
	t->text = line;
	for (; t->text.n > 0; t->text.p++, t->text.n--) {
		if (!take(&t->text, " : "))
			continue;
		t->name = (struct str){line.p, (size_t)(t->text.p - line.p) - 3};
		t->kind = t->name.n > 0 ? TALK_MESSAGE : TALK_EVENT;
		return true;
	}
	return dated || is_sentence(line);
}

struct talktext
talktext_read(struct str line)
{
	const struct talktext nothing = {.kind = TALK_REST};
	struct talktext t = nothing;

	t.kind = TALK_DAY;
	if (read_day(line, &t))
		return t;
	t = nothing;
	if (read_brackets(line, &t) || (t = nothing, read_dated(line, &t)))
		return t;
	t = nothing;
	if (is_head(line))
		t.kind = TALK_HEAD;
	else if (is_sentence(line))
		t.kind = TALK_EVENT;
	return t;
}
