// SPDX-License-Identifier: Apache-2.0
// The memory of malloc.

#include "xsmc.h"
#include "board.h"
#include <unistd.h>

static uint8_t* gStart;
static uint8_t* gTop;
static uint8_t* gEnd;

void heapUse(uint8_t* start, uint8_t* end)
{
	gStart = gTop = start;
	gEnd = end;
}

void* sbrk(ptrdiff_t increment)
{
	if (increment > gEnd - gTop || increment < gStart - gTop)
		return (void*)-1;
	uint8_t* before = gTop;
	gTop += increment;
	return before;
}

size_t heapTaken(void)
{
	return (size_t)(gTop - gStart);
}
