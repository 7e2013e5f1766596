// SPDX-License-Identifier: Apache-2.0
// The list of sources, served in turn: the one just served goes to the end, so that none starves.

#include "net.h"
#include "source.h"
#include <stddef.h>

static Source* gSources;

void sourceAdd(Source* source)
{
	Source** link = &gSources;
	while (*link)
		link = &(*link)->next;
	source->next = NULL;
	*link = source;
}

void sourceRemove(Source* source)
{
	for (Source** link = &gSources; *link; link = &(*link)->next)
		if (*link == source) {
			*link = source->next;
			return;
		}
}

int netServe(void)
{
	for (Source* source = gSources; source; source = source->next)
		if (source->due) {
			sourceRemove(source);
			sourceAdd(source);
			source->serve(source);
			return 1;
		}
	return 0;
}
