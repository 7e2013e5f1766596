// SPDX-License-Identifier: Apache-2.0
// For the files that give native functions to the JavaScript modules of a host.

#ifndef PINHOLE_NATIVE_H
#define PINHOLE_NATIVE_H

#include "xsmc.h"
#include "engine.h"

typedef struct Native {
	const char* name;
	xsCallback callback;
	int length;
} Native;

/* Puts an object `name` with these functions into the global `$host`; the modules take it from there. */
void installObject(xsMachine* the, const char* name, const Native* natives);

/* Puts a class into `$host`; its first native is the constructor, a name that begins with "get " is a getter. */
void installClass(xsMachine* the, const char* name, const Native* natives);

/* options.c */
/* An option by name into `into`; 0 when it was not given. */
int optionOf(xsMachine* the, xsSlot* options, const char* name, xsSlot* into);
/* A port from 0 to 65535; throws. */
int portOf(xsMachine* the, xsSlot* value);

/* Begins a constructor of ECMA-419: makes its instance and takes `target`; throws where `format` is none of ours. False
   where there are no options. It needs xsVar(0). */
int constructBegin(xsMachine* the);
/* Ends it: the instance has this data, and lives until it is closed. */
void constructEnd(xsMachine* the, void* data, const xsHostHooks* hooks, xsSlot* self);

#endif
