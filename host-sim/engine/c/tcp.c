// SPDX-License-Identifier: Apache-2.0
// What the desktop has of a TCP connection: a socket, with buffers as small as a board's.

#define _GNU_SOURCE
#include "connection.h"
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

struct Carrier {
	Watch watch; /* first: the loop gives it back */
	Connection* connection;
	int connected, ended;
	size_t receivedLength, sendingLength;
	uint8_t received[RECEIVE_LENGTH];
	uint8_t sending[SEND_LENGTH];
};

static void flush(Carrier* carrier)
{
	while (carrier->sendingLength) {
		ssize_t count = send(carrier->watch.fd, carrier->sending, carrier->sendingLength, MSG_NOSIGNAL);
		if (count <= 0)
			return; /* no room, or a failure that reading will tell */
		carrier->sendingLength -= (size_t)count;
		memmove(carrier->sending, carrier->sending + count, carrier->sendingLength);
	}
}

void carrierClose(Carrier* carrier)
{
	watchRemove(&carrier->watch);
	/* What was written before still goes out. */
	if (carrier->sendingLength && !carrier->ended) {
		struct timeval patience = { .tv_sec = CLOSE_SECONDS };
		int flags = fcntl(carrier->watch.fd, F_GETFL);
		fcntl(carrier->watch.fd, F_SETFL, flags & ~O_NONBLOCK);
		setsockopt(carrier->watch.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		flush(carrier);
	}
	close(carrier->watch.fd);
	free(carrier);
}

static void end(Carrier* carrier)
{
	carrier->ended = 1;
	carrier->watch.deaf = 1;
	carrier->watch.writing = 0;
}

/* Reads as much as there is room for; a full buffer leaves the rest to the kernel, and so to the peer. */
static void receive(Carrier* carrier)
{
	while (carrier->receivedLength < RECEIVE_LENGTH) {
		ssize_t count = recv(carrier->watch.fd, carrier->received + carrier->receivedLength,
			RECEIVE_LENGTH - carrier->receivedLength, 0);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (count <= 0) {
			end(carrier);
			return;
		}
		carrier->receivedLength += (size_t)count;
	}
	carrier->watch.deaf = 1;
}

static void connected(Carrier* carrier)
{
	int error = 0;
	socklen_t size = sizeof(error);
	getsockopt(carrier->watch.fd, SOL_SOCKET, SO_ERROR, &error, &size);
	carrier->connected = !error;
	if (error)
		end(carrier);
}

static void ready(Watch* watch)
{
	Carrier* carrier = (Carrier*)watch;
	size_t before = carrier->receivedLength;
	int what = 0;
	if (!carrier->connected && !carrier->ended && watch->revents) {
		connected(carrier);
		what = carrier->connected ? WRITABLE : 0;
	}
	if (carrier->connected && !watch->deaf && watch->revents & (POLLIN | POLLHUP | POLLERR))
		receive(carrier);
	if (carrier->receivedLength > before)
		what |= READABLE;
	if (!carrier->ended && watch->revents & POLLOUT) {
		flush(carrier);
		watch->writing = carrier->sendingLength > 0;
		what |= WRITABLE;
	}
	connectionNote(carrier->connection, what);
	connectionServe(carrier->connection);
}

Carrier* carrierOpen(xsMachine* the, const char* address, int port, int noDelay)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		xsUnknownError("not an IPv4 address: %s", address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		xsUnknownError("no socket: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &noDelay, sizeof(noDelay));
	if (connect(fd, (const struct sockaddr*)&to, sizeof(to)) && errno != EINPROGRESS) {
		int why = errno;
		close(fd);
		xsUnknownError("cannot connect: %s", strerror(why));
	}
	Carrier* carrier = calloc(1, sizeof(Carrier));
	carrier->watch = (Watch){ .fd = fd, .ready = ready, .writing = 1 };
	return carrier;
}

void carrierStart(Carrier* carrier, Connection* connection)
{
	carrier->connection = connection;
	watchAdd(&carrier->watch);
}

size_t carrierCount(const Carrier* carrier)
{
	return carrier->receivedLength;
}

void carrierRead(Carrier* carrier, void* into, size_t count)
{
	memcpy(into, carrier->received, count);
	carrier->receivedLength -= count;
	memmove(carrier->received, carrier->received + count, carrier->receivedLength);
	carrier->watch.deaf = carrier->ended;
}

size_t carrierRoom(const Carrier* carrier)
{
	return carrier->connected && !carrier->ended ? SEND_LENGTH - carrier->sendingLength : 0;
}

void carrierWrite(Carrier* carrier, const void* data, size_t count)
{
	memcpy(carrier->sending + carrier->sendingLength, data, count);
	carrier->sendingLength += count;
	flush(carrier);
	carrier->watch.writing = !carrier->ended; /* that there is room again is told in any case */
}

int carrierHasEnded(const Carrier* carrier)
{
	return carrier->ended;
}

/* After its end it keeps no process alive but for what the script is still to hear. */
void carrierWake(Carrier* carrier, int isDue)
{
	carrier->watch.due = isDue;
	if (!carrier->ended)
		return;
	watchRemove(&carrier->watch);
	if (isDue)
		watchAdd(&carrier->watch);
}
