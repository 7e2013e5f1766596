// SPDX-License-Identifier: Apache-2.0
// `embedded:storage/flash` and the native part of `embedded:update`, as in Moddable SDK 8.2.3.

#include "native.h"
#include "board.h"
#include "flash.h"
#include "update.h"
#include <stdlib.h>
#include <string.h>

typedef struct File {
	const Partition* partition;
	int readOnly;
} File;

static void destroy(void* data)
{
	free(data);
}

/* Also tells a flash from any other host object. */
static const xsHostHooks gHooks = { destroy, NULL, NULL };

static File* fileOf(xsMachine* the, xsSlot* flash)
{
	if (xsGetHostHooks(*flash) != &gHooks)
		xsTypeError("this is no flash partition");
	File* file = xsmcGetHostData(*flash);
	if (!file)
		xsSyntaxError("this flash partition is closed");
	return file;
}

static File* writable(xsMachine* the)
{
	File* file = fileOf(the, &xsThis);
	if (file->readOnly)
		xsTypeError("this flash partition was opened for reading");
	return file;
}

static uint32_t unsignedOf(xsMachine* the, xsSlot* value)
{
	double number = xsmcToNumber(*value);
	if (!(number >= 0 && number <= 0x7fffffff))
		xsRangeError("a number of flash is from 0 to 2147483647");
	return (uint32_t)number;
}

static void demand(xsMachine* the, FlashResult result)
{
	if (result == FLASH_OUTSIDE)
		xsRangeError("flash: %s", flashExplain(result));
	else if (result != FLASH_DONE)
		xsUnknownError("flash: %s", flashExplain(result));
}

static void flashConstructor(xsMachine* the)
{
	char path[16];
	xsmcVars(2);
	xsmcGet(xsVar(0), xsTarget, xsID("prototype"));
	xsThis = xsNewHostInstance(xsVar(0));
	xsResult = xsThis;
	xsmcGet(xsVar(0), xsArg(0), xsID("path"));
	xsmcToStringBuffer(xsVar(0), path, sizeof(path));
	const Partition* partition = strcmp(path, "nextota") ? flashPartition(path) : updateSlot();
	if (!partition)
		xsUnknownError("there is no flash partition \"%s\"", path);
	xsmcGet(xsVar(1), xsArg(0), xsID("mode"));
	int readOnly = xsmcTypeOf(xsVar(1)) != xsUndefinedType && !strcmp(xsmcToString(xsVar(1)), "r");
	File* file = calloc(1, sizeof(File));
	if (!file)
		xsUnknownError("no memory for a flash partition");
	*file = (File){ partition, readOnly };
	xsmcSetHostData(xsThis, file);
	xsSetHostHooks(xsThis, &gHooks);
}

static void flashStatus(xsMachine* the)
{
	const Partition* partition = fileOf(the, &xsThis)->partition;
	xsmcVars(1);
	xsmcSetNewObject(xsResult);
	xsmcSetInteger(xsVar(0), (xsIntegerValue)partition->length);
	xsmcSet(xsResult, xsID("size"), xsVar(0));
	xsmcSetInteger(xsVar(0), FLASH_SECTOR_LENGTH);
	xsmcSet(xsResult, xsID("blockLength"), xsVar(0));
	xsmcSetInteger(xsVar(0), (xsIntegerValue)(partition->length / FLASH_SECTOR_LENGTH));
	xsmcSet(xsResult, xsID("blocks"), xsVar(0));
}

static void flashEraseBlock(xsMachine* the)
{
	const Partition* partition = writable(the)->partition;
	uint32_t start = unsignedOf(the, &xsArg(0));
	uint32_t end = start + 1;
	if (xsmcArgc > 1 && xsmcTypeOf(xsArg(1)) != xsUndefinedType)
		end = unsignedOf(the, &xsArg(1));
	demand(the, flashErase(partition, start, end));
}

/* read(count, offset) gives an ArrayBuffer, read(buffer, offset) fills one. */
static void flashRead(xsMachine* the)
{
	const Partition* partition = fileOf(the, &xsThis)->partition;
	uint32_t offset = unsignedOf(the, &xsArg(1));
	void* into = NULL;
	xsUnsignedValue length;
	if (xsmcTypeOf(xsArg(0)) == xsReferenceType)
		xsmcGetBufferWritable(xsArg(0), &into, &length);
	else
		length = unsignedOf(the, &xsArg(0));
	if (offset > partition->length || length > partition->length - offset)
		demand(the, FLASH_OUTSIDE);
	if (into)
		memcpy(into, flashBytes(partition) + offset, length);
	else
		xsmcSetArrayBuffer(xsResult, (void*)(flashBytes(partition) + offset), (xsIntegerValue)length);
}

static void flashWriteBytes(xsMachine* the)
{
	const Partition* partition = writable(the)->partition;
	uint32_t offset = unsignedOf(the, &xsArg(1));
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	demand(the, flashWrite(partition, offset, data, length));
}

static void flashClose(xsMachine* the)
{
	free(xsmcGetHostData(xsThis));
	xsmcSetHostData(xsThis, NULL);
}

/* mark(flash, length): the image in this slot is complete. */
static void updateMarkSlot(xsMachine* the)
{
	const Partition* slot = fileOf(the, &xsArg(0))->partition;
	demand(the, updateComplete(slot, unsignedOf(the, &xsArg(1))));
}

static void install(Machine* machine)
{
	static const Native flash[] = {
		{ "Flash", flashConstructor, 1 },
		{ "status", flashStatus, 0 },
		{ "eraseBlock", flashEraseBlock, 2 },
		{ "read", flashRead, 2 },
		{ "write", flashWriteBytes, 2 },
		{ "close", flashClose, 0 },
		{ NULL, NULL, 0 },
	};
	static const Native update[] = { { "mark", updateMarkSlot, 2 }, { NULL, NULL, 0 } };
	xsBeginHost(machine);
	installClass(the, "Flash", flash);
	xsEndHost(machine);
	xsBeginHost(machine);
	installObject(the, "update", update);
	xsEndHost(machine);
}

const Part storagePart = { .install = install };
