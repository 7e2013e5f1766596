// SPDX-License-Identifier: Apache-2.0
// xs-host: makes the root, preloads it, shares and protects it, and runs one module in a clone of it.
//
//   xs-host [--arena BYTES] [--stack SLOTS] [--report] [board options] LIST MAIN [ARGUMENT...]
//
// Board options: --flash FILE (the journal's partition), --port PATH (leads to the console), --set NAME=VALUE (of
// mc/config), --hold (stops before the first instruction, until SIGCONT).
// LIST holds a line a module, `host|preload|load NAME FILE`: modules of the host, modules of the firmware, and modules
// that only the clone loads when something imports them.

#include "xsAll.h"
#include "host.h"
#include <signal.h>
#include <sys/prctl.h>

enum { ROOT_SIZE = 64 << 20, CLONE_SIZE = 256 << 20, NAME_MODULO = 127, SYMBOL_MODULO = 31 };

typedef struct Options {
	size_t arena; /* 0: as much as it needs */
	int stack;
	int report;
	const char* list;
	const char* main;
} Options;

static const char** gNames[2]; /* host, preload */
static size_t gCounts[2];

static void readList(const char* path)
{
	static const char* const kinds[] = { "host", "preload", "load" };
	FILE* file = fopen(path, "r");
	char kind[16], name[256], target[1024];
	if (!file)
		fatal(EXIT_USAGE, "cannot open %s", path);
	while (fscanf(file, "%15s %255s %1023[^\n]", kind, name, target) == 3) {
		char* copy = strdup(name);
		int i = 0;
		while (i < 3 && strcmp(kind, kinds[i]))
			i++;
		if (i == 3)
			fatal(EXIT_USAGE, "%s: unknown kind %s", path, kind);
		moduleAdd(copy, strdup(target));
		if (i < 2) {
			gNames[i] = realloc(gNames[i], (gCounts[i] + 1) * sizeof(char*));
			gNames[i][gCounts[i]++] = copy;
		}
	}
	fclose(file);
}

static void importAll(txMachine* the, int kind)
{
	for (size_t i = 0; i < gCounts[kind]; i++)
		import(the, gNames[kind][i]);
}

/* Chunk bytes, slots, stack slots, names: first size, and by how much it grows. */
static txCreation ample(int stack)
{
	return (txCreation){ 1 << 24, 1 << 22, 1 << 16, 1 << 14, stack, 2048, 512, NAME_MODULO, SYMBOL_MODULO, 0, 0, 0 };
}

/* A bounded heap grows in small steps, so that slots and chunks share what there is. */
static txCreation bounded(int stack)
{
	return (txCreation){ 256, 64, 32, 16, stack, 64, 32, NAME_MODULO, SYMBOL_MODULO, 0, 0, 0 };
}

static txMachine* makeRoot(int argc, char** argv)
{
	static Region region;
	txCreation creation = ample(4096);
	regionReserve(&region, ROOT_SIZE);
	gRegion = &region;
	txMachine* root = fxCreateMachine(&creation, "root", NULL, 0);
	if (!root)
		fatal(EXIT_ENGINE, "cannot make the root");
	rootWatch(root);
	rootMarkBuiltIns(root);
	openHost(root);
	installNatives(root);
	installUdp(root);
	installTcp(root);
	installSerial(root);
	installTimer(root);
	installPrimitives(root);
	installResolver(root);
	installProcess(root, argc, argv);
	installMeasure(root);
	installBoard(root);
	installFlash(root);
	importAll(root, 0);
	closeHost(root);
	importAll(root, 1);
	rootSeal(root, (size_t)getpagesize() / sizeof(txSlot*));
	rootProtect(root);
	return root;
}

static txMachine* makeClone(txMachine* root, const Options* options)
{
	static Region region;
	txCreation creation = options->arena ? bounded(options->stack) : ample(options->stack);
	regionReserve(&region, options->arena ? options->arena : CLONE_SIZE);
	gRegion = &region;
	txMachine* clone = fxCloneMachine(&creation, root, "clone", NULL);
	if (!clone)
		fatal(EXIT_MEMORY_FULL, "memory full: the clone does not start");
	rootWatch(clone);
	return clone;
}

/* The heap that the clone has taken, and the tables beside it, as one line of JSON on stderr. */
static void report(txMachine* the)
{
	size_t tables = sizeof(txMachine) + (size_t)(the->keyCount - the->keyOffset) * sizeof(txSlot*)
		+ (NAME_MODULO + SYMBOL_MODULO + rootAliasCount()) * sizeof(txSlot*);
	fprintf(stderr, "{\"slotBytes\":%zu,\"chunkBytes\":%d,\"tableBytes\":%zu}\n",
		(size_t)the->maximumHeapCount * sizeof(txSlot), (int)the->maximumChunksSize, tables);
}

static int readOptions(Options* options, int argc, char** argv)
{
	int i = 1;
	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--report"))
			options->report = 1;
		else if (!strcmp(argv[i], "--arena") && i + 1 < argc)
			options->arena = strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--stack") && i + 1 < argc)
			options->stack = atoi(argv[++i]);
		else {
			int words = boardOption(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			if (!words)
				fatal(EXIT_USAGE, "unknown option %s", argv[i]);
			i += words - 1;
		}
	}
	if (argc - i < 2)
		fatal(EXIT_USAGE, "usage: xs-host [--arena BYTES] [--stack SLOTS] [--report] LIST MAIN [ARGUMENT...]");
	options->list = argv[i];
	options->main = argv[i + 1];
	return i + 2;
}

int main(int argc, char** argv)
{
	Options options = { .stack = 4096 };
	int used = readOptions(&options, argc, argv);
	/* A simulated device does not outlive who started it; a board loses its power with it. */
	prctl(PR_SET_PDEATHSIG, boardFlash() ? SIGKILL : SIGTERM);
	boardStart(argv);
	readList(options.list);
	txMachine* root = makeRoot(argc - used, argv + used);
	txMachine* clone = makeClone(root, &options);
	if (boardFlash())
		boardRuns();
	import(clone, options.main);
	loopRun(clone);
	fxCheckUnhandledRejections(clone, 1);
	if (options.report)
		report(clone);
	fflush(stdout);
	return 0;
}
