// `pinhole/network-interface`: an ECMA-419 network interface that is always up, but while its cable is pulled.

import Timer from "timer";

const { onLink, isPlugged } = $host.board;

const DISCONNECTED = 200;
const CONNECTING = 300;
const CONNECTED = 500;
/** As long as a switch takes to find out that somebody is there. */
const LINK_MS = 20;

export default class NetworkInterface {
	#connection = DISCONNECTED;
	#plugged = isPlugged();
	#onChanged;

	constructor(options) {
		this.#onChanged = options.onChanged;
		onLink((plugged) => {
			this.#plugged = plugged;
			if (!plugged && this.#connection !== DISCONNECTED) this.#become(CONNECTING);
			else this.#seek();
		});
	}

	get connection() {
		return this.#connection;
	}

	get address() {
		return this.#connection === CONNECTED ? "127.0.0.1" : undefined;
	}

	connect() {
		if (this.#connection !== DISCONNECTED) return;
		this.#become(CONNECTING);
		this.#seek();
	}

	disconnect() {
		this.#become(DISCONNECTED);
	}

	close() {
		this.#connection = DISCONNECTED;
		this.#onChanged = undefined;
	}

	#seek() {
		Timer.set(() => {
			if (this.#plugged && this.#connection === CONNECTING) this.#become(CONNECTED);
		}, LINK_MS);
	}

	#become(connection) {
		if (connection === this.#connection) return;
		this.#connection = connection;
		this.#onChanged?.call(this, "connection");
	}
}
