// SPDX-License-Identifier: Apache-2.0
// A TCP connection that this side opens, plain or with TLS inside: the script's classes, which all hosts share, over
// what each host has of its own.

#ifndef PINHOLE_CONNECTION_H
#define PINHOLE_CONNECTION_H

#include "native.h"

typedef struct Connection Connection;

/* The host's end of a connection: bytes in and out, and nobody waits. */
typedef struct Carrier Carrier;

/* The host's tcp.c. `carrierOpen` throws where it cannot; it notes nothing before `carrierStart`. */
Carrier* carrierOpen(xsMachine* the, const char* address, int port, int noDelay);
void carrierStart(Carrier* carrier, Connection* connection);
/* Bytes that are here, and those taken now, none after the end; `count` is never more. */
size_t carrierCount(const Carrier* carrier);
void carrierRead(Carrier* carrier, void* into, size_t count);
size_t carrierRoom(const Carrier* carrier);
void carrierWrite(Carrier* carrier, const void* data, size_t count);
/* The peer's end, or a failure: nothing will come beyond what is here. */
int carrierHasEnded(const Carrier* carrier);
/* Whether connectionServe is to be called soon. */
void carrierWake(Carrier* carrier, int isDue);
/* What was written before still goes out. */
void carrierClose(Carrier* carrier);

/* What has happened below: more bytes are here, or fewer wait; the end needs no name. */
enum { READABLE = 1, WRITABLE = 2, ENDED = 4 };
void connectionNote(Connection* connection, int what);
/* Calls the script at most once; the connection, and so its carrier, may be gone afterwards. */
void connectionServe(Connection* connection);

#endif
