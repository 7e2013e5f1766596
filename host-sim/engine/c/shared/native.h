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

#endif
