// SPDX-License-Identifier: Apache-2.0
// Traps: faults of native code, writes to what is locked, and the watchdog. Each is recorded, and the board restarts.

#include "xsmc.h"
#include "board.h"

enum {
	WATCHDOG = 7, /* the machine timer's interrupt, without its top bit */
	STORE_FAULT = 7,
};

extern uint8_t gGuard[], gStackLimit[];

static const char* nameOf(uint32_t cause)
{
	static const char* const names[] = {
		"misaligned jump",
		"jump to nowhere",
		"illegal instruction",
		"breakpoint",
		"misaligned load",
		"load from nowhere",
		"misaligned store",
		"store to nowhere",
	};
	return cause < sizeof(names) / sizeof(names[0]) ? names[cause] : "trap";
}

__attribute__((noreturn, used)) void onTrap(void)
{
	uint32_t cause = csrRead(mcause);
	uint32_t address = csrRead(mtval);
	unsigned long at = csrRead(mepc);
	char place[PLACE_LENGTH];
	if (cause == (0x80000000 | WATCHDOG))
		die("the script did not return%s", machinePlace(place));
	if (address >= (uint32_t)gGuard && address < (uint32_t)gStackLimit)
		die("C stack overflow%s", machinePlace(place));
	if (cause == STORE_FAULT && imageHolds((const void*)(uintptr_t)address))
		die("write to a preloaded object (%08lx)%s", at, machinePlace(place));
	die("%s %08lx (cause %lu at %08lx)", nameOf(cause), (unsigned long)address, (unsigned long)cause, at);
}
