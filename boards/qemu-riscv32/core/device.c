// SPDX-License-Identifier: Apache-2.0
// What the global `device` tells beyond its drivers: why the board started, how to start anew, figures of its memory.

#include "native.h"
#include "board.h"

static void deviceReason(xsMachine* the)
{
	static const char* const names[] = {
		[RESET_POWER_ON] = "power-on",
		[RESET_RESTART] = "restart",
		[RESET_WATCHDOG] = "watchdog",
	};
	xsmcSetString(xsResult, (char*)names[resetReason()]);
}

static void deviceCause(xsMachine* the)
{
	if (resetCause()[0])
		xsmcSetString(xsResult, (char*)resetCause());
}

static void deviceRestart(xsMachine* the)
{
	restart();
}

static void set(xsMachine* the, xsIdentifier id, size_t value)
{
	xsmcSetInteger(xsVar(0), (xsIntegerValue)value);
	xsmcSet(xsResult, id, xsVar(0));
}

static void deviceUsedBytes(xsMachine* the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)machineUsed());
}

static void deviceMemory(xsMachine* the)
{
	MachineSizes sizes = machineSizes();
	xsmcVars(1);
	xsResult = xsmcNewObject();
	set(the, xsID("slotBytes"), sizes.slotBytes);
	set(the, xsID("slotBytesTaken"), sizes.slotBytesTaken);
	set(the, xsID("chunkBytes"), sizes.chunkBytes);
	set(the, xsID("chunkBytesTaken"), sizes.chunkBytesTaken);
	set(the, xsID("stackBytesPeak"), sizes.stackBytes);
	set(the, xsID("collections"), sizes.collections);
	set(the, xsID("nativeHeapBytesPeak"), heapTaken());
	set(the, xsID("nativeStackBytesPeak"), stackPeak());
}

static void install(xsMachine* the)
{
	static const Native device[] = {
		{ "get reason", deviceReason, 0 },
		{ "get cause", deviceCause, 0 },
		{ "restart", deviceRestart, 0 },
		{ "get usedBytes", deviceUsedBytes, 0 },
		{ "memory", deviceMemory, 0 },
		{ NULL, NULL, 0 },
	};
	installObject(the, "device", device);
	installPrimitives(the);
}

const Part devicePart = { .install = install };
