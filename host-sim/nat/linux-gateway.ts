// A real NAT for tests: three network namespaces, device - gateway - back end, with Linux masquerading in the middle.
// Nothing leaves them: they have no route to anywhere else.

import { execFileSync } from "node:child_process";

const DEVICE = "10.77.0.2";
const GATEWAY_INSIDE = "10.77.0.1";
const GATEWAY_OUTSIDE = "198.51.100.1";
/** The back end's address in the public network of the test (RFC 5737). */
export const BACKEND_ADDRESS = "198.51.100.2";
/** Names of the gateway's two interfaces, the ends of whose cables lie in the other namespaces. */
const INSIDE = "inside";
const OUTSIDE = "outside";
const UPLINK = "uplink";

/** Idle times of the kernel's connection tracking, in seconds (nf_conntrack-sysctl). */
export interface TrackingTimes {
	/** A flow that nobody answered, or that is younger than two seconds. */
	readonly udp: number;
	/** A flow that was answered, and spoke again after two seconds; as `udp` when it is not given. */
	readonly stream?: number;
	/** An established connection; the kernel's five days when it is not given. */
	readonly tcp?: number;
}

/** What the kernel counted on its way through the gateway, whole IPv4 packets. */
export interface Passed {
	readonly packets: number;
	readonly bytes: number;
}

/** How the gateway's counters are called, by direction. */
const COUNTERS = Object.freeze({ up: `oifname "${OUTSIDE}"`, down: `iifname "${OUTSIDE}"` });

let count = 0;

function run(program: string, ...argv: readonly string[]): void {
	execFileSync(program, argv, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Why this machine cannot have such a gateway; undefined when it can. */
export function whyNoGateway(): string | undefined {
	if (process.platform !== "linux") return "network namespaces are Linux's";
	if (process.getuid?.() !== 0) return "network namespaces need root";
	let gateway: LinuxGateway | undefined;
	try {
		removeOrphans();
		gateway = new LinuxGateway(30);
		return undefined;
	} catch (error) {
		return `no namespace with masquerading here: ${(error as Error).message.trim().split("\n").join(" ")}`;
	} finally {
		gateway?.close();
	}
}

/** Removes what a test left that was killed before its end: its process is gone, its namespaces are not. */
function removeOrphans(): void {
	const names = execFileSync("ip", ["netns", "list"], { encoding: "utf8" }).matchAll(/^pinhole-(\d+)-\S+/gm);
	for (const [name, pid] of names) {
		try {
			process.kill(Number(pid), 0);
		} catch {
			run("ip", "netns", "delete", name);
		}
	}
}

/** Namespaces with names of their own; `close` removes them in any case. */
export class LinuxGateway {
	readonly #name = `pinhole-${process.pid}-${++count}`;
	readonly #times: TrackingTimes;
	readonly #namespaces: string[] = [];
	#gateway: string;

	/** A number is the time of all UDP. Throws where the machine does not allow it; what was made before is removed. */
	constructor(times: TrackingTimes | number) {
		this.#times = typeof times === "number" ? { udp: times } : times;
		try {
			for (const name of [this.#device, this.#backend]) this.#add(name);
			this.#gateway = this.#addGateway();
			this.#cable(this.#device, INSIDE, `${DEVICE}/24`);
			this.#cable(this.#backend, OUTSIDE, `${BACKEND_ADDRESS}/24`);
			this.#configure();
			run("ip", "-n", this.#device, "route", "add", "default", "via", GATEWAY_INSIDE);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** What a command line on the device's side begins with. */
	get onDevice(): readonly string[] {
		return ["ip", "netns", "exec", this.#device];
	}

	/** What a command line on the back end's side begins with. */
	get onBackend(): readonly string[] {
		return ["ip", "netns", "exec", this.#backend];
	}

	/** The cables go into another gateway that remembers nothing; device and back end see no change of their links. */
	forget(): void {
		const old = this.#gateway;
		this.#gateway = this.#addGateway();
		for (const cable of [INSIDE, OUTSIDE]) run("ip", "-n", old, "link", "set", cable, "netns", this.#gateway);
		this.#configure();
	}

	/** All that went to the back end since the gateway was made, and all that came from there. */
	passed(): Readonly<Record<keyof typeof COUNTERS, Passed>> {
		const json = execFileSync("ip", ["netns", "exec", this.#gateway, "nft", "-j", "list", "counters"]);
		const entries: { counter?: Passed & { name: string } }[] = JSON.parse(json.toString()).nftables;
		const of = (name: string): Passed => {
			const { packets, bytes } = entries.find(({ counter }) => counter?.name === name)!.counter!;
			return { packets, bytes };
		};
		return { up: of("up"), down: of("down") };
	}

	close(): void {
		for (const name of this.#namespaces.splice(0)) {
			try {
				run("ip", "netns", "delete", name);
			} catch {
				// It was never made, or is gone already.
			}
		}
	}

	get #device(): string {
		return `${this.#name}-device`;
	}

	get #backend(): string {
		return `${this.#name}-backend`;
	}

	#add(name: string): void {
		this.#namespaces.push(name);
		run("ip", "netns", "add", name);
		run("ip", "-n", name, "link", "set", "lo", "up");
	}

	#addGateway(): string {
		const name = `${this.#name}-gateway-${this.#namespaces.length}`;
		this.#add(name);
		return name;
	}

	/** A cable between the gateway's interface and the only one of another namespace. */
	#cable(namespace: string, at: string, address: string): void {
		const ends = ["type", "veth", "peer", "name", UPLINK, "netns", namespace];
		run("ip", "-n", this.#gateway, "link", "add", at, ...ends);
		run("ip", "-n", namespace, "address", "add", address, "dev", UPLINK);
		run("ip", "-n", namespace, "link", "set", UPLINK, "up");
	}

	#configure(): void {
		const gateway = this.#gateway;
		for (const [at, address] of [
			[INSIDE, GATEWAY_INSIDE],
			[OUTSIDE, GATEWAY_OUTSIDE],
		] as const) {
			run("ip", "-n", gateway, "address", "add", `${address}/24`, "dev", at);
			run("ip", "-n", gateway, "link", "set", at, "up");
		}
		const inGateway = ["netns", "exec", gateway];
		const { udp, stream = udp, tcp } = this.#times;
		run("ip", ...inGateway, "nft", ruleset());
		for (const setting of [
			"net.ipv4.ip_forward=1",
			`net.netfilter.nf_conntrack_udp_timeout=${udp}`,
			`net.netfilter.nf_conntrack_udp_timeout_stream=${stream}`,
			...(tcp === undefined ? [] : [`net.netfilter.nf_conntrack_tcp_timeout_established=${tcp}`]),
		]) {
			run("ip", ...inGateway, "sysctl", "-q", "-w", setting);
		}
	}
}

/** Masquerading with another port each time, and two counters beside it. */
function ruleset(): string {
	const rules = [
		"add table ip nat",
		"add chain ip nat out { type nat hook postrouting priority 100 ; }",
		`add rule ip nat out oifname "${OUTSIDE}" masquerade fully-random`,
		"add table ip traffic",
		"add chain ip traffic through { type filter hook forward priority 0 ; }",
	];
	for (const [name, where] of Object.entries(COUNTERS)) {
		rules.push(`add counter ip traffic ${name}`, `add rule ip traffic through ${where} counter name ${name}`);
	}
	return rules.join(" ; ");
}
