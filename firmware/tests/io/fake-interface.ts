// A network interface whose cable and access point are the test's.

import { connection } from "../../io/constants.js";
import type { NetworkInterface, NetworkInterfaceConstructor } from "../../io/ecma-419.js";

type Options = ConstructorParameters<NetworkInterfaceConstructor>[0];

export class FakeInterface implements NetworkInterface {
	connection: number = connection.disconnected;
	/** What DHCP would give. */
	readonly MAC = "02:00:00:00:00:01";
	readonly RSSI = -60;
	address?: string;
	SSID?: string;
	BSSID?: string;
	/** What `connect` was told, each time. */
	readonly connects: { readonly SSID?: string; readonly password?: string }[] = [];
	disconnectCount = 0;
	/** True: `connect` throws, as where the driver is busy. */
	busy = false;
	readonly #onChanged: Options["onChanged"];

	constructor(options: Options) {
		this.#onChanged = options.onChanged;
	}

	connect(options: { readonly SSID?: string; readonly password?: string }): void {
		this.connects.push(options);
		if (this.busy) throw new Error("busy");
		this.become(connection.connecting);
	}

	disconnect(): void {
		this.disconnectCount++;
		this.become(connection.disconnected);
	}

	close(): void {}

	/** The link is there, with this address. */
	up(address: string, point: { readonly SSID?: string; readonly BSSID?: string } = {}): void {
		Object.assign(this, point);
		this.address = address;
		this.connection = connection.connected;
		this.#onChanged?.call(this, "connection");
	}

	/** The link is in another state, and without an address. */
	become(state: number): void {
		if (this.connection === state) return;
		this.connection = state;
		delete this.address;
		this.#onChanged?.call(this, "connection");
	}
}
