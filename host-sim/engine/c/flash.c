// SPDX-License-Identifier: Apache-2.0
// `embedded:storage/flash` over the board's flash file, by the rules of NOR flash: a write clears bits, an erase sets
// those of a block. What is written has left the process when the call returns: a killed process is a power cut.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The usual partition of an ESP32: 16 sectors. */
enum { BLOCK_LENGTH = 4096, BLOCKS = 16, SIZE = BLOCK_LENGTH * BLOCKS };

static uint8_t* gBytes;

/* A new file is erased flash. */
static uint8_t* map(xsMachine* the)
{
	int fd = open(boardFlash(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	off_t length = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	uint8_t* bytes = MAP_FAILED;
	if (length >= 0 && (length >= SIZE || !ftruncate(fd, SIZE)))
		bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		xsUnknownError("%s: %s", boardFlash(), strerror(errno));
	if (length < SIZE)
		memset(bytes + length, 0xff, (size_t)(SIZE - length));
	close(fd);
	return bytes;
}

static void flashOpen(xsMachine* the)
{
	if (!boardFlash())
		xsUnknownError("there is no flash");
	if (!gBytes)
		gBytes = map(the);
}

static int number(xsMachine* the, xsSlot* slot, int most)
{
	double value = xsmcToNumber(*slot);
	if (!(value >= 0 && value <= most))
		xsRangeError("beyond the flash");
	return (int)value;
}

/* erase(start, end): the blocks from start up to, not including, end. */
static void flashErase(xsMachine* the)
{
	int start = number(the, &xsArg(0), BLOCKS);
	int end = number(the, &xsArg(1), BLOCKS);
	if (start < end)
		memset(gBytes + start * BLOCK_LENGTH, 0xff, (size_t)(end - start) * BLOCK_LENGTH);
}

/* read(into, offset) */
static void flashRead(xsMachine* the)
{
	int offset = number(the, &xsArg(1), SIZE);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &data, &length);
	if (length > (xsUnsignedValue)(SIZE - offset))
		xsRangeError("beyond the flash");
	memcpy(data, gBytes + offset, length);
}

/* write(buffer, offset) */
static void flashWrite(xsMachine* the)
{
	int offset = number(the, &xsArg(1), SIZE);
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(0), &data, &length);
	if (length > (xsUnsignedValue)(SIZE - offset) || length % 4 || offset % 4)
		xsRangeError("beyond the flash, or not in words of four bytes");
	for (xsUnsignedValue i = 0; i < length; i++)
		if (((uint8_t*)data)[i] & ~gBytes[(xsUnsignedValue)offset + i])
			xsUnknownError("a write can only clear bits: the flash is not erased at %d", offset + (int)i);
	memcpy(gBytes + offset, data, length);
}

void installFlash(xsMachine* machine)
{
	static const Native flash[] = {
		{ "open", flashOpen, 0 },
		{ "erase", flashErase, 2 },
		{ "read", flashRead, 2 },
		{ "write", flashWrite, 2 },
		{ NULL, NULL, 0 },
	};
	installObject(machine, "flash", flash);
}
