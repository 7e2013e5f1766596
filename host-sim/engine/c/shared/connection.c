// SPDX-License-Identifier: Apache-2.0
// ECMA-419 TCP as in Moddable SDK 8.2.3, and TLS in the same shape. The peer's end and every failure are onError, once
// all that came before was read; of TLS it is told in words what was wrong.

#include "connection.h"
#include "tls.h"
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_LENGTH = 64, NAME_LENGTH = 256 };

struct Connection {
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable, onWritable, onError;
	Carrier* carrier;
	Tls* tls; /* NULL: plain */
	int due; /* of which the script is to hear */
	int isOpen; /* and the script was told so */
	int told; /* of the end */
	int port;
	char address[ADDRESS_LENGTH];
};

static void destroy(void* data)
{
	Connection* connection = data;
	if (!connection)
		return;
	if (connection->tls)
		tlsClose(connection->tls);
	carrierClose(connection->carrier);
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

static size_t countOf(const Connection* connection)
{
	return connection->tls ? tlsCount(connection->tls) : carrierCount(connection->carrier);
}

static size_t roomOf(const Connection* connection)
{
	return connection->tls ? tlsRoom(connection->tls) : carrierRoom(connection->carrier);
}

static int isOver(const Connection* connection)
{
	return connection->tls ? tlsIsOver(connection->tls) : carrierHasEnded(connection->carrier);
}

/* The end is told once, when nothing is left to be read. */
static void wake(Connection* connection)
{
	if (!connection->told && isOver(connection) && !countOf(connection)) {
		connection->told = 1;
		connection->due |= ENDED;
	}
	carrierWake(connection->carrier, connection->due != 0);
}

void connectionNote(Connection* connection, int what)
{
	if (connection->tls) {
		int wasOpen = tlsIsOpen(connection->tls);
		tlsAdvance(connection->tls);
		if (!tlsIsOpen(connection->tls))
			what &= ~WRITABLE;
		else if (!wasOpen)
			what |= WRITABLE;
	}
	connection->due |= what;
	wake(connection);
}

enum { NO_COUNT = -1 };

/* A number of bytes, or why there will be none; an end without a reason has no argument. */
static void tell(Connection* connection, const xsSlot* callback, int count, const char* why)
{
	xsBeginHost(connection->the);
	xsmcVars(2);
	xsVar(0) = *callback;
	if (xsmcTypeOf(xsVar(0)) != xsUndefinedType) {
		if (why)
			xsmcSetString(xsVar(1), (char*)why);
		else if (count != NO_COUNT)
			xsmcSetInteger(xsVar(1), count);
		xsCallFunction1(xsVar(0), connection->self, xsVar(1));
	}
	xsEndHost(connection->the);
}

static void serve(Connection* connection, int what)
{
	if (what == ENDED)
		tell(connection, &connection->onError, NO_COUNT, connection->tls ? tlsFault(connection->tls) : NULL);
	else if (what == READABLE && countOf(connection))
		tell(connection, &connection->onReadable, (int)countOf(connection), NULL);
	else if (what == WRITABLE && (!connection->isOpen || !isOver(connection))) {
		connection->isOpen = 1;
		tell(connection, &connection->onWritable, (int)roomOf(connection), NULL);
	}
}

/* That it is there is told first, however much has come and even if it has ended since. */
void connectionServe(Connection* connection)
{
	int due = connection->due & WRITABLE ? WRITABLE : connection->due & READABLE ? READABLE : connection->due;
	connection->due &= ~due;
	carrierWake(connection->carrier, connection->due != 0);
	serve(connection, due);
}

static Connection* connectionOf(xsMachine* the)
{
	Connection* connection = xsmcGetHostData(xsThis);
	if (!connection)
		xsSyntaxError("this connection is closed");
	return connection;
}

static void takeText(xsMachine* the, const char* name, char* into, size_t length)
{
	into[0] = 0;
	if (optionOf(the, &xsArg(0), name, &xsVar(0)))
		xsmcToStringBuffer(xsVar(0), into, length);
}

typedef struct Options {
	char address[ADDRESS_LENGTH];
	int port, noDelay;
	char host[NAME_LENGTH], protocol[NAME_LENGTH];
	TlsOptions tls;
} Options;

/* `tls.trust` is borrowed: strings move at any allocation. */
static void takeOptions(xsMachine* the, Options* options)
{
	if (optionOf(the, &xsArg(0), "format", &xsVar(0)) && strcmp(xsmcToString(xsVar(0)), "buffer"))
		xsRangeError("format must be \"buffer\"");
	if (optionOf(the, &xsArg(0), "target", &xsVar(0)))
		xsmcSet(xsThis, xsID("target"), xsVar(0));
	if (!optionOf(the, &xsArg(0), "port", &xsVar(0)))
		xsRangeError("port is needed");
	options->port = portOf(the, &xsVar(0));
	options->noDelay = optionOf(the, &xsArg(0), "nodelay", &xsVar(0)) && xsmcToBoolean(xsVar(0));
	takeText(the, "address", options->address, sizeof(options->address));
	takeText(the, "host", options->host, sizeof(options->host));
	takeText(the, "applicationProtocol", options->protocol, sizeof(options->protocol));
	options->tls = (TlsOptions){ .host = options->host, .protocol = options->protocol, .trust = "" };
	options->tls.anybody = optionOf(the, &xsArg(0), "anybody", &xsVar(0)) && xsmcToBoolean(xsVar(0));
	if (optionOf(the, &xsArg(0), "trust", &xsVar(0)))
		options->tls.trust = xsmcToString(xsVar(0));
}

/* All that can throw comes before anything is taken that a throw would leave behind. */
static Connection* open(xsMachine* the, int isSecure)
{
	Options options;
	takeOptions(the, &options);
	Carrier* carrier = carrierOpen(the, options.address, options.port, options.noDelay);
	Connection* connection = calloc(1, sizeof(Connection));
	Tls* tls = isSecure ? tlsOpen(carrier, &options.tls) : NULL;
	if (!connection || (isSecure && !tls)) {
		if (tls)
			tlsClose(tls);
		carrierClose(carrier);
		free(connection);
		xsUnknownError("no memory for a connection");
	}
	connection->the = the;
	connection->carrier = carrier;
	connection->tls = tls;
	connection->port = options.port;
	memcpy(connection->address, options.address, ADDRESS_LENGTH);
	return connection;
}

static void construct(xsMachine* the, int isSecure)
{
	xsmcVars(4);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
	optionOf(the, &xsArg(0), "onWritable", &xsVar(2));
	optionOf(the, &xsArg(0), "onError", &xsVar(3));
	Connection* connection = open(the, isSecure);
	connection->onReadable = xsVar(1);
	connection->onWritable = xsVar(2);
	connection->onError = xsVar(3);
	xsmcSetHostData(xsThis, connection);
	xsSetHostHooks(xsThis, &gHooks);
	connection->self = xsThis;
	xsRemember(connection->self);
	carrierStart(connection->carrier, connection);
}

static void tcpConstructor(xsMachine* the)
{
	construct(the, 0);
}

static void tlsConstructor(xsMachine* the)
{
	construct(the, 1);
}

static void take(Connection* connection, void* into, size_t count)
{
	if (!connection->tls) {
		carrierRead(connection->carrier, into, count);
		return;
	}
	tlsRead(connection->tls, into, count);
	if (tlsCount(connection->tls))
		return;
	/* What came with it may be the next record. */
	tlsAdvance(connection->tls);
	if (tlsCount(connection->tls))
		connection->due |= READABLE;
}

/* read(): all; read(count): at most so many bytes; read(buffer): into it, gives how many. */
static void tcpRead(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	size_t count = countOf(connection);
	void* into = NULL;
	xsUnsignedValue room = (xsUnsignedValue)count;
	if (!count)
		return;
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType)
		xsmcGetBufferWritable(xsArg(0), &into, &room);
	else if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType)
		room = xsmcToInteger(xsArg(0)) > 0 ? (xsUnsignedValue)xsmcToInteger(xsArg(0)) : 0;
	if (count > room)
		count = room;
	if (into)
		xsmcSetInteger(xsResult, (xsIntegerValue)count);
	else {
		xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)count);
		into = xsmcToArrayBuffer(xsResult);
	}
	take(connection, into, count);
	wake(connection);
}

/* All or nothing; gives the room that is left. */
static void tcpWrite(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (isOver(connection))
		xsUnknownError("the connection has ended");
	if (length > roomOf(connection))
		xsUnknownError("no room");
	if (!connection->tls)
		carrierWrite(connection->carrier, data, length);
	else if (!tlsWrite(connection->tls, data, length))
		xsUnknownError("TLS takes nothing more");
	wake(connection);
	xsmcSetInteger(xsResult, (xsIntegerValue)roomOf(connection));
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
	xsmcSetString(xsResult, connectionOf(the)->address);
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
	static const Native tls[] = {
		{ "TLS", tlsConstructor, 1 },
		{ "read", tcpRead, 1 },
		{ "write", tcpWrite, 1 },
		{ "close", tcpClose, 0 },
		{ "get remoteAddress", tcpRemoteAddress, 0 },
		{ "get remotePort", tcpRemotePort, 0 },
		{ NULL, NULL, 0 },
	};
	installClass(machine, "TCP", tcp);
	installClass(machine, "TLS", tls);
}
