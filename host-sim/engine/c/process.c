// SPDX-License-Identifier: Apache-2.0
// What a program on the desktop has beside the device's modules: arguments, standard streams, signals, an exit code.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

/* After SIGTERM the script has this long to say goodbye. */
static const double GOODBYE_MS = 1500;

static int gArgc;
static char** gArgv;

typedef struct Listener {
	Watch watch; /* first: the loop gives it back */
	xsMachine* the;
	xsSlot callback;
} Listener;

static void listenOn(xsMachine* the, int fd, int quiet, void (*ready)(Watch*))
{
	Listener* listener = calloc(1, sizeof(Listener));
	if (!xsmcIsCallable(xsArg(0)))
		xsTypeError("the callback is no function");
	listener->watch = (Watch){ .fd = fd, .quiet = quiet, .ready = ready };
	listener->the = the;
	listener->callback = xsArg(0);
	xsRemember(listener->callback);
	watchAdd(&listener->watch);
}

static void call(Listener* listener, const char* text)
{
	xsBeginHost(listener->the);
	xsmcVars(2);
	xsVar(0) = listener->callback;
	if (text)
		xsmcSetString(xsVar(1), (char*)text);
	xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
	xsEndHost(listener->the);
}

static void onInput(Watch* watch)
{
	static char line[4096];
	static size_t used;
	ssize_t count = read(watch->fd, line + used, sizeof(line) - 1 - used);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		watchRemove(watch);
		call((Listener*)watch, NULL); /* the end */
		return;
	}
	used += (size_t)count;
	line[used] = 0;
	for (;;) {
		char* end = memchr(line, '\n', used);
		if (!end && used < sizeof(line) - 1)
			return;
		if (!end) /* too long a line goes in pieces */
			end = line + used;
		size_t length = (size_t)(end - line);
		*end = 0;
		call((Listener*)watch, line);
		settle(((Listener*)watch)->the);
		used = used > length ? used - length - 1 : 0;
		memmove(line, end + 1, used);
	}
}

static void onSignal(Watch* watch)
{
	struct signalfd_siginfo info;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	watchRemove(watch); /* a second signal says nothing new */
	loopEndWithin(GOODBYE_MS);
	call((Listener*)watch, NULL);
}

/* onLine(callback): each line of stdin without its end, then undefined once at the end of input. */
static void processOnLine(xsMachine* the)
{
	listenOn(the, 0, 0, onInput);
}

/* onTerminate(callback): SIGTERM or SIGINT; the process then ends with 0, at the latest when the time is over. */
static void processOnTerminate(xsMachine* the)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	listenOn(the, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), 1, onSignal);
}

static void processPrint(xsMachine* the)
{
	fputs(xsmcToString(xsArg(0)), stdout);
	fputc('\n', stdout);
	fflush(stdout);
}

static void processLog(xsMachine* the)
{
	fputs(xsmcToString(xsArg(0)), stderr);
	fputc('\n', stderr);
}

static void processArguments(xsMachine* the)
{
	xsmcVars(1);
	xsmcSetNewArray(xsResult, 0);
	for (int i = 0; i < gArgc; i++) {
		xsmcSetString(xsVar(0), gArgv[i]);
		xsmcSetIndex(xsResult, (xsIndex)i, xsVar(0));
	}
}

static void processExit(xsMachine* the)
{
	int code = xsmcToInteger(xsArg(0));
	fflush(stdout);
	exit(code);
}

void installProcess(xsMachine* machine, int argc, char** argv)
{
	static const Native process[] = {
		{ "print", processPrint, 1 },
		{ "log", processLog, 1 },
		{ "arguments", processArguments, 0 },
		{ "onLine", processOnLine, 1 },
		{ "onTerminate", processOnTerminate, 1 },
		{ "exit", processExit, 1 },
		{ NULL, NULL, 0 },
	};
	gArgc = argc;
	gArgv = argv;
	installObject(machine, "process", process);
}
