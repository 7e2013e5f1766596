// SPDX-License-Identifier: Apache-2.0
// Calls into the script from outside, and what has to follow each of them.

#include "xsAll.h"
#include "engine.h"

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

/** After every call into the script: what it promised, and what its weak references leave behind. */
void settle(txMachine* the)
{
	do {
		while (the->promiseJobs) {
			the->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
		fxEndJob(the);
	} while (the->promiseJobs);
}

static void onImported(txMachine* the)
{
	(void)the;
}

static void onMainImported(txMachine* the)
{
	mxTry(the) {
		mxPushSlot(mxArgv(0));
		mxDub();
		mxGetID(mxID(_default));
		if (fxIsCallable(the, the->stack)) {
			mxCall();
			mxRunCount(0);
		}
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
}

static void onFailed(txMachine* the)
{
	mxPushSlot(mxArgv(0));
	mxPull(mxException);
	fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
}

/* An exception ends the machine. */
static void run(txMachine* the, const char* name, txCallback onFulfilled)
{
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		mxPushStringC((txString)name);
		fxRunImport(the, realm, XS_NO_ID);
		mxDub();
		mxGetID(mxID(_then));
		mxCall();
		fxNewHostFunction(the, onFulfilled, 1, XS_NO_ID, XS_NO_ID);
		fxNewHostFunction(the, onFailed, 1, XS_NO_ID, XS_NO_ID);
		mxRunCount(2);
		mxPop();
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	fxEndHost(the);
	settle(the);
}

void import(txMachine* the, const char* name)
{
	run(the, name, onImported);
}

void importAndCall(txMachine* the, const char* name)
{
	run(the, name, onMainImported);
}

void openHost(txMachine* the)
{
	fxBeginHost(the);
	fxNewInstance(the);
	mxPush(mxGlobal);
	mxSetID(fxID(the, "$host"));
	mxPop();
	fxEndHost(the);
}

void closeHost(txMachine* the)
{
	fxBeginHost(the);
	mxPush(mxGlobal);
	mxDeleteID(fxID(the, "$host"));
	mxPop();
	fxEndHost(the);
}
