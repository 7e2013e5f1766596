// SPDX-License-Identifier: Apache-2.0
// The natives of one function each: the clock and the system's randomness.

#include "native.h"
#include "host.h"
#include "tls.h"
#include <errno.h>
#include <sys/random.h>

static void timeTicks(xsMachine* the)
{
	xsmcSetInteger(xsResult, (int32_t)(uint32_t)(uint64_t)nowMs());
}

int randomFill(void* into, uint32_t length)
{
	for (uint32_t at = 0; at < length;) {
		ssize_t count = getrandom((uint8_t*)into + at, length - at, 0);
		if (count < 0 && errno != EINTR)
			return 0;
		if (count > 0)
			at += (uint32_t)count;
	}
	return 1;
}

static void fill(xsMachine* the)
{
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &data, &length);
	if (!randomFill(data, length))
		xsUnknownError("no randomness");
}

void installNatives(xsMachine* machine)
{
	static const Native clock[] = { { "get ticks", timeTicks, 0 }, { NULL, NULL, 0 } };
	static const Native random[] = { { "fill", fill, 1 }, { NULL, NULL, 0 } };
	installObject(machine, "clock", clock);
	installObject(machine, "random", random);
}
