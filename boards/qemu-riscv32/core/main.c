// SPDX-License-Identifier: Apache-2.0
// The boot and the loop: every part is polled until none has anything to tell the script, then the board sleeps.

#include "xsmc.h"
#include "board.h"
#include <math.h>

extern uint8_t gHeapStart[], gHeapEnd[];

static bool pollParts(xsMachine* the)
{
	bool called = false;
	for (const Part* const* part = gParts; *part; part++)
		if ((*part)->poll && (*part)->poll(the)) {
			settle(the);
			watchdogFeed();
			called = true;
		}
	return called;
}

static double nextAt(void)
{
	double at = INFINITY;
	for (const Part* const* part = gParts; *part; part++)
		if ((*part)->nextAt)
			at = fmin(at, (*part)->nextAt());
	return at;
}

int main(void)
{
	resetStart();
	uartStart();
	if (!gHeader.preloaded)
		preload();
	heapUse(gHeapStart, gHeapEnd);
	for (const Part* const* part = gParts; *part; part++)
		if ((*part)->start)
			(*part)->start();
	xsMachine* the = machineStart();
	watchdogFeed();
	importAndCall(the, gHeader.preloaded->main);
	for (;;) {
		while (pollParts(the))
			;
		waitUntil(nextAt());
		watchdogFeed();
	}
}
