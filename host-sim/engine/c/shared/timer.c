// SPDX-License-Identifier: Apache-2.0
// Moddable's timer module: set, repeat, schedule, clear. Equal deadlines fire in the order of their setting.

#include "native.h"
#include <math.h>
#include <stdlib.h>

typedef struct Timer {
	struct Timer* next;
	xsMachine* the;
	xsSlot self;
	xsSlot callback;
	double at; /* Infinity: not scheduled */
	double interval; /* negative: once */
} Timer;

static Timer* gTimers; /* by deadline */

static void unlinkTimer(Timer* timer)
{
	for (Timer** link = &gTimers; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			return;
		}
}

static void linkTimer(Timer* timer, double at)
{
	Timer** link = &gTimers;
	unlinkTimer(timer);
	timer->at = at;
	while (*link && (*link)->at <= at)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
}

static void destroy(void* data)
{
	if (data) {
		unlinkTimer(data);
		free(data);
	}
}

static void mark(xsMachine* the, void* data, xsMarkRoot markRoot)
{
	(*markRoot)(the, &((Timer*)data)->callback);
}

static const xsHostHooks gHooks = { destroy, mark, NULL };

double timersNextAt(void)
{
	return gTimers ? gTimers->at : INFINITY;
}

static void clearTimer(xsMachine* the, Timer* timer)
{
	xsForget(timer->self);
	xsmcSetHostData(timer->self, NULL);
	destroy(timer);
}

/** Runs the first timer that is due at this time; 0 when none is. */
int timersRun(double now)
{
	Timer* timer = gTimers;
	if (!timer || timer->at > now)
		return 0;
	if (timer->interval >= 0)
		linkTimer(timer, now + timer->interval);
	else
		linkTimer(timer, INFINITY);
	xsBeginHost(timer->the);
	xsmcVars(3);
	xsVar(0) = timer->callback;
	xsVar(1) = timer->self;
	xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
	timer = xsmcGetHostData(xsVar(1));
	/* Its callback may have cleared it, or scheduled it again. */
	if (timer && timer->at == INFINITY && timer->interval < 0)
		clearTimer(the, timer);
	xsEndHost(timer->the);
	return 1;
}

static double milliseconds(xsMachine* the, int index, double otherwise)
{
	if (xsmcArgc <= index || xsmcTypeOf(xsArg(index)) == xsUndefinedType)
		return otherwise;
	double ms = xsmcToNumber(xsArg(index));
	return ms > 0 ? ms : 0;
}

static void newTimer(xsMachine* the, double first, double interval)
{
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("the callback is no function");
	xsResult = xsNewHostObject(NULL);
	Timer* timer = calloc(1, sizeof(Timer));
	timer->the = the;
	timer->callback = xsArg(0);
	timer->interval = interval;
	xsmcSetHostData(xsResult, timer);
	xsSetHostHooks(xsResult, &gHooks);
	timer->self = xsResult;
	xsRemember(timer->self);
	linkTimer(timer, nowMs() + first);
}

static void timerSet(xsMachine* the)
{
	newTimer(the, milliseconds(the, 1, 0), milliseconds(the, 2, -1));
}

static void timerRepeat(xsMachine* the)
{
	double interval = milliseconds(the, 1, 0);
	newTimer(the, interval, interval);
}

static void timerSchedule(xsMachine* the)
{
	Timer* timer = xsmcGetHostData(xsArg(0));
	if (!timer)
		xsSyntaxError("this timer is cleared");
	timer->interval = milliseconds(the, 2, -1);
	double first = milliseconds(the, 1, INFINITY);
	if (first == INFINITY)
		timer->interval = 0; /* kept, though nothing is due */
	linkTimer(timer, first == INFINITY ? INFINITY : nowMs() + first);
}

static void timerClear(xsMachine* the)
{
	if (xsmcArgc == 0 || xsmcTypeOf(xsArg(0)) == xsUndefinedType || xsmcTypeOf(xsArg(0)) == xsNullType)
		return;
	Timer* timer = xsmcGetHostData(xsArg(0));
	if (timer)
		clearTimer(the, timer);
}

void installTimer(xsMachine* machine)
{
	static const Native timer[] = {
		{ "set", timerSet, 3 },
		{ "repeat", timerRepeat, 2 },
		{ "schedule", timerSchedule, 3 },
		{ "clear", timerClear, 1 },
		{ NULL, NULL, 0 },
	};
	installObject(machine, "timer", timer);
}
