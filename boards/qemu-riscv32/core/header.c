// SPDX-License-Identifier: Apache-2.0
// Room for the header at its fixed place; the build fills it.

#include "xsmc.h"
#include "board.h"

__attribute__((section(".header"), used, aligned(64))) const volatile ImageHeader gHeader = { .magic = "pinhole" };
