/* SPDX-License-Identifier: MIT */
/* Erasing an account. Its row stays, without anything of the person in it, because messages point
 * to it. What takes long is done bit by bit, so that no transaction holds much. */
#ifndef MARU_ERASURE_H
#define MARU_ERASURE_H

#include "req.h"

/* Makes the asker's account a husk that nobody can log in to, ends its sessions and notes what is
 * left to do; in a transaction of its own. stored: the password as it was when it was checked;
 * ERR_RETRY if it is another by now. messages: erase what was said, too. */
enum err erasure_begin(struct req *r, const char *stored, bool messages);

/* The same for a bot or a guest, whose row is held for writing; what was said stays. */
enum err erasure_account(struct req *r, uint64_t user);

/* The asker's own stream names `other`, who was never told, and nothing else says so any more: it
 * is remembered for the day on which that account is erased. */
enum err erasure_remember(struct req *r, uint64_t other);

/* Takes the account out of its rooms, after the commit of the above; what fails, or is too much for
 * one request, is left to erasure_step(). */
void erasure_leave(struct req *r, uint64_t user);

/* Does a little of what is left; true: there is more. Nothing is lost if it is interrupted. */
bool erasure_step(struct req *r);

#endif
