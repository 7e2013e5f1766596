// SPDX-License-Identifier: Apache-2.0
// What XS asks of this platform: the C library, and the fields of a machine that belong to this host.
// There is no mx32bitID: names have 16 bits and slots 16 bytes, as on other microcontrollers.

#ifndef PINHOLE_PLATFORM_H
#define PINHOLE_PLATFORM_H

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultSharedChunks 1
/* One machine and no threads: no cluster to share. */
#define mxMultipleThreads 1

// The first three are read by xsAtomics.c.
#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	struct Region* region; \
	int promiseJobs;

#endif
