// SPDX-License-Identifier: Apache-2.0
// The 16550 UART behind two rings. Nothing received is lost: what does not fit waits at the other end of the line.

#include "xsmc.h"
#include "board.h"

enum {
	UART = 0x10000000,
	DATA = UART,
	INTERRUPTS = UART + 1,
	FIFO_CONTROL = UART + 2,
	LINE_CONTROL = UART + 3,
	LINE_STATUS = UART + 5,
	INTERRUPT_NUMBER = 10,
	INTERRUPT_RECEIVED = 1,
	INTERRUPT_EMPTY = 2,
	FIFO_ENABLE = 1,
	EIGHT_BITS = 3,
	STATUS_RECEIVED = 1,
	STATUS_EMPTY = 0x20,
	HARDWARE_FIFO_LENGTH = 16,
	PATIENCE = 1000000,
};

typedef struct Ring {
	uint8_t bytes[UART_FIFO_LENGTH];
	uint32_t in, out; /* counted on and on; the length is a power of two */
} Ring;

static Ring gReceived, gToSend;

static size_t countOf(const Ring* ring)
{
	return ring->in - ring->out;
}

static void put(Ring* ring, uint8_t byte)
{
	ring->bytes[ring->in++ % UART_FIFO_LENGTH] = byte;
}

static uint8_t take(Ring* ring)
{
	return ring->bytes[ring->out++ % UART_FIFO_LENGTH];
}

static void sendFifo(void)
{
	if (!(MMIO_BYTE(LINE_STATUS) & STATUS_EMPTY))
		return;
	for (int i = 0; i < HARDWARE_FIFO_LENGTH && countOf(&gToSend); i++)
		MMIO_BYTE(DATA) = take(&gToSend);
}

void uartStart(void)
{
	MMIO_BYTE(LINE_CONTROL) = EIGHT_BITS;
	MMIO_BYTE(FIFO_CONTROL) = FIFO_ENABLE;
	/* Enabling the FIFOs drops what came before; QEMU goes on sending only after a read. */
	(void)MMIO_BYTE(DATA);
	MMIO_BYTE(INTERRUPTS) = INTERRUPT_RECEIVED;
	interruptEnable(INTERRUPT_NUMBER);
}

void uartPoll(void)
{
	while (countOf(&gReceived) < UART_FIFO_LENGTH && MMIO_BYTE(LINE_STATUS) & STATUS_RECEIVED)
		put(&gReceived, MMIO_BYTE(DATA));
	sendFifo();
	/* What cannot be served now must not end the sleep. */
	uint8_t wanted = countOf(&gReceived) < UART_FIFO_LENGTH ? INTERRUPT_RECEIVED : 0;
	MMIO_BYTE(INTERRUPTS) = countOf(&gToSend) ? wanted | INTERRUPT_EMPTY : wanted;
}

size_t uartRoom(void)
{
	return UART_FIFO_LENGTH - countOf(&gToSend);
}

size_t uartCount(void)
{
	return countOf(&gReceived);
}

void uartWrite(const uint8_t* data, size_t length)
{
	while (length--)
		put(&gToSend, *data++);
	uartPoll();
}

size_t uartRead(uint8_t* into, size_t length)
{
	size_t count = 0;
	while (count < length && countOf(&gReceived))
		into[count++] = take(&gReceived);
	return count;
}

void uartPrint(const char* text)
{
	while (*text) {
		for (int left = PATIENCE; left && countOf(&gToSend) == UART_FIFO_LENGTH; left--)
			sendFifo();
		if (countOf(&gToSend) == UART_FIFO_LENGTH)
			return;
		put(&gToSend, (uint8_t)*text++);
	}
	for (int left = PATIENCE; left && countOf(&gToSend); left--)
		sendFifo();
}
