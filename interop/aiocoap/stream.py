"""aiocoap's server over TCP and WebSocket, for our tests: the transport and the port are arguments.

One line of JSON on stdout says that it is ready. It ends with its standard input.
"""

import asyncio
import json
import sys

import aiocoap
from peer import Value, until_end_of_input

HOST = "127.0.0.1"


async def serve(transport, port):
    site = aiocoap.resource.Site()
    site.add_resource(["value"], Value())
    context = await aiocoap.Context.create_server_context(site, bind=(HOST, port), transports=[transport])
    print(json.dumps({"ready": True}), flush=True)
    await until_end_of_input()
    await context.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
