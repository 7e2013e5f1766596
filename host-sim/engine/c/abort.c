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

/* The end: of the process, or of this run where the desktop is a board. */
static void __attribute__((noreturn)) end(int code, const char* cause)
{
	boardAborted(cause);
	exit(code);
}

/* Prints what was thrown, and ends; its own conversion to text may throw again. */
static void __attribute__((noreturn)) endByException(txMachine* the, int code, const char* title)
{
	static char cause[256];
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
		snprintf(cause, sizeof(cause), "%s: %s", title, fxToString(the, the->stack));
		fprintf(stderr, "%s: %s\n", title, fxToString(the, the->stack));
		mxPop();
	}
	mxCatch(the) {
		snprintf(cause, sizeof(cause), "%s: something without a text", title);
		fprintf(stderr, "%s\n", cause);
	}
	fxEndHost(the);
	end(code, cause);
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
		endByException(the, EXIT_EXCEPTION, "unhandled exception");
	case XS_UNHANDLED_REJECTION_EXIT:
		endByException(the, EXIT_REJECTION, "unhandled rejection");
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		fprintf(stderr, "memory full\n");
		printFrames(the, stderr);
		end(EXIT_MEMORY_FULL, "memory full");
	case XS_STACK_OVERFLOW_EXIT:
		fprintf(stderr, "stack overflow\n");
		printFrames(the, stderr);
		end(EXIT_STACK_OVERFLOW, "stack overflow");
	case XS_NO_MORE_KEYS_EXIT:
		fprintf(stderr, "no more names\n");
		end(EXIT_KEYS_FULL, "no more names");
	default:
		fprintf(stderr, "the engine gave up (%d)\n", status);
		printFrames(the, stderr);
		end(EXIT_ENGINE, "the engine gave up");
	}
}
