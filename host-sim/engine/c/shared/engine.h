// SPDX-License-Identifier: Apache-2.0
// What every host of the engine shares: the desktop's in host-sim/engine/c and that of each bare-metal board.
// The XS headers it needs are LGPL-3.0-or-later (see NOTICE).

#ifndef PINHOLE_ENGINE_H
#define PINHOLE_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The ends that a script cannot catch: exit codes on the desktop (host-sim/engine/run.ts), causes on a board. */
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

int regionHolds(const Region* region, const void* address);
/* The machine created next takes its memory from here: XS calls back before a context could be read. */
extern Region* gRegion;

/* modules.c: bytecode by module name, executed where it was loaded. */
typedef struct Module {
	const char* name;
	const void* source; /* the host's own: where moduleRead finds the bytecode */
	uint8_t* code;
	uint32_t codeSize;
} Module;

typedef struct ModuleList {
	Module* modules;
	size_t count;
} ModuleList;

void moduleAdd(const char* name, const void* source);
const Module* moduleAt(const void* code);
/* Makes all bytecode ready at once, so that the list can be frozen with the root and used again by its clone. */
void moduleLoadAll(Machine* the);
ModuleList moduleList(void);
void moduleUse(ModuleList list);
/* The host's: bytes of a bytecode file, which stay and are written once. */
uint8_t* moduleRead(const Module* module, size_t* size);

/* places.c: where in the source the machine is. */
void printFrames(Machine* the, FILE* into);

/* root.c: the shared root, whose built-ins are marked before and which is sealed after its modules are imported. */
void rootMarkBuiltIns(Machine* the);
/* Variables of modules are numbered from a multiple of this many entries of the alias table; 0: not at all. */
void rootSeal(Machine* the, size_t entriesOfPage);
/* Entries the alias table would have without our padding. */
size_t rootAliasCount(void);
/* The first alias of a variable. */
size_t rootFirstVariable(void);

/* script.c: calls into the script, and what has to follow each of them. */
void settle(Machine* the);
void import(Machine* the, const char* name);
/* Calls the default export, if it is a function, after the import. */
void importAndCall(Machine* the, const char* name);
/* Natives are given to modules by a global `$host`, which is there before the first and gone after the last of them. */
void openHost(Machine* the);
void closeHost(Machine* the);

/* timer.c */
double timersNextAt(void);
int timersRun(double now);
void installTimer(Machine* the);

/* primitives.c */
void installPrimitives(Machine* the);

/* socket.c and connection.c: the classes UDP, TCP and TLS of `$host`. */
void installUdp(Machine* the);
void installTcp(Machine* the);

/* Of the host: monotone milliseconds, and the end of the run with a sentence that says why. */
double nowMs(void);
void fatal(int code, const char* format, ...) __attribute__((noreturn, format(printf, 2, 3)));

#endif
