/* SPDX-License-Identifier: MIT */
/* The log behind log.h. A line is one write(2), so lines of several processes never mix. */
#include "log.h"

#include "clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static struct {
	const char *program;
	enum log_level level;
	const char *request;
	int pid;
} log_state = {"maru", LOG_INFO, NULL, 0};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void
log_open(const char *program, enum log_level level)
{
	log_state.program = program;
	log_state.level = level;
	log_state.request = NULL;
	log_state.pid = (int)getpid();
}

enum log_level
log_level(const char *name)
{
	for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(name, level_names[i]) == 0)
			return (enum log_level)i;
	}
	return LOG_INFO;
}

void
log_request(const char *id)
{
	log_state.request = id;
}

/* Copies text with control characters written as \xNN; what does not fit is cut. */
static size_t
escape_text(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x20 && c != 0x7f)
			out[n++] = *text;
		else
			n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
	}
	return n;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES + 256], when[CLOCK_TEXT_SIZE];
	va_list ap;
	size_t n;

	if (level > log_state.level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clock_text(clock_wall(), when);
	n = (size_t)snprintf(line, 128, "%s %s %.20s[%d] ", when, level_names[level],
	    log_state.program, log_state.pid);
	if (log_state.request != NULL)
		n += (size_t)snprintf(line + n, 64, "%.40s ", log_state.request);
	n += escape_text(line + n, sizeof(line) - n - 1, text);
	line[n++] = '\n';
	/* A log that can't be written must not stop the service. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}
