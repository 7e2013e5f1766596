// The ceilings of the firmware, each with its reason. A ceiling may only fall; to raise one is a decision to write down.

/** Bytes and engine steps; `npm run size` prints what is used of them, `npm test` fails above them. */
export interface Ceiling {
	readonly name: string;
	readonly limit: number;
	readonly reason: string;
}

/** What the smallest heap in which the frozen scenario passes should be. */
export const HEAP_AIM_BYTES = 24 * 1024;

/** What would bring the heap under the aim, by what was measured; biggest first. */
export const towardsTheAim: readonly string[] = Object.freeze([
	"The stack: 500 slots of 16 bytes. Each call takes 6, each local and argument 1, from the shell down to the encoder.",
	"Four buffers of about a datagram (shell, agent, model, remembered answers), 4.9 KB: encode into the shell's at once.",
	"An observation: 440 bytes, 4.4 KB for ten; its paths and times could be numbers in one typed array.",
	"An instance: values boxed in an array of slots; 60 resources take 2.4 KB, of which half are numbers and texts.",
]);

export const ceilings: readonly Ceiling[] = Object.freeze([
	{
		name: "heap",
		limit: 38 * 1024,
		reason: "first honest measurement; an ESP32 with Wi-Fi leaves about 160 KB to the script, the aim is 24 KB",
	},
	{
		name: "stack",
		limit: 8 * 1024,
		reason: "512 slots are the SDK's default for an ESP32; part of the heap",
	},
	{
		name: "bytecode",
		limit: 160 * 1024,
		reason:
			"in flash: beside 1 MB of SDK and Wi-Fi it leaves a third of a 1.9 MB update slot free; names count once a file",
	},
	{ name: "register steps", limit: 60_000, reason: "once a start: 60 ms on a slow board" },
	{
		name: "read steps",
		limit: 30_000,
		reason: "30 reads a second leave a slow board (1 step is 1 us) idle for a tenth",
	},
	{ name: "write steps", limit: 30_000, reason: "as a read" },
	{ name: "execute steps", limit: 30_000, reason: "as a read" },
	{ name: "notify steps", limit: 15_000, reason: "half a read: nothing is decoded" },
	{ name: "read garbage", limit: 3_400, reason: "a collection each 3 reads at the aimed heap; to be lowered" },
	{ name: "write garbage", limit: 3_800, reason: "as a read, and the value" },
	{ name: "execute garbage", limit: 2_600, reason: "less than a read" },
	{ name: "notify garbage", limit: 3_100, reason: "less than a read" },
]);
