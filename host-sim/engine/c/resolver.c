// SPDX-License-Identifier: Apache-2.0
// Name resolution over getaddrinfo, in a thread of its own so that the script is never held up. IPv4 only.

#define _GNU_SOURCE
#include "native.h"
#include "host.h"
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Query {
	Watch watch; /* first: the loop gives it back */
	xsMachine* the;
	xsSlot callback;
	int answer; /* the thread's end of the pipe */
	char host[256];
} Query;

static void* lookUp(void* argument)
{
	Query* query = argument;
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct addrinfo* list = NULL;
	char address[INET_ADDRSTRLEN] = "";
	if (!getaddrinfo(query->host, NULL, &hints, &list) && list) {
		inet_ntop(AF_INET, &((struct sockaddr_in*)list->ai_addr)->sin_addr, address, sizeof(address));
		freeaddrinfo(list);
	}
	int fd = query->answer;
	if (write(fd, address, sizeof(address)) < 0)
		abort();
	return NULL;
}

static void ready(Watch* watch)
{
	Query* query = (Query*)watch;
	char address[INET_ADDRSTRLEN] = "";
	if (read(watch->fd, address, sizeof(address)) < 0)
		address[0] = 0;
	watchRemove(watch);
	close(watch->fd);
	close(query->answer);
	xsBeginHost(query->the);
	xsmcVars(2);
	xsVar(0) = query->callback;
	xsForget(query->callback);
	if (address[0])
		xsmcSetString(xsVar(1), address);
	xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
	xsEndHost(query->the);
	free(query);
}

/* lookUp(host, callback): the callback gets an address, or undefined. */
static void resolverLookUp(xsMachine* the)
{
	Query* query = calloc(1, sizeof(Query));
	int ends[2];
	pthread_t thread;
	xsmcToStringBuffer(xsArg(0), query->host, sizeof(query->host));
	if (pipe2(ends, O_CLOEXEC))
		xsUnknownError("no pipe");
	query->watch = (Watch){ .fd = ends[0], .ready = ready };
	query->answer = ends[1];
	query->the = the;
	query->callback = xsArg(1);
	xsRemember(query->callback);
	watchAdd(&query->watch);
	if (pthread_create(&thread, NULL, lookUp, query))
		xsUnknownError("no thread");
	pthread_detach(thread);
}

void installResolver(xsMachine* machine)
{
	static const Native resolver[] = { { "lookUp", resolverLookUp, 2 }, { NULL, NULL, 0 } };
	installObject(machine, "resolver", resolver);
}
