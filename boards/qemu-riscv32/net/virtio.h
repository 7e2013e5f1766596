// SPDX-License-Identifier: Apache-2.0
// Virtio over memory-mapped registers, version 2 (Virtual I/O Device 1.1, 4.2), polled.

#ifndef PINHOLE_VIRTIO_H
#define PINHOLE_VIRTIO_H

#include <stdint.h>

enum { VIRTIO_NET = 1, VIRTIO_RNG = 4, VIRTIO_QUEUE_LENGTH = 8, VIRTIO_WRITABLE = 2 };

/* A split virtqueue (2.6): the descriptors and `available` are ours, `used` is the device's. */
typedef struct VirtioQueue {
	struct {
		uint64_t address;
		uint32_t length;
		uint16_t flags, next;
	} descriptors[VIRTIO_QUEUE_LENGTH] __attribute__((aligned(16)));
	struct {
		uint16_t flags, index, ring[VIRTIO_QUEUE_LENGTH], event;
	} available;
	volatile struct {
		uint16_t flags, index;
		struct {
			uint32_t id, length;
		} ring[VIRTIO_QUEUE_LENGTH];
		uint16_t event;
	} used __attribute__((aligned(4)));
	uint16_t taken; /* how much of `used` we have seen */
} VirtioQueue;

typedef volatile uint32_t VirtioDevice;

/* The registers of the first device of this kind; NULL when there is none. */
VirtioDevice* virtioFind(uint32_t kind);

/* The number of its interrupt. */
unsigned virtioInterrupt(const VirtioDevice* device);

/* Negotiates, gives it its queues and lets it run. 0 when it does not take exactly these features (bits 0 to 31). */
int virtioStart(VirtioDevice* device, uint32_t features, VirtioQueue* queues, uint32_t count);

/* Hands descriptor `id` over to the device, which is told at once. */
void virtioGive(VirtioDevice* device, VirtioQueue* queue, uint32_t number, uint16_t id);

/* Takes one descriptor back: its number, and the bytes written. -1 when the device has finished none. */
int virtioTake(VirtioQueue* queue, uint32_t* length);

/* Acknowledges interrupts: the level must fall, or the processor never sleeps again. */
void virtioQuiet(VirtioDevice* device);

/* Device-specific configuration, 32 bits at a time. */
uint32_t virtioConfig(VirtioDevice* device, uint32_t offset);

#endif
