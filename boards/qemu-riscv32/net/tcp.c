// SPDX-License-Identifier: Apache-2.0
// What the board has of a TCP connection: lwIP's. There is no Listener on this board.

#include "connection.h"
#include "natives.h"
#include "source.h"
#include "lwip/tcp.h"
#include <stdlib.h>

/* Segments of lwIP's queue that one write may need. */
enum { WRITE_SEGMENTS = 6 };

struct Carrier {
	Source source; /* first: netServe gives it back */
	Connection* connection;
	struct tcp_pcb* pcb; /* NULL once lwIP has given it up */
	struct pbuf* received;
	int events; /* lwIP's, since the last turn */
	int connected, ended;
	ip_addr_t address;
	u16_t port;
};

void carrierClose(Carrier* carrier)
{
	sourceRemove(&carrier->source);
	if (carrier->pcb) {
		tcp_arg(carrier->pcb, NULL);
		tcp_recv(carrier->pcb, NULL);
		tcp_sent(carrier->pcb, NULL);
		tcp_err(carrier->pcb, NULL);
		if (tcp_close(carrier->pcb) != ERR_OK)
			tcp_abort(carrier->pcb);
	}
	if (carrier->received)
		pbuf_free(carrier->received);
	free(carrier);
}

/* Nothing of it is looked at here: TLS would take lwIP's connection from under its feet. */
static void note(Carrier* carrier, int what)
{
	carrier->events |= what;
	carrier->source.due = 1;
}

static err_t received(void* context, struct tcp_pcb* pcb, struct pbuf* data, err_t error)
{
	Carrier* carrier = context;
	if (!data)
		carrier->ended = 1;
	else if (carrier->received)
		pbuf_cat(carrier->received, data);
	else
		carrier->received = data;
	note(carrier, data ? READABLE : 0);
	return ERR_OK;
}

static err_t sent(void* context, struct tcp_pcb* pcb, u16_t length)
{
	note(context, WRITABLE);
	return ERR_OK;
}

static err_t connected(void* context, struct tcp_pcb* pcb, err_t error)
{
	((Carrier*)context)->connected = 1;
	return sent(context, pcb, 0);
}

static void failed(void* context, err_t error)
{
	Carrier* carrier = context;
	carrier->pcb = NULL;
	carrier->ended = 1;
	note(carrier, 0);
}

static void serve(Source* source)
{
	Carrier* carrier = (Carrier*)source;
	int events = carrier->events;
	carrier->events = 0;
	connectionNote(carrier->connection, events);
	connectionServe(carrier->connection);
}

Carrier* carrierOpen(xsMachine* the, const char* address, int port, int noDelay)
{
	ip_addr_t to = addressIn(the, address);
	Carrier* carrier = calloc(1, sizeof(Carrier));
	struct tcp_pcb* pcb = carrier ? tcp_new() : NULL;
	if (!pcb) {
		free(carrier);
		xsUnknownError("too many connections");
	}
	*carrier = (Carrier){ .source.serve = serve, .pcb = pcb, .address = to, .port = (u16_t)port };
	if (noDelay)
		tcp_nagle_disable(pcb);
	return carrier;
}

void carrierStart(Carrier* carrier, Connection* connection)
{
	struct tcp_pcb* pcb = carrier->pcb;
	carrier->connection = connection;
	tcp_arg(pcb, carrier);
	tcp_recv(pcb, received);
	tcp_sent(pcb, sent);
	tcp_err(pcb, failed);
	sourceAdd(&carrier->source);
	if (tcp_connect(pcb, &carrier->address, carrier->port, connected) == ERR_OK)
		return;
	/* No route, no memory: told like every later failure. */
	carrier->ended = 1;
	note(carrier, 0);
}

size_t carrierCount(const Carrier* carrier)
{
	return carrier->received ? carrier->received->tot_len : 0;
}

void carrierRead(Carrier* carrier, void* into, size_t count)
{
	pbuf_copy_partial(carrier->received, into, (u16_t)count, 0);
	carrier->received = pbuf_free_header(carrier->received, (u16_t)count);
	if (carrier->pcb)
		tcp_recved(carrier->pcb, (u16_t)count);
}

size_t carrierRoom(const Carrier* carrier)
{
	if (!carrier->pcb || !carrier->connected || carrier->ended)
		return 0;
	if (tcp_sndqueuelen(carrier->pcb) > TCP_SND_QUEUELEN - WRITE_SEGMENTS)
		return 0;
	return tcp_sndbuf(carrier->pcb);
}

/* lwIP may have room, and no memory for it: then the connection is of no more use. */
void carrierWrite(Carrier* carrier, const void* data, size_t count)
{
	if (tcp_write(carrier->pcb, data, (u16_t)count, TCP_WRITE_FLAG_COPY) == ERR_OK)
		tcp_output(carrier->pcb);
	else
		carrier->ended = 1;
}

int carrierHasEnded(const Carrier* carrier)
{
	return carrier->ended;
}

void carrierWake(Carrier* carrier, int isDue)
{
	carrier->source.due = isDue || carrier->events;
}
