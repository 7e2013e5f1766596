// SPDX-License-Identifier: Apache-2.0
// The event loop: timers and watched file descriptors, until nothing is left that could happen.

#include "xsAll.h"
#include "host.h"
#include <errno.h>

static Watch* gWatches;
static double gEndAt = INFINITY;

double nowMs(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void watchAdd(Watch* watch)
{
	watch->next = gWatches;
	gWatches = watch;
}

void watchRemove(Watch* watch)
{
	for (Watch** link = &gWatches; *link; link = &(*link)->next)
		if (*link == watch) {
			*link = watch->next;
			return;
		}
}

void loopEndWithin(double ms)
{
	gEndAt = nowMs() + ms;
}

static int isWatched(const Watch* watch, int fd)
{
	for (const Watch* each = gWatches; each; each = each->next)
		if (each == watch && each->fd == fd)
			return 1;
	return 0;
}

/* What waits for nothing is no business of poll, which would tell of its end again and again: ~fd is below 0. */
static struct pollfd pollOf(const Watch* watch)
{
	short events = (short)((watch->deaf ? 0 : POLLIN) | (watch->writing ? POLLOUT : 0));
	return (struct pollfd){ .fd = events ? watch->fd : ~watch->fd, .events = events };
}

static void waitAndServe(txMachine* the, double until)
{
	enum { MAXIMUM = 256 };
	struct pollfd fds[MAXIMUM];
	Watch* watches[MAXIMUM];
	int count = 0;
	for (Watch* watch = gWatches; watch && count < MAXIMUM; watch = watch->next) {
		watches[count] = watch;
		fds[count++] = pollOf(watch);
		if (watch->due)
			until = -INFINITY;
	}
	double ms = until - nowMs();
	int timeout = until == INFINITY ? -1 : ms <= 0 ? 0 : ms > 1e9 ? 1000000000 : (int)ceil(ms);
	if (poll(fds, (nfds_t)count, timeout) < 0 && errno != EINTR)
		fatal(EXIT_ENGINE, "poll failed: %s", strerror(errno));
	for (int i = 0; i < count; i++)
		/* A callback may have closed what comes after it. */
		if (isWatched(watches[i], fds[i].fd < 0 ? ~fds[i].fd : fds[i].fd) && (fds[i].revents || watches[i]->due)) {
			watches[i]->revents = fds[i].revents;
			watches[i]->ready(watches[i]);
			settle(the);
		}
}

void loopRun(txMachine* the)
{
	settle(the);
	for (;;) {
		double timerAt = timersNextAt();
		int alive = timerAt < INFINITY;
		for (Watch* watch = gWatches; watch; watch = watch->next)
			alive |= !watch->quiet;
		if (!alive || nowMs() >= gEndAt)
			return;
		waitAndServe(the, timerAt < gEndAt ? timerAt : gEndAt);
		double now = nowMs();
		while (timersRun(now))
			settle(the);
	}
}
