// `pinhole nat`: the relay as a process, with words on stdin and answers on stdout.

import { lookup } from "node:dns/promises";
import { createInterface } from "node:readline";
import {
	announceReady,
	type Cli,
	choiceOption,
	createLogger,
	EXIT,
	Failure,
	type HostPort,
	numberOption,
	parseHostPort,
	runUntilStopped,
	textOption,
} from "../cli/shared.js";
import { type Dependence, defaultBehaviour, dependences, type NatBehaviour } from "./behaviour.js";
import { control } from "./control.js";
import { CaptureWriter } from "./pcap.js";
import { peerOf } from "./peer.js";
import { natProfiles, profileNames } from "./profiles.js";
import { Relay } from "./relay.js";
import { SeededRandom } from "./seeded-random.js";

type Options = Readonly<Record<string, unknown>>;

const TIMEOUT_MAX_SECONDS = 86_400;
const SEED_MAX = 0xffff_ffff;

/** Adds `pinhole nat`. */
export function registerNat(cli: Cli): void {
	const choices = dependences.join(", ");
	cli
		.command("nat", "Run a NAT between devices and a back end, on real UDP sockets")
		.option("--inside <HOST:PORT>", "Where devices send to, as if it were the back end; port 0 for any free one")
		.option("--outside <HOST>", "The address that the back end sees; each binding has its own port there")
		.option("--to <HOST:PORT>", "The back end")
		.option("--profile <NAME>", `A NAT as it is met: ${profileNames.join(", ")}; what else is given goes before it`)
		.option("--udp-timeout <SECONDS>", `Seconds without outbound traffic after which a binding dies (${seconds()})`)
		.option("--mapping <HOW>", `${choices} (${defaultBehaviour.mapping})`)
		.option("--filtering <HOW>", `${choices} (${defaultBehaviour.filtering})`)
		.option("--capture <FILE>", "Write both sides to a pcap file")
		.option("--seed <NUMBER>", "Repeat the ports and losses of another run")
		.option("--json", "Print the ready line as JSON")
		.example("  $ pinhole nat --inside 127.0.0.1:5783 --outside 127.0.0.1 --to 127.0.0.1:5683 --udp-timeout 30")
		.example("  then on stdin: rebind, reboot, drop 0.1, duplicate 0.1, delay 200, jitter 50, block, unblock, status")
		.action(run);
}

async function run(options: Options): Promise<number> {
	const seed =
		options.seed === undefined
			? Math.floor(Math.random() * SEED_MAX)
			: numberOption(options.seed, "--seed", 0, SEED_MAX);
	const insideAsked = parseHostPort(options.inside, "--inside");
	const toAsked = parseHostPort(options.to, "--to");
	const behaviour = behaviourOf(options);
	const outside = (await resolve({ host: textOption(options.outside, "--outside"), port: 0 })).host;
	const to = await resolve(toAsked);
	const capture = options.capture === undefined ? undefined : openCapture(options.capture);
	const log = createLogger("info");
	const inside = await resolve(insideAsked);
	const relay = await Relay.open({
		inside,
		outside,
		to,
		behaviour,
		random: new SeededRandom(seed),
		capture,
		log,
	}).catch((error: Error) => {
		throw new Failure(`An address cannot be used: ${error.message}.`, EXIT.usage);
	});
	log.info("nat", "seed", String(seed));

	const lines = createInterface({ input: process.stdin });
	lines.on("line", (line) => {
		if (line.trim() !== "") process.stdout.write(`${JSON.stringify(control(relay, line))}\n`);
	});
	const places = { inside: relay.inside, outside, to: peerOf(to.host, to.port) };
	announceReady(
		options.json === true,
		places,
		`NAT ready: devices send to ${places.inside}, the back end ${places.to} sees ports of ${outside}.`,
	);
	return runUntilStopped(async () => {
		lines.close();
		process.stdin.destroy();
		await relay.close();
		capture?.close();
	});
}

function behaviourOf(options: Options): NatBehaviour {
	const profile =
		options.profile === undefined
			? defaultBehaviour
			: natProfiles[choiceOption(options.profile, "--profile", profileNames)];
	const dependence = (name: "mapping" | "filtering"): Dependence =>
		options[name] === undefined ? profile[name] : choiceOption(options[name], `--${name}`, dependences);
	const behaviour = { ...profile, mapping: dependence("mapping"), filtering: dependence("filtering") };
	if (options.udpTimeout === undefined) return behaviour;
	const udpTimeoutMs = numberOption(options.udpTimeout, "--udp-timeout", 0.05, TIMEOUT_MAX_SECONDS) * 1000;
	// One time that is given is the time of all.
	return { ...behaviour, udpTimeoutMs, stream: undefined };
}

function seconds(): string {
	return String(defaultBehaviour.udpTimeoutMs / 1000);
}

/** The IPv4 address of a host: the filter compares addresses, not names. */
async function resolve({ host, port }: HostPort): Promise<HostPort> {
	try {
		return { host: (await lookup(host, { family: 4 })).address, port };
	} catch {
		throw new Failure(`There is no IPv4 address for ${host}.`, EXIT.usage);
	}
}

function openCapture(path: unknown): CaptureWriter {
	try {
		return new CaptureWriter(textOption(path, "--capture"));
	} catch (error) {
		throw new Failure(`The capture cannot be written: ${(error as Error).message}.`, EXIT.usage);
	}
}
