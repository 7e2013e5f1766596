// SPDX-License-Identifier: Apache-2.0
// Marks are appended to one sector of "otadata" and then to the other, which is erased only when the first is full: at
// every moment the newest whole mark stands. A mark torn by a power cut fails its own check sum and is passed over.

#include "update.h"
#include <stddef.h>

typedef struct Record {
	uint32_t number; /* higher is newer */
	UpdateMark mark;
	uint32_t crc; /* of all before */
} Record;

enum { ERASED = 0xffffffff, PLACES = FLASH_SECTOR_LENGTH / sizeof(Record) };

static uint32_t crc32(const uint8_t* data, uint32_t length)
{
	uint32_t crc = 0xffffffff;
	while (length--) {
		crc ^= *data++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint32_t check(const Record* record)
{
	return crc32((const uint8_t*)record, offsetof(Record, crc));
}

static const Record* sector(uint32_t number)
{
	return (const Record*)(flashBytes(flashPartition("otadata")) + number * FLASH_SECTOR_LENGTH);
}

static int isErased(const Record* record)
{
	const uint32_t* word = (const uint32_t*)record;
	for (uint32_t i = 0; i < sizeof(Record) / sizeof(uint32_t); i++)
		if (word[i] != ERASED)
			return 0;
	return 1;
}

/* Of each sector the last whole mark, which is its newest; of both the one with the higher number. */
static const Record* newest(void)
{
	const Record* found = NULL;
	for (uint32_t half = 0; half < 2; half++) {
		const Record* each = sector(half) + PLACES;
		while (each > sector(half) && (isErased(each - 1) || each[-1].crc != check(each - 1)))
			each--;
		if (each > sector(half) && (!found || each[-1].number > found->number))
			found = each - 1;
	}
	return found;
}

int updateMark(UpdateMark* mark)
{
	const Record* found = newest();
	if (found)
		*mark = found->mark;
	return found != NULL;
}

const Partition* updateSlot(void)
{
	UpdateMark mark;
	return flashPartition(updateMark(&mark) && mark.slot == 0 ? "ota_1" : "ota_0");
}

/* Appends behind the newest, or begins anew in the other sector. */
static FlashResult append(const Record* record)
{
	const Partition* partition = flashPartition("otadata");
	const Record* last = newest();
	uint32_t half = last && last >= sector(1);
	for (uint32_t place = last ? (uint32_t)(last - sector(half)) + 1 : 0; place < PLACES; place++)
		if (isErased(sector(half) + place))
			return flashWrite(partition, half * FLASH_SECTOR_LENGTH + place * sizeof(Record), record, sizeof(Record));
	half = last ? !half : half;
	FlashResult result = flashErase(partition, half, half + 1);
	return result != FLASH_DONE ? result
		: flashWrite(partition, half * FLASH_SECTOR_LENGTH, record, sizeof(Record));
}

FlashResult updateComplete(const Partition* slot, uint32_t length)
{
	const Record* last = newest();
	Record record = { .number = last ? last->number + 1 : 1 };
	if ((slot != flashPartition("ota_0") && slot != flashPartition("ota_1")) || length > slot->length)
		return FLASH_OUTSIDE;
	record.mark.slot = slot == flashPartition("ota_1");
	record.mark.length = length;
	record.mark.crc = crc32(flashBytes(slot), length);
	record.crc = check(&record);
	return append(&record);
}
