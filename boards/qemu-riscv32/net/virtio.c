// SPDX-License-Identifier: Apache-2.0
// Register names and the order of the start are those of Virtual I/O Device 1.1, 4.2.2 and 3.1.

#include "virtio.h"
#include <stddef.h>

enum {
	MAGIC_VALUE = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_SELECT = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SELECT = 0x024,
	QUEUE_SELECT = 0x030,
	QUEUE_NUMBER_MAXIMUM = 0x034,
	QUEUE_NUMBER = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	INTERRUPT_STATUS = 0x060,
	INTERRUPT_ACKNOWLEDGE = 0x064,
	STATUS = 0x070,
	QUEUE_DESCRIPTORS = 0x080,
	QUEUE_DRIVER = 0x090,
	QUEUE_DEVICE = 0x0a0,
	CONFIGURATION = 0x100,
};

enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_READY = 4, FEATURES_READY = 8 };

enum { MAGIC = 0x74726976, FEATURES_HIGH = 1 /* VIRTIO_F_VERSION_1 is bit 32 */ };

/* The machine's slots; QEMU fills them from the last. */
enum { FIRST_SLOT = 0x10001000, SLOT_LENGTH = 0x1000, SLOT_COUNT = 8 };

#define REGISTER(device, offset) ((device)[(offset) / sizeof(uint32_t)])

/* One processor: what is to be kept in order is the compiler and the device's thread. */
static void barrier(void)
{
	__asm__ volatile("fence" ::: "memory");
}

VirtioDevice* virtioFind(uint32_t kind)
{
	for (int slot = 0; slot < SLOT_COUNT; slot++) {
		VirtioDevice* device = (VirtioDevice*)(uintptr_t)(FIRST_SLOT + slot * SLOT_LENGTH);
		if (REGISTER(device, MAGIC_VALUE) == MAGIC && REGISTER(device, VERSION) == 2
			&& REGISTER(device, DEVICE_ID) == kind)
			return device;
	}
	return NULL;
}

unsigned virtioInterrupt(const VirtioDevice* device)
{
	return ((uintptr_t)device - FIRST_SLOT) / SLOT_LENGTH + 1;
}

static void address(VirtioDevice* device, uint32_t offset, const volatile void* place)
{
	REGISTER(device, offset) = (uint32_t)(uintptr_t)place;
	REGISTER(device, offset + 4) = 0;
}

static int giveQueue(VirtioDevice* device, uint32_t number, VirtioQueue* queue)
{
	REGISTER(device, QUEUE_SELECT) = number;
	if (REGISTER(device, QUEUE_NUMBER_MAXIMUM) < VIRTIO_QUEUE_LENGTH)
		return 0;
	REGISTER(device, QUEUE_NUMBER) = VIRTIO_QUEUE_LENGTH;
	address(device, QUEUE_DESCRIPTORS, queue->descriptors);
	address(device, QUEUE_DRIVER, &queue->available);
	address(device, QUEUE_DEVICE, &queue->used);
	REGISTER(device, QUEUE_READY) = 1;
	return 1;
}

int virtioStart(VirtioDevice* device, uint32_t features, VirtioQueue* queues, uint32_t count)
{
	uint32_t status = ACKNOWLEDGE | DRIVER;
	REGISTER(device, STATUS) = 0;
	REGISTER(device, STATUS) = status;
	REGISTER(device, DEVICE_FEATURES_SELECT) = 0;
	if ((REGISTER(device, DEVICE_FEATURES) & features) != features)
		return 0;
	REGISTER(device, DRIVER_FEATURES_SELECT) = 0;
	REGISTER(device, DRIVER_FEATURES) = features;
	REGISTER(device, DRIVER_FEATURES_SELECT) = 1;
	REGISTER(device, DRIVER_FEATURES) = FEATURES_HIGH;
	REGISTER(device, STATUS) = status |= FEATURES_READY;
	if (!(REGISTER(device, STATUS) & FEATURES_READY))
		return 0;
	for (uint32_t number = 0; number < count; number++)
		if (!giveQueue(device, number, &queues[number]))
			return 0;
	REGISTER(device, STATUS) = status | DRIVER_READY;
	return 1;
}

void virtioGive(VirtioDevice* device, VirtioQueue* queue, uint32_t number, uint16_t id)
{
	queue->available.ring[queue->available.index % VIRTIO_QUEUE_LENGTH] = id;
	barrier();
	queue->available.index++;
	barrier();
	REGISTER(device, QUEUE_NOTIFY) = number;
}

int virtioTake(VirtioQueue* queue, uint32_t* length)
{
	if (queue->taken == queue->used.index)
		return -1;
	barrier();
	uint16_t at = queue->taken++ % VIRTIO_QUEUE_LENGTH;
	*length = queue->used.ring[at].length;
	return (int)queue->used.ring[at].id;
}

void virtioQuiet(VirtioDevice* device)
{
	REGISTER(device, INTERRUPT_ACKNOWLEDGE) = REGISTER(device, INTERRUPT_STATUS);
}

uint32_t virtioConfig(VirtioDevice* device, uint32_t offset)
{
	return REGISTER(device, CONFIGURATION + offset);
}
