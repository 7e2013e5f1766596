// SPDX-License-Identifier: Apache-2.0
// NOR flash, bank 1: two 16-bit CFI chips side by side, 128 sectors of 256 KB. Code executes from bank 0, so nothing
// here has to be in RAM. Erased bytes are 0xFF; programming only clears bits.

#ifndef PINHOLE_FLASH_H
#define PINHOLE_FLASH_H

#include <stdint.h>

enum { FLASH_SECTOR_LENGTH = 0x40000, FLASH_SECTOR_COUNT = 128, FLASH_WORD_LENGTH = 4 };

typedef struct Partition {
	const char* name;
	uint32_t start; /* bytes from the begin of the bank */
	uint32_t length;
} Partition;

typedef enum FlashResult {
	FLASH_DONE,
	FLASH_OUTSIDE, /* not within the partition, or not whole words */
	FLASH_NOT_ERASED, /* a bit that is 0 would have to become 1 */
	FLASH_FAULT, /* the chip reported an error */
} FlashResult;

/* By index until NULL, and by name; "nextota" is the slot that the mark in "otadata" does not name. */
const Partition* flashPartitionAt(unsigned index);
const Partition* flashPartition(const char* name);

/* What is in a partition, readable in place for as long as nothing is erased or written in this bank. */
const uint8_t* flashBytes(const Partition* partition);

/* Blocks are sectors, counted within the partition; `end` is not erased. */
FlashResult flashErase(const Partition* partition, uint32_t start, uint32_t end);

/* Offset and length in bytes, whole words; `data` need not be aligned. On return it is power-safe. */
FlashResult flashWrite(const Partition* partition, uint32_t offset, const void* data, uint32_t length);

/* One sentence without a full stop. */
const char* flashExplain(FlashResult result);

#endif
