// SPDX-License-Identifier: Apache-2.0
// A firmware without XS: the drivers of flash, network and randomness, tried from the serial port. One command a line,
// one line of answer; what comes from the network later is a line of its own.

#include "flash.h"
#include "interface.h"
#include "net.h"
#include "update.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UART ((volatile uint8_t*)0x10000000)
#define FINISHER (*(volatile uint32_t*)0x00100000)

enum { LINE_STATUS = 5, DATA_READY = 1, ROOM = 0x20, FIFO_CONTROL = 2, FIFO_ENABLE = 1, LINE_LENGTH = 1024 };

static void say(const char* format, ...)
{
	char line[LINE_LENGTH];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (const char* at = line; *at; at++) {
		while (!(UART[LINE_STATUS] & ROOM))
			;
		UART[0] = (uint8_t)*at;
	}
	while (!(UART[LINE_STATUS] & ROOM))
		;
	UART[0] = '\n';
}

static void end(uint32_t code)
{
	FINISHER = code << 16 | 0x3333;
	for (;;)
		;
}

void netFault(const char* why)
{
	say("fault %s", why);
	end(72);
	for (;;)
		;
}

static const char* hex(const uint8_t* bytes, uint32_t length)
{
	static char text[LINE_LENGTH / 2];
	uint32_t at = 0;
	for (uint32_t i = 0; i < length && at + 3 < sizeof(text); i++)
		at += (uint32_t)sprintf(text + at, "%02x", bytes[i]);
	text[at] = 0;
	return text;
}

static uint32_t bytesOf(const char* text, uint8_t* into)
{
	uint32_t length = 0;
	for (unsigned byte; sscanf(text, "%2x", &byte) == 1; text += 2)
		into[length++] = (uint8_t)byte;
	return length;
}

static void flashCommand(const char* line)
{
	static uint8_t data[LINE_LENGTH / 2];
	char name[16], text[LINE_LENGTH];
	unsigned first, second;
	if (sscanf(line, "erase %15s %u %u", name, &first, &second) == 3)
		say("%s", flashExplain(flashErase(flashPartition(name), first, second)));
	else if (sscanf(line, "write %15s %u %1000s", name, &first, text) == 3)
		say("%s", flashExplain(flashWrite(flashPartition(name), first, data, bytesOf(text, data))));
	else if (sscanf(line, "read %15s %u %u", name, &first, &second) == 3)
		say("%s", hex(flashBytes(flashPartition(name)) + first, second));
	else
		say("what?");
}

/*
 * Numbered records of 64 bytes without end, each said when it is written: what was said must be there after any cut.
 * All bytes of a record are its number's low byte, whose inverse stands at its end: it is whole or it is not there.
 */
static void records(const char* line)
{
	enum { RECORD_LENGTH = 64 };
	uint8_t record[RECORD_LENGTH];
	const Partition* journal = flashPartition("journal");
	unsigned number;
	sscanf(line, "records %u", &number);
	for (;; number++) {
		memset(record, (uint8_t)number, sizeof(record));
		record[RECORD_LENGTH - 1] = (uint8_t)~number;
		FlashResult result = flashWrite(journal, number * RECORD_LENGTH, record, sizeof(record));
		if (result != FLASH_DONE)
			say("%s", flashExplain(result));
		say("record %u", number);
	}
}

/* Marks of images of 4, 8, … bytes, in the slots by turns, each said when it is set. */
static void marks(unsigned count)
{
	for (unsigned number = 1; number <= count; number++) {
		FlashResult result = updateComplete(updateSlot(), 4 * number);
		if (result != FLASH_DONE)
			say("%s", flashExplain(result));
		say("mark %u", number);
	}
}

static void sayMark(void)
{
	UpdateMark mark;
	if (updateMark(&mark))
		say("slot %u length %u crc %08x next %s", mark.slot, mark.length, mark.crc, updateSlot()->name);
	else
		say("no mark next %s", updateSlot()->name);
}

static void onDatagram(void* context, struct udp_pcb* socket, struct pbuf* data, const ip_addr_t* from, u16_t port)
{
	char text[LINE_LENGTH / 2];
	(void)context;
	(void)socket;
	text[pbuf_copy_partial(data, text, sizeof(text) - 1, 0)] = 0;
	say("udp %s %u %s", ipaddr_ntoa(from), port, text);
	pbuf_free(data);
}

static void sendDatagram(const char* address, unsigned port, const char* text)
{
	static struct udp_pcb* socket;
	ip_addr_t to;
	if (!socket) {
		socket = udp_new();
		udp_bind(socket, IP_ADDR_ANY, 0);
		udp_recv(socket, onDatagram, NULL);
	}
	ipaddr_aton(address, &to);
	struct pbuf* data = pbuf_alloc(PBUF_TRANSPORT, (u16_t)strlen(text), PBUF_RAM);
	pbuf_take(data, text, (u16_t)strlen(text));
	say("sent %d", udp_sendto(socket, data, &to, (u16_t)port));
	pbuf_free(data);
}

/* A connection that sends so many bytes, and counts what comes back. */
static unsigned gToSend, gReturned, gExpected;
static uint8_t gNext, gAwaited;

static void pump(struct tcp_pcb* connection)
{
	while (gToSend) {
		uint8_t chunk[256];
		unsigned count = gToSend < sizeof(chunk) ? gToSend : sizeof(chunk);
		if (count > tcp_sndbuf(connection))
			count = tcp_sndbuf(connection);
		for (unsigned i = 0; i < count; i++)
			chunk[i] = (uint8_t)(gNext + i);
		if (!count || tcp_write(connection, chunk, (u16_t)count, TCP_WRITE_FLAG_COPY) != ERR_OK)
			break;
		gNext = (uint8_t)(gNext + count);
		gToSend -= count;
	}
	tcp_output(connection);
}

static err_t onSent(void* context, struct tcp_pcb* connection, u16_t length)
{
	(void)context;
	(void)length;
	pump(connection);
	return ERR_OK;
}

static err_t onData(void* context, struct tcp_pcb* connection, struct pbuf* data, err_t error)
{
	(void)context;
	(void)error;
	if (!data) {
		say("tcp ended");
		tcp_close(connection);
		return ERR_OK;
	}
	for (u16_t i = 0; i < data->tot_len; i++)
		if (pbuf_get_at(data, i) != gAwaited++)
			netFault("the stream came back changed");
	gReturned += data->tot_len;
	tcp_recved(connection, data->tot_len);
	pbuf_free(data);
	if (gReturned == gExpected) {
		say("tcp echoed %u", gReturned);
		tcp_close(connection);
	}
	return ERR_OK;
}

static void onError(void* context, err_t error)
{
	(void)context;
	say("tcp error %d", error);
}

static err_t onConnected(void* context, struct tcp_pcb* connection, err_t error)
{
	(void)context;
	(void)error;
	pump(connection);
	return ERR_OK;
}

static void connectTo(const char* address, unsigned port, unsigned length)
{
	ip_addr_t to;
	struct tcp_pcb* connection = tcp_new();
	ipaddr_aton(address, &to);
	gToSend = gExpected = length;
	gReturned = 0;
	gNext = gAwaited = 0;
	tcp_recv(connection, onData);
	tcp_sent(connection, onSent);
	tcp_err(connection, onError);
	say("connecting %d", tcp_connect(connection, &to, (u16_t)port, onConnected));
}

static void onFound(const char* name, const ip_addr_t* address, void* context)
{
	(void)context;
	say("dns %s %s", name, address ? ipaddr_ntoa(address) : "none");
}

static void onChange(struct netif* netif)
{
	int up = netif_is_link_up(netif);
	say("net link %s address %s", up ? "up" : "down", ip4addr_ntoa(netif_ip4_addr(netif)));
}

static void startNetwork(void)
{
	if (!netStart()) {
		say("no card");
		return;
	}
	netif_set_status_callback(&gInterface, onChange);
	netif_set_link_callback(&gInterface, onChange);
	netif_set_up(&gInterface);
	dhcp_start(&gInterface);
	say("started %s", hex(gInterface.hwaddr, 6));
}

static void command(const char* line)
{
	char name[128], text[LINE_LENGTH];
	unsigned first, second;
	ip_addr_t address;
	if (sscanf(line, "udp %127s %u %900s", name, &first, text) == 3)
		sendDatagram(name, first, text);
	else if (sscanf(line, "tcp %127s %u %u", name, &first, &second) == 3)
		connectTo(name, first, second);
	else if (sscanf(line, "dns %127s", name) == 1) {
		if (dns_gethostbyname(name, &address, onFound, NULL) == ERR_OK)
			onFound(name, &address, NULL);
	}
	else if (sscanf(line, "end %u", &first) == 1)
		end(first);
	else if (!strcmp(line, "net"))
		startNetwork();
	else if (sscanf(line, "random %u", &first) == 1 && first <= sizeof(name))
		say("%s", randomFill(name, first) ? hex((uint8_t*)name, first) : "unfit");
	else if (sscanf(line, "marks %u", &first) == 1)
		marks(first);
	else if (!strcmp(line, "mark"))
		sayMark();
	else if (!strncmp(line, "records ", 8))
		records(line);
	else
		flashCommand(line);
}

int main(void)
{
	static char line[LINE_LENGTH];
	unsigned length = 0;
	UART[FIFO_CONTROL] = FIFO_ENABLE;
	(void)UART[0];
	say("ready");
	for (;;) {
		netPoll();
		if (!(UART[LINE_STATUS] & DATA_READY))
			continue;
		char byte = (char)UART[0];
		if (byte != '\n') {
			if (length < sizeof(line) - 1)
				line[length++] = byte;
			continue;
		}
		line[length] = 0;
		length = 0;
		command(line);
	}
}
