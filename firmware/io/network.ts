// The board's network, Wi-Fi or Ethernet alike: seeks it, holds it, seeks it anew for ever, and says which one it is.

import { backOffMs } from "../back-off.js";
import type { Random } from "../contract.js";
import { connection, networkTimes } from "./constants.js";
import type { NetworkInterface, NetworkInterfaceConstructor, TimerId, TimerModule } from "./ecma-419.js";

/** What an access point wants to know; nothing for Ethernet. */
export interface NetworkCredentials {
	readonly ssid: string;
	/** "" for an open network. */
	readonly password: string;
}

export interface NetworkOptions {
	readonly interface: { readonly io: NetworkInterfaceConstructor; readonly kind: "ethernet" | "wifi" };
	readonly timer: TimerModule;
	readonly random: Random;
	/** The network by name, whenever it is another one; undefined: there is none. */
	readonly onLabel: (label: string | undefined) => void;
}

/** For people: how the board is connected. */
export interface NetworkStatus {
	readonly kind: "ethernet" | "wifi";
	readonly state: "off" | "connecting" | "up" | "waiting";
	readonly label: string | undefined;
	readonly address: string | undefined;
	readonly mac: string | undefined;
	readonly ssid: string | undefined;
	readonly rssi: number | undefined;
	/** Links that were lost since the start. */
	readonly lossCount: number;
}

export class Network {
	readonly #options: NetworkOptions;
	readonly #interface: NetworkInterface;
	#state: NetworkStatus["state"] = "off";
	#credentials: NetworkCredentials | undefined;
	#label: string | undefined;
	#timer: TimerId | undefined;
	#failureCount = 0;
	#lossCount = 0;

	/** Throws when the board has no such interface. */
	constructor(options: NetworkOptions) {
		const network = this;
		this.#options = options;
		this.#interface = new options.interface.io({
			onChanged(): void {
				network.handleChanged();
			},
		});
	}

	/** Undefined: no network. */
	get label(): string | undefined {
		return this.#label;
	}

	get status(): NetworkStatus {
		// A radio that is not connected may have no answer to the rest.
		const link = this.#label === undefined ? undefined : this.#interface;
		return {
			kind: this.#options.interface.kind,
			state: this.#state,
			label: this.#label,
			address: link?.address,
			mac: this.#interface.MAC,
			ssid: link?.SSID,
			rssi: link?.RSSI,
			lossCount: this.#lossCount,
		};
	}

	/** Seeks the network until `stop`, or another one than before. */
	start(credentials: NetworkCredentials | undefined): void {
		this.stop();
		this.#credentials = credentials;
		this.#failureCount = 0;
		this.connect();
	}

	/** Leaves the network. */
	stop(): void {
		this.disarm();
		this.#state = "off";
		this.disconnect();
		this.tell(undefined);
	}

	private handleChanged(): void {
		if (this.#state === "off") return;
		const label = this.currentLabel();
		if (label !== undefined) this.handleUp(label);
		else if (this.#state === "up") this.handleLost();
		else if (this.#state === "connecting" && this.#interface.connection <= connection.disconnected) this.handleFailed();
	}

	/** Also where it comes by itself: Ethernet needs nobody to connect when the cable is back. */
	private handleUp(label: string): void {
		if (this.#state !== "up") {
			this.#state = "up";
			this.arm(networkTimes.stableMs);
		}
		this.tell(label);
	}

	private handleLost(): void {
		this.#lossCount++;
		this.handleFailed();
		this.tell(undefined);
	}

	private handleFailed(): void {
		this.#state = "waiting";
		this.arm(backOffMs(networkTimes, this.#failureCount++, this.#options.random));
	}

	private handleTimer(): void {
		switch (this.#state) {
			case "up":
				this.#failureCount = 0;
				return;
			case "connecting":
				this.#state = "waiting"; // what `disconnect` brings about is no failure more
				this.disconnect();
				return this.handleFailed();
			case "waiting":
				return this.connect();
			case "off":
				return;
			default:
				this.#state satisfies never;
		}
	}

	private connect(): void {
		this.#state = "connecting";
		this.arm(networkTimes.attemptMs);
		try {
			this.#interface.connect(connectOptions(this.#credentials));
		} catch {
			if (this.#state === "connecting") this.handleFailed();
			return;
		}
		// It may be up already, and then nothing changes.
		this.handleUpAlready();
	}

	private handleUpAlready(): void {
		const label = this.currentLabel();
		if (this.#state === "connecting" && label !== undefined) this.handleUp(label);
	}

	private disconnect(): void {
		try {
			this.#interface.disconnect();
		} catch {
			// It was not connected.
		}
	}

	/**
	 * The interface, the access point and our address: where one of them is another, the old NAT binding is of no use.
	 * The access point counts, too, because two private networks often share a name and give out the same addresses.
	 */
	private currentLabel(): string | undefined {
		if (this.#interface.connection < connection.connected) return undefined;
		const { address, SSID, BSSID } = this.#interface;
		if (address === undefined) return undefined;
		const { kind } = this.#options.interface;
		return SSID === undefined ? `${kind} ${address}` : `${kind} ${SSID} ${BSSID ?? ""} ${address}`;
	}

	private tell(label: string | undefined): void {
		if (label === this.#label) return;
		this.#label = label;
		this.#options.onLabel(label);
	}

	private arm(delayMs: number): void {
		this.disarm();
		this.#timer = this.#options.timer.set(this.#onTimer, delayMs);
	}

	private disarm(): void {
		if (this.#timer !== undefined) this.#options.timer.clear(this.#timer);
		this.#timer = undefined;
	}

	readonly #onTimer = (): void => {
		this.#timer = undefined;
		this.handleTimer();
	};
}

function connectOptions(credentials: NetworkCredentials | undefined): Parameters<NetworkInterface["connect"]>[0] {
	if (credentials === undefined) return {};
	const { ssid, password } = credentials;
	return password === "" ? { SSID: ssid } : { SSID: ssid, password };
}
