// SPDX-License-Identifier: Apache-2.0
// What a script listens to: lwIP's callbacks only note that something is due, netServe later calls the script, so that
// no socket is closed under lwIP's feet.

#ifndef PINHOLE_SOURCE_H
#define PINHOLE_SOURCE_H

typedef struct Source {
	struct Source* next;
	int due;
	/* Clears what it serves of `due`, then calls the script at most once; the source may be gone afterwards. */
	void (*serve)(struct Source* source);
} Source;

void sourceAdd(Source* source);
void sourceRemove(Source* source);

#endif
