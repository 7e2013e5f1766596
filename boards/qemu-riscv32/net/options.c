// SPDX-License-Identifier: Apache-2.0
// How the classes of the network read their arguments.

#include "natives.h"
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

ip_addr_t addressOf(xsMachine* the, xsSlot* value)
{
	char text[64], again[IPADDR_STRLEN_MAX];
	ip_addr_t address;
	xsmcToStringBuffer(*value, text, sizeof(text));
	/* lwIP would take "1" or "0x7f000001", too. */
	if (!ipaddr_aton(text, &address) || strcmp(ipaddr_ntoa_r(&address, again, sizeof(again)), text))
		xsUnknownError("not an IPv4 address: %s", text);
	return address;
}
