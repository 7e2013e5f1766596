// SPDX-License-Identifier: Apache-2.0
// Bytecode from files.

#include "xsAll.h"
#include "host.h"

uint8_t* moduleRead(const Module* module, size_t* size)
{
	const char* path = module->source;
	FILE* file = fopen(path, "rb");
	if (!file)
		fatal(EXIT_BYTECODE, "cannot open %s", path);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	uint8_t* data = malloc(*size + 1);
	if (!data || fread(data, 1, *size, file) != *size)
		fatal(EXIT_BYTECODE, "cannot read %s", path);
	fclose(file);
	return data;
}
