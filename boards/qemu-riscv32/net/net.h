// SPDX-License-Identifier: Apache-2.0
// The network of the board: virtio-net and lwIP without a thread. The main loop polls; nothing calls into a script but
// netServe.

#ifndef PINHOLE_NET_H
#define PINHOLE_NET_H

#include <stdint.h>

/* Once, before anything else here: starts the card and lwIP. Gives the card's interrupt; 0 when there is no card. */
unsigned netStart(void);

/* Takes what the card has received and runs lwIP's timers. Call it after every wake-up. */
void netPoll(void);

/* Milliseconds until lwIP wants to be polled again; UINT32_MAX for never. */
uint32_t netSleepMs(void);

/* Calls the scripts' callbacks that fell due; 1 when there was one, so that the caller settles and asks again. */
int netServe(void);

/* Milliseconds since the start, modulo 2^32; lwIP gave it the name. */
uint32_t sys_now(void);

/* True randomness (virtio-rng). 0 when there is no source or what it gives is unfit; then `into` is all zero. */
int randomFill(void* into, uint32_t length);

/* Of the host: the end of the run, for what cannot be. */
void netFault(const char* why) __attribute__((noreturn));

#endif
