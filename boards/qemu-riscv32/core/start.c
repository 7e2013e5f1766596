// SPDX-License-Identifier: Apache-2.0
// From the first instruction to main: memory, the locks of the memory protection, and where traps go.

#include "xsmc.h"
#include "board.h"

/* Privileged architecture, 3.7.1: locked entries hold for machine mode, too. */
#define PMP_LOCKED_NAPOT 0x98
#define PMP_READ_EXECUTE 0x05
#define NAPOT(start, size) ((uint32_t)(start) >> 2 | ((uint32_t)(size) / 2 - 1) >> 2)

enum { IMAGE_START = 0x20000000, IMAGE_SIZE = 0x400000, GUARD_SIZE = 512, PAINT = 0x5a };

extern uint8_t gDataStart[], gDataEnd[], gBssStart[], gBssEnd[], gGuard[], gStackLimit[], gStack[];
extern const uint8_t gDataSource[];

void onTrapEntry(void);
int main(void);

__asm__(".section .start, \"ax\"\n"
	".option push\n"
	".option norelax\n"
	".globl start\n"
	"start:\n"
	"	la gp, __global_pointer$\n"
	"	la sp, gStack\n"
	"	la tp, gThread\n"
	"	j boot\n"
	".option pop\n"
	".text\n");

/* Traps have a stack of their own: they may be about this one. */
__asm__(".section .text.onTrapEntry, \"ax\"\n"
	".balign 4\n"
	".globl onTrapEntry\n"
	"onTrapEntry:\n"
	"	la sp, gTrapStack + 2048\n"
	"	j onTrap\n"
	".text\n");

uint8_t gTrapStack[2048] __attribute__((aligned(16)));

static void lockMemory(void)
{
	/* A stray write would be a command to the flash chip, and what is preloaded must not change. */
	csrWrite(pmpaddr0, NAPOT(IMAGE_START, IMAGE_SIZE));
	csrWrite(pmpaddr1, NAPOT(gGuard, GUARD_SIZE));
	csrWrite(pmpcfg0, PMP_LOCKED_NAPOT << 8 | PMP_LOCKED_NAPOT | PMP_READ_EXECUTE);
}

/* No function calls before memory is ready, and none that would overwrite the stack it paints. */
__attribute__((noreturn, used)) void boot(void)
{
	const uint8_t* source = gDataSource;
	csrWrite(mtvec, (uintptr_t)onTrapEntry);
	for (uint8_t* to = gDataStart; to < gDataEnd; to++)
		*to = *source++;
	for (uint8_t* to = gBssStart; to < gBssEnd; to++)
		*to = 0;
	for (volatile uint8_t* to = gStackLimit; to < (uint8_t*)__builtin_frame_address(0) - 256; to++)
		*to = PAINT;
	lockMemory();
	main();
	for (;;)
		;
}

size_t stackPeak(void)
{
	const uint8_t* at = gStackLimit;
	while (at < gStack && *at == PAINT)
		at++;
	return (size_t)(gStack - at);
}

/* The engine stops a script in order before the guard would; natives need some room of their own. */
char* fxCStackLimit(void)
{
	enum { NATIVE_ROOM = 1024 };
	return (char*)gStackLimit + NATIVE_ROOM;
}
