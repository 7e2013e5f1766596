// SPDX-License-Identifier: Apache-2.0
// ECMA-419 TCP as in Moddable SDK 8.2.3: a connection that this side opens, with buffers as small as a board's. The
// peer's end and every failure are onError, once all that came before was read.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What lwIP has on an ESP32: TCP_WND and TCP_SND_BUF. */
enum { RECEIVE_LENGTH = 5744, SEND_LENGTH = 5744, CLOSE_SECONDS = 1 };

typedef struct Connection {
	Watch watch; /* first: the loop gives it back */
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable, onWritable, onError;
	int connected, ended, told;
	size_t receivedLength, sendingLength;
	uint8_t received[RECEIVE_LENGTH];
	uint8_t sending[SEND_LENGTH];
} Connection;

static void flush(Connection* connection)
{
	while (connection->sendingLength) {
		ssize_t count = send(connection->watch.fd, connection->sending, connection->sendingLength, MSG_NOSIGNAL);
		if (count <= 0)
			return; /* no room, or a failure that reading will tell */
		connection->sendingLength -= (size_t)count;
		memmove(connection->sending, connection->sending + count, connection->sendingLength);
	}
}

static void destroy(void* data)
{
	Connection* connection = data;
	if (!connection)
		return;
	watchRemove(&connection->watch);
	/* What was written before still goes out. */
	if (connection->sendingLength && !connection->ended) {
		struct timeval patience = { .tv_sec = CLOSE_SECONDS };
		int flags = fcntl(connection->watch.fd, F_GETFL);
		fcntl(connection->watch.fd, F_SETFL, flags & ~O_NONBLOCK);
		setsockopt(connection->watch.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		flush(connection);
	}
	close(connection->watch.fd);
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

static void call(Connection* connection, xsSlot* callback, size_t count)
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

/* Reads as much as there is room for; a full buffer leaves the rest to the kernel, and so to the peer. */
static void receive(Connection* connection)
{
	while (connection->receivedLength < RECEIVE_LENGTH) {
		ssize_t count = recv(connection->watch.fd, connection->received + connection->receivedLength,
			RECEIVE_LENGTH - connection->receivedLength, 0);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (count <= 0) {
			connection->ended = 1;
			break;
		}
		connection->receivedLength += (size_t)count;
	}
	int full = connection->receivedLength == RECEIVE_LENGTH;
	connection->watch.deaf = full || (connection->ended && connection->receivedLength);
}

/* A callback may close the connection: each turn of the loop calls at most one. */
static void ready(Watch* watch)
{
	Connection* connection = (Connection*)watch;
	if (!connection->connected) {
		int error = 0;
		socklen_t size = sizeof(error);
		getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error)
			connection->ended = 1;
		connection->connected = !error;
	}
	if (connection->connected && watch->revents & (POLLIN | POLLHUP | POLLERR))
		receive(connection);
	if (connection->receivedLength && !connection->told) {
		connection->told = 1;
		call(connection, &connection->onReadable, connection->receivedLength);
	}
	else if (connection->ended && !connection->receivedLength) {
		watchRemove(watch);
		call(connection, &connection->onError, 0);
	}
	else if (watch->revents & POLLOUT) {
		flush(connection);
		watch->writing = connection->sendingLength > 0;
		call(connection, &connection->onWritable, SEND_LENGTH - connection->sendingLength);
	}
}

static Connection* connectionOf(xsMachine* the)
{
	Connection* connection = xsmcGetHostData(xsThis);
	if (!connection)
		xsSyntaxError("this connection is closed");
	return connection;
}

static int connectTo(xsMachine* the, const struct sockaddr_in* to, int noDelay)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		xsUnknownError("no socket: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &noDelay, sizeof(noDelay));
	if (connect(fd, (const struct sockaddr*)to, sizeof(*to)) && errno != EINPROGRESS) {
		int why = errno;
		close(fd);
		xsUnknownError("cannot connect: %s", strerror(why));
	}
	return fd;
}

static void tcpConstructor(xsMachine* the)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	char address[64];
	xsmcVars(4);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	xsmcGet(xsVar(0), xsArg(0), xsID("address"));
	xsmcToStringBuffer(xsVar(0), address, sizeof(address));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		xsUnknownError("not an IPv4 address: %s", address);
	xsmcGet(xsVar(0), xsArg(0), xsID("port"));
	int port = xsmcToInteger(xsVar(0));
	if (port < 1 || port > 65535)
		xsRangeError("port must be from 1 to 65535");
	to.sin_port = htons((uint16_t)port);
	xsmcGet(xsVar(0), xsArg(0), xsID("nodelay"));
	int noDelay = xsmcTypeOf(xsVar(0)) != xsUndefinedType && xsmcToBoolean(xsVar(0));
	xsmcGet(xsVar(1), xsArg(0), xsID("onReadable"));
	xsmcGet(xsVar(2), xsArg(0), xsID("onWritable"));
	xsmcGet(xsVar(3), xsArg(0), xsID("onError"));
	int fd = connectTo(the, &to, noDelay);
	Connection* connection = calloc(1, sizeof(Connection));
	connection->watch = (Watch){ .fd = fd, .ready = ready, .writing = 1 };
	connection->the = the;
	connection->onReadable = xsVar(1);
	connection->onWritable = xsVar(2);
	connection->onError = xsVar(3);
	xsmcSetHostData(xsThis, connection);
	xsSetHostHooks(xsThis, &gHooks);
	connection->self = xsThis;
	xsRemember(connection->self);
	watchAdd(&connection->watch);
}

static void tcpRead(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	size_t length = connection->receivedLength;
	connection->told = 0;
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType) {
		int count = xsmcToInteger(xsArg(0));
		if (count >= 0 && (size_t)count < length)
			length = (size_t)count;
	}
	if (!length)
		return;
	xsmcSetArrayBuffer(xsResult, connection->received, (xsIntegerValue)length);
	connection->receivedLength -= length;
	memmove(connection->received, connection->received + length, connection->receivedLength);
	connection->watch.deaf = connection->ended && connection->receivedLength;
}

static void tcpWrite(xsMachine* the)
{
	Connection* connection = connectionOf(the);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (!connection->connected || connection->ended || length > SEND_LENGTH - connection->sendingLength)
		xsUnknownError("no room");
	memcpy(connection->sending + connection->sendingLength, data, length);
	connection->sendingLength += length;
	flush(connection);
	connection->watch.writing = 1; /* that there is room again is told in any case */
	xsmcSetInteger(xsResult, (xsIntegerValue)(SEND_LENGTH - connection->sendingLength));
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

void installTcp(xsMachine* machine)
{
	static const Native tcp[] = {
		{ "TCP", tcpConstructor, 1 },
		{ "read", tcpRead, 1 },
		{ "write", tcpWrite, 1 },
		{ "close", tcpClose, 0 },
		{ NULL, NULL, 0 },
	};
	installClass(machine, "TCP", tcp);
}
