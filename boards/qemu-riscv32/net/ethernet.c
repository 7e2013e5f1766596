// SPDX-License-Identifier: Apache-2.0
// `embedded:network/interface/ethernet` as in Moddable SDK 8.2.3: connect, disconnect, and what the connection is.

#include "ethernet.h"
#include "interface.h"
#include "natives.h"
#include "source.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `connection` says; below 500 there is no address. */
enum { DISCONNECTED = 200, CONNECTING = 300, LINK_UP = 400, ADDRESSED = 500 };

enum { CONNECTION_CHANGED = 1, ADDRESS_CHANGED = 2 };

typedef struct Ethernet {
	Source source; /* first: netServe gives it back */
	xsMachine* the;
	xsSlot self;
	xsSlot onChanged;
	int fixed; /* its address was given, not to be asked for */
	int connection; /* as last told */
	ip4_addr_t address;
} Ethernet;

/* There is one card. */
static Ethernet* gEthernet;

static void leave(void)
{
	dhcp_release_and_stop(&gInterface);
	netif_set_down(&gInterface);
}

static void destroy(void* data)
{
	if (!data)
		return;
	sourceRemove(data);
	leave();
	gEthernet = NULL;
	free(data);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Ethernet*)data)->onChanged);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static int connectionNow(const Ethernet* ethernet)
{
	if (!netif_is_up(&gInterface))
		return DISCONNECTED;
	if (!netif_is_link_up(&gInterface))
		return CONNECTING;
	return ethernet->fixed || dhcp_supplied_address(&gInterface) ? ADDRESSED : LINK_UP;
}

void ethernetPoll(void)
{
	Ethernet* ethernet = gEthernet;
	if (!ethernet)
		return;
	int connection = connectionNow(ethernet);
	if (connection != ethernet->connection)
		ethernet->source.due |= CONNECTION_CHANGED;
	ethernet->connection = connection;
	if (connection != ADDRESSED || ip4_addr_cmp(&ethernet->address, netif_ip4_addr(&gInterface)))
		return;
	ethernet->address = *netif_ip4_addr(&gInterface);
	ethernet->source.due |= ADDRESS_CHANGED;
}

static void serve(Source* source)
{
	Ethernet* ethernet = (Ethernet*)source;
	/* The address first: who waits for the connection then finds it. */
	int what = source->due & ADDRESS_CHANGED ? ADDRESS_CHANGED : CONNECTION_CHANGED;
	source->due &= ~what;
	xsBeginHost(ethernet->the);
	xsmcVars(2);
	xsVar(0) = ethernet->onChanged;
	if (xsmcTypeOf(xsVar(0)) != xsUndefinedType) {
		xsmcSetString(xsVar(1), what == ADDRESS_CHANGED ? "address" : "connection");
		xsCallFunction1(xsVar(0), ethernet->self, xsVar(1));
	}
	xsEndHost(ethernet->the);
}

static Ethernet* ethernetOf(xsMachine* the)
{
	Ethernet* ethernet = xsmcGetHostData(xsThis);
	if (!ethernet)
		xsSyntaxError("this network interface is closed");
	return ethernet;
}

static void ethernetConstructor(xsMachine* the)
{
	if (gEthernet)
		xsUnknownError("the network card is in use");
	xsmcVars(2);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType) {
		if (optionOf(the, &xsArg(0), "target", &xsVar(0)))
			xsmcSet(xsThis, xsID("target"), xsVar(0));
		optionOf(the, &xsArg(0), "onChanged", &xsVar(1));
	}
	Ethernet* ethernet = calloc(1, sizeof(Ethernet));
	if (!ethernet)
		xsUnknownError("no memory for the network interface");
	ethernet->source.serve = serve;
	ethernet->the = the;
	ethernet->connection = DISCONNECTED;
	ethernet->onChanged = xsVar(1);
	xsmcSetHostData(xsThis, ethernet);
	xsSetHostHooks(xsThis, &gHooks);
	ethernet->self = xsThis;
	xsRemember(ethernet->self);
	sourceAdd(&ethernet->source);
	gEthernet = ethernet;
}

/* configure({ static: { address, mask, gateway, dns } }): the next connect asks no DHCP server. */
static void ethernetConfigure(xsMachine* the)
{
	Ethernet* ethernet = ethernetOf(the);
	static const char* const names[] = { "address", "mask", "gateway", "dns" };
	ip_addr_t addresses[4];
	xsmcVars(2);
	if (!optionOf(the, &xsArg(0), "static", &xsVar(0)))
		return;
	for (int i = 0; i < 4; i++) {
		if (!optionOf(the, &xsVar(0), names[i], &xsVar(1)))
			xsRangeError("static needs address, mask, gateway and dns");
		addresses[i] = addressOf(the, &xsVar(1));
	}
	dhcp_release_and_stop(&gInterface);
	netif_set_addr(&gInterface, &addresses[0], &addresses[1], &addresses[2]);
	dns_setserver(0, &addresses[3]);
	ethernet->fixed = 1;
}

static void ethernetConnect(xsMachine* the)
{
	Ethernet* ethernet = ethernetOf(the);
	netif_set_up(&gInterface);
	if (!ethernet->fixed)
		dhcp_start(&gInterface);
}

static void ethernetDisconnect(xsMachine* the)
{
	ethernetOf(the);
	leave();
}

static void ethernetClose(xsMachine* the)
{
	Ethernet* ethernet = xsmcGetHostData(xsThis);
	if (!ethernet)
		return;
	xsForget(ethernet->self);
	xsmcSetHostData(xsThis, NULL);
	destroy(ethernet);
}

static void ethernetConnection(xsMachine* the)
{
	xsmcSetInteger(xsResult, connectionNow(ethernetOf(the)));
}

static void ethernetAddress(xsMachine* the)
{
	char text[IPADDR_STRLEN_MAX];
	if (connectionNow(ethernetOf(the)) != ADDRESSED)
		return;
	ip4addr_ntoa_r(netif_ip4_addr(&gInterface), text, sizeof(text));
	xsmcSetString(xsResult, text);
}

static void ethernetMac(xsMachine* the)
{
	char text[3 * ETH_HWADDR_LEN];
	ethernetOf(the);
	for (unsigned i = 0; i < ETH_HWADDR_LEN; i++)
		snprintf(text + 3 * i, 4, i + 1 < ETH_HWADDR_LEN ? "%02x:" : "%02x", gInterface.hwaddr[i]);
	xsmcSetString(xsResult, text);
}

void installEthernet(xsMachine* machine)
{
	static const Native ethernet[] = {
		{ "Ethernet", ethernetConstructor, 1 },
		{ "connect", ethernetConnect, 1 },
		{ "disconnect", ethernetDisconnect, 0 },
		{ "configure", ethernetConfigure, 1 },
		{ "close", ethernetClose, 0 },
		{ "get connection", ethernetConnection, 0 },
		{ "get address", ethernetAddress, 0 },
		{ "get MAC", ethernetMac, 0 },
		{ NULL, NULL, 0 },
	};
	xsBeginHost(machine);
	installClass(the, "Ethernet", ethernet);
	xsEndHost(machine);
}
