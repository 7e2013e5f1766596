// SPDX-License-Identifier: Apache-2.0
// Every end that a script cannot catch: a message on stderr with its place, and an exit code of its own.

#include "xsAll.h"
#include "host.h"

void fatal(int code, const char* format, ...)
{
	va_list arguments;
	fflush(stdout);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(code);
}

/* Prints what was thrown; its own conversion to text may throw again. */
static void printException(txMachine* the, const char* title)
{
	fflush(stdout);
	fxBeginHost(the);
	mxTry(the) {
		mxPush(mxException);
		mxException = mxUndefined;
		if (mxIsReference(the->stack) && the->stack->value.reference->next
			&& the->stack->value.reference->next->kind == XS_ERROR_KIND) {
			mxDub();
			mxGetID(mxID(_stack));
		}
		fprintf(stderr, "%s: %s\n", title, fxToString(the, the->stack));
		mxPop();
	}
	mxCatch(the) {
		fprintf(stderr, "%s: something without a text\n", title);
	}
	fxEndHost(the);
}

void fxAbort(txMachine* the, int status)
{
	static int aborting;
	if (aborting++)
		exit(EXIT_ENGINE);
	if (status == XS_UNHANDLED_EXCEPTION_EXIT && the->firstJump && the->firstJump->stack) {
		/* The registers are still those of the thrower. */
		the->stack = the->firstJump->stack;
		the->scope = the->firstJump->scope;
		the->frame = the->firstJump->frame;
		the->code = the->firstJump->code;
	}
	switch (status) {
	case XS_UNHANDLED_EXCEPTION_EXIT:
		printException(the, "unhandled exception");
		exit(EXIT_EXCEPTION);
	case XS_UNHANDLED_REJECTION_EXIT:
		printException(the, "unhandled rejection");
		exit(EXIT_REJECTION);
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		fprintf(stderr, "memory full\n");
		printFrames(the, stderr);
		exit(EXIT_MEMORY_FULL);
	case XS_STACK_OVERFLOW_EXIT:
		fprintf(stderr, "stack overflow\n");
		printFrames(the, stderr);
		exit(EXIT_STACK_OVERFLOW);
	case XS_NO_MORE_KEYS_EXIT:
		fprintf(stderr, "no more names\n");
		exit(EXIT_KEYS_FULL);
	default:
		fprintf(stderr, "the engine gave up (%d)\n", status);
		printFrames(the, stderr);
		exit(EXIT_ENGINE);
	}
}
