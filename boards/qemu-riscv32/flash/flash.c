// SPDX-License-Identifier: Apache-2.0
// The driver of flash bank 1: the Intel command set (CFI 01), each command given to both chips of the bank at once.

#include "flash.h"
#include "partitions.h"
#include "straps.h"
#include <string.h>

#define BANK ((volatile uint32_t*)0x22000000)

/* One command or status of a 16-bit chip, for both. */
#define BOTH(value) ((uint32_t)(value) << 16 | (uint32_t)(value))

enum {
	PROGRAM_WORD = 0x40,
	PROGRAM_BUFFER = 0xe8,
	ERASE = 0x20,
	CONFIRM = 0xd0,
	CLEAR_STATUS = 0x50,
	READ_ARRAY = 0xff,
	STATUS_READY = 0x80,
	STATUS_ERRORS = 0x3a, /* erase, program, voltage, lock */
};

/* What one buffered command programs; pages are aligned to their length. */
enum { PAGE_WORDS = 128 };

static const Partition gPartitions[] = {
#define ROW(name, start, length) { name, start, length },
	FLASH_PARTITIONS(ROW)
#undef ROW
};

const Partition* flashPartitionAt(unsigned index)
{
	return index < sizeof(gPartitions) / sizeof(gPartitions[0]) ? &gPartitions[index] : NULL;
}

const Partition* flashPartition(const char* name)
{
	const Partition* each;
	for (unsigned i = 0; (each = flashPartitionAt(i)); i++)
		if (!strcmp(each->name, name))
			return each;
	return NULL;
}

const uint8_t* flashBytes(const Partition* partition)
{
	return (const uint8_t*)BANK + partition->start;
}

/* Waits for both chips and goes back to reading; the chips never answer anything but status until then. */
static FlashResult finish(volatile uint32_t* at)
{
	uint32_t status;
	do
		status = *at;
	while ((status & BOTH(STATUS_READY)) != BOTH(STATUS_READY));
	*at = BOTH(CLEAR_STATUS);
	*at = BOTH(READ_ARRAY);
	return status & BOTH(STATUS_ERRORS) ? FLASH_FAULT : FLASH_DONE;
}

static uint32_t wordOf(const uint8_t* data)
{
	uint32_t word;
	memcpy(&word, data, sizeof(word));
	return word;
}

static FlashResult programWord(volatile uint32_t* at, uint32_t word)
{
	*at = BOTH(PROGRAM_WORD);
	*at = word;
	return finish(at);
}

static FlashResult programPage(volatile uint32_t* at, const uint8_t* data, uint32_t count)
{
	do
		*at = BOTH(PROGRAM_BUFFER);
	while ((*at & BOTH(STATUS_READY)) != BOTH(STATUS_READY));
	*at = BOTH(count - 1);
	for (uint32_t i = 0; i < count; i++)
		at[i] = wordOf(data + i * FLASH_WORD_LENGTH);
	*at = BOTH(CONFIRM);
	return finish(at);
}

static int isInside(const Partition* partition, uint32_t offset, uint32_t length)
{
	return offset <= partition->length && length <= partition->length - offset;
}

FlashResult flashErase(const Partition* partition, uint32_t start, uint32_t end)
{
	uint32_t blocks = partition->length / FLASH_SECTOR_LENGTH;
	if (start > end || end > blocks)
		return FLASH_OUTSIDE;
	for (uint32_t block = start; block < end; block++) {
		volatile uint32_t* at = BANK + (partition->start + block * FLASH_SECTOR_LENGTH) / FLASH_WORD_LENGTH;
		*at = BOTH(ERASE);
		*at = BOTH(CONFIRM);
		FlashResult result = finish(at);
		if (result != FLASH_DONE)
			return result;
	}
	return FLASH_DONE;
}

/* What real NOR cannot do and QEMU would: make a 1 of a 0. */
static int canProgram(volatile uint32_t* at, const uint8_t* data, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t fresh = wordOf(data + i * FLASH_WORD_LENGTH);
		if ((at[i] & fresh) != fresh)
			return 0;
	}
	return 1;
}

FlashResult flashWrite(const Partition* partition, uint32_t offset, const void* data, uint32_t length)
{
	const uint8_t* from = data;
	volatile uint32_t* at = BANK + (partition->start + offset) / FLASH_WORD_LENGTH;
	uint32_t left = length / FLASH_WORD_LENGTH;
	if (!isInside(partition, offset, length) || (offset | length) % FLASH_WORD_LENGTH)
		return FLASH_OUTSIDE;
	if (!canProgram(at, from, left))
		return FLASH_NOT_ERASED;
	while (left) {
		uint32_t count = PAGE_WORDS - (uint32_t)(at - BANK) % PAGE_WORDS;
		if (STRAPS & STRAP_FLASH_WORDS)
			count = 1;
		else if (count > left)
			count = left;
		FlashResult result = count == 1 ? programWord(at, wordOf(from)) : programPage(at, from, count);
		if (result != FLASH_DONE)
			return result;
		at += count;
		from += count * FLASH_WORD_LENGTH;
		left -= count;
	}
	return FLASH_DONE;
}

const char* flashExplain(FlashResult result)
{
	static const char* const words[] = {
		[FLASH_DONE] = "done",
		[FLASH_OUTSIDE] = "not within the partition, or not whole words",
		[FLASH_NOT_ERASED] = "not erased: a bit that is 0 cannot become 1",
		[FLASH_FAULT] = "the flash chip reported an error",
	};
	return words[result];
}
