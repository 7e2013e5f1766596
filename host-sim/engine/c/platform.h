// SPDX-License-Identifier: Apache-2.0
// What XS asks of its platform: the C library, and the fields of a machine that belong to this host.
// There is no mx32bitID: names have 16 bits as on the device, so the 32- and 64-bit engines share their bytecode.

#ifndef PINHOLE_PLATFORM_H
#define PINHOLE_PLATFORM_H

#undef mxLinux
#define mxLinux 1

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

#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultSharedChunks 1

// The first three are read by xsAtomics.c.
#define mxMachinePlatform \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink; \
	struct Region* region; \
	int promiseJobs;

#endif
