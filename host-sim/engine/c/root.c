// SPDX-License-Identifier: Apache-2.0
// The shared root, made as read-only as flash. XS would answer a write to an object of the root with a copy in the
// clone (an alias); for the objects of our modules that would hide the fault. So their alias numbers are taken away:
// the write then goes to the protected memory itself, and the fault is reported with its place. The variables of
// modules keep a number, but in a part of the clone's alias table that is protected too: there XS has noted its place.

#define _GNU_SOURCE
#include "xsAll.h"
#include "host.h"
#include <signal.h>
#include <ucontext.h>

extern void fxGrowSlots(txMachine* the, txSize count);

enum { SPARE_SLOTS = 4096 };

#if UINTPTR_MAX > UINT32_MAX
enum { STACK_POINTER = REG_RSP, PROGRAM_COUNTER = REG_RIP };
#else
enum { STACK_POINTER = REG_ESP, PROGRAM_COUNTER = REG_EIP };
#endif

static uint8_t* gBuiltIn; /* one byte a slot of the region: 1 for the instances of a bare engine */
static Region* gRootRegion;
static Region gAliases;
static txID gFirstVariable;
static size_t gAliasCount;
static txMachine* gWatched;

static size_t slotIndex(const txSlot* slot)
{
	return (size_t)((const uint8_t*)slot - gRootRegion->base) / sizeof(txSlot);
}

static txSlot* heapNext(txSlot** heap, txSlot* slot)
{
	slot++;
	while (*heap && slot >= (*heap)->value.reference) {
		*heap = (*heap)->next;
		slot = *heap ? *heap + 1 : NULL;
	}
	return *heap ? slot : NULL;
}

static txSlot* heapFirst(txMachine* the, txSlot** heap)
{
	*heap = the->firstHeap;
	return *heap ? heapNext(heap, *heap) : NULL;
}

void rootMarkBuiltIns(txMachine* the)
{
	txSlot* heap;
	gRootRegion = the->region;
	gBuiltIn = calloc(gRootRegion->size / sizeof(txSlot) + 1, 1);
	fxCollectGarbage(the);
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot))
		if (slot->kind == XS_INSTANCE_KIND)
			gBuiltIn[slotIndex(slot)] = 1;
}

/* Values that a clone copies must not point at chunks: its collector would mark them. */
static void petrify(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND:
		slot->kind = XS_STRING_X_KIND;
		break;
	case XS_BIGINT_KIND:
		slot->kind = XS_BIGINT_X_KIND;
		break;
	case XS_KEY_KIND:
		slot->kind = XS_KEY_X_KIND;
		break;
	case XS_CODE_KIND:
		slot->kind = XS_CODE_X_KIND;
		break;
	case XS_ARRAY_KIND:
		if (slot->value.array.address) {
			txChunk* chunk = (txChunk*)((txByte*)slot->value.array.address - sizeof(txChunk));
			size_t count = (size_t)chunk->size / sizeof(txSlot);
			for (size_t i = 0; i < count && i < slot->value.array.length; i++)
				petrify(slot->value.array.address + i);
		}
		break;
	case XS_GLOBAL_KIND: {
		/* A cache that XS fills while it reads; it is the only thing that stays writable. */
		size_t size = (size_t)slot->value.table.length * sizeof(txSlot*);
		txSlot** table = malloc(size);
		memcpy(table, slot->value.table.address, size);
		slot->value.table.address = table;
		break;
	}
	default:
		break;
	}
}

/* XS refuses with a TypeError, which a script may catch, to write a property that has the collector's mark. */
static void unmarkProperties(txSlot* instance)
{
	for (txSlot* slot = instance->next; slot; slot = slot->next) {
		if (slot->kind == XS_PRIVATE_KIND)
			for (txSlot* each = slot->value.private.first; each; each = each->next)
				each->flag &= (txFlag)~XS_MARK_FLAG;
		else if (!(slot->flag & (XS_INTERNAL_FLAG | XS_DONT_SET_FLAG)))
			slot->flag &= (txFlag)~XS_MARK_FLAG;
	}
}

/* Numbers the aliases anew: built-ins first, which a clone may change, then from a new page on the variables. */
static void number(txMachine* the)
{
	const txID page = (txID)((size_t)getpagesize() / sizeof(txSlot*));
	txID count = 1;
	txSlot* heap;
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot)) {
		if (slot->kind == XS_INSTANCE_KIND) {
			slot->ID = slot->ID != XS_NO_ID && gBuiltIn[slotIndex(slot)] ? count++ : XS_NO_ID;
			if (!gBuiltIn[slotIndex(slot)])
				unmarkProperties(slot);
		}
		else if (slot->kind == XS_CLOSURE_KIND && slot->value.closure)
			slot->value.closure->flag |= XS_LEVEL_FLAG; /* not numbered yet */
	}
	gFirstVariable = count = (txID)((count + page - 1) / page * page);
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot)) {
		txSlot* variable = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : NULL;
		if (variable && variable->flag & XS_LEVEL_FLAG) {
			variable->flag &= (txFlag)~XS_LEVEL_FLAG;
			if (variable->ID != XS_NO_ID)
				variable->ID = count++;
		}
	}
	the->aliasCount = count;
}

void rootSeal(txMachine* the)
{
	txSlot* heap;
	/* fxShareMachine would not survive a collection while it lists the modules: give it slots enough. */
	fxGrowSlots(the, SPARE_SLOTS);
	fxShareMachine(the);
	gAliasCount = the->aliasCount;
	number(the);
	for (txSlot* slot = heapFirst(the, &heap); slot; slot = heapNext(&heap, slot))
		petrify(slot);
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++)
		petrify(slot);
	free(gBuiltIn);
	gBuiltIn = NULL;
	regionProtect(the->region);
}

size_t rootAliasCount(void)
{
	return gAliasCount;
}

/* The clone's alias table moves to memory whose latter part is read-only. */
static void protectVariables(txMachine* clone)
{
	regionReserve(&gAliases, (size_t)clone->aliasCount * sizeof(txSlot*));
	clone->aliasArray = (txSlot**)gAliases.base;
	Region variables = { .base = (uint8_t*)(clone->aliasArray + gFirstVariable) };
	variables.size = (size_t)(clone->aliasCount - gFirstVariable) * sizeof(txSlot*);
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
	if (!regionHolds(gRootRegion, info->si_addr) && !regionHolds(&gAliases, info->si_addr)) {
		fprintf(stderr, "the engine crashed (signal %d at %p)\n", number, info->si_addr);
		printFrames(gWatched, stderr);
		fflush(stderr);
		_exit(EXIT_ENGINE);
	}
	fprintf(stderr, "write to a preloaded object: it is read-only, as it is in flash on the device\n");
	const uint8_t* code = privateWrite(context);
	if (code)
		gWatched->code = (txByte*)code;
	printFrames(gWatched, stderr);
	fflush(stderr);
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
