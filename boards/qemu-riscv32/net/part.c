// SPDX-License-Identifier: Apache-2.0
// The network as a part of the board.

#include "natives.h"
#include "board.h"
#include "ethernet.h"
#include "net.h"

void netFault(const char* why)
{
	fatal(EXIT_ENGINE, "%s", why);
}

static void randomFillNative(xsMachine* the)
{
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &data, &length);
	if (!randomFill(data, length))
		xsUnknownError("the source of randomness is unfit");
}

void installRandom(xsMachine* machine)
{
	static const Native random[] = { { "fill", randomFillNative, 1 }, { NULL, NULL, 0 } };
	xsBeginHost(machine);
	installObject(the, "random", random);
	xsEndHost(machine);
}

static void install(Machine* machine)
{
	installUdp(machine);
	installTcp(machine);
	installResolver(machine);
	installEthernet(machine);
	installRandom(machine);
}

static void start(void)
{
	unsigned interrupt = netStart();
	if (interrupt)
		interruptEnable(interrupt);
}

static bool poll(Machine* machine)
{
	(void)machine;
	netPoll();
	ethernetPoll();
	return netServe();
}

static double nextAt(void)
{
	uint32_t ms = netSleepMs();
	return ms == UINT32_MAX ? INFINITY : nowMs() + ms;
}

const Part networkPart = { .install = install, .start = start, .poll = poll, .nextAt = nextAt };
