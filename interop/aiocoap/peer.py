"""aiocoap under OSCORE, as a server and as a client, for our tests: the context's folder and the port are arguments.

One line of JSON on stdout says that it is ready. As a client it reads one request a line from stdin, as JSON, and
answers each by one line on stdout. It ends with its standard input.
"""

import asyncio
import json
import sys

import aiocoap
import aiocoap.resource
from aiocoap.credentials import CredentialsMap
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper

HOST = "127.0.0.1"


def say(line):
    print(json.dumps(line), flush=True)


class Value(aiocoap.resource.ObservableResource):
    """A value that can be read, written and observed; each write is a notification."""

    def __init__(self):
        super().__init__()
        self.value = b"hello"

    async def render_get(self, request):
        return aiocoap.Message(payload=self.value)

    async def render_put(self, request):
        self.value = request.payload
        self.updated_state()
        return aiocoap.Message(code=aiocoap.CHANGED)


class Count(aiocoap.resource.Resource):
    """Counts how often it was carried out."""

    count = 0

    async def render_post(self, request):
        self.count += 1
        return aiocoap.Message(code=aiocoap.CHANGED, payload=str(self.count).encode())


async def until_end_of_input():
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        pass


async def serve(folder, port):
    site = aiocoap.resource.Site()
    site.add_resource(["value"], Value())
    site.add_resource(["count"], Count())
    credentials = CredentialsMap()
    credentials.load_from_dict({":peer": {"oscore": {"basedir": folder}}})
    site = OscoreSiteWrapper(site, credentials)
    context = await aiocoap.Context.create_server_context(
        site, bind=(HOST, port), server_credentials=credentials, transports=["udp6"]
    )
    say({"ready": True, "port": port})
    await until_end_of_input()
    await context.shutdown()


async def ask(folder, port):
    context = await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
    base = f"coap://{HOST}:{port}"
    context.client_credentials.load_from_dict({f"{base}/*": {"oscore": {"basedir": folder}}})
    say({"ready": True})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted = json.loads(line)
        request = aiocoap.Message(
            code=getattr(aiocoap, wanted["method"]),
            uri=base + wanted["path"],
            payload=bytes.fromhex(wanted.get("payload", "")),
            observe=0 if wanted.get("observe") else None,
        )
        try:
            exchange = context.request(request)
            response = await asyncio.wait_for(exchange.response, 30)
            say({"code": int(response.code), "payload": response.payload.hex()})
            notifications = aiter(exchange.observation) if wanted.get("observe") else None
            for _ in range(wanted.get("observe", 0)):
                response = await asyncio.wait_for(anext(notifications), 30)
                say({"code": int(response.code), "payload": response.payload.hex()})
        except Exception as error:  # whatever it is, the test is to see it
            say({"error": repr(error)})
    await context.shutdown()


if __name__ == "__main__":
    role, context_folder, port_number = sys.argv[1:]
    asyncio.run({"server": serve, "client": ask}[role](context_folder, int(port_number)))
