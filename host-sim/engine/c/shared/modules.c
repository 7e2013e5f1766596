// SPDX-License-Identifier: Apache-2.0
// Modules: the list of names and their bytecode, XS's search and loading, execution in place as from flash.

#include "xsAll.h"
#include "engine.h"

extern void fxRemapIDs(txMachine* the, txByte* code, txSize size, txID* ids);

static Module* gModules;
static size_t gCount;

void moduleAdd(const char* name, const void* source)
{
	gModules = realloc(gModules, (gCount + 1) * sizeof(Module));
	gModules[gCount++] = (Module){ .name = name, .source = source };
}

static Module* moduleNamed(const char* name)
{
	for (size_t i = 0; i < gCount; i++)
		if (!strcmp(gModules[i].name, name))
			return &gModules[i];
	return NULL;
}

const Module* moduleAt(const void* code)
{
	for (size_t i = 0; i < gCount; i++) {
		const uint8_t* start = gModules[i].code;
		if (start && start <= (const uint8_t*)code && (const uint8_t*)code < start + gModules[i].codeSize)
			return &gModules[i];
	}
	return NULL;
}

/* "../bytes.js" seen from "firmware/coap/message.js" is "firmware/bytes.js". */
static int resolve(const char* from, const char* specifier, char* path, size_t size)
{
	char* slash;
	if (specifier[0] != '.')
		return snprintf(path, size, "%s", specifier) < (int)size;
	if (!from || snprintf(path, size, "%s", from) >= (int)size)
		return 0;
	slash = strrchr(path, '/');
	*(slash ? slash : path) = 0;
	while (specifier[0] == '.') {
		if (!strncmp(specifier, "../", 3)) {
			slash = strrchr(path, '/');
			*(slash ? slash : path) = 0;
			specifier += 3;
		}
		else if (!strncmp(specifier, "./", 2))
			specifier += 2;
		else
			return 0;
	}
	size_t used = strlen(path);
	return snprintf(path + used, size - used, "%s%s", used ? "/" : "", specifier) < (int)(size - used);
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	char specifier[256];
	char path[512];
	(void)realm;
	fxToStringBuffer(the, slot, specifier, sizeof(specifier));
	if (!resolve(moduleID == XS_NO_ID ? NULL : fxGetKeyName(the, moduleID), specifier, path, sizeof(path)))
		return XS_NO_ID;
	return moduleNamed(path) ? fxNewNameC(the, path) : XS_NO_ID;
}

static uint32_t big(const uint8_t* p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Function bodies and string literals stay where they are instead of being copied into the heap. */
static void archive(uint8_t* code, uint32_t size)
{
	uint8_t* end = code + size;
	while (code < end) {
		uint8_t op = *code;
		txS1 length = gxCodeSizes[op];
		if (op >= XS_CODE_CODE_1 && op < XS_CODE_CODE_1 + 3)
			*code += XS_CODE_CODE_ARCHIVE_1 - XS_CODE_CODE_1;
		else if (op >= XS_CODE_STRING_1 && op < XS_CODE_STRING_1 + 3)
			*code += XS_CODE_STRING_ARCHIVE_1 - XS_CODE_STRING_1;
		if (length > 0)
			code += length;
		else if (length == 0)
			code += 1 + sizeof(txID);
		else {
			uint32_t more = 0;
			memcpy(&more, code + 1, (size_t)-length);
			code += 1 - length + more;
		}
	}
}

/* Names become the identifiers of this machine; their texts stay in the file's memory. */
static void linkNames(txMachine* the, Module* module, uint8_t* symbols)
{
	txID count;
	uint8_t* p = symbols;
	mxDecodeID(p, count);
	txID* ids = calloc(count, sizeof(txID));
	for (txID i = 1; i < count; i++) {
		ids[i] = fxNewNameX(the, (txString)p);
		p += strlen((char*)p) + 1;
	}
	fxRemapIDs(the, (txByte*)module->code, (txSize)module->codeSize, ids);
	free(ids);
}

/* Makes the bytecode ready for this machine, once. */
static void load(txMachine* the, Module* module)
{
	static const uint8_t version[] = { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, sizeof(txID) };
	if (module->code)
		return;
	size_t size;
	uint8_t* data = moduleRead(module, &size);
	uint8_t* symbols = NULL;
	if (size < 8 || memcmp(data + 4, "XS_B", 4) || big(data) != size)
		fatal(EXIT_BYTECODE, "%s is not bytecode", module->name);
	for (size_t at = 8; at < size; at += big(data + at)) {
		uint32_t length = big(data + at) - 8;
		uint8_t* body = data + at + 8;
		if (!memcmp(data + at + 4, "VERS", 4) && memcmp(body, version, sizeof(version)))
			fatal(EXIT_BYTECODE, "%s was compiled for another engine", module->name);
		else if (!memcmp(data + at + 4, "SYMB", 4))
			symbols = body;
		else if (!memcmp(data + at + 4, "CODE", 4)) {
			module->code = body;
			module->codeSize = length;
		}
	}
	if (!symbols || !module->code)
		fatal(EXIT_BYTECODE, "%s is incomplete", module->name);
	linkNames(the, module, symbols);
	archive(module->code, module->codeSize);
}

void fxLoadModule(txMachine* the, txSlot* slot, txID moduleID)
{
	Module* module = moduleNamed(fxGetKeyName(the, moduleID));
	txScript script = { 0 };
	if (!module)
		return;
	load(the, module);
	script.codeBuffer = (txByte*)module->code;
	script.codeSize = (txSize)module->codeSize;
	fxResolveModule(the, slot, moduleID, &script, NULL, NULL);
}

void moduleLoadAll(txMachine* the)
{
	for (size_t i = 0; i < gCount; i++)
		load(the, &gModules[i]);
}

ModuleList moduleList(void)
{
	return (ModuleList){ .modules = gModules, .count = gCount };
}

void moduleUse(ModuleList list)
{
	gModules = list.modules;
	gCount = list.count;
}

/* No parser on board, as on the device. */
txScript* fxParseScript(txMachine* the, void* stream, txGetter getter, txUnsigned flags)
{
	(void)the;
	(void)stream;
	(void)getter;
	(void)flags;
	return NULL;
}
