// SPDX-License-Identifier: Apache-2.0
// A write to what is preloaded, reported with its place. The root's memory is protected by the processor. The
// variables of modules have alias numbers in a part of the clone's alias table that is protected too: there XS has
// noted its place.

#define _GNU_SOURCE
#include "xsAll.h"
#include "host.h"
#include <signal.h>
#include <ucontext.h>

#if UINTPTR_MAX > UINT32_MAX
enum { STACK_POINTER = REG_RSP, PROGRAM_COUNTER = REG_RIP };
#else
enum { STACK_POINTER = REG_ESP, PROGRAM_COUNTER = REG_EIP };
#endif

static const Region* gRootRegion;
static Region gAliases;
static txMachine* gWatched;

void rootProtect(txMachine* the)
{
	gRootRegion = the->region;
	regionProtect(gRootRegion);
}

/* The clone's alias table moves to memory whose latter part is read-only. */
static void protectVariables(txMachine* clone)
{
	regionReserve(&gAliases, (size_t)clone->aliasCount * sizeof(txSlot*));
	clone->aliasArray = (txSlot**)gAliases.base;
	Region variables = { .base = (uint8_t*)(clone->aliasArray + rootFirstVariable()) };
	variables.size = ((size_t)clone->aliasCount - rootFirstVariable()) * sizeof(txSlot*);
	if (variables.size)
		regionProtect(&variables);
}

static int followsPrivateWrite(const uint8_t* code)
{
	const Module* module = moduleAt(code);
	return module && code - 3 >= module->code
		&& (code[-2] == XS_CODE_SET_PRIVATE_1 || code[-3] == XS_CODE_SET_PRIVATE_2);
}

/*
 * XS does not note its place before it writes a private field. So when the interpreter itself faulted, and the place it
 * noted is in no register, the place is looked for in the registers and on the C stack.
 */
static const uint8_t* privateWrite(const ucontext_t* context)
{
	enum { STACK_WORDS = 512, INTERPRETER_LENGTH = 0x10000 };
	const greg_t* registers = context->uc_mcontext.gregs;
	const uintptr_t* stack = (const uintptr_t*)registers[STACK_POINTER];
	if ((uintptr_t)registers[PROGRAM_COUNTER] - (uintptr_t)fxRunID > INTERPRETER_LENGTH)
		return NULL;
	for (int i = 0; i < NGREG; i++)
		if (registers[i] == (greg_t)(uintptr_t)gWatched->code)
			return NULL;
	for (int i = 0; i < NGREG; i++)
		if (followsPrivateWrite((const uint8_t*)registers[i]))
			return (const uint8_t*)registers[i];
	for (int i = 0; i < STACK_WORDS; i++)
		if (followsPrivateWrite((const uint8_t*)stack[i]))
			return (const uint8_t*)stack[i];
	return NULL;
}

static void onFault(int number, siginfo_t* info, void* context)
{
	fflush(stdout);
	int ours = (gRootRegion && regionHolds(gRootRegion, info->si_addr)) || regionHolds(&gAliases, info->si_addr);
	if (!ours) {
		fprintf(stderr, "the engine crashed (signal %d at %p)\n", number, info->si_addr);
		printFrames(gWatched, stderr);
		fflush(stderr);
		boardAborted("the engine crashed");
		_exit(EXIT_ENGINE);
	}
	fprintf(stderr, "write to a preloaded object: it is read-only, as it is in flash on the device\n");
	const uint8_t* code = privateWrite(context);
	if (code)
		gWatched->code = (txByte*)code;
	printFrames(gWatched, stderr);
	fflush(stderr);
	boardAborted("write to a preloaded object");
	_exit(EXIT_READ_ONLY);
}

void rootWatch(txMachine* the)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction action = { .sa_sigaction = onFault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	gWatched = the;
	if (the->sharedMachine)
		protectVariables(the);
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}
