// SPDX-License-Identifier: Apache-2.0
// ECMA-419 serial over a pty: the console of the desktop as a board. The pty outlives a restart of the board; what
// nobody reads for a second is dropped, as a UART drops what nobody hears.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

/* As the FIFOs of an ESP32's UART. */
enum { FIFO_LENGTH = 128, RETRY_MS = 10, PATIENCE_MS = 1000 };

/* The two ends of the pty, handed from one run of the board to the next. */
#define ENDS "PINHOLE_CONSOLE"

typedef struct Serial {
	Watch input; /* the pty's end, watched while nothing waits for the script */
	Watch output; /* a timer: there is room, or a write is to be tried again */
	xsMachine* the;
	xsSlot self;
	xsSlot onReadable;
	xsSlot onWritable;
	uint8_t received[FIFO_LENGTH];
	int receivedLength;
	uint8_t sending[FIFO_LENGTH];
	int sendingLength;
	int waitedMs;
} Serial;

static Serial* gSerial; /* a board has one console */
static int gMaster = -1, gSlave = -1;

static void destroy(void* data)
{
	Serial* serial = data;
	if (!serial)
		return;
	watchRemove(&serial->input);
	watchRemove(&serial->output);
	close(serial->output.fd);
	gSerial = NULL;
	free(serial);
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Serial*)data)->onReadable);
	(*markRoot)(the, &((Serial*)data)->onWritable);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

static void call(Serial* serial, xsSlot* callback, int count)
{
	xsBeginHost(serial->the);
	xsmcVars(2);
	xsVar(0) = *callback;
	if (xsmcTypeOf(xsVar(0)) != xsUndefinedType) {
		xsmcSetInteger(xsVar(1), count);
		xsCallFunction1(xsVar(0), serial->self, xsVar(1));
	}
	xsEndHost(serial->the);
}

static void onInput(Watch* watch)
{
	Serial* serial = gSerial;
	ssize_t count = read(watch->fd, serial->received, sizeof(serial->received));
	if (count <= 0)
		return;
	serial->receivedLength = (int)count;
	watchRemove(watch);
	call(serial, &serial->onReadable, (int)count);
}

static void lookAgainIn(Serial* serial, int ms)
{
	struct itimerspec in = { .it_value = { .tv_nsec = ms ? ms * 1000000 : 1 } };
	timerfd_settime(serial->output.fd, 0, &in, NULL);
}

static void onOutput(Watch* watch)
{
	Serial* serial = gSerial;
	uint64_t turns;
	if (read(watch->fd, &turns, sizeof(turns)) != sizeof(turns))
		return;
	ssize_t count = serial->sendingLength ? write(serial->input.fd, serial->sending, (size_t)serial->sendingLength) : 0;
	if (count > 0) {
		serial->sendingLength -= (int)count;
		memmove(serial->sending, serial->sending + count, (size_t)serial->sendingLength);
		serial->waitedMs = 0;
	}
	if (serial->sendingLength && (serial->waitedMs += RETRY_MS) >= PATIENCE_MS) {
		tcflush(gSlave, TCIFLUSH);
		serial->waitedMs = 0;
	}
	if (serial->sendingLength)
		lookAgainIn(serial, RETRY_MS);
	else
		call(serial, &serial->onWritable, FIFO_LENGTH);
}

/* A pty without echo or any other help; the path given to the host leads to it. */
static void openPty(const char* path)
{
	char link[4096], ends[32];
	struct termios mode;
	gMaster = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (gMaster < 0 || grantpt(gMaster) || unlockpt(gMaster))
		fatal(EXIT_USAGE, "no pty: %s", strerror(errno));
	gSlave = open(ptsname(gMaster), O_RDWR | O_NOCTTY);
	if (gSlave < 0 || tcgetattr(gSlave, &mode))
		fatal(EXIT_USAGE, "no pty: %s", strerror(errno));
	cfmakeraw(&mode);
	tcsetattr(gSlave, TCSANOW, &mode);
	snprintf(ends, sizeof(ends), "%d %d", gMaster, gSlave);
	setenv(ENDS, ends, 1);
	snprintf(link, sizeof(link), "%s.new", path);
	unlink(link);
	if (symlink(ptsname(gMaster), link) || rename(link, path))
		fatal(EXIT_USAGE, "%s: %s", path, strerror(errno));
}

int serialOpen(const char* path)
{
	const char* ends = getenv(ENDS);
	if (ends && sscanf(ends, "%d %d", &gMaster, &gSlave) == 2)
		return 0;
	openPty(path);
	return 1;
}

static void serialConstructor(xsMachine* the)
{
	xsmcVars(3);
	if (gMaster < 0)
		xsUnknownError("there is no serial port");
	if (gSerial)
		xsUnknownError("port in use");
	if (constructBegin(the)) {
		optionOf(the, &xsArg(0), "onReadable", &xsVar(1));
		optionOf(the, &xsArg(0), "onWritable", &xsVar(2));
	}
	Serial* serial = gSerial = calloc(1, sizeof(Serial));
	serial->input = (Watch){ .fd = gMaster, .ready = onInput };
	serial->output = (Watch){ .fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), .ready = onOutput };
	serial->the = the;
	serial->onReadable = xsVar(1);
	serial->onWritable = xsVar(2);
	constructEnd(the, serial, &gHooks, &serial->self);
	watchAdd(&serial->input);
	watchAdd(&serial->output);
	lookAgainIn(serial, 0);
}

static Serial* serialOf(xsMachine* the)
{
	Serial* serial = xsmcGetHostData(xsThis);
	if (!serial)
		xsSyntaxError("this port is closed");
	return serial;
}

/* read(count): up to so many bytes, by default all; undefined when there is none. */
static void serialRead(xsMachine* the)
{
	Serial* serial = serialOf(the);
	int count = serial->receivedLength;
	if (!count)
		return;
	if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) != xsUndefinedType && xsmcToInteger(xsArg(0)) < count)
		count = xsmcToInteger(xsArg(0));
	xsmcSetArrayBuffer(xsResult, serial->received, count);
	serial->receivedLength -= count;
	memmove(serial->received, serial->received + count, (size_t)serial->receivedLength);
	if (!serial->receivedLength)
		watchAdd(&serial->input);
}

static void serialWrite(xsMachine* the)
{
	Serial* serial = serialOf(the);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (length > (xsUnsignedValue)(FIFO_LENGTH - serial->sendingLength))
		xsUnknownError("no room");
	memcpy(serial->sending + serial->sendingLength, data, length);
	serial->sendingLength += (int)length;
	lookAgainIn(serial, 0);
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

void installSerial(xsMachine* machine)
{
	static const Native serial[] = {
		{ "Serial", serialConstructor, 1 },
		{ "read", serialRead, 1 },
		{ "write", serialWrite, 1 },
		{ "close", serialClose, 0 },
		{ NULL, NULL, 0 },
	};
	installClass(machine, "Serial", serial);
}
