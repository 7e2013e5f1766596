// SPDX-License-Identifier: Apache-2.0
// xs-compile: modules of JavaScript to bytecode files, with the parser of the XS sources.
//
//   xs-compile [--lines] (SOURCE NAME OUTPUT)...
//
// With --lines the bytecode says for each statement where it comes from: the line of NAME, or of the file that the
// source map names. The XS headers are LGPL-3.0-or-later (see NOTICE).

#include "xsScript.h"

static int gFailed;

void fxAbort(void* console, int status)
{
	(void)console;
	fprintf(stderr, "the compiler gave up (%d)\n", status);
	exit(1);
}

txID fxGenerateProfileID(void* console)
{
	(void)console;
	return 0;
}

void fxGenerateTag(void* console, txString buffer, txInteger size, txString path)
{
	(void)console;
	snprintf(buffer, (size_t)size, "%s", path ? path : "");
}

void fxVReport(void* console, txString format, c_va_list arguments)
{
	(void)console;
	vfprintf(stderr, format, arguments);
}

static void say(txString path, txInteger line, const char* kind, txString format, c_va_list arguments)
{
	fprintf(stderr, "%s:%d: %s: ", path ? path : "?", line, kind);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void fxVReportError(void* console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	gFailed = 1;
	say(path, line, "error", format, arguments);
}

void fxVReportWarning(void* console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	say(path, line, "warning", format, arguments);
}

static FILE* openBeside(const char* source, const char* name)
{
	char path[C_PATH_MAX];
	const char* slash = strrchr(source, '/');
	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash + 1 - source) : 0, source, name);
	return fopen(path, "r");
}

static txScript* parse(const char* source, const char* name, int lines)
{
	txParser parser;
	txParserJump jump;
	txScript* volatile script = NULL;
	FILE* file = fopen(source, "r");
	if (!file) {
		fprintf(stderr, "cannot open %s\n", source);
		return NULL;
	}
	fxInitializeParser(&parser, NULL, 1 << 20, 1993);
	parser.firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		txString map = NULL;
		txUnsigned flags = mxStrictFlag | (lines ? mxDebugFlag : 0);
		parser.path = fxNewParserSymbol(&parser, (txString)name);
		fxParserTree(&parser, file, (txGetter)fgetc, flags, &map);
		FILE* mapFile = map ? openBeside(source, map) : NULL;
		if (mapFile) {
			fxParserSourceMap(&parser, mapFile, (txGetter)fgetc, flags, &map);
			fclose(mapFile);
			parser.path = fxNewParserSymbol(&parser, map);
		}
		parser.source = parser.path;
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	if (parser.errorCount)
		script = NULL;
	fclose(file);
	fxTerminateParser(&parser);
	return script;
}

static void atom(FILE* file, const char* name, const void* data, size_t size)
{
	size_t total = size + 8;
	uint8_t header[] = { (uint8_t)(total >> 24), (uint8_t)(total >> 16), (uint8_t)(total >> 8), (uint8_t)total };
	fwrite(header, 1, 4, file);
	fwrite(name, 1, 4, file);
	fwrite(data, 1, size, file);
}

static int save(const char* path, const txScript* script)
{
	static const uint8_t version[] = { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, sizeof(txID) };
	FILE* file = fopen(path, "wb");
	if (!file)
		return 0;
	uint32_t total = 8 + 8 + sizeof(version) + 8 + (uint32_t)script->symbolsSize + 8 + (uint32_t)script->codeSize;
	uint8_t header[] = { (uint8_t)(total >> 24), (uint8_t)(total >> 16), (uint8_t)(total >> 8), (uint8_t)total };
	fwrite(header, 1, 4, file);
	fwrite("XS_B", 1, 4, file);
	atom(file, "VERS", version, sizeof(version));
	atom(file, "SYMB", script->symbolsBuffer, (size_t)script->symbolsSize);
	atom(file, "CODE", script->codeBuffer, (size_t)script->codeSize);
	return fclose(file) == 0;
}

int main(int argc, char** argv)
{
	int i = 1, lines = 0;
	if (i < argc && !strcmp(argv[i], "--lines"))
		lines = i++;
	for (; i + 2 < argc; i += 3) {
		txScript* script = parse(argv[i], argv[i + 1], lines);
		if (!script || !save(argv[i + 2], script))
			gFailed = 1;
		else
			fxDeleteScript(script);
	}
	return gFailed;
}
