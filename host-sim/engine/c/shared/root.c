// SPDX-License-Identifier: Apache-2.0
// The shared root, as read-only as flash. XS would answer a write to an object of the root with a copy in the clone (an
// alias); for the objects of our modules that would hide the fault. So their alias numbers are taken away: the write
// then goes to the protected memory itself, and faults.

#include "xsAll.h"
#include "engine.h"

extern void fxGrowSlots(txMachine* the, txSize count);

enum { SPARE_SLOTS = 512 };

static uint8_t* gBuiltIn; /* one bit a slot of the region: 1 for the instances of a bare engine */
static Region* gRootRegion;
static txID gFirstVariable;
static size_t gAliasCount;

static size_t slotIndex(const txSlot* slot)
{
	return (size_t)((const uint8_t*)slot - gRootRegion->base) / sizeof(txSlot);
}

static int isBuiltIn(const txSlot* instance)
{
	return gBuiltIn[slotIndex(instance) / 8] >> slotIndex(instance) % 8 & 1;
}

static txSlot* heapNext(txSlot** heap, txSlot* slot)
{
	slot++;
	while (*heap && slot >= (*heap)->value.reference) {
		*heap = (*heap)->next;
		slot = *heap ? *heap + 1 : NULL;
	}
	return *heap ? slot : NULL;
}

static txSlot* heapFirst(txMachine* the, txSlot** heap)
{
	*heap = the->firstHeap;
	return *heap ? heapNext(heap, *heap) : NULL;
}

void rootMarkBuiltIns(txMachine* the)
{
	txSlot* heap;
	gRootRegion = the->region;
	gBuiltIn = calloc(gRootRegion->size / sizeof(txSlot) / 8 + 1, 1);
	fxCollectGarbage(the);
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot))
		if (slot->kind == XS_INSTANCE_KIND)
			gBuiltIn[slotIndex(slot) / 8] |= (uint8_t)(1 << slotIndex(slot) % 8);
}

/* What is left from before goes, in slots and behind the data of chunks: equal roots shall be equal in every byte. */
static void clearValue(txSlot* slot)
{
	static const uint8_t lengths[] = {
		[XS_UNDEFINED_KIND] = 0,
		[XS_NULL_KIND] = 0,
		[XS_BOOLEAN_KIND] = sizeof(txBoolean),
		[XS_INTEGER_KIND] = sizeof(txInteger),
		[XS_NUMBER_KIND] = sizeof(txNumber),
		[XS_STRING_KIND] = sizeof(txString),
		[XS_STRING_X_KIND] = sizeof(txString),
		[XS_SYMBOL_KIND] = sizeof(txID),
		[XS_BIGINT_KIND] = sizeof(txBigInt),
		[XS_BIGINT_X_KIND] = sizeof(txBigInt),
		[XS_REFERENCE_KIND] = sizeof(txSlot*),
		[XS_CLOSURE_KIND] = sizeof(txSlot*),
	};
	size_t length = sizeof(slot->value);
	if (slot->kind == XS_UNINITIALIZED_KIND)
		length = 0;
	else if (slot->kind < (txKind)sizeof(lengths))
		length = lengths[slot->kind];
	else if (slot->kind == XS_MODULE_KIND || slot->kind == XS_PROGRAM_KIND)
		length = offsetof(txValue, module.id) + sizeof(txID);
	else if (slot->kind == XS_AT_KIND)
		length = offsetof(txValue, at.id) + sizeof(txID);
	memset((txByte*)&slot->value + length, 0, sizeof(slot->value) - length);
}

static void clearRest(void* data, size_t length)
{
	const txChunk* chunk = (txChunk*)((txByte*)data - sizeof(txChunk));
	memset((txByte*)data + length, 0, (size_t)chunk->size - sizeof(txChunk) - length);
}

/* Values that a clone copies must not point at chunks: its collector would mark them. */
static void petrify(txSlot* slot)
{
	clearValue(slot);
	switch (slot->kind) {
	case XS_STRING_KIND:
		clearRest(slot->value.string, strlen(slot->value.string) + 1);
		slot->kind = XS_STRING_X_KIND;
		break;
	case XS_BIGINT_KIND:
		slot->kind = XS_BIGINT_X_KIND;
		break;
	case XS_KEY_KIND:
		clearRest(slot->value.key.string, strlen(slot->value.key.string) + 1);
		slot->kind = XS_KEY_X_KIND;
		break;
	case XS_CODE_KIND:
		slot->kind = XS_CODE_X_KIND;
		break;
	case XS_ARRAY_KIND:
		if (slot->value.array.address) {
			txChunk* chunk = (txChunk*)((txByte*)slot->value.array.address - sizeof(txChunk));
			size_t count = (size_t)chunk->size / sizeof(txSlot);
			for (size_t i = 0; i < count && i < slot->value.array.length; i++)
				petrify(slot->value.array.address + i);
		}
		break;
	case XS_ARRAY_BUFFER_KIND:
		if (slot->value.arrayBuffer.address)
			clearRest(slot->value.arrayBuffer.address, (size_t)slot->next->value.bufferInfo.length);
		break;
	case XS_GLOBAL_KIND: {
		/* A cache that XS fills while it reads; it is the only thing that stays writable. */
		size_t size = (size_t)slot->value.table.length * sizeof(txSlot*);
		txSlot** table = malloc(size);
		memcpy(table, slot->value.table.address, size);
		slot->value.table.address = table;
		break;
	}
	default:
		break;
	}
}

/* XS refuses with a TypeError, which a script may catch, to write a property that has the collector's mark. */
static void unmarkProperties(txSlot* instance)
{
	for (txSlot* slot = instance->next; slot; slot = slot->next) {
		if (slot->kind == XS_PRIVATE_KIND)
			for (txSlot* each = slot->value.private.first; each; each = each->next)
				each->flag &= (txFlag)~XS_MARK_FLAG;
		else if (!(slot->flag & (XS_INTERNAL_FLAG | XS_DONT_SET_FLAG)))
			slot->flag &= (txFlag)~XS_MARK_FLAG;
	}
}

/* Numbers the aliases anew: built-ins first, which a clone may change, then from a new page on the variables. */
static void number(txMachine* the, size_t page)
{
	txID count = 1;
	txSlot* heap;
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot)) {
		if (slot->kind == XS_INSTANCE_KIND) {
			slot->ID = slot->ID != XS_NO_ID && isBuiltIn(slot) ? count++ : XS_NO_ID;
			if (!isBuiltIn(slot))
				unmarkProperties(slot);
		}
		else if (slot->kind == XS_CLOSURE_KIND && slot->value.closure)
			slot->value.closure->flag |= XS_LEVEL_FLAG; /* not numbered yet */
	}
	if (page)
		count = (txID)((count + page - 1) / page * page);
	gFirstVariable = count;
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot)) {
		txSlot* variable = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : NULL;
		if (variable && variable->flag & XS_LEVEL_FLAG) {
			variable->flag &= (txFlag)~XS_LEVEL_FLAG;
			if (variable->ID != XS_NO_ID)
				variable->ID = page ? count++ : XS_NO_ID;
		}
	}
	the->aliasCount = count;
}

/* XS keeps the place of each global that was read once: after all were read, nothing is written any more. */
static void warmGlobals(txMachine* the)
{
	for (txID id = XS_SYMBOL_ID_COUNT; id < XS_INTRINSICS_COUNT; id++)
		mxBehaviorGetProperty(the, mxGlobal.value.reference, id, 0, XS_ANY);
}

void rootSeal(txMachine* the, size_t entriesOfPage)
{
	txSlot* heap;
	warmGlobals(the);
	/* fxShareMachine would not survive a collection while it lists the modules: give it slots enough. */
	fxGrowSlots(the, SPARE_SLOTS);
	fxShareMachine(the);
	gAliasCount = the->aliasCount;
	number(the, entriesOfPage);
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot))
		petrify(slot);
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		petrify(slot);
	free(gBuiltIn);
	gBuiltIn = NULL;
}

size_t rootAliasCount(void)
{
	return gAliasCount;
}

size_t rootFirstVariable(void)
{
	return gFirstVariable;
}
