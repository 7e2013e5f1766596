// SPDX-License-Identifier: Apache-2.0
// All parts of the board, in the order in which they start.

#include "native.h"
#include "board.h"

const Part* const gParts[] = {
	&clockPart, &serialPart, &storagePart, &networkPart, &devicePart,
#ifdef PINHOLE_SUITE
	&suitePart,
#endif
	NULL,
};
