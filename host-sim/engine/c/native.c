// SPDX-License-Identifier: Apache-2.0
// The bridge between C and the modules in ../modules: a global `$host` that is gone before firmware is loaded.

#include "native.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>

static void define(xsMachine* the, xsSlot* object, const Native* native)
{
	int getter = !strncmp(native->name, "get ", 4);
	const char* name = native->name + (getter ? 4 : 0);
	xsVar(3) = xsNewHostFunctionObject(native->callback, native->length, xsID(name));
	xsmcDefine(*object, xsID(name), xsVar(3), getter ? xsIsGetter | xsDontEnum : xsDontEnum);
}

void installObject(xsMachine* the, const char* name, const Native* natives)
{
	xsmcVars(4);
	xsmcGet(xsVar(0), xsGlobal, xsID("$host"));
	xsVar(1) = xsmcNewObject();
	for (; natives->name; natives++)
		define(the, &xsVar(1), natives);
	xsmcSet(xsVar(0), xsID(name), xsVar(1));
}

void installClass(xsMachine* the, const char* name, const Native* natives)
{
	xsmcVars(4);
	xsmcGet(xsVar(0), xsGlobal, xsID("$host"));
	xsVar(1) = xsNewHostObject(NULL);
	for (const Native* native = natives + 1; native->name; native++)
		define(the, &xsVar(1), native);
	xsVar(2) = xsNewHostConstructorObject(natives->callback, natives->length, xsVar(1), xsID(name));
	xsmcSet(xsVar(0), xsID(name), xsVar(2));
}

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
	xsBeginHost(machine);
	xsmcVars(1);
	xsmcSetNewObject(xsVar(0));
	xsmcSet(xsGlobal, xsID("$host"), xsVar(0));
	xsEndHost(machine);
	xsBeginHost(machine);
	installObject(the, "clock", clock);
	xsEndHost(machine);
	xsBeginHost(machine);
	installObject(the, "random", random);
	xsEndHost(machine);
}
