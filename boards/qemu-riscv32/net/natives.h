// SPDX-License-Identifier: Apache-2.0
// The native classes and functions of the network, given to the modules in the way of native.h, one file each.

#ifndef PINHOLE_NET_NATIVES_H
#define PINHOLE_NET_NATIVES_H

#include "native.h"
#include "lwip/ip_addr.h"

void installResolver(xsMachine* machine); /* resolver: lookUp(host, callback) as on the desktop */
void installEthernet(xsMachine* machine); /* class Ethernet */
void installRandom(xsMachine* machine); /* random: fill(buffer) */

/* An IPv4 address in text; throws. */
ip_addr_t addressOf(xsMachine* the, xsSlot* value);
ip_addr_t addressIn(xsMachine* the, const char* text);
enum { ADDRESS_TEXT_LENGTH = 64 };

#endif
