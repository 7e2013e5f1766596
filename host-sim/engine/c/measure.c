// SPDX-License-Identifier: Apache-2.0
// Figures of the engine for a script that measures: what it executed, and the bytes it allocated.

#include "xsAll.h"
#include "host.h"

static void result(txMachine* the, double value)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = value;
}

/* Bytecodes and the engine's own steps so far; the same on every machine. */
static void measureMeter(txMachine* the)
{
	result(the, the->meterIndex);
}

/* Bytes of slots and chunks that are live, or garbage not collected yet. */
static void measureBytes(txMachine* the)
{
	result(the, (double)the->currentHeapCount * sizeof(txSlot) + the->currentChunksSize);
}

static void measureCollections(txMachine* the)
{
	result(the, the->garbageCollectionCount);
}

static void measureCollect(txMachine* the)
{
	fxCollectGarbage(the);
}

static void measureObjects(txMachine* the)
{
	printObjects(the);
}

static void add(txMachine* the, txSlot* object, txString name, txCallback callback)
{
	fxNewHostFunction(the, callback, 0, fxID(the, name), XS_NO_ID);
	mxPushSlot(object);
	mxSetID(fxID(the, name));
	mxPop();
}

void installMeasure(txMachine* the)
{
	fxBeginHost(the);
	mxPush(mxGlobal);
	mxGetID(fxID(the, "$host"));
	txSlot* host = the->stack;
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	txSlot* object = the->stack;
	add(the, object, "meter", measureMeter);
	add(the, object, "bytes", measureBytes);
	add(the, object, "collections", measureCollections);
	add(the, object, "collect", measureCollect);
	add(the, object, "objects", measureObjects);
	mxPushSlot(host);
	mxSetID(fxID(the, "measure"));
	fxEndHost(the);
}
