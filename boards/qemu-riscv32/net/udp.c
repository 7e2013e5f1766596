// SPDX-License-Identifier: Apache-2.0
// `embedded:io/socket/udp` over lwIP, as in Moddable SDK 8.2.3: write(buffer, address, port), read() -> ArrayBuffer
// with address and port.

#include "natives.h"
#include "source.h"
#include "lwip/udp.h"
#include <stdlib.h>
#include <string.h>

/* Datagrams that wait for the script; what comes then is lost. */
enum { QUEUE_LENGTH = 8 };

typedef struct Socket {
	Source source; /* first: netServe gives it back */
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable;
	int listening;
	struct udp_pcb* pcb;
	struct {
		struct pbuf* data;
		ip_addr_t address;
		u16_t port;
	} queue[QUEUE_LENGTH];
	unsigned first, count;
} Socket;

static void destroy(void* data)
{
	Socket* socket = data;
	if (!socket)
		return;
	sourceRemove(&socket->source);
	udp_remove(socket->pcb);
	for (; socket->count; socket->count--) {
		pbuf_free(socket->queue[socket->first].data);
		socket->first = (socket->first + 1) % QUEUE_LENGTH;
	}
	free(socket);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Socket*)data)->onReadable);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static void received(void* context, struct udp_pcb* pcb, struct pbuf* data, const ip_addr_t* address, u16_t port)
{
	Socket* socket = context;
	if (socket->count == QUEUE_LENGTH) {
		pbuf_free(data);
		return;
	}
	unsigned last = (socket->first + socket->count++) % QUEUE_LENGTH;
	socket->queue[last].data = data;
	socket->queue[last].address = *address;
	socket->queue[last].port = port;
	socket->source.due = socket->listening;
}

static void serve(Source* source)
{
	Socket* socket = (Socket*)source;
	source->due = 0;
	xsBeginHost(socket->the);
	xsmcVars(2);
	xsVar(0) = socket->onReadable;
	xsmcSetInteger(xsVar(1), (xsIntegerValue)socket->count);
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

static struct udp_pcb* openPort(xsMachine* the, int port)
{
	struct udp_pcb* pcb = udp_new();
	if (!pcb)
		xsUnknownError("too many sockets");
	if (udp_bind(pcb, IP_ADDR_ANY, (u16_t)port) != ERR_OK) {
		udp_remove(pcb);
		xsUnknownError("port %d is in use", port);
	}
	return pcb;
}

static void udpConstructor(xsMachine* the)
{
	int port = 0;
	xsmcVars(3);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	xsmcSetUndefined(xsVar(1));
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType) {
		if (optionOf(the, &xsArg(0), "port", &xsVar(0)))
			port = portOf(the, &xsVar(0));
		if (optionOf(the, &xsArg(0), "format", &xsVar(0)) && strcmp(xsmcToString(xsVar(0)), "buffer"))
			xsRangeError("format must be \"buffer\"");
		if (optionOf(the, &xsArg(0), "target", &xsVar(0)))
			xsmcSet(xsThis, xsID("target"), xsVar(0));
		optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
	}
	struct udp_pcb* pcb = openPort(the, port);
	Socket* socket = calloc(1, sizeof(Socket));
	if (!socket) {
		udp_remove(pcb);
		xsUnknownError("no memory for a socket");
	}
	socket->source.serve = serve;
	socket->the = the;
	socket->pcb = pcb;
	socket->onReadable = xsVar(1);
	socket->listening = xsmcTypeOf(xsVar(1)) != xsUndefinedType;
	udp_recv(pcb, received, socket);
	xsmcSetHostData(xsThis, socket);
	xsSetHostHooks(xsThis, &gHooks);
	socket->self = xsThis;
	xsRemember(socket->self);
	sourceAdd(&socket->source);
}

static void udpRead(xsMachine* the)
{
	Socket* socket = socketOf(the);
	if (!socket->count)
		return;
	struct pbuf* data = socket->queue[socket->first].data;
	ip_addr_t address = socket->queue[socket->first].address;
	u16_t port = socket->queue[socket->first].port;
	char text[IPADDR_STRLEN_MAX];
	xsmcVars(1);
	xsmcSetArrayBuffer(xsResult, NULL, data->tot_len);
	pbuf_copy_partial(data, xsmcToArrayBuffer(xsResult), data->tot_len, 0);
	socket->first = (socket->first + 1) % QUEUE_LENGTH;
	socket->count--;
	pbuf_free(data);
	ipaddr_ntoa_r(&address, text, sizeof(text));
	xsmcSetString(xsVar(0), text);
	xsmcSet(xsResult, xsID("address"), xsVar(0));
	xsmcSetInteger(xsVar(0), port);
	xsmcSet(xsResult, xsID("port"), xsVar(0));
}

static void udpWrite(xsMachine* the)
{
	Socket* socket = socketOf(the);
	ip_addr_t address = addressOf(the, &xsArg(1));
	int port = portOf(the, &xsArg(2));
	void* bytes;
	xsUnsignedValue length;
	/* Last: chunks move at any allocation. */
	xsmcGetBufferReadable(xsArg(0), &bytes, &length);
	struct pbuf* data = length > 0xffff ? NULL : pbuf_alloc(PBUF_TRANSPORT, (u16_t)length, PBUF_RAM);
	if (!data)
		xsUnknownError("no memory for the datagram");
	pbuf_take(data, bytes, (u16_t)length);
	err_t error = udp_sendto(socket->pcb, data, &address, (u16_t)port);
	pbuf_free(data);
	if (error != ERR_OK)
		xsUnknownError("cannot send: %d", error);
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

void installUdp(xsMachine* machine)
{
	static const Native udp[] = {
		{ "UDP", udpConstructor, 1 },
		{ "read", udpRead, 0 },
		{ "write", udpWrite, 3 },
		{ "close", udpClose, 0 },
		{ NULL, NULL, 0 },
	};
	xsBeginHost(machine);
	installClass(the, "UDP", udp);
	xsEndHost(machine);
}
