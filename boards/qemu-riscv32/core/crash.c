// SPDX-License-Identifier: Apache-2.0
// Causes of abnormal ends in flash, where they outlive the power: one record behind the other, until the next start has
// taken it. A record torn by a power cut fails its check sum.

#include "xsmc.h"
#include "board.h"
#include "flash.h"
#include <string.h>

enum { COUNT = FLASH_SECTOR_LENGTH / 128 };

typedef struct Crash {
	uint32_t state;
	uint32_t sum;
	char cause[CAUSE_LENGTH];
} Crash;

_Static_assert(sizeof(Crash) == 128, "a record is as long as COUNT says");

static const Partition* partition(void)
{
	return flashPartition("crash");
}

static const Crash* records(void)
{
	return (const Crash*)flashBytes(partition());
}

static bool isErased(const Crash* record)
{
	const uint32_t* word = (const uint32_t*)record;
	for (size_t i = 0; i < sizeof(Crash) / sizeof(uint32_t); i++)
		if (word[i] != UINT32_MAX)
			return false;
	return true;
}

static const uint32_t WAITING = UINT32_MAX, TAKEN = 0;

/* Records are written in order: the first that is erased ends them. */
static uint32_t count(void)
{
	uint32_t low = 0, high = COUNT;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (isErased(&records()[middle]))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void crashKeep(const char* cause)
{
	Crash record = { .state = WAITING };
	uint32_t index = count();
	if (index == COUNT) {
		flashErase(partition(), 0, 1);
		index = 0;
	}
	strncpy(record.cause, cause, CAUSE_LENGTH - 1);
	record.sum = sumOf(record.cause, CAUSE_LENGTH);
	flashWrite(partition(), index * sizeof(Crash), &record, sizeof(record));
}

bool crashTake(char cause[CAUSE_LENGTH])
{
	uint32_t last = count();
	if (!last--)
		return false;
	const Crash* record = &records()[last];
	if (record->state != WAITING || record->sum != sumOf(record->cause, CAUSE_LENGTH))
		return false;
	memcpy(cause, record->cause, CAUSE_LENGTH);
	flashWrite(partition(), last * sizeof(Crash), &TAKEN, sizeof(TAKEN));
	return true;
}
