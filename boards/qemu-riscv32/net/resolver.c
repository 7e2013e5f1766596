// SPDX-License-Identifier: Apache-2.0
// Name resolution over lwIP's DNS, with the servers that DHCP named. IPv4 only.

#include "natives.h"
#include "source.h"
#include "lwip/dns.h"
#include <stdlib.h>

typedef struct Query {
	Source source; /* first: netServe gives it back */
	xsMachine* the;
	xsSlot callback;
	int found;
	ip_addr_t address;
} Query;

static void serve(Source* source)
{
	Query* query = (Query*)source;
	char text[IPADDR_STRLEN_MAX];
	sourceRemove(source);
	xsBeginHost(query->the);
	xsmcVars(2);
	xsVar(0) = query->callback;
	xsForget(query->callback);
	if (query->found) {
		ipaddr_ntoa_r(&query->address, text, sizeof(text));
		xsmcSetString(xsVar(1), text);
	}
	xsCallFunction1(xsVar(0), xsGlobal, xsVar(1));
	xsEndHost(query->the);
	free(query);
}

static void answered(const char* name, const ip_addr_t* address, void* context)
{
	Query* query = context;
	query->source.due = 1;
	query->found = address != NULL;
	if (address)
		query->address = *address;
}

/* lookUp(host, callback): the callback gets an address, or undefined. */
static void resolverLookUp(xsMachine* the)
{
	char host[DNS_MAX_NAME_LENGTH];
	ip_addr_t address;
	xsmcToStringBuffer(xsArg(0), host, sizeof(host));
	Query* query = calloc(1, sizeof(Query));
	if (!query)
		xsUnknownError("no memory for a query");
	query->source.serve = serve;
	query->the = the;
	query->callback = xsArg(1);
	xsRemember(query->callback);
	sourceAdd(&query->source);
	err_t error = dns_gethostbyname(host, &address, answered, query);
	if (error != ERR_INPROGRESS)
		answered(host, error == ERR_OK ? &address : NULL, query);
}

void installResolver(xsMachine* machine)
{
	static const Native resolver[] = { { "lookUp", resolverLookUp, 2 }, { NULL, NULL, 0 } };
	xsBeginHost(machine);
	installObject(the, "resolver", resolver);
	xsEndHost(machine);
}
