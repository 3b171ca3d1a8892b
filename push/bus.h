/* SPDX-License-Identifier: MIT */
/* The end of the bus (wire.h) that listens: maru-api's processes connect and send packets, each of
 * which becomes one call into the hub. Many packets of one turn of the loop end up in one write per
 * client, because the hub only queues.
 */
#ifndef MARU_BUS_H
#define MARU_BUS_H

#include <stdbool.h>

struct conf;
struct ev_loop;
struct hub;
struct wire_packet;

/* Listens on bus_socket. False after saying why in the log. hub must outlive bus_stop(). */
bool bus_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub);
void bus_stop(void); /* may be called when bus_start() failed */

/* Sends a question to maru-api's feeder. False: there is none now, or it is behind; ask again. */
bool bus_ask(const struct wire_packet *p);

#endif
