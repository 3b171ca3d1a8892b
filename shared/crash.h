/* SPDX-License-Identifier: MIT */
/* Places where a test can make the process die. Nothing in a normal build; in one made by
 * `make CRASH=1 B=build-chaos` each asks for the file $MARU_CRASH_DIR/<name>. Whoever succeeds to
 * remove it dies by SIGKILL, or stops if the file says "stop": arming is one file, and exactly one
 * process takes it, however many were forked.
 */
#ifndef MARU_CRASH_H
#define MARU_CRASH_H

#ifdef MARU_CRASH
#define CRASH_POINT(name) crash_point(name)

void crash_point(const char *name);
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
