// Names by lwIP, which asks the servers that DHCP gave: the SDK's resolver over UDP wants fixed ones, and a socket.

import type { Resolver } from "../../firmware/io/ecma-419.js";

export class LwipResolver implements Resolver {
	#closed = false;

	resolve({ host, onResolved, onError }: Parameters<Resolver["resolve"]>[0]): void {
		System.resolve(host, (name, address) => {
			if (this.#closed) return;
			if (address === undefined) onError(new Error(`no address for ${name}`));
			else onResolved(name, address);
		});
	}

	/** lwIP goes on asking; the answer is dropped. */
	close(): void {
		this.#closed = true;
	}
}
