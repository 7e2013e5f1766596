// SPDX-License-Identifier: Apache-2.0
// Places: from a bytecode address to file and line, and from the machine's frames to a readable stack.
// The engine skips LINE and FILE codes, so it costs nothing to keep them; here they are read when something went wrong.

#include "xsAll.h"
#include "host.h"

/* More frames than this say nothing new. */
enum { FRAMES = 24 };

typedef struct Place {
	txID file;
	unsigned line;
} Place;

static size_t codeLength(const uint8_t* code)
{
	txS1 length = gxCodeSizes[*code];
	uint32_t more = 0;
	if (length > 0)
		return (size_t)length;
	if (length == 0)
		return 1 + sizeof(txID);
	memcpy(&more, code + 1, (size_t)-length);
	return (size_t)(1 - length) + more;
}

/* The size of the function body that follows this code, 0 if none does. */
static size_t bodyLength(const uint8_t* code)
{
	switch (*code) {
	case XS_CODE_CODE_ARCHIVE_1:
		return (size_t)(int8_t)code[1];
	case XS_CODE_CODE_ARCHIVE_2: {
		int16_t length;
		memcpy(&length, code + 1, sizeof(length));
		return (size_t)length;
	}
	case XS_CODE_CODE_ARCHIVE_4: {
		int32_t length;
		memcpy(&length, code + 1, sizeof(length));
		return (size_t)length;
	}
	default:
		return 0;
	}
}

/* Reads the last FILE and LINE before an address, leaving out the bodies of functions that do not contain it. */
static int placeOf(const uint8_t* address, Place* place)
{
	const Module* module = moduleAt(address);
	if (!module)
		return 0;
	*place = (Place){ 0 };
	for (const uint8_t* code = module->code; code < address;) {
		size_t body = bodyLength(code);
		if (*code == XS_CODE_FILE)
			memcpy(&place->file, code + 1, sizeof(txID));
		else if (*code == XS_CODE_LINE) {
			uint16_t line;
			memcpy(&line, code + 1, sizeof(line));
			place->line = line;
		}
		code += codeLength(code);
		if (code + body <= address)
			code += body;
	}
	return place->line != 0;
}

static const char* functionName(txMachine* the, const txSlot* frame)
{
	const txSlot* slot = frame + 3;
	if (slot->kind != XS_REFERENCE_KIND)
		return "";
	for (slot = slot->value.reference->next; slot; slot = slot->next)
		if (slot->ID == mxID(_name) && (slot->kind == XS_STRING_KIND || slot->kind == XS_STRING_X_KIND))
			return slot->value.string;
	return "";
}

void printFrames(txMachine* the, FILE* into)
{
	const uint8_t* code = (const uint8_t*)the->code;
	int count = 0;
	Place top;
	if (placeOf(code, &top) && (!the->frame || the->frame->flag & XS_C_FLAG))
		fprintf(into, " at (%s:%u)\n", fxGetKeyName(the, top.file), top.line);
	for (const txSlot* frame = the->frame; frame && frame->next; frame = frame->next) {
		if (++count > FRAMES) {
			fprintf(into, " ...\n");
			return;
		}
		const char* name = functionName(the, frame);
		Place place;
		if (!(frame->flag & XS_C_FLAG) && placeOf(code, &place))
			fprintf(into, " at %s%s(%s:%u)\n", name, *name ? " " : "", fxGetKeyName(the, place.file), place.line);
		else if (*name)
			fprintf(into, " at %s ()\n", name);
		code = (const uint8_t*)frame->value.frame.code;
	}
}

/* Linked in front of the engine's own (ld --wrap): notes each frame's place where a debug engine notes it. */
void __real_fxCaptureErrorStack(txMachine* the, txSlot* internal, txSlot* frame);

void __wrap_fxCaptureErrorStack(txMachine* the, txSlot* internal, txSlot* top)
{
	const uint8_t* code = (const uint8_t*)the->code;
	for (txSlot* frame = the->frame; frame && frame->next; frame = frame->next) {
		Place place;
		if (!(frame->flag & XS_C_FLAG) && placeOf(code, &place)) {
			txSlot* environment = mxFrameToEnvironment(frame);
			environment->ID = place.file;
			environment->value.environment.line = (txInteger)place.line;
		}
		code = (const uint8_t*)frame->value.frame.code;
	}
	__real_fxCaptureErrorStack(the, internal, top);
}
