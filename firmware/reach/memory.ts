// Carries what a network taught over a power loss; rarely, for flash wears out.

import type { Instant, Store } from "../contract.js";
import type { Binding } from "./binding.js";
import { learningNumbers as numbers } from "./constants.js";
import { findNetwork, type NetworkRecord, networkId, putNetwork, type RememberedBinding } from "./networks.js";

/** One value holds all networks of all accounts. */
const KEY = "reach";

export class Memory {
	private readonly store: Store | undefined;
	private readonly server: string;
	private id = 0;
	private isNews = false;
	private saveAt: Instant = 0;
	private record: NetworkRecord | undefined = undefined;
	/** The place of the transport that worked last, and whether it was chosen for its price. */
	transport = 0;
	isChosen = false;

	/** `server` tells the accounts of one network apart. */
	constructor(store: Store | undefined, server: string) {
		this.store = store;
		this.server = server;
	}

	/** Looks up what is remembered of a network. */
	load(label: string): void {
		this.id = networkId(`${label} ${this.server}`);
		this.isNews = false;
		this.record = this.store === undefined ? undefined : findNetwork(this.store.read(KEY), this.id);
		this.transport = this.record?.transport ?? 0;
		this.isChosen = this.record?.isChosen === true;
	}

	/** Fills a binding with what was remembered of it. */
	restore(binding: Binding, isStream: boolean): void {
		const remembered = isStream ? this.record?.stream : this.record?.udp;
		binding.restore(remembered?.lowerSeconds ?? 0, remembered?.upperSeconds ?? 0);
		binding.moveCount = isStream ? 0 : (this.record?.moveCount ?? 0);
	}

	handleTransport(transport: number, isChosen: boolean): void {
		if (transport === this.transport && isChosen === this.isChosen) return;
		this.transport = transport;
		this.isChosen = isChosen;
		this.handleNews();
	}

	handleNews(): void {
		this.isNews = this.store !== undefined;
	}

	get timeoutAt(): Instant {
		return this.isNews ? this.saveAt : Number.POSITIVE_INFINITY;
	}

	/** Writes, if there is news and it is time. A store that cannot keep it costs a device nothing but this memory. */
	save(now: Instant, udp: Binding, stream: Binding | undefined): void {
		const { store } = this;
		if (store === undefined || !this.isNews || now < this.saveAt) return;
		this.isNews = false;
		this.saveAt = now + numbers.storeMs;
		this.record = {
			udp: remembered(udp),
			stream: stream === undefined ? (this.record?.stream ?? NOTHING) : remembered(stream),
			moveCount: udp.moveCount,
			transport: this.transport,
			isChosen: this.isChosen,
		};
		try {
			store.write(KEY, putNetwork(store.read(KEY), this.id, this.record));
		} catch {
			this.isNews = true;
		}
	}
}

const NOTHING: RememberedBinding = Object.freeze({ lowerSeconds: 0, upperSeconds: 0 });

/** Whole seconds on the safe side; 0 stands for unknown. */
function remembered({ lowerMs, upperMs }: Binding): RememberedBinding {
	const upperSeconds = upperMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(upperMs / 1000);
	return { lowerSeconds: Math.floor(lowerMs / 1000), upperSeconds };
}
