// SPDX-License-Identifier: Apache-2.0
// `embedded:io/socket/tcp` over lwIP, as in Moddable SDK 8.2.3: a connection that this side opens. The peer's end and
// every failure are onError, once all that came before was read. There is no Listener on this board.

#include "natives.h"
#include "source.h"
#include "lwip/tcp.h"
#include <stdlib.h>
#include <string.h>

enum { READABLE = 1, WRITABLE = 2, ENDED = 4 };

typedef struct Connection {
	Source source; /* first: netServe gives it back */
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable, onWritable, onError;
	struct tcp_pcb* pcb; /* NULL once lwIP has given it up */
	struct pbuf* received;
	int ended;
	ip_addr_t address;
	u16_t port;
} Connection;

static void destroy(void* data)
{
	Connection* connection = data;
	if (!connection)
		return;
	sourceRemove(&connection->source);
	if (connection->pcb) {
		tcp_arg(connection->pcb, NULL);
		tcp_recv(connection->pcb, NULL);
		tcp_sent(connection->pcb, NULL);
		tcp_err(connection->pcb, NULL);
		if (tcp_close(connection->pcb) != ERR_OK)
			tcp_abort(connection->pcb);
	}
	if (connection->received)
		pbuf_free(connection->received);
	free(connection);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	Connection* connection = data;
	(*markRoot)(the, &connection->onReadable);
	(*markRoot)(the, &connection->onWritable);
	(*markRoot)(the, &connection->onError);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static void end(Connection* connection)
{
	connection->ended = 1;
	if (!connection->received)
		connection->source.due |= ENDED;
}

static err_t received(void* context, struct tcp_pcb* pcb, struct pbuf* data, err_t error)
{
	Connection* connection = context;
	if (!data)
		end(connection);
	else {
		if (connection->received)
			pbuf_cat(connection->received, data);
		else
			connection->received = data;
		connection->source.due |= READABLE;
	}
	return ERR_OK;
}

static err_t sent(void* context, struct tcp_pcb* pcb, u16_t length)
{
	((Connection*)context)->source.due |= WRITABLE;
	return ERR_OK;
}

static err_t connected(void* context, struct tcp_pcb* pcb, err_t error)
{
	return sent(context, pcb, 0);
}

static void failed(void* context, err_t error)
{
	Connection* connection = context;
	connection->pcb = NULL;
	end(connection);
}

static void call(Connection* connection, xsSlot* callback, unsigned count)
{
	xsBeginHost(connection->the);
	xsmcVars(2);
	xsVar(0) = *callback;
	if (xsmcTypeOf(xsVar(0)) != xsUndefinedType) {
		xsmcSetInteger(xsVar(1), (xsIntegerValue)count);
		xsCallFunction1(xsVar(0), connection->self, xsVar(1));
	}
	xsEndHost(connection->the);
}

static void serve(Source* source)
{
	Connection* connection = (Connection*)source;
	if (source->due & READABLE) {
		source->due &= ~READABLE;
		if (connection->received)
			call(connection, &connection->onReadable, connection->received->tot_len);
	}
	else if (source->due & WRITABLE) {
		source->due &= ~WRITABLE;
		if (connection->pcb && !connection->ended)
			call(connection, &connection->onWritable, tcp_sndbuf(connection->pcb));
	}
	else {
		source->due = 0;
		call(connection, &connection->onError, 0);
	}
}

static Connection* connectionOf(xsMachine* the)
{
	Connection* connection = xsmcGetHostData(xsThis);
	if (!connection)
		xsSyntaxError("this connection is closed");
	return connection;
}

static void tcpConstructor(xsMachine* the)
{
	xsmcVars(5);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	if (!optionOf(the, &xsArg(0), "address", &xsVar(0)))
		xsRangeError("address is needed");
	ip_addr_t address = addressOf(the, &xsVar(0));
	if (!optionOf(the, &xsArg(0), "port", &xsVar(0)))
		xsRangeError("port is needed");
	int port = portOf(the, &xsVar(0));
	if (optionOf(the, &xsArg(0), "format", &xsVar(0)) && strcmp(xsmcToString(xsVar(0)), "buffer"))
		xsRangeError("format must be \"buffer\"");
	if (optionOf(the, &xsArg(0), "target", &xsVar(0)))
		xsmcSet(xsThis, xsID("target"), xsVar(0));
	int noDelay = optionOf(the, &xsArg(0), "nodelay", &xsVar(0)) && xsmcToBoolean(xsVar(0));
	optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
	optionOf(the, &xsArg(0), "onWritable", &xsVar(2));
	optionOf(the, &xsArg(0), "onError", &xsVar(3));
	Connection* connection = calloc(1, sizeof(Connection));
	struct tcp_pcb* pcb = tcp_new();
	if (!connection || !pcb) {
		free(connection);
		if (pcb)
			tcp_abort(pcb);
		xsUnknownError("too many connections");
	}
	*connection = (Connection){ .source.serve = serve, .the = the, .pcb = pcb, .address = address, .port = (u16_t)port };
	connection->onReadable = xsVar(1);
	connection->onWritable = xsVar(2);
	connection->onError = xsVar(3);
	tcp_arg(pcb, connection);
	tcp_recv(pcb, received);
	tcp_sent(pcb, sent);
	tcp_err(pcb, failed);
	if (noDelay)
		tcp_nagle_disable(pcb);
	xsmcSetHostData(xsThis, connection);
	xsSetHostHooks(xsThis, &gHooks);
	connection->self = xsThis;
	xsRemember(connection->self);
	sourceAdd(&connection->source);
	if (tcp_connect(pcb, &address, (u16_t)port, connected) != ERR_OK)
		end(connection); /* no route, no memory: told like every later failure */
}

/* read(): all; read(count): at most so many bytes; read(buffer): into it, gives how many. */
static void tcpRead(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	u16_t count = connection->received ? connection->received->tot_len : 0;
	void* into = NULL;
	xsUnsignedValue room = count;
	if (!count)
		return;
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType)
		xsmcGetBufferWritable(xsArg(0), &into, &room);
	else if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType)
		room = xsmcToInteger(xsArg(0)) > 0 ? (xsUnsignedValue)xsmcToInteger(xsArg(0)) : 0;
	if (count > room)
		count = (u16_t)room;
	if (into)
		xsmcSetInteger(xsResult, count);
	else {
		xsmcSetArrayBuffer(xsResult, NULL, count);
		into = xsmcToArrayBuffer(xsResult);
	}
	pbuf_copy_partial(connection->received, into, count, 0);
	connection->received = pbuf_free_header(connection->received, count);
	if (connection->pcb)
		tcp_recved(connection->pcb, count);
	if (connection->ended)
		end(connection);
}

/* All or nothing; gives the room that is left. */
static void tcpWrite(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (!connection->pcb || connection->ended)
		xsUnknownError("the connection has ended");
	if (length > tcp_sndbuf(connection->pcb)
		|| tcp_write(connection->pcb, data, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK)
		xsUnknownError("no room");
	tcp_output(connection->pcb);
	xsmcSetInteger(xsResult, tcp_sndbuf(connection->pcb));
}

static void tcpClose(xsMachine* the)
{
	Connection* connection = xsmcGetHostData(xsThis);
	if (!connection)
		return;
	xsForget(connection->self);
	xsmcSetHostData(xsThis, NULL);
	destroy(connection);
}

static void tcpRemoteAddress(xsMachine* the)
{
	char text[IPADDR_STRLEN_MAX];
	ipaddr_ntoa_r(&connectionOf(the)->address, text, sizeof(text));
	xsmcSetString(xsResult, text);
}

static void tcpRemotePort(xsMachine* the)
{
	xsmcSetInteger(xsResult, connectionOf(the)->port);
}

void installTcp(xsMachine* machine)
{
	static const Native tcp[] = {
		{ "TCP", tcpConstructor, 1 },
		{ "read", tcpRead, 1 },
		{ "write", tcpWrite, 1 },
		{ "close", tcpClose, 0 },
		{ "get remoteAddress", tcpRemoteAddress, 0 },
		{ "get remotePort", tcpRemotePort, 0 },
		{ NULL, NULL, 0 },
	};
	xsBeginHost(machine);
	installClass(the, "TCP", tcp);
	xsEndHost(machine);
}
