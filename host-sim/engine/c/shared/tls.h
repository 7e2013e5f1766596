// SPDX-License-Identifier: Apache-2.0
// The client's side of TLS 1.2 over a carrier.

#ifndef PINHOLE_TLS_H
#define PINHOLE_TLS_H

#include "connection.h"

typedef struct Tls Tls;

typedef struct TlsOptions {
	const char* host; /* whom the certificate must name: a DNS name, or an IPv4 address in text */
	const char* protocol; /* for ALPN (RFC 7301); "" for none */
	const char* trust; /* certificates in PEM, of which one must vouch for the server; "" for none */
	int anybody; /* where none is given: any server is as good, as something inside proves who it is */
} TlsOptions;

/* NULL: there is no memory for it. */
Tls* tlsOpen(Carrier* carrier, const TlsOptions* options);
/* Goes on with what the carrier has, and has room for. */
void tlsAdvance(Tls* tls);
/* The server has proved who it is, and data may flow. */
int tlsIsOpen(const Tls* tls);
/* Nothing will come beyond what is here. */
int tlsIsOver(const Tls* tls);
/* Why it was never open, in words; NULL: it was, or nothing is known. */
const char* tlsFault(const Tls* tls);
/* As of a carrier. */
size_t tlsCount(const Tls* tls);
void tlsRead(Tls* tls, void* into, size_t count);
size_t tlsRoom(const Tls* tls);
int tlsWrite(Tls* tls, const void* data, size_t count);
/* Says so to the peer. The carrier stays. */
void tlsClose(Tls* tls);

/* What mbed TLS takes of the heap of C, within bounds; primitives.c asks here for all that is not its own. */
void* tlsTake(size_t count, size_t size);
void tlsGive(void* memory);

/* The host's: true randomness. 0 where there is none that is fit. */
int randomFill(void* into, uint32_t length);

#endif
