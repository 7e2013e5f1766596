// SPDX-License-Identifier: Apache-2.0
// Memory of a machine: one region for everything, so that it can be bounded for a budget and protected for a root.

#include "xsAll.h"
#include "host.h"
#include <sys/mman.h>

Region* gRegion;

/** Reserves address space; pages cost nothing before they are touched. */
void regionReserve(Region* region, size_t size)
{
	void* base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		fatal(EXIT_ENGINE, "cannot reserve %zu bytes of memory", size);
	region->base = region->low = base;
	region->high = region->base + size;
	region->size = size;
}

void regionProtect(const Region* region)
{
	if (mprotect(region->base, region->size, PROT_READ))
		fatal(EXIT_ENGINE, "cannot protect the memory of the root");
}

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
