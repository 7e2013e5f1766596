// SPDX-License-Identifier: Apache-2.0
// The bridge between C and the JavaScript modules of a host: objects and classes in the global `$host`.

#include "native.h"
#include <string.h>

static void define(xsMachine* the, xsSlot* object, const Native* native)
{
	int getter = !strncmp(native->name, "get ", 4);
	const char* name = native->name + (getter ? 4 : 0);
	xsVar(3) = xsNewHostFunctionObject(native->callback, native->length, xsID(name));
	xsmcDefine(*object, xsID(name), xsVar(3), getter ? xsIsGetter | xsDontEnum : xsDontEnum);
}

void installObject(xsMachine* machine, const char* name, const Native* natives)
{
	xsBeginHost(machine);
	xsmcVars(4);
	xsmcGet(xsVar(0), xsGlobal, xsID("$host"));
	xsVar(1) = xsmcNewObject();
	for (; natives->name; natives++)
		define(the, &xsVar(1), natives);
	xsmcSet(xsVar(0), xsID(name), xsVar(1));
	xsEndHost(machine);
}

void installClass(xsMachine* machine, const char* name, const Native* natives)
{
	xsBeginHost(machine);
	xsmcVars(4);
	xsmcGet(xsVar(0), xsGlobal, xsID("$host"));
	xsVar(1) = xsNewHostObject(NULL);
	for (const Native* native = natives + 1; native->name; native++)
		define(the, &xsVar(1), native);
	xsVar(2) = xsNewHostConstructorObject(natives->callback, natives->length, xsVar(1), xsID(name));
	xsmcSet(xsVar(0), xsID(name), xsVar(2));
	xsEndHost(machine);
}
