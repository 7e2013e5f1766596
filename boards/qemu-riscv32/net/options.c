// SPDX-License-Identifier: Apache-2.0
// How the classes of the network read addresses; the rest of it all hosts share (shared/options.c).

#include "natives.h"
#include <string.h>

ip_addr_t addressOf(xsMachine* the, xsSlot* value)
{
	char text[ADDRESS_TEXT_LENGTH];
	xsmcToStringBuffer(*value, text, sizeof(text));
	return addressIn(the, text);
}

ip_addr_t addressIn(xsMachine* the, const char* text)
{
	char again[IPADDR_STRLEN_MAX];
	ip_addr_t address;
	/* lwIP would take "1" or "0x7f000001", too. */
	if (!ipaddr_aton(text, &address) || strcmp(ipaddr_ntoa_r(&address, again, sizeof(again)), text))
		xsUnknownError("not an IPv4 address: %s", text);
	return address;
}
