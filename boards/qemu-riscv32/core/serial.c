// SPDX-License-Identifier: Apache-2.0
// ECMA-419 serial port as in Moddable SDK 8.2.3 on an ESP32: 128 bytes each way, and no more than that is buffered.

#include "native.h"
#include "board.h"
#include <stdlib.h>

typedef struct Serial {
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable;
	xsSlot onWritable;
	size_t told; /* how much of what waits the script knows of */
	bool written; /* since onWritable was called */
} Serial;

static Serial* gOpen; /* there is one UART */

static void destroy(void* data)
{
	if (data && data == gOpen)
		gOpen = NULL;
	free(data);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	Serial* serial = data;
	(*markRoot)(the, &serial->onReadable);
	(*markRoot)(the, &serial->onWritable);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static Serial* serialOf(xsMachine* the)
{
	Serial* serial = xsmcGetHostData(xsThis);
	if (!serial)
		xsSyntaxError("this port is closed");
	return serial;
}

static void serialConstructor(xsMachine* the)
{
	xsmcVars(3);
	if (gOpen)
		xsUnknownError("port in use");
	if (constructBegin(the)) {
		optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
		optionOf(the, &xsArg(0), "onWritable", &xsVar(2));
	}
	Serial* serial = calloc(1, sizeof(Serial));
	if (!serial)
		xsUnknownError("no memory");
	serial->the = the;
	serial->onReadable = xsVar(1);
	serial->onWritable = xsVar(2);
	serial->written = true;
	constructEnd(the, serial, &gHooks, &serial->self);
	gOpen = serial;
}

static void serialRead(xsMachine* the)
{
	Serial* serial = serialOf(the);
	uint8_t bytes[UART_FIFO_LENGTH];
	size_t count = uartCount();
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType) {
		int wanted = xsmcToInteger(xsArg(0));
		if (wanted < 0)
			xsRangeError("a negative count");
		count = (size_t)wanted < count ? (size_t)wanted : count;
	}
	if (!count)
		return;
	count = uartRead(bytes, count);
	xsmcSetArrayBuffer(xsResult, bytes, (xsIntegerValue)count);
	serial->told = uartCount();
}

static void serialWrite(xsMachine* the)
{
	Serial* serial = serialOf(the);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (length > uartRoom())
		xsUnknownError("no room");
	uartWrite(data, length);
	serial->written = true;
}

static void serialClose(xsMachine* the)
{
	Serial* serial = xsmcGetHostData(xsThis);
	if (!serial)
		return;
	xsForget(serial->self);
	xsmcSetHostData(xsThis, NULL);
	destroy(serial);
}

static void install(xsMachine* the)
{
	static const Native serial[] = {
		{ "Serial", serialConstructor, 1 },
		{ "read", serialRead, 1 },
		{ "write", serialWrite, 1 },
		{ "close", serialClose, 0 },
		{ NULL, NULL, 0 },
	};
	installClass(the, "Serial", serial);
}

static void call(Serial* serial, const xsSlot* callback, size_t count)
{
	xsBeginHost(serial->the);
	xsmcVars(2);
	xsVar(0) = *callback;
	xsmcSetInteger(xsVar(1), (xsIntegerValue)count);
	if (xsmcTypeOf(xsVar(0)) != xsUndefinedType)
		xsCallFunction1(xsVar(0), serial->self, xsVar(1));
	xsEndHost(serial->the);
}

static bool poll(xsMachine* the)
{
	uartPoll();
	Serial* serial = gOpen;
	if (!serial)
		return false;
	if (uartCount() > serial->told) {
		serial->told = uartCount();
		call(serial, &serial->onReadable, serial->told);
		return true;
	}
	if (serial->written && uartRoom() == UART_FIFO_LENGTH) {
		serial->written = false;
		call(serial, &serial->onWritable, UART_FIFO_LENGTH);
		return true;
	}
	return false;
}

const Part serialPart = { install, uartStart, poll, NULL };
