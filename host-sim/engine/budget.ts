// The ceilings of the firmware, each with its reason. A ceiling may only fall; raising one is a decision to write down.

/** Bytes and engine steps; `npm run size` prints what is used of them, `npm test` fails above them. */
export interface Ceiling {
	readonly name: string;
	readonly limit: number;
	readonly reason: string;
}

/** What the smallest heap in which the frozen scenario passes should be. */
export const HEAP_AIM_BYTES = 24 * 1024;

/** The same for a device with OSCORE. */
export const SECURED_HEAP_AIM_BYTES = 32 * 1024;

/** What would bring the heap under the aim, by what was measured. */
export const towardsTheAim: readonly string[] = Object.freeze([
	"An observation is an object of 10 slots in lwm2m and a row of 40 bytes in coap: 2 KB for ten.",
	"The stack: 6 slots a call and 1 a local or argument, in 15 calls from the board's loop down to the encoder.",
	"The collector needs room beside what lives: what one notification allocates, about 1.5 KB.",
]);

const ROOM = "what is allocated must find room beside what lives; to be lowered";

export const ceilings: readonly Ceiling[] = Object.freeze([
	{
		name: "heap",
		limit: HEAP_AIM_BYTES,
		reason: "the aim: 24 KB of the 160 KB that Wi-Fi leaves to scripts on an ESP32",
	},
	{
		name: "stack",
		limit: 7 * 1024,
		reason: "part of the heap; the SDK gives an ESP32-C3 384 slots (6 KB), other boards 512",
	},
	{
		name: "bytecode",
		limit: 320 * 1024,
		reason:
			"in flash: beside 1 MB of SDK and Wi-Fi it leaves 30 % of a 1.9 MB update slot free; raised from 192 KB for " +
			"history, Queue Mode and OSCORE, and for what a board starts with: boot, store, console",
	},
	{
		name: "register steps",
		limit: 72_000,
		reason:
			"once a start; at 1 us a step on a slow board 72 ms; raised from 68,000 for order and Queue Mode of servers",
	},
	{ name: "read steps", limit: 22_000, reason: "a slow board serves 45 a second" },
	{ name: "write steps", limit: 20_000, reason: "as a read" },
	{ name: "execute steps", limit: 17_000, reason: "less than a read" },
	{
		name: "notify steps",
		limit: 13_500,
		reason: "about half a read: nothing is decoded; raised from 13,000 for OSCORE's seam",
	},
	{ name: "read garbage", limit: 1_800, reason: ROOM },
	{ name: "write garbage", limit: 2_100, reason: ROOM },
	{ name: "execute garbage", limit: 1_200, reason: ROOM },
	{ name: "notify garbage", limit: 1_700, reason: ROOM },
	{
		name: "secured heap",
		limit: SECURED_HEAP_AIM_BYTES,
		reason: "the aim: a third more than without keys, for one context, its buffers and the renewal at each start",
	},
	{ name: "secured stack", limit: 7 * 1024, reason: "as without keys: deepest where new keys are derived at a start" },
	{ name: "secured register steps", limit: 137_000, reason: "once a start: three contexts of keys, and two exchanges" },
	{ name: "secured read steps", limit: 41_000, reason: "a slow board serves 24 a second; to be lowered" },
	{ name: "secured read garbage", limit: 3_700, reason: ROOM },
]);
