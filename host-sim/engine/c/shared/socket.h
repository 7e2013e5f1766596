// SPDX-License-Identifier: Apache-2.0
// A UDP socket: the script's class, which all hosts share, over what each host has of its own.

#ifndef PINHOLE_SOCKET_H
#define PINHOLE_SOCKET_H

#include "native.h"

typedef struct Socket Socket;

/* The host's end of a socket: datagrams in and out, and nobody waits. */
typedef struct Port Port;

enum { SOCKET_ADDRESS_LENGTH = 64 };

/* The host's udp.c. `portOpen` throws where it cannot; it notes nothing before `portStart`. */
Port* portOpen(xsMachine* the, int number);
/* `isHeard`: socketServe is to be called soon after something came. */
void portStart(Port* port, Socket* socket, int isHeard);
int portNumber(const Port* port);
/* Datagrams that wait, and the length of the first. */
int portCount(const Port* port);
size_t portLength(const Port* port);
/* Takes the first: its bytes, its sender's address as text, and port. */
int portTake(Port* port, void* into, char address[SOCKET_ADDRESS_LENGTH]);
/* Throws. */
void portSend(xsMachine* the, Port* port, const char* address, int number, const void* data, size_t length);
void portClose(Port* port);

/* Tells the script how many datagrams wait; the socket, and so its port, may be gone afterwards. */
void socketServe(Socket* socket);

#endif
