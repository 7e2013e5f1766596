// SPDX-License-Identifier: Apache-2.0
// The run that makes the image. The build (image.ts) starts this firmware with much RAM, and with all modules in it at
// REQUEST. Everything that is to be in flash is made within one window of RAM: malloc at its low end, then the engine's
// region. The build runs this twice with the window at two addresses: words that differ by the distance are pointers.

#include "xsAll.h"
#include "board.h"

enum {
	REQUEST = 0x84000000,
	MAGIC = 0x70726570,
	MALLOC_SIZE = 2 << 20,
	REGION_SIZE = 2 << 20,
	KIND_HOST = 0,
	KIND_PRELOAD = 1,
};

/* Followed by the modules: kind, length of the name, length of the bytecode, name, bytecode; each in whole words. */
typedef struct Request {
	uint32_t magic;
	uint8_t* window;
	uint32_t count;
	/* The answer. */
	uint32_t heapLength;
	uint32_t chunksLength; /* of the region's low end */
	uint32_t slotsLength; /* of its high end */
	uint32_t regionOffset;
	uint32_t regionLength;
	Preloaded* preloaded;
	uint32_t names, aliases;
} Request;

typedef struct Source {
	uint32_t kind;
	uint32_t nameLength;
	uint32_t length;
	char rest[];
} Source;

static uint32_t words(uint32_t length)
{
	return (length + 3) & ~3u;
}

static const char* nameOf(const Source* source)
{
	char* name = malloc(source->nameLength + 1);
	memcpy(name, source->rest, source->nameLength);
	name[source->nameLength] = 0;
	return name;
}

uint8_t* moduleRead(const Module* module, size_t* size)
{
	const Source* source = module->source;
	uint8_t* data = malloc(source->length);
	*size = source->length;
	return memcpy(data, source->rest + words(source->nameLength), source->length);
}

static const Source* next(const Source* source)
{
	return (const Source*)(source->rest + words(source->nameLength) + words(source->length));
}

static void importKind(txMachine* the, uint32_t kind)
{
	ModuleList list = moduleList();
	for (size_t i = 0; i < list.count; i++)
		if (((const Source*)list.modules[i].source)->kind == kind)
			import(the, list.modules[i].name);
}

/* Memory that no chunk uses any more, and the stack that nothing stands on, may hold old pointers to anywhere. */
static void clearUnused(txMachine* the)
{
	memset(the->stackBottom, 0, (size_t)((txByte*)the->stack - (txByte*)the->stackBottom));
	for (txBlock* block = the->firstBlock; block; block = block->nextBlock) {
		for (txByte* at = (txByte*)(block + 1); at < block->current; at = ((txChunk*)at)->temporary)
			memset(at + ((txChunk*)at)->size, 0, (size_t)(((txChunk*)at)->temporary - at - ((txChunk*)at)->size));
		memset(block->current, 0, (size_t)(block->limit - block->current));
	}
}

/* All memory of the root in one chunk and slot heap that grow in small steps, so that little is wasted. */
static txMachine* makeRoot(uint8_t* memory)
{
	static Region region;
	txCreation creation = { 8192, 4096, 4096, 512, 1024, 512, 128, NAME_MODULO, SYMBOL_MODULO, 0, 0, 0 };
	region = (Region){ .base = memory, .low = memory, .high = memory + REGION_SIZE, .size = REGION_SIZE };
	gRegion = &region;
	txMachine* root = fxCreateMachine(&creation, "root", NULL, 0);
	if (!root)
		die("the root does not start");
	rootMarkBuiltIns(root);
	openHost(root);
	for (const Part* const* part = gParts; *part; part++)
		if ((*part)->install)
			(*part)->install(root);
	importKind(root, KIND_HOST);
	closeHost(root);
	importKind(root, KIND_PRELOAD);
	moduleLoadAll(root);
	rootSeal(root, 0);
	clearUnused(root);
	return root;
}

void preload(void)
{
	Request* request = (Request*)REQUEST;
	if (request->magic != MAGIC)
		die("this image is not complete");
	heapUse(request->window, request->window + MALLOC_SIZE);
	const Source* source = (const Source*)(request + 1);
	for (uint32_t i = 0; i < request->count; i++, source = next(source))
		moduleAdd(nameOf(source), source);
	uint8_t* memory = request->window + MALLOC_SIZE;
	txMachine* root = makeRoot(memory);
	Preloaded* preloaded = malloc(sizeof(Preloaded));
	*preloaded = (Preloaded){ .root = root, .list = moduleList() };
	preloaded->main = preloaded->list.modules[preloaded->list.count - 1].name;
	for (size_t i = 0; i < preloaded->list.count; i++)
		preloaded->list.modules[i].source = NULL;
	request->heapLength = (uint32_t)heapTaken();
	request->chunksLength = (uint32_t)(root->region->low - memory);
	request->slotsLength = (uint32_t)(memory + REGION_SIZE - root->region->high);
	request->regionOffset = MALLOC_SIZE;
	request->regionLength = REGION_SIZE;
	request->preloaded = preloaded;
	request->names = root->keyIndex;
	request->aliases = root->aliasCount;
	powerOff(0);
}
