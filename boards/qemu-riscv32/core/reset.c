// SPDX-License-Identifier: Apache-2.0
// Why the board started, and every end of a run: fatal errors of the engine, traps, the watchdog. The record stands in
// RAM that a restart leaves alone, and a cause in flash, too, until a start has taken it.

#include "xsmc.h"
#include "board.h"
#include <stdarg.h>
#include <string.h>

enum {
	FINISHER = 0x00100000,
	FINISHER_PASS = 0x5555,
	FINISHER_FAIL = 0x3333,
	FINISHER_RESET = 0x7777,
	MAGIC = 0x50696e68,
};

typedef struct Record {
	uint32_t magic;
	uint32_t reason;
	char cause[CAUSE_LENGTH];
	uint32_t sum;
} Record;

static Record gKept __attribute__((section(".kept")));
static Record gLast;

uint32_t sumOf(const void* data, size_t length)
{
	uint32_t sum = 0x811c9dc5;
	for (const uint8_t* at = data; at < (const uint8_t*)data + length; at++)
		sum = (sum ^ *at) * 0x01000193;
	return sum;
}

static void keep(ResetReason reason)
{
	gKept.magic = MAGIC;
	gKept.reason = reason;
	gKept.sum = sumOf(&gKept, offsetof(Record, sum));
}

void resetStart(void)
{
	char cause[CAUSE_LENGTH];
	if (gKept.magic == MAGIC && gKept.sum == sumOf(&gKept, offsetof(Record, sum)))
		gLast = gKept;
	else
		gLast.reason = RESET_POWER_ON;
	if (gHeader.preloaded && crashTake(cause) && gLast.reason == RESET_POWER_ON) {
		/* The power was cut before the start that was to tell it. */
		gLast.reason = RESET_WATCHDOG;
		memcpy(gLast.cause, cause, sizeof(cause));
	}
	/* The reset button leaves no other trace. */
	memset(&gKept, 0, sizeof(gKept));
	keep(RESET_POWER_ON);
}

ResetReason resetReason(void)
{
	return gLast.reason;
}

const char* resetCause(void)
{
	return gLast.cause;
}

static void finish(uint32_t word)
{
	MMIO(FINISHER) = word;
	for (;;)
		;
}

void restart(void)
{
	uartPrint("");
	keep(RESET_RESTART);
	finish(FINISHER_RESET);
	__builtin_unreachable();
}

static void dieOf(const char* format, va_list arguments)
{
	static bool dying;
	char line[CAUSE_LENGTH + 40];
	if (!dying) {
		dying = true;
		vsnprintf(gKept.cause, sizeof(gKept.cause), format, arguments);
		keep(RESET_WATCHDOG);
		uint32_t ms = (uint32_t)nowMs();
		snprintf(line, sizeof(line), "\nE %lu.%03lu board %s\n", (unsigned long)(ms / 1000),
			(unsigned long)(ms % 1000), gKept.cause);
		uartPrint(line);
		if (gHeader.preloaded)
			crashKeep(gKept.cause);
	}
	if (!gHeader.preloaded)
		finish(1 << 16 | FINISHER_FAIL);
	finish(FINISHER_RESET);
}

void die(const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	dieOf(format, arguments);
	__builtin_unreachable();
}

void fatal(int code, const char* format, ...)
{
	va_list arguments;
	(void)code;
	va_start(arguments, format);
	dieOf(format, arguments);
	__builtin_unreachable();
}

void powerOff(int code)
{
	uartPrint("");
	finish(code ? (uint32_t)code << 16 | FINISHER_FAIL : FINISHER_PASS);
	__builtin_unreachable();
}

/* The C library's way out. */
void _exit(int code)
{
	die("the C library gave up (%d)", code);
}
