// SPDX-License-Identifier: Apache-2.0
// ECMA-419 UDP as in Moddable SDK 8.2.3: write(buffer, address, port), read() -> ArrayBuffer with address and port.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Datagrams that wait for the script; the kernel holds the rest. */
enum { QUEUE_LENGTH = 32, DATAGRAM_LENGTH = 65536 };

typedef struct Datagram {
	struct Datagram* next;
	struct sockaddr_in from;
	size_t length;
	uint8_t data[];
} Datagram;

typedef struct Socket {
	Watch watch; /* first: the loop gives it back */
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable;
	int listening;
	Datagram* first;
	Datagram** last;
	int count;
} Socket;

static void destroy(void* data)
{
	Socket* socket = data;
	if (!socket)
		return;
	watchRemove(&socket->watch);
	if (socket->watch.fd >= 0)
		close(socket->watch.fd);
	for (Datagram* each = socket->first; each;) {
		Datagram* next = each->next;
		free(each);
		each = next;
	}
	free(socket);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Socket*)data)->onReadable);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static void enqueue(Socket* socket, const uint8_t* data, size_t length, const struct sockaddr_in* from)
{
	Datagram* datagram = malloc(sizeof(Datagram) + length);
	datagram->next = NULL;
	datagram->from = *from;
	datagram->length = length;
	memcpy(datagram->data, data, length);
	*socket->last = datagram;
	socket->last = &datagram->next;
	socket->count++;
}

static void ready(Watch* watch)
{
	static uint8_t buffer[DATAGRAM_LENGTH];
	Socket* socket = (Socket*)watch;
	while (socket->count < QUEUE_LENGTH) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(watch->fd, buffer, sizeof(buffer), MSG_DONTWAIT, (struct sockaddr*)&from, &size);
		if (length < 0 && errno == ECONNREFUSED)
			continue; /* an ICMP answer to an earlier write: UDP does not say */
		if (length < 0)
			break;
		enqueue(socket, buffer, (size_t)length, &from);
	}
	if (!socket->count || !socket->listening)
		return;
	xsBeginHost(socket->the);
	xsmcVars(2);
	xsVar(0) = socket->onReadable;
	xsmcSetInteger(xsVar(1), socket->count);
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

static int openPort(xsMachine* the, int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (fd < 0)
		xsUnknownError("no socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr*)&local, sizeof(local))) {
		int why = errno;
		close(fd);
		xsUnknownError("port %d: %s", port, strerror(why));
	}
	return fd;
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
		xsmcGet(xsVar(0), xsArg(0), xsID("port"));
		if (xsmcTypeOf(xsVar(0)) != xsUndefinedType)
			port = xsmcToInteger(xsVar(0));
		xsmcGet(xsVar(0), xsArg(0), xsID("format"));
		if (xsmcTypeOf(xsVar(0)) != xsUndefinedType && strcmp(xsmcToString(xsVar(0)), "buffer"))
			xsRangeError("format must be \"buffer\"");
		xsmcGet(xsVar(0), xsArg(0), xsID("target"));
		if (xsmcTypeOf(xsVar(0)) != xsUndefinedType)
			xsmcSet(xsThis, xsID("target"), xsVar(0));
		xsmcGet(xsVar(1), xsArg(0), xsID("onReadable"));
	}
	if (port < 0 || port > 65535)
		xsRangeError("port must be from 0 to 65535");
	int fd = openPort(the, port);
	Socket* socket = calloc(1, sizeof(Socket));
	socket->watch = (Watch){ .fd = fd, .ready = ready };
	socket->the = the;
	socket->last = &socket->first;
	socket->onReadable = xsVar(1);
	socket->listening = xsmcTypeOf(xsVar(1)) != xsUndefinedType;
	xsmcSetHostData(xsThis, socket);
	xsSetHostHooks(xsThis, &gHooks);
	socket->self = xsThis;
	xsRemember(socket->self);
	watchAdd(&socket->watch);
}

static void udpRead(xsMachine* the)
{
	Socket* socket = socketOf(the);
	Datagram* datagram = socket->first;
	char address[INET_ADDRSTRLEN];
	if (!datagram)
		return;
	xsmcVars(1);
	socket->first = datagram->next;
	if (!socket->first)
		socket->last = &socket->first;
	socket->count--;
	xsmcSetArrayBuffer(xsResult, datagram->data, (xsIntegerValue)datagram->length);
	inet_ntop(AF_INET, &datagram->from.sin_addr, address, sizeof(address));
	xsmcSetString(xsVar(0), address);
	xsmcSet(xsResult, xsID("address"), xsVar(0));
	xsmcSetInteger(xsVar(0), ntohs(datagram->from.sin_port));
	xsmcSet(xsResult, xsID("port"), xsVar(0));
	free(datagram);
}

static void udpWrite(xsMachine* the)
{
	Socket* socket = socketOf(the);
	struct sockaddr_in to = { .sin_family = AF_INET };
	char address[64];
	void* data;
	xsUnsignedValue length;
	xsmcToStringBuffer(xsArg(1), address, sizeof(address));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		xsUnknownError("not an IPv4 address: %s", address);
	to.sin_port = htons((uint16_t)xsmcToInteger(xsArg(2)));
	/* Last: chunks move at any allocation. */
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	ssize_t sent = sendto(socket->watch.fd, data, length, 0, (struct sockaddr*)&to, sizeof(to));
	if (sent < 0 && errno == ECONNREFUSED) /* an ICMP answer to an earlier write, not to this one */
		sent = sendto(socket->watch.fd, data, length, 0, (struct sockaddr*)&to, sizeof(to));
	if (sent < 0)
		xsUnknownError("cannot send: %s", strerror(errno));
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
	struct sockaddr_in local;
	socklen_t size = sizeof(local);
	getsockname(socketOf(the)->watch.fd, (struct sockaddr*)&local, &size);
	xsmcSetInteger(xsResult, ntohs(local.sin_port));
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
