// SPDX-License-Identifier: Apache-2.0
// What the files of the desktop's host share. The XS headers they include are LGPL-3.0-or-later (see NOTICE).

#ifndef PINHOLE_HOST_H
#define PINHOLE_HOST_H

#include <poll.h>

#include "engine.h"

/* memory.c */
void regionReserve(Region* region, size_t size);
void regionProtect(const Region* region);

/* objects.c */
void printObjects(Machine* the);

/* root.c: the protection of the root. */
void rootProtect(Machine* the);
/* Reports faults with the place of this machine; for a clone, also protects the variables of preloaded modules. */
void rootWatch(Machine* the);

/* loop.c: one poll loop; what is watched keeps the process alive unless it is quiet. */
typedef struct Watch {
	struct Watch* next;
	int fd;
	int quiet;
	int writing; /* room to write is awaited, too */
	int deaf; /* nothing is read now */
	int due; /* `ready` is called soon, though poll sees nothing */
	short revents; /* what poll saw */
	void (*ready)(struct Watch* watch);
} Watch;

void watchAdd(Watch* watch);
void watchRemove(Watch* watch);
void loopRun(Machine* the);
void loopEndWithin(double ms);

/* board.c: the desktop as a board, which it is when it has a flash file. */
int boardOption(const char* name, const char* value); /* the words it took; 0: no option of a board */
void boardStart(char** arguments);
const char* boardFlash(void); /* the file that is the partition of the journal; NULL: none */
/* From here on a fault is the firmware's: an image that cannot be linked never starts. */
void boardRuns(void);
/* Starts the program anew and tells it why; returns where the desktop is no board that runs. */
void boardAborted(const char* cause);

/* serial.c: makes the console's pty and a path that leads to it; 0: it was there before this run of the board. */
int serialOpen(const char* path);

/* What native.c gives to the JavaScript modules in ../modules, each from its own file. */
void installNatives(Machine* the);
void installSerial(Machine* the);
void installResolver(Machine* the);
void installProcess(Machine* the, int argc, char** argv);
void installMeasure(Machine* the);
void installBoard(Machine* the);
void installFlash(Machine* the);

#endif
