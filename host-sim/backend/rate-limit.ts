// How often strangers are answered: a bucket for each of a fixed number of hosts, and one for all of them.

import { encodeText } from "../../firmware/bytes.js";
import { hashBytes } from "../../firmware/coap/hash.js";
import type { Instant } from "../../firmware/contract.js";

/** Hosts share buckets by chance; no memory is taken for any of them. */
const BUCKET_COUNT = 1024;
/** Answers a second to one host, behind whose address a whole fleet may stand, and to all hosts. */
const HOST_RATE = 100;
const TOTAL_RATE = 2000;
/** So many seconds' worth of answers may go at once. */
const BURST_SECONDS = 2;

/** The instant at which a bucket is as full as it gets is all that is kept of it. */
export class RateLimit {
	readonly #hostFullAt = new Float64Array(BUCKET_COUNT);
	#totalFullAt: Instant = 0;

	/** True where an answer to that address ("ip:port") may go now; it is then counted. */
	allows(now: Instant, address: string): boolean {
		const host = encodeText(address.slice(0, address.lastIndexOf(":")));
		const bucket = hashBytes(0, host, 0, host.length) % BUCKET_COUNT;
		const hostFullAt = Math.max(this.#hostFullAt[bucket]!, now) + 1000 / HOST_RATE;
		const totalFullAt = Math.max(this.#totalFullAt, now) + 1000 / TOTAL_RATE;
		if (Math.max(hostFullAt, totalFullAt) > now + 1000 * BURST_SECONDS) return false;
		this.#hostFullAt[bucket] = hostFullAt;
		this.#totalFullAt = totalFullAt;
		return true;
	}
}
