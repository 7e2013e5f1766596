// SPDX-License-Identifier: Apache-2.0
// Memory of a machine: one region for everything, so that it can be bounded and protected.

#include "xsAll.h"
#include "engine.h"

Region* gRegion;

int regionHolds(const Region* region, const void* address)
{
	return region->base <= (const uint8_t*)address && (const uint8_t*)address < region->base + region->size;
}

void fxCreateMachinePlatform(txMachine* the)
{
	the->region = gRegion;
}

void fxDeleteMachinePlatform(txMachine* the)
{
	(void)the;
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	Region* region = the->region;
	uint8_t* result = region->low;
	size_t rounded = ((size_t)size + 15) & ~(size_t)15;
	if (rounded > (size_t)(region->high - region->low)) {
		if ((size_t)size > (size_t)(region->high - region->low))
			return NULL;
		rounded = (size_t)(region->high - region->low);
	}
	region->low += rounded;
	return result;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the;
	(void)chunks;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	Region* region = the->region;
	size_t size = (size_t)count * sizeof(txSlot);
	if (size > (size_t)(region->high - region->low))
		/* -1 lets XS go on with the slots that its collection has freed. */
		return the->freeHeap ? (txSlot*)-1 : NULL;
	region->high -= size;
	return (txSlot*)region->high;
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the;
	(void)slots;
}
