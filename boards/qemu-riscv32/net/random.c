// SPDX-License-Identifier: Apache-2.0
// True randomness from virtio-rng, with the tests that a source must pass each time: what is stuck makes no keys.

#include "net.h"
#include "virtio.h"
#include <string.h>

enum {
	/* What is asked for at once; the source may give less. */
	DRAW_LENGTH = 64,
	/*
	 * Repetition count test (NIST SP 800-90B, 4.4.1): cut-off for full 8-bit entropy at a false alarm rate of 2^-40.
	 * Counted across draws, so that a source that gives one byte at a time is seen, too.
	 */
	REPETITION_CUTOFF = 6,
	/* After this time the source is given up, long before the watchdog takes the wait for a script without end. */
	PATIENCE_MS = 2000,
};

static VirtioDevice* gDevice;
static VirtioQueue gQueue;
static uint8_t gDraw[DRAW_LENGTH];
static int gLast = -1;
static int gRepetitions;
static int gUnfit;

static int start(void)
{
	if (gDevice)
		return 1;
	VirtioDevice* device = virtioFind(VIRTIO_RNG);
	if (!device || !virtioStart(device, 0, &gQueue, 1))
		return 0;
	gQueue.descriptors[0].address = (uintptr_t)gDraw;
	gQueue.descriptors[0].flags = VIRTIO_WRITABLE;
	gDevice = device;
	return 1;
}

/* Once unfit, unfit until the next start. */
static int isHealthy(const uint8_t* bytes, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		gRepetitions = bytes[i] == gLast ? gRepetitions + 1 : 1;
		gLast = bytes[i];
		if (gRepetitions >= REPETITION_CUTOFF)
			gUnfit = 1;
	}
	return !gUnfit;
}

/* Bytes given, 0 when none came in time. */
static uint32_t draw(uint32_t wanted)
{
	uint32_t length = 0;
	if (wanted > DRAW_LENGTH)
		wanted = DRAW_LENGTH;
	gQueue.descriptors[0].length = wanted;
	virtioGive(gDevice, &gQueue, 0, 0);
	for (uint32_t start = sys_now(); virtioTake(&gQueue, &length) < 0;)
		if (sys_now() - start > PATIENCE_MS) {
			gUnfit = 1; /* it may still write to gDraw some day */
			return 0;
		}
	virtioQuiet(gDevice);
	return length <= wanted ? length : 0;
}

int randomFill(void* into, uint32_t length)
{
	uint8_t* to = into;
	int fit = !gUnfit && start();
	for (uint32_t at = 0; fit && at < length;) {
		uint32_t count = draw(length - at);
		fit = count > 0 && isHealthy(gDraw, count);
		memcpy(to + at, gDraw, count);
		memset(gDraw, 0, count);
		at += count;
	}
	if (!fit)
		memset(into, 0, length);
	return fit;
}
