// SPDX-License-Identifier: Apache-2.0
// The machine the firmware runs in: a clone of the root in flash. What it cannot catch is recorded and restarts the
// board.

#include "xsAll.h"
#include "board.h"

/*
 * Slots, chunks and stack of the script together, as on the ESP32 (boards/esp-idf); chunks and slots grow towards each
 * other in small steps.
 */
#ifdef PINHOLE_SUITE
enum { ARENA_SIZE = 32 << 20, STACK_SLOTS = 4096, CHUNK_STEP = 1 << 20, SLOT_STEP = 1 << 14 };
#else
enum { ARENA_SIZE = 64 << 10, STACK_SLOTS = 640, CHUNK_STEP = 256, SLOT_STEP = 64 };
#endif

static uint8_t gArena[ARENA_SIZE] __attribute__((aligned(16)));
static Region gRegionOfClone = { .base = gArena, .low = gArena, .high = gArena + ARENA_SIZE, .size = ARENA_SIZE };
static txMachine* gMachine;

txMachine* machineStart(void)
{
	const Preloaded* preloaded = gHeader.preloaded;
	txCreation creation = {
		.initialChunkSize = 4 * CHUNK_STEP,
		.incrementalChunkSize = CHUNK_STEP,
		.initialHeapCount = 2 * SLOT_STEP,
		.incrementalHeapCount = SLOT_STEP,
		.stackCount = STACK_SLOTS,
		.initialKeyCount = 64,
		.incrementalKeyCount = 32,
		.nameModulo = NAME_MODULO,
		.symbolModulo = SYMBOL_MODULO,
	};
	moduleUse(preloaded->list);
	gRegion = &gRegionOfClone;
	gMachine = fxCloneMachine(&creation, preloaded->root, "pinhole", NULL);
	if (!gMachine)
		die("memory full: the machine does not start");
	return gMachine;
}

int imageHolds(const void* address)
{
	const uint8_t* start = (const uint8_t*)&gHeader;
	return start <= (const uint8_t*)address && (const uint8_t*)address < start + gHeader.length;
}

static const char* functionName(const txSlot* frame)
{
	const txSlot* slot = frame + 3;
	if (slot->kind != XS_REFERENCE_KIND)
		return NULL;
	for (slot = slot->value.reference->next; slot; slot = slot->next)
		if (slot->ID == mxID(_name) && (slot->kind == XS_STRING_KIND || slot->kind == XS_STRING_X_KIND))
			return slot->value.string[0] ? slot->value.string : NULL;
	return NULL;
}

const char* machinePlace(char place[PLACE_LENGTH])
{
	size_t used = 0;
	place[0] = 0;
	for (const txSlot* frame = gMachine ? gMachine->frame : NULL; frame && frame->next; frame = frame->next) {
		const char* name = functionName(frame);
		if (!name)
			continue;
		if (used + strlen(name) + 5 > PLACE_LENGTH)
			break;
		used += (size_t)snprintf(place + used, PLACE_LENGTH - used, "%s%s", used ? ", " : " in ", name);
	}
	return place;
}

/* Its own conversion to text may throw again. */
static void exceptionText(txMachine* the, char* into, size_t size)
{
	fxBeginHost(the);
	mxTry(the) {
		mxPush(mxException);
		mxException = mxUndefined;
		fxToStringBuffer(the, the->stack, into, (txSize)size);
		mxPop();
	}
	mxCatch(the) {
		snprintf(into, size, "something without a text");
	}
	fxEndHost(the);
}

void fxAbort(txMachine* the, int status)
{
	static bool aborting;
	char text[PLACE_LENGTH] = "";
	if (aborting)
		die("the engine gave up twice");
	aborting = true;
	if (status == XS_UNHANDLED_EXCEPTION_EXIT && the->firstJump && the->firstJump->stack) {
		/* The registers are still those of the thrower. */
		the->stack = the->firstJump->stack;
		the->scope = the->firstJump->scope;
		the->frame = the->firstJump->frame;
		the->code = the->firstJump->code;
	}
	switch (status) {
	case XS_UNHANDLED_EXCEPTION_EXIT:
		exceptionText(the, text, sizeof(text));
		die("unhandled exception: %s", text);
	case XS_UNHANDLED_REJECTION_EXIT:
		exceptionText(the, text, sizeof(text));
		die("unhandled rejection: %s", text);
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		die("memory full%s", machinePlace(text));
	case XS_STACK_OVERFLOW_EXIT:
		die("stack overflow%s", machinePlace(text));
	case XS_NO_MORE_KEYS_EXIT:
		die("no more names");
	default:
		die("the engine gave up (%d)%s", status, machinePlace(text));
	}
}

size_t machineUsed(void)
{
	fxCollectGarbage(gMachine);
	return (size_t)gMachine->currentHeapCount * sizeof(txSlot) + (size_t)gMachine->currentChunksSize;
}

MachineSizes machineSizes(void)
{
	txMachine* the = gMachine;
	return (MachineSizes){
		.slotBytes = (size_t)the->currentHeapCount * sizeof(txSlot),
		.slotBytesTaken = (size_t)the->maximumHeapCount * sizeof(txSlot),
		.chunkBytes = (size_t)the->currentChunksSize,
		.chunkBytesTaken = (size_t)the->maximumChunksSize,
		.stackBytes = (size_t)(the->stackTop - the->stackPeak) * sizeof(txSlot),
		.collections = the->garbageCollectionCount,
	};
}
