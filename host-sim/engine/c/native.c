// SPDX-License-Identifier: Apache-2.0
// The natives of one function each: the clock and the system's randomness.

#include "native.h"
#include "host.h"
#include <errno.h>
#include <sys/random.h>

static void timeTicks(xsMachine* the)
{
	xsmcSetInteger(xsResult, (int32_t)(uint32_t)(uint64_t)nowMs());
}

static void randomFill(xsMachine* the)
{
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &data, &length);
	for (xsUnsignedValue at = 0; at < length;) {
		ssize_t count = getrandom((uint8_t*)data + at, length - at, 0);
		if (count < 0 && errno != EINTR)
			xsUnknownError("no randomness");
		if (count > 0)
			at += (xsUnsignedValue)count;
	}
}

void installNatives(xsMachine* machine)
{
	static const Native clock[] = { { "get ticks", timeTicks, 0 }, { NULL, NULL, 0 } };
	static const Native random[] = { { "fill", randomFill, 1 }, { NULL, NULL, 0 } };
	installObject(machine, "clock", clock);
	installObject(machine, "random", random);
}
