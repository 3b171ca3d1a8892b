/* SPDX-License-Identifier: MIT */
/* See echo.h. */
#include "echo.h"

#define FIN_BINARY 0x82 /* RFC 6455 section 5.2 */

void
echo_receive(struct conn *c, struct str message, bool binary)
{
	struct msg *m = msg_create(message);

	if (binary)
		m->frame[0] = FIN_BINARY;
	(void)conn_give(c, m);
}
