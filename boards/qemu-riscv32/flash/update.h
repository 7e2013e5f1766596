// SPDX-License-Identifier: Apache-2.0
// Two slots for images and, in "otadata", the mark of the newer one: what embedded:update writes. Bank 0, from which
// this board starts, is read-only: a marked image is stored and checked, but nothing here executes it.

#ifndef PINHOLE_UPDATE_H
#define PINHOLE_UPDATE_H

#include "flash.h"

typedef struct UpdateMark {
	uint32_t slot; /* 0 or 1 */
	uint32_t length; /* of the image, in bytes */
	uint32_t crc; /* CRC-32 (IEEE 802.3) of the image */
} UpdateMark;

/* The newest whole mark; 0 when there is none. */
int updateMark(UpdateMark* mark);

/* The slot that may be written: the other than the marked one. */
const Partition* updateSlot(void);

/* Marks what this slot holds. FLASH_OUTSIDE when it is no slot, or shorter than that. */
FlashResult updateComplete(const Partition* slot, uint32_t length);

#endif
