// SPDX-License-Identifier: Apache-2.0
// ECMA-419 UDP as in Moddable SDK 8.2.3: write(buffer, address, port), read() -> ArrayBuffer with address and port.

#include "socket.h"
#include <stdlib.h>

struct Socket {
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable;
	Port* port;
};

static void destroy(void* data)
{
	Socket* socket = data;
	if (!socket)
		return;
	portClose(socket->port);
	free(socket);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Socket*)data)->onReadable);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

void socketServe(Socket* socket)
{
	xsBeginHost(socket->the);
	xsmcVars(2);
	xsVar(0) = socket->onReadable;
	xsmcSetInteger(xsVar(1), portCount(socket->port));
	xsCallFunction1(xsVar(0), socket->self, xsVar(1));
	xsEndHost(socket->the);
}

static Socket* socketOf(xsMachine* the)
{
	Socket* socket = xsmcGetHostData(xsThis);
	if (!socket)
		xsSyntaxError("this socket is closed");
	return socket;
}

static void udpConstructor(xsMachine* the)
{
	int number = 0;
	xsmcVars(2);
	if (constructBegin(the)) {
		if (optionOf(the, &xsArg(0), "port", &xsVar(0)))
			number = portOf(the, &xsVar(0));
		optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
	}
	Port* port = portOpen(the, number);
	Socket* socket = calloc(1, sizeof(Socket));
	if (!socket) {
		portClose(port);
		xsUnknownError("no memory for a socket");
	}
	socket->the = the;
	socket->port = port;
	socket->onReadable = xsVar(1);
	constructEnd(the, socket, &gHooks, &socket->self);
	portStart(port, socket, xsmcTypeOf(xsVar(1)) != xsUndefinedType);
}

static void udpRead(xsMachine* the)
{
	Port* port = socketOf(the)->port;
	char address[SOCKET_ADDRESS_LENGTH];
	if (!portCount(port))
		return;
	xsmcVars(1);
	xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)portLength(port));
	int number = portTake(port, xsmcToArrayBuffer(xsResult), address);
	xsmcSetString(xsVar(0), address);
	xsmcSet(xsResult, xsID("address"), xsVar(0));
	xsmcSetInteger(xsVar(0), number);
	xsmcSet(xsResult, xsID("port"), xsVar(0));
}

static void udpWrite(xsMachine* the)
{
	Port* port = socketOf(the)->port;
	char address[SOCKET_ADDRESS_LENGTH];
	void* data;
	xsUnsignedValue length;
	xsmcToStringBuffer(xsArg(1), address, sizeof(address));
	int number = portOf(the, &xsArg(2));
	/* Last: chunks move at any allocation. */
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	portSend(the, port, address, number, data, length);
}

static void udpClose(xsMachine* the)
{
	Socket* socket = xsmcGetHostData(xsThis);
	if (!socket)
		return;
	xsForget(socket->self);
	xsmcSetHostData(xsThis, NULL);
	destroy(socket);
}

/* Not in ECMA-419: the local port, of use where 0 was asked for. */
static void udpPort(xsMachine* the)
{
	xsmcSetInteger(xsResult, portNumber(socketOf(the)->port));
}

void installUdp(xsMachine* machine)
{
	static const Native udp[] = {
		{ "UDP", udpConstructor, 1 },
		{ "read", udpRead, 0 },
		{ "write", udpWrite, 3 },
		{ "close", udpClose, 0 },
		{ "get port", udpPort, 0 },
		{ NULL, NULL, 0 },
	};
	installClass(machine, "UDP", udp);
}
