// SPDX-License-Identifier: Apache-2.0
// What the board has of a UDP socket: lwIP's.

#include "natives.h"
#include "socket.h"
#include "source.h"
#include "lwip/udp.h"
#include <stdlib.h>

/* Datagrams that wait for the script; what comes then is lost. */
enum { QUEUE_LENGTH = 8 };

struct Port {
	Source source; /* first: netServe gives it back */
	Socket* socket;
	int isHeard;
	struct udp_pcb* pcb;
	struct {
		struct pbuf* data;
		ip_addr_t address;
		u16_t port;
	} queue[QUEUE_LENGTH];
	unsigned first, count;
};

void portClose(Port* port)
{
	sourceRemove(&port->source);
	udp_remove(port->pcb);
	for (; port->count; port->count--) {
		pbuf_free(port->queue[port->first].data);
		port->first = (port->first + 1) % QUEUE_LENGTH;
	}
	free(port);
}

static void received(void* context, struct udp_pcb* pcb, struct pbuf* data, const ip_addr_t* address, u16_t from)
{
	Port* port = context;
	if (port->count == QUEUE_LENGTH) {
		pbuf_free(data);
		return;
	}
	unsigned last = (port->first + port->count++) % QUEUE_LENGTH;
	port->queue[last].data = data;
	port->queue[last].address = *address;
	port->queue[last].port = from;
	port->source.due = port->isHeard;
}

static void serve(Source* source)
{
	source->due = 0;
	socketServe(((Port*)source)->socket);
}

Port* portOpen(xsMachine* the, int number)
{
	Port* port = calloc(1, sizeof(Port));
	struct udp_pcb* pcb = port ? udp_new() : NULL;
	if (!pcb) {
		free(port);
		xsUnknownError("too many sockets");
	}
	port->source.serve = serve;
	port->pcb = pcb;
	if (udp_bind(pcb, IP_ADDR_ANY, (u16_t)number) == ERR_OK)
		return port;
	portClose(port);
	xsUnknownError("port %d is in use", number);
}

void portStart(Port* port, Socket* socket, int isHeard)
{
	port->socket = socket;
	port->isHeard = isHeard;
	udp_recv(port->pcb, received, port);
	sourceAdd(&port->source);
}

int portNumber(const Port* port)
{
	return port->pcb->local_port;
}

int portCount(const Port* port)
{
	return (int)port->count;
}

size_t portLength(const Port* port)
{
	return port->queue[port->first].data->tot_len;
}

int portTake(Port* port, void* into, char address[SOCKET_ADDRESS_LENGTH])
{
	struct pbuf* data = port->queue[port->first].data;
	int from = port->queue[port->first].port;
	pbuf_copy_partial(data, into, data->tot_len, 0);
	pbuf_free(data);
	ipaddr_ntoa_r(&port->queue[port->first].address, address, SOCKET_ADDRESS_LENGTH);
	port->first = (port->first + 1) % QUEUE_LENGTH;
	port->count--;
	return from;
}

void portSend(xsMachine* the, Port* port, const char* address, int number, const void* data, size_t length)
{
	ip_addr_t to = addressIn(the, address);
	struct pbuf* datagram = length > 0xffff ? NULL : pbuf_alloc(PBUF_TRANSPORT, (u16_t)length, PBUF_RAM);
	if (!datagram)
		xsUnknownError("no memory for the datagram");
	pbuf_take(datagram, data, (u16_t)length);
	err_t error = udp_sendto(port->pcb, datagram, &to, (u16_t)number);
	pbuf_free(datagram);
	if (error != ERR_OK)
		xsUnknownError("cannot send: %d", error);
}
