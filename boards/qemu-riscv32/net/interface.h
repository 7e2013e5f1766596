// SPDX-License-Identifier: Apache-2.0
// Between the card and the class of `embedded:network/interface/ethernet`.

#ifndef PINHOLE_INTERFACE_H
#define PINHOLE_INTERFACE_H

#include "lwip/netif.h"

extern struct netif gInterface;

#endif
