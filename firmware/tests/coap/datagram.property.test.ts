import fc from "fast-check";
import { assert, suite } from "#suite";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { SeededRandom } from "../random.js";
import { content, get } from "./bench.js";

const test = suite("coap/datagram: properties");

/** What may happen to an endpoint; handles are drawn from the small numbers that it gives out. */
type Step =
	| { readonly kind: "receive"; readonly bytes: Uint8Array }
	| { readonly kind: "request"; readonly observe: 0 | 1 | undefined; readonly confirmable: boolean }
	| { readonly kind: "respond"; readonly exchange: number; readonly length: number; readonly code: number }
	| { readonly kind: "cancel" | "path"; readonly exchange: number }
	| { readonly kind: "pass"; readonly ms: number };

const handle = fc.integer({ min: 1, max: 12 });

/** Messages that mean something: small identifiers, so that they meet what is under way. */
const message = fc
	.tuple(
		fc.constantFrom(0x42, 0x52, 0x62, 0x72, 0x40, 0x60, 0x70),
		fc.constantFrom(0x00, 0x01, 0x03, 0x45, 0x84, 0x88, 0xe1),
		fc.integer({ min: 0, max: 12 }),
		fc.integer({ min: 0, max: 12 }),
		fc.constantFrom(
			[],
			[0xb1, 0x61],
			[0x60, 0x51, 0x61],
			[0x61, 0x01, 0x51, 0x61],
			[0x61, 0x05, 0xff, 0x31],
			[0xd1, 0x0a, 0x08, 0xff, ...new Array<number>(16).fill(0x31)],
			[0xb1, 0x61, 0xc1, 0x10],
			[0xd1, 0x08, 0x00],
		),
	)
	.map(([first, code, messageId, token, rest]) =>
		Uint8Array.from(
			code === 0
				? [first & 0xf0, 0, 0, messageId]
				: [first, code, 0, messageId, ...(first & 2 ? [0, token] : []), ...rest],
		),
	);

const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ kind: fc.constant("receive" as const), bytes: fc.oneof(message, fc.uint8Array({ maxLength: 30 })) }),
	fc.record({
		kind: fc.constant("request" as const),
		observe: fc.constantFrom(0, 1, undefined),
		confirmable: fc.boolean(),
	}),
	fc.record({
		kind: fc.constant("respond" as const),
		exchange: handle,
		length: fc.constantFrom(0, 1, 1025, 5000),
		code: fc.constantFrom(0x45, 0x84),
	}),
	fc.record({ kind: fc.constantFrom("cancel" as const, "path" as const), exchange: handle }),
	fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 300_000 }) }),
);

test("whatever happens, nothing throws, deadlines lie ahead, and one CON leaves at a time", () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const endpoint = new DatagramEndpoint({ random: new SeededRandom(0x10000) });
			const out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
			let now = 0;
			const drain = () => {
				let count = 0;
				while (endpoint.pollEvent() !== undefined) assert.ok(count++ < 40, "events without end");
				let fresh = 0;
				while (endpoint.pollTransmit(now, out)) {
					assert.ok(out.length >= 4 && out.length <= limits.messageLength);
					if (out.bytes[0]! >> 4 === 4) fresh++;
					assert.ok(count++ < 80, "datagrams without end");
				}
				assert.ok(fresh <= 1, `${fresh} CON at once`);
				assert.ok(endpoint.pollTimeout() > now, "a deadline in the past");
			};
			for (const each of steps) {
				switch (each.kind) {
					case "receive":
						endpoint.handleReceived(now, each.bytes);
						break;
					case "request":
						endpoint.request(now, get({ observe: each.observe, confirmable: each.confirmable }));
						break;
					case "respond": {
						const payload = new Uint8Array(each.length);
						endpoint.respond(now, each.exchange, content({ code: each.code, payload, observe: true }));
						break;
					}
					case "cancel":
						endpoint.cancel(now, each.exchange);
						break;
					case "path":
						endpoint.handlePathChanged(now);
						break;
					case "pass": {
						const until = now + each.ms;
						for (let at = endpoint.pollTimeout(); at <= until; at = endpoint.pollTimeout()) {
							now = at;
							endpoint.handleTimeout(now);
							drain();
						}
						now = until;
						break;
					}
					default:
						each satisfies never;
				}
				drain();
			}
		}),
		{ numRuns: 1000 },
	);
});

test.run();
