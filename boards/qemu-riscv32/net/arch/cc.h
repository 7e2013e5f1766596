// SPDX-License-Identifier: Apache-2.0
// What lwIP asks of its compiler: nothing beyond the defaults but words for a failed assertion.

#ifndef PINHOLE_LWIP_CC_H
#define PINHOLE_LWIP_CC_H

#include "net.h"

#define LWIP_PLATFORM_DIAG(arguments)
#define LWIP_PLATFORM_ASSERT(why) netFault(why)

#endif
