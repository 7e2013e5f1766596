// SPDX-License-Identifier: Apache-2.0
// What the constructors and methods of ECMA-419's classes have in common.

#include "native.h"
#include <string.h>

int optionOf(xsMachine* the, xsSlot* options, const char* name, xsSlot* into)
{
	xsmcGet(*into, *options, xsID(name));
	return xsmcTypeOf(*into) != xsUndefinedType;
}

int portOf(xsMachine* the, xsSlot* value)
{
	int port = xsmcToInteger(*value);
	if (port < 0 || port > 0xffff)
		xsRangeError("port must be from 0 to 65535");
	return port;
}

int constructBegin(xsMachine* the)
{
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	if (!xsmcArgc || xsmcTypeOf(xsArg(0)) != xsReferenceType)
		return 0;
	if (optionOf(the, &xsArg(0), "format", &xsVar(0)) && strcmp(xsmcToString(xsVar(0)), "buffer"))
		xsRangeError("format must be \"buffer\"");
	if (optionOf(the, &xsArg(0), "target", &xsVar(0)))
		xsmcSet(xsThis, xsID("target"), xsVar(0));
	return 1;
}

void constructEnd(xsMachine* the, void* data, const xsHostHooks* hooks, xsSlot* self)
{
	xsmcSetHostData(xsThis, data);
	xsSetHostHooks(xsThis, hooks);
	*self = xsThis;
	xsRemember(*self);
}
