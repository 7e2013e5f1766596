// SPDX-License-Identifier: Apache-2.0
// For images of tests: printing, and the end of the run when nothing is left that could happen.

#ifdef PINHOLE_SUITE

#include "native.h"
#include "board.h"
#include <math.h>

static void suitePrint(xsMachine* the)
{
	uartPrint(xsmcToString(xsArg(0)));
	uartPrint("\n");
}

static void install(xsMachine* the)
{
	static const Native process[] = { { "print", suitePrint, 1 }, { NULL, NULL, 0 } };
	installObject(the, "process", process);
}

static bool poll(xsMachine* the)
{
	(void)the;
	if (timersNextAt() == INFINITY)
		powerOff(0);
	return false;
}

const Part suitePart = { .install = install, .poll = poll };

#endif
