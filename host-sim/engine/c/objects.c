// SPDX-License-Identifier: Apache-2.0
// What lives in a heap, by class: for whoever wants to make it smaller.

#include "xsAll.h"
#include "host.h"

enum { CLASSES = 256 };

typedef struct Class {
	const char* name;
	int count;
	int slots;
	int chunkBytes;
} Class;

static const char* nameOfConstructor(const txSlot* prototype)
{
	for (const txSlot* slot = prototype ? prototype->next : NULL; slot; slot = slot->next) {
		if (slot->ID != mxID(_constructor) || slot->kind != XS_REFERENCE_KIND)
			continue;
		for (slot = slot->value.reference->next; slot; slot = slot->next)
			if (slot->ID == mxID(_name) && (slot->kind == XS_STRING_KIND || slot->kind == XS_STRING_X_KIND))
				return slot->value.string;
		break;
	}
	return "(no class)";
}

static int chunkBytes(const void* data)
{
	return data ? (int)((txChunk*)((txByte*)data - sizeof(txChunk)))->size : 0;
}

static void add(Class* class, const txSlot* slot)
{
	class->slots++;
	switch (slot->kind) {
	case XS_STRING_KIND:
		class->chunkBytes += chunkBytes(slot->value.string);
		break;
	case XS_ARRAY_KIND:
		class->chunkBytes += chunkBytes(slot->value.array.address);
		break;
	case XS_ARRAY_BUFFER_KIND:
		class->chunkBytes += chunkBytes(slot->value.arrayBuffer.address);
		break;
	case XS_MAP_KIND:
	case XS_SET_KIND:
		class->chunkBytes += chunkBytes(slot->value.table.address);
		break;
	case XS_PRIVATE_KIND:
		for (const txSlot* each = slot->value.private.first; each; each = each->next)
			add(class, each);
		break;
	default:
		break;
	}
}

static Class* classNamed(Class* classes, const char* name)
{
	Class* class = classes;
	while (class->name && strcmp(class->name, name) && class < classes + CLASSES - 1)
		class++;
	class->name = name;
	return class;
}

static int bySize(const void* left, const void* right)
{
	const Class* a = left;
	const Class* b = right;
	int sizes[] = { a->slots * (int)sizeof(txSlot) + a->chunkBytes, b->slots * (int)sizeof(txSlot) + b->chunkBytes };
	return sizes[1] - sizes[0];
}

/** Lines of JSON on stderr: a class, its instances, the slots of their properties, the bytes of their chunks. */
void printObjects(txMachine* the)
{
	Class classes[CLASSES] = { 0 };
	fxCollectGarbage(the);
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind != XS_INSTANCE_KIND)
				continue;
			Class* class = classNamed(classes, nameOfConstructor(slot->value.instance.prototype));
			class->count++;
			for (const txSlot* each = slot; each; each = each->next)
				add(class, each);
		}
	qsort(classes, CLASSES, sizeof(Class), bySize);
	for (int i = 0; i < CLASSES && classes[i].name; i++)
		fprintf(stderr, "{\"class\":\"%s\",\"count\":%d,\"slots\":%d,\"chunkBytes\":%d}\n", classes[i].name,
			classes[i].count, classes[i].slots, classes[i].chunkBytes);
}
