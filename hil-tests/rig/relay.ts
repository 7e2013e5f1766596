// The relay of UDP datagrams as the NAT in front of one board, with its capture.

import { join } from "node:path";
import { type Logger, parseHostPort } from "../../host-sim/cli/shared.js";
import { defaultBehaviour } from "../../host-sim/nat/behaviour.js";
import { CaptureWriter } from "../../host-sim/nat/pcap.js";
import { Relay } from "../../host-sim/nat/relay.js";
import { SeededRandom } from "../../host-sim/nat/seeded-random.js";
import type { MachinePlace } from "./machine.js";

/** A relay at the address of the back end, which is one that the board reaches. */
export async function openRelay(
	place: MachinePlace,
	log: Logger,
): Promise<{ readonly nat: Relay; readonly capture: string; readonly close: () => Promise<void> }> {
	const to = parseHostPort(place.backend, "the back end");
	const path = join(place.folder, `link-${place.number}.pcap`);
	const capture = new CaptureWriter(path);
	const nat = await Relay.open({
		inside: { host: to.host, port: 0 },
		outside: to.host,
		to,
		behaviour: { ...defaultBehaviour, udpTimeoutMs: place.bindingLifetimeMs },
		random: new SeededRandom(place.seed),
		capture,
		log,
	});
	const close = async () => {
		await nat.close();
		capture.close();
	};
	return { nat, capture: path, close };
}
