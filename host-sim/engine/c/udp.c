// SPDX-License-Identifier: Apache-2.0
// What the desktop has of a UDP socket: the kernel's.

#define _GNU_SOURCE
#include "socket.h"
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

struct Port {
	Watch watch; /* first: the loop gives it back */
	Socket* socket;
	int isHeard;
	Datagram* first;
	Datagram** last;
	int count;
};

static Datagram* takeFirst(Port* port)
{
	Datagram* datagram = port->first;
	port->first = datagram->next;
	if (!port->first)
		port->last = &port->first;
	port->count--;
	return datagram;
}

void portClose(Port* port)
{
	watchRemove(&port->watch);
	close(port->watch.fd);
	while (port->count)
		free(takeFirst(port));
	free(port);
}

static void enqueue(Port* port, const uint8_t* data, size_t length, const struct sockaddr_in* from)
{
	Datagram* datagram = malloc(sizeof(Datagram) + length);
	datagram->next = NULL;
	datagram->from = *from;
	datagram->length = length;
	memcpy(datagram->data, data, length);
	*port->last = datagram;
	port->last = &datagram->next;
	port->count++;
}

static void ready(Watch* watch)
{
	static uint8_t buffer[DATAGRAM_LENGTH];
	Port* port = (Port*)watch;
	while (port->count < QUEUE_LENGTH) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(watch->fd, buffer, sizeof(buffer), MSG_DONTWAIT, (struct sockaddr*)&from, &size);
		if (length < 0 && errno == ECONNREFUSED)
			continue; /* an ICMP answer to an earlier write: UDP does not say */
		if (length < 0)
			break;
		enqueue(port, buffer, (size_t)length, &from);
	}
	if (port->count && port->isHeard)
		socketServe(port->socket);
}

Port* portOpen(xsMachine* the, int number)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	if (fd < 0)
		xsUnknownError("no socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr*)&local, sizeof(local))) {
		int why = errno;
		close(fd);
		xsUnknownError("port %d: %s", number, strerror(why));
	}
	Port* port = calloc(1, sizeof(Port));
	port->watch = (Watch){ .fd = fd, .ready = ready };
	port->last = &port->first;
	return port;
}

void portStart(Port* port, Socket* socket, int isHeard)
{
	port->socket = socket;
	port->isHeard = isHeard;
	watchAdd(&port->watch);
}

int portNumber(const Port* port)
{
	struct sockaddr_in local;
	socklen_t size = sizeof(local);
	getsockname(port->watch.fd, (struct sockaddr*)&local, &size);
	return ntohs(local.sin_port);
}

int portCount(const Port* port)
{
	return port->count;
}

size_t portLength(const Port* port)
{
	return port->first->length;
}

int portTake(Port* port, void* into, char address[SOCKET_ADDRESS_LENGTH])
{
	Datagram* datagram = takeFirst(port);
	int number = ntohs(datagram->from.sin_port);
	memcpy(into, datagram->data, datagram->length);
	inet_ntop(AF_INET, &datagram->from.sin_addr, address, SOCKET_ADDRESS_LENGTH);
	free(datagram);
	return number;
}

void portSend(xsMachine* the, Port* port, const char* address, int number, const void* data, size_t length)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		xsUnknownError("not an IPv4 address: %s", address);
	ssize_t sent = sendto(port->watch.fd, data, length, 0, (struct sockaddr*)&to, sizeof(to));
	if (sent < 0 && errno == ECONNREFUSED) /* an ICMP answer to an earlier write, not to this one */
		sent = sendto(port->watch.fd, data, length, 0, (struct sockaddr*)&to, sizeof(to));
	if (sent < 0)
		xsUnknownError("cannot send: %s", strerror(errno));
}
