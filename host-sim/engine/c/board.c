// SPDX-License-Identifier: Apache-2.0
// The desktop as a board: what its image is, why it starts, the cable of its network, and its start anew after an abort
// or a restart. The process stays the same, so that files which are not closed on execution (the console's) outlive it.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Handed from one run of the board to the next. */
#define CABLE "PINHOLE_CABLE"

enum { SETTINGS = 8, TEXT_SIZE = 256, START_MS = 200 };

static const char* gFlash;
static const char* gPort;
static int gHold;
static int gRuns;
static const char* gSettings[SETTINGS];
static int gSettingCount;
static char** gArguments;
static char gReason[TEXT_SIZE] = "power-on";
static char gCause[TEXT_SIZE];

/* What the last run leaves for the next one: a reason and a cause, a line each. */
static const char* recordPath(void)
{
	static char path[4096];
	snprintf(path, sizeof(path), "%s.reset", gFlash);
	return path;
}

static void takeLine(char* into, FILE* file)
{
	if (fgets(into, TEXT_SIZE, file))
		into[strcspn(into, "\n")] = 0;
}

/* SIGUSR1: the cable of the network is pulled. SIGUSR2: it is plugged in. */
static void cableSignals(sigset_t* set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
}

/*
	Held until somebody listens: the first line of the console is not to be lost. A start anew is not held. The signal is
	blocked before the console can be found, so that it waits for us, should it come before we wait for it.
*/
static void openConsole(void)
{
	sigset_t go;
	int signal;
	sigemptyset(&go);
	sigaddset(&go, SIGCONT);
	sigprocmask(SIG_BLOCK, &go, NULL);
	if (gPort && serialOpen(gPort) && gHold)
		sigwait(&go, &signal);
	sigprocmask(SIG_UNBLOCK, &go, NULL);
}

void boardStart(char** arguments)
{
	sigset_t set;
	gArguments = arguments;
	/* An abort within a signal's handler has left them blocked. */
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigaddset(&set, SIGBUS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (!gFlash)
		return;
	/* They wait for whoever looks at the cable. */
	cableSignals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	openConsole();
	FILE* file = fopen(recordPath(), "r");
	if (!file)
		return;
	takeLine(gReason, file);
	takeLine(gCause, file);
	fclose(file);
	unlink(recordPath());
}

int boardOption(const char* name, const char* value)
{
	if (!strcmp(name, "--hold")) {
		gHold = 1;
		return 1;
	}
	if (!value)
		return 0;
	if (!strcmp(name, "--flash"))
		gFlash = value;
	else if (!strcmp(name, "--port"))
		gPort = value;
	else if (!strcmp(name, "--set") && gSettingCount < SETTINGS)
		gSettings[gSettingCount++] = value;
	else
		return 0;
	return 2;
}

const char* boardFlash(void)
{
	return gFlash;
}

static void startAnew(const char* reason, const char* cause)
{
	FILE* file = fopen(recordPath(), "w");
	if (file) {
		fprintf(file, "%s\n%.*s\n", reason, (int)strcspn(cause, "\n"), cause);
		fclose(file);
	}
	fflush(NULL);
	usleep(START_MS * 1000);
	execv("/proc/self/exe", gArguments);
}

void boardRuns(void)
{
	gRuns = 1;
}

void boardAborted(const char* cause)
{
	if (gRuns)
		startAnew("watchdog", cause);
}

static void boardRestart(xsMachine* the)
{
	if (!gFlash)
		xsUnknownError("no board to restart");
	startAnew("restart", "");
}

static void boardReason(xsMachine* the)
{
	xsmcSetString(xsResult, gReason);
}

static void boardCause(xsMachine* the)
{
	if (gCause[0])
		xsmcSetString(xsResult, gCause);
}

/* setting(name): the value of an option `--set NAME=VALUE`. */
static void boardSetting(xsMachine* the)
{
	const char* name = xsmcToString(xsArg(0));
	size_t length = strlen(name);
	for (int i = 0; i < gSettingCount; i++)
		if (!strncmp(gSettings[i], name, length) && gSettings[i][length] == '=') {
			xsmcSetString(xsResult, (char*)gSettings[i] + length + 1);
			return;
		}
}

typedef struct LinkWatch {
	Watch watch; /* first: the loop gives it back */
	xsMachine* the;
	xsSlot callback;
} LinkWatch;

static void onLinkSignal(Watch* watch)
{
	LinkWatch* link = (LinkWatch*)watch;
	struct signalfd_siginfo info;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	xsBeginHost(link->the);
	xsmcVars(2);
	xsVar(0) = link->callback;
	int plugged = info.ssi_signo == SIGUSR2;
	setenv(CABLE, plugged ? "in" : "out", 1);
	xsmcSetBoolean(xsVar(1), plugged);
	xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
	xsEndHost(link->the);
}

/* Whether the cable is in; a restart does not change that. */
static void boardIsPlugged(xsMachine* the)
{
	const char* cable = getenv(CABLE);
	xsmcSetBoolean(xsResult, !cable || strcmp(cable, "out"));
}

/* onLink(callback): the cable is pulled (false) or plugged in (true). */
static void boardOnLink(xsMachine* the)
{
	LinkWatch* link = calloc(1, sizeof(LinkWatch));
	sigset_t set;
	cableSignals(&set);
	link->watch = (Watch){ .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .quiet = 1, .ready = onLinkSignal };
	link->the = the;
	link->callback = xsArg(0);
	xsRemember(link->callback);
	watchAdd(&link->watch);
}

void installBoard(xsMachine* machine)
{
	static const Native board[] = {
		{ "restart", boardRestart, 0 },
		{ "reason", boardReason, 0 },
		{ "cause", boardCause, 0 },
		{ "setting", boardSetting, 1 },
		{ "isPlugged", boardIsPlugged, 0 },
		{ "onLink", boardOnLink, 1 },
		{ NULL, NULL, 0 },
	};
	installObject(machine, "board", board);
}
