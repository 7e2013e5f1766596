// SPDX-License-Identifier: Apache-2.0
// The native classes and functions of the network, given to the modules in the way of native.h, one file each.

#ifndef PINHOLE_NET_NATIVES_H
#define PINHOLE_NET_NATIVES_H

#include "native.h"
#include "lwip/ip_addr.h"

void installUdp(xsMachine* machine); /* class UDP */
void installTcp(xsMachine* machine); /* class TCP */
void installResolver(xsMachine* machine); /* resolver: lookUp(host, callback) as on the desktop */
void installEthernet(xsMachine* machine); /* class Ethernet */
void installRandom(xsMachine* machine); /* random: fill(buffer) */

/* An option by name into `into`; 0 when it was not given. */
int optionOf(xsMachine* the, xsSlot* options, const char* name, xsSlot* into);
/* A port from 0 to 65535; throws. */
int portOf(xsMachine* the, xsSlot* value);
/* An IPv4 address in text; throws. */
ip_addr_t addressOf(xsMachine* the, xsSlot* value);

#endif
