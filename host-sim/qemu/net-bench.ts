// Virtual boards behind our NAT with a back end that echoes, for tests of what is below the firmware.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../cli/shared.js";
import { defaultBehaviour } from "../nat/behaviour.js";
import { EthernetNat } from "../nat/ethernet.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { DriverBench } from "./driver-bench.js";

/** Our back end, as the boards see it. */
export const BACKEND = "198.51.100.1";

/** The hardware address of the first board. */
export const HARDWARE = "525400000001";

/** A NAT, a back end and the boards of one test. */
export interface NetBench {
	readonly nat: EthernetNat;
	/** Where the back end echoes datagrams, and streams. */
	readonly udpPort: number;
	readonly tcpPort: number;
	/** Outside ports at which the back end saw datagrams, in order. */
	readonly seen: number[];
	/** A file of this bench. */
	file(name: string): string;
	/** Powers a board on; its flash has this name. */
	board(name?: string): Promise<DriverBench>;
}

/** Runs a body with a NAT and a back end, and ends everything that was started. */
export async function netBench(
	buildImage: () => Promise<string>,
	body: (bench: NetBench) => Promise<void>,
): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-net-"));
	const file = (name: string) => join(folder, name);
	const image = await buildImage();
	const boards: DriverBench[] = [];
	const seen: number[] = [];
	const [udp, tcp] = await Promise.all([openUdp(seen), openTcp()]);
	const nat = await EthernetNat.open({
		behaviour: defaultBehaviour,
		random: new SeededRandom(1),
		names: { "backend.test": "127.0.0.1" },
		captureInside: file("inside.pcap"),
		captureOutside: file("outside.pcap"),
		log: createLogger("error"),
	});
	const board = async (name = "flash") => {
		const mac = `52:54:00:00:00:0${boards.length + 1}`; // HARDWARE is the first
		const started = await DriverBench.start({ image, flash: file(name), network: nat.port, mac });
		boards.push(started);
		return started;
	};
	const tcpPort = (tcp.address() as AddressInfo).port;
	try {
		await body({ nat, udpPort: udp.address().port, tcpPort, seen, file, board });
	} finally {
		await Promise.all(boards.map((each) => each.stop()));
		await nat.close();
		udp.close();
		tcp.close();
		rmSync(folder, { recursive: true });
	}
}

async function openUdp(seen: number[]): Promise<Socket> {
	const socket = createSocket("udp4");
	socket.on("message", (bytes, from) => {
		seen.push(from.port);
		socket.send(bytes, from.port, from.address);
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	return socket;
}

async function openTcp(): Promise<Server> {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.pipe(socket);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return server;
}
