// SPDX-License-Identifier: Apache-2.0
// What the files of the host share. The XS headers they include are LGPL-3.0-or-later (see NOTICE).

#ifndef PINHOLE_HOST_H
#define PINHOLE_HOST_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes; host-sim/engine/run.ts gives them names. */
enum {
	EXIT_USAGE = 64,
	EXIT_EXCEPTION = 65,
	EXIT_REJECTION = 66,
	EXIT_MEMORY_FULL = 67,
	EXIT_STACK_OVERFLOW = 68,
	EXIT_KEYS_FULL = 69,
	EXIT_READ_ONLY = 70,
	EXIT_BYTECODE = 71,
	EXIT_ENGINE = 72,
};

/* The engine's own header and the one for native code each name a machine in their way; include one of them first. */
#ifdef __XSALL__
typedef txMachine Machine;
#else
typedef xsMachine Machine;
#endif

/* memory.c: all slots and chunks of one machine; chunks grow up from the low end, slots down from the high end. */
typedef struct Region {
	uint8_t* base;
	uint8_t* low;
	uint8_t* high;
	size_t size;
} Region;

void regionReserve(Region* region, size_t size);
void regionProtect(const Region* region);
int regionHolds(const Region* region, const void* address);
/* The machine created next takes its memory from here: XS calls back before a context could be read. */
extern Region* gRegion;

/* modules.c: bytecode files by module name, executed where they were loaded. */
typedef struct Module {
	const char* name;
	const char* path;
	uint8_t* code;
	uint32_t codeSize;
} Module;

void moduleAdd(const char* name, const char* path);
const Module* moduleAt(const void* code);

/* places.c: where in the source the machine is. */
void printFrames(Machine* the, FILE* into);

/* objects.c */
void printObjects(Machine* the);

/* root.c: the shared root and its protection. */
void rootMarkBuiltIns(Machine* the);
void rootSeal(Machine* the);
/* Reports faults with the place of this machine; for a clone, also protects the variables of preloaded modules. */
void rootWatch(Machine* the);
/* Entries the alias table would have without our padding. */
size_t rootAliasCount(void);

/* abort.c */
void fatal(int code, const char* format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* loop.c: one poll loop; what is watched keeps the process alive unless it is quiet. */
typedef struct Watch {
	struct Watch* next;
	int fd;
	int quiet;
	void (*ready)(struct Watch* watch);
} Watch;

void watchAdd(Watch* watch);
void watchRemove(Watch* watch);
void settle(Machine* the);
void loopRun(Machine* the);
void loopEndWithin(double ms);
double nowMs(void);

/* timer.c */
double timersNextAt(void);
int timersRun(double now);

/* What native.c gives to the JavaScript modules in ../modules, each from its own file. */
void installNatives(Machine* the);
void installUdp(Machine* the);
void installTimer(Machine* the);
void installResolver(Machine* the);
void installProcess(Machine* the, int argc, char** argv);
void installMeasure(Machine* the);

#endif
