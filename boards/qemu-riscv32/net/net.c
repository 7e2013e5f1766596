// SPDX-License-Identifier: Apache-2.0
// virtio-net below lwIP: frames are copied once each way, nothing happens but in netPoll.

#include "net.h"
#include "interface.h"
#include "source.h"
#include "virtio.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/timeouts.h"
#include <string.h>

enum {
	/* Feature bits of the card: it knows its address, and it tells whether the cable is in. */
	FEATURE_MAC = 1 << 5,
	FEATURE_STATUS = 1 << 16,
	CONFIG_MAC = 0,
	/* The status is the half-word behind the six bytes of the address. */
	CONFIG_STATUS = 4,
	STATUS_SHIFT = 16,
	STATUS_LINK_UP = 1,
	RECEIVE = 0,
	TRANSMIT = 1,
	HEADER_LENGTH = 12, /* virtio_net_hdr_v1: no offload is used, so it is all zero */
	FRAME_LENGTH = 1514,
	BUFFER_LENGTH = HEADER_LENGTH + FRAME_LENGTH,
	MTU = 1500,
	SEND_COUNT = 4, /* frames that the card may still be sending */
	/* Frames taken in one poll: who floods the board must not keep it from all else. */
	POLL_COUNT = 32,
};

struct netif gInterface;

static VirtioDevice* gDevice;
static VirtioQueue gQueues[2];
static uint8_t gReceived[VIRTIO_QUEUE_LENGTH][BUFFER_LENGTH] __attribute__((aligned(4)));
static uint8_t gToSend[SEND_COUNT][BUFFER_LENGTH] __attribute__((aligned(4)));
static int gFlooded; /* the last poll may have left something */
static unsigned gFree = (1 << SEND_COUNT) - 1; /* a bit for each buffer to send */

uint32_t sys_now(void)
{
	enum { TICKS_OF_MS = 10000 };
	volatile uint32_t* time = (volatile uint32_t*)0x0200bff8; /* CLINT, mtime at 10 MHz */
	uint32_t high, low;
	do {
		high = time[1];
		low = time[0];
	} while (high != time[1]);
	return (uint32_t)(((uint64_t)high << 32 | low) / TICKS_OF_MS);
}

uint32_t netRandom(void)
{
	uint32_t value;
	if (!randomFill(&value, sizeof(value)))
		netFault("no randomness for the network");
	return value;
}

static err_t transmit(struct netif* netif, struct pbuf* frame)
{
	VirtioQueue* queue = &gQueues[TRANSMIT];
	uint32_t length;
	(void)netif;
	for (int id; (id = virtioTake(queue, &length)) >= 0;)
		gFree |= 1u << id;
	if (!gFree)
		return ERR_MEM;
	if (frame->tot_len > FRAME_LENGTH)
		return ERR_BUF;
	int id = __builtin_ctz(gFree);
	gFree &= ~(1u << id);
	pbuf_copy_partial(frame, gToSend[id] + HEADER_LENGTH, frame->tot_len, 0);
	queue->descriptors[id].length = HEADER_LENGTH + frame->tot_len;
	virtioGive(gDevice, queue, TRANSMIT, (uint16_t)id);
	return ERR_OK;
}

static err_t initialize(struct netif* netif)
{
	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->output = etharp_output;
	netif->linkoutput = transmit;
	netif->mtu = MTU;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	netif->hwaddr_len = ETH_HWADDR_LEN;
	for (unsigned i = 0; i < ETH_HWADDR_LEN; i++)
		netif->hwaddr[i] = (uint8_t)(virtioConfig(gDevice, CONFIG_MAC + (i & ~3u)) >> 8 * (i & 3));
	return ERR_OK;
}

unsigned netStart(void)
{
	VirtioDevice* device = virtioFind(VIRTIO_NET);
	if (!device || !virtioStart(device, FEATURE_MAC | FEATURE_STATUS, gQueues, 2))
		return 0;
	gDevice = device;
	for (int id = 0; id < SEND_COUNT; id++)
		gQueues[TRANSMIT].descriptors[id].address = (uintptr_t)gToSend[id];
	for (uint16_t id = 0; id < VIRTIO_QUEUE_LENGTH; id++) {
		gQueues[RECEIVE].descriptors[id].address = (uintptr_t)gReceived[id];
		gQueues[RECEIVE].descriptors[id].length = BUFFER_LENGTH;
		gQueues[RECEIVE].descriptors[id].flags = VIRTIO_WRITABLE;
		virtioGive(device, &gQueues[RECEIVE], RECEIVE, id);
	}
	lwip_init();
	netif_add_noaddr(&gInterface, NULL, initialize, netif_input);
	netif_set_default(&gInterface);
	return virtioInterrupt(device);
}

static void receive(const uint8_t* frame, uint16_t length)
{
	struct pbuf* copy = pbuf_alloc(PBUF_RAW, length, PBUF_POOL);
	if (!copy)
		return; /* no room: lost, as on any network */
	pbuf_take(copy, frame, length);
	if (gInterface.input(copy, &gInterface) != ERR_OK)
		pbuf_free(copy);
}

static void pollLink(void)
{
	int up = virtioConfig(gDevice, CONFIG_STATUS) >> STATUS_SHIFT & STATUS_LINK_UP;
	if (up == netif_is_link_up(&gInterface))
		return;
	if (up)
		netif_set_link_up(&gInterface);
	else
		netif_set_link_down(&gInterface);
}

void netPoll(void)
{
	uint32_t length;
	int left = POLL_COUNT;
	if (!gDevice)
		return;
	virtioQuiet(gDevice);
	pollLink();
	for (int id; left && (id = virtioTake(&gQueues[RECEIVE], &length)) >= 0; left--) {
		if (length > HEADER_LENGTH && length <= BUFFER_LENGTH)
			receive(gReceived[id] + HEADER_LENGTH, (uint16_t)(length - HEADER_LENGTH));
		virtioGive(gDevice, &gQueues[RECEIVE], RECEIVE, (uint16_t)id);
	}
	gFlooded = !left;
	sys_check_timeouts();
}

uint32_t netSleepMs(void)
{
	/* What waits raises no interrupt again. */
	return gFlooded ? 0 : gDevice ? sys_timeouts_sleeptime() : UINT32_MAX;
}
