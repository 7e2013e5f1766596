// suite: real-network serial limit=180
// Our CoAP in both roles with libcoap and npm coap: ETSI's TD_COAP cases, as far as our Endpoint reaches.

import { suite } from "#suite";
import { orNotYet } from "./cases/case.js";
import { LIBCOAP_CASES, NPM_CASES } from "./coap/client-cases.js";
import type { ForeignClient, ForeignServer } from "./coap/foreign.js";
import { libcoapClient, missingLibcoap, startLibcoapServer } from "./coap/libcoap.js";
import { npmClient, startNpmServer } from "./coap/npm-coap.js";
import { CoapPeer } from "./coap/peer.js";
import { TestServer } from "./coap/resources.js";
import { SERVER_CASES } from "./coap/server-cases.js";

const libcoapProblem = missingLibcoap();

defineServer("libcoap's client", libcoapClient, libcoapProblem);
defineServer("npm coap's client", npmClient, undefined);
defineClient("libcoap's server", () => startLibcoapServer(), LIBCOAP_CASES, libcoapProblem);
defineClient("npm coap's server", startNpmServer, NPM_CASES, undefined);

/** Our server for a foreign client; each case has a server of its own. */
function defineServer(name: string, client: ForeignClient, problem: string | undefined): void {
	define(name, SERVER_CASES, problem, async (run) => {
		const server = new TestServer();
		const peer = await CoapPeer.open(server.serve);
		await run({ client, server, peer }).finally(() => peer.close());
	});
}

/** Our client for a foreign server; each case has a client of its own. */
function defineClient(
	name: string,
	start: () => Promise<ForeignServer>,
	cases: typeof NPM_CASES,
	problem: string | undefined,
): void {
	let server: ForeignServer | undefined;
	define(
		name,
		cases,
		problem,
		async (run) => {
			const peer = await CoapPeer.open();
			await run({ peer, server: server! }).finally(() => peer.close());
		},
		async () => {
			server = await start();
		},
		async () => server?.close(),
	);
}

function define<Run>(
	name: string,
	cases: readonly (readonly [id: string, title: string, run: Run])[],
	problem: string | undefined,
	carryOut: (run: Run) => Promise<void>,
	before = async (): Promise<void> => {},
	after = async (): Promise<void> => {},
): void {
	const suiteName = `interop/coap: ${name}`;
	const test = suite(suiteName);
	if (problem !== undefined) test.skip("every case", problem);
	else {
		for (const [id, title, run] of cases) {
			const full = `${id} ${title}`;
			test(full, () => orNotYet(`${suiteName} > ${full}`, () => carryOut(run)));
		}
	}
	test.before(async () => (problem === undefined ? before() : undefined));
	test.after(after);
	test.run();
}
