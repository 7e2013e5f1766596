// SPDX-License-Identifier: Apache-2.0
// Time: the processor's counter (CLINT, 10 MHz), the sleep until an interrupt (PLIC), the watchdog, the calendar
// (Goldfish RTC). Interrupts stay off: what is pending ends `wfi`, and the loop looks at everything. The one exception
// is the timer while the script runs: then it is the watchdog.

#include "native.h"
#include "board.h"
#include <math.h>
#include <sys/time.h>

enum {
	COMPARE = 0x02004000,
	COUNTER = 0x0200bff8,
	PLIC = 0x0c000000,
	PLIC_ENABLE = PLIC + 0x2000,
	PLIC_THRESHOLD = PLIC + 0x200000,
	PLIC_CLAIM = PLIC + 0x200004,
	RTC = 0x00101000,
	TICKS_OF_MS = 10000,
	TIMER_INTERRUPT = 1 << 7,
	EXTERNAL_INTERRUPT = 1 << 11,
	INTERRUPTS_ON = 1 << 3,
};

#ifdef PINHOLE_SUITE
enum { WATCHDOG_MS = 600000 }; /* who runs the tests has a limit of his own */
#else
enum { WATCHDOG_MS = 10000 };
#endif

#ifdef PINHOLE_TEST
/* A test build starts half a day before the counter of `time` wraps. */
#define FIRST_TICKS (INT32_MAX - 12u * 3600 * 1000)
#else
#define FIRST_TICKS 0u
#endif

static uint64_t counter(void)
{
	uint32_t high, low;
	do {
		high = MMIO(COUNTER + 4);
		low = MMIO(COUNTER);
	} while (high != MMIO(COUNTER + 4));
	return (uint64_t)high << 32 | low;
}

static void compareWith(uint64_t at)
{
	MMIO(COMPARE + 4) = UINT32_MAX;
	MMIO(COMPARE) = (uint32_t)at;
	MMIO(COMPARE + 4) = (uint32_t)(at >> 32);
}

double nowMs(void)
{
	return (double)counter() / TICKS_OF_MS;
}

void interruptEnable(unsigned number)
{
	MMIO(PLIC + 4 * number) = 1;
	MMIO(PLIC_ENABLE + number / 32 * 4) |= 1u << number % 32;
}

void watchdogFeed(void)
{
	compareWith(counter() + (uint64_t)WATCHDOG_MS * TICKS_OF_MS);
	csrWrite(mie, TIMER_INTERRUPT);
	csrWrite(mstatus, csrRead(mstatus) | INTERRUPTS_ON);
}

void waitUntil(double at)
{
	uint32_t number;
	double ms = at - nowMs();
	csrWrite(mstatus, csrRead(mstatus) & ~(uint32_t)INTERRUPTS_ON);
	compareWith(at == INFINITY ? UINT64_MAX : counter() + (ms > 0 ? (uint64_t)ceil(ms * TICKS_OF_MS) : 0));
	csrWrite(mie, TIMER_INTERRUPT | EXTERNAL_INTERRUPT);
	__asm__ volatile("wfi");
	while ((number = MMIO(PLIC_CLAIM)))
		MMIO(PLIC_CLAIM) = number;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone)
{
	/* Reading the low word latches the high one. */
	uint32_t low = MMIO(RTC);
	uint64_t nanoseconds = (uint64_t)MMIO(RTC + 4) << 32 | low;
	time->tv_sec = (time_t)(nanoseconds / 1000000000);
	time->tv_usec = (suseconds_t)(nanoseconds % 1000000000 / 1000);
	return 0;
}

static void clockTicks(xsMachine* the)
{
	xsmcSetInteger(xsResult, (int32_t)(FIRST_TICKS + (uint32_t)(uint64_t)nowMs()));
}

static void install(xsMachine* the)
{
	static const Native clock[] = { { "get ticks", clockTicks, 0 }, { NULL, NULL, 0 } };
	installObject(the, "clock", clock);
	installTimer(the);
}

static void start(void)
{
	MMIO(PLIC_THRESHOLD) = 0;
}

static bool poll(xsMachine* the)
{
	return timersRun(nowMs());
}

const Part clockPart = { install, start, poll, timersNextAt };
