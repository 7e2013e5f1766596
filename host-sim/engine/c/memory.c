// SPDX-License-Identifier: Apache-2.0
// Where the desktop's regions of memory come from, and how one becomes as read-only as flash.

#include "xsAll.h"
#include "host.h"
#include <sys/mman.h>

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
