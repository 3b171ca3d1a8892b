/* SPDX-License-Identifier: MIT */
/* A WebP file is "RIFF", its size, "WEBP", and chunks: four letters, a size, bytes, and one more if
 * the size is odd (RFC 9649). Those that stay move to the front of the same file. */
#include "webp.h"

#include "shared/buf.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD  8
#define START 12
#define PIECE 65536
/* Of VP8X: there is an ICC profile, EXIF, XMP. */
#define METADATA (0x20 | 0x08 | 0x04)

static bool
read_at(int fd, void *out, size_t n, off_t at)
{
	return pread(fd, out, n, at) == (ssize_t)n;
}

static bool
write_at(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite(fd, bytes, n, at) == (ssize_t)n;
}

static off_t
size_at(const unsigned char head[HEAD])
{
	return (off_t)((uint32_t)head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16 |
		       (uint32_t)head[7] << 24);
}

static bool
stays(const unsigned char head[HEAD])
{
	static const char *const names[] = {"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (memcmp(head, names[i], 4) == 0)
			return true;
	}
	return false;
}

/* Moves bytes towards the front. */
static bool
move(int fd, off_t from, off_t to, off_t n)
{
	char piece[PIECE];

	for (off_t done = 0; from != to && done < n;) {
		size_t some = n - done < PIECE ? (size_t)(n - done) : PIECE;

		if (!read_at(fd, piece, some, from + done) || !write_at(fd, piece, some, to + done))
			return false;
		done += (off_t)some;
	}
	return true;
}

/* Says in the chunk that begins at this offset that there is no metadata. */
static bool
mark(int fd, const unsigned char head[HEAD], off_t at)
{
	unsigned char flags;

	if (memcmp(head, "VP8X", 4) != 0)
		return true;
	if (!read_at(fd, &flags, 1, at + HEAD))
		return false;
	flags &= (unsigned char)~METADATA;
	return write_at(fd, &flags, 1, at + HEAD);
}

static bool
finish(int fd, off_t size)
{
	uint32_t n = (uint32_t)(size - HEAD);
	unsigned char bytes[] = {(unsigned char)n, (unsigned char)(n >> 8),
	    (unsigned char)(n >> 16), (unsigned char)(n >> 24)};

	return write_at(fd, bytes, sizeof(bytes), 4) && ftruncate(fd, size) == 0;
}

static bool
strip(int fd)
{
	unsigned char head[START];
	off_t to = START, size = 0;
	struct stat s;

	if (fstat(fd, &s) != 0 || !read_at(fd, head, START, 0) || memcmp(head, "RIFF", 4) != 0 ||
	    memcmp(head + HEAD, "WEBP", 4) != 0)
		return false;
	for (off_t from = START; from < s.st_size; from += size) {
		if (!read_at(fd, head, HEAD, from))
			return false;
		size = HEAD + size_at(head) + (size_at(head) & 1);
		if (size > s.st_size - from)
			return false;
		if (!stays(head))
			continue;
		if (!move(fd, from, to, size) || !mark(fd, head, to))
			return false;
		to += size;
	}
	return to > START && finish(fd, to);
}

bool
webp_strip(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool ok = fd >= 0 && strip(fd);

	if (fd >= 0)
		(void)close(fd);
	return ok;
}
