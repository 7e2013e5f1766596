// `embedded:network/dns/resolver/udp`: the SDK's shape over the system's resolver. IPv4 only.
const lookUp = $host.resolver.lookUp;

export default class Resolver {
	#closed = false;

	resolve(options) {
		const { host, onResolved, onError } = options;
		lookUp(host, (address) => {
			if (this.#closed) return;
			if (address === undefined) onError?.call(this, host);
			else onResolved.call(this, host, address);
		});
	}

	close() {
		this.#closed = true;
	}
}
