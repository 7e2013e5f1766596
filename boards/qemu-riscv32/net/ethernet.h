// SPDX-License-Identifier: Apache-2.0
// The network interface as the script sees it.

#ifndef PINHOLE_ETHERNET_H
#define PINHOLE_ETHERNET_H

/* Notes what changed since the last call, for netServe to tell. */
void ethernetPoll(void);

#endif
