// SPDX-License-Identifier: Apache-2.0
// The strap pins of this board, set by the harness at each reset, so that the image tested is the image shipped. They
// stand where nobody else looks: in the scratch register of the serial port. All zero on a board that nobody tests.

#ifndef PINHOLE_STRAPS_H
#define PINHOLE_STRAPS_H

#include <stdint.h>

enum {
	/* Program the flash word by word: QEMU brings a buffered page to its file as a whole, which no power cut can tear. */
	STRAP_FLASH_WORDS = 1 << 0,
};

#define STRAPS (*(const volatile uint8_t*)0x10000007)

#endif
