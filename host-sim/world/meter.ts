// What a device sends and hears, packet by packet with all headers, as its network would bill it.

/** What a packet is for, as far as it can be seen from outside. */
export const purposes = ["registration", "keepalive", "probe", "command"] as const;
export type Purpose = (typeof purposes)[number];

/** IPv4 and UDP (RFC 791, RFC 768). */
export const UDP_HEADERS_LENGTH = 28;
/** IPv4 and TCP without options (RFC 9293). */
export const TCP_HEADERS_LENGTH = 40;

/** A radio stays awake for about so long after its last packet (LTE: 11.6 s); what comes later wakes it again. */
export const WAKE_TAIL_MS = 10_000;

export interface Traffic {
	packets: number;
	bytes: number;
}

export class Meter {
	readonly up: Traffic = { packets: 0, bytes: 0 };
	readonly down: Traffic = { packets: 0, bytes: 0 };
	/** Both directions together. */
	readonly byPurpose: Readonly<Record<Purpose, Traffic>> = {
		registration: { packets: 0, bytes: 0 },
		keepalive: { packets: 0, bytes: 0 },
		probe: { packets: 0, bytes: 0 },
		command: { packets: 0, bytes: 0 },
	};
	wakeUps = 0;
	#lastAt = -Infinity;

	/** A packet of so many bytes leaves the device, or arrives there. */
	count(now: number, isUp: boolean, length: number, purpose: Purpose): void {
		const direction = isUp ? this.up : this.down;
		const share = this.byPurpose[purpose];
		direction.packets++;
		direction.bytes += length;
		share.packets++;
		share.bytes += length;
		if (now - this.#lastAt >= WAKE_TAIL_MS) this.wakeUps++;
		this.#lastAt = now;
	}

	get bytes(): number {
		return this.up.bytes + this.down.bytes;
	}

	get packets(): number {
		return this.up.packets + this.down.packets;
	}

	/** All counts begin anew; a radio that is awake stays so. */
	reset(): void {
		for (const traffic of [this.up, this.down, ...Object.values(this.byPurpose)]) {
			traffic.packets = 0;
			traffic.bytes = 0;
		}
		this.wakeUps = 0;
	}
}
