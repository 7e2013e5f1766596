// The circumstances of one cell of the fault matrix, and the name by which it is run again.

/** What each dimension may be; the order is that of the tables. */
export const dimensions = {
	lifetimeSeconds: [10, 30, 65, 120, 180, 300, 350, 3600],
	lossPercent: [0, 1, 5, 20],
	rebinding: ["never", "daily", "hourly", "5min"],
	udp: ["open", "blocked"],
	backEnd: ["stable", "restarts", "forgets"],
	nat: ["plain", "linux", "symmetric"],
	security: ["plain", "oscore"],
} as const;

type Dimensions = typeof dimensions;
export type DimensionName = keyof Dimensions;

/**
 * One cell. The lifetime holds for UDP and TCP bindings alike; loss is that of each datagram between device and NAT, in
 * each direction; "forgets" restarts without its state; "linux" keeps a young binding for 30 s at most, "symmetric" has
 * an address-and-port-dependent mapping; each NAT refreshes outbound only and gives a new port each time.
 */
export type Cell = { readonly [Name in DimensionName]: Dimensions[Name][number] };

export const dimensionNames = Object.keys(dimensions) as readonly DimensionName[];

/** Seconds between two rebindings on average. */
export const rebindingSeconds: Readonly<Record<Cell["rebinding"], number>> = {
	never: Number.POSITIVE_INFINITY,
	daily: 86_400,
	hourly: 3_600,
	"5min": 300,
};

/** The name of a cell, as `L65-p5-hourly-open-stable-linux-plain`. */
export function cellId(cell: Cell): string {
	const { lifetimeSeconds, lossPercent, rebinding, udp, backEnd, nat, security } = cell;
	return [`L${lifetimeSeconds}`, `p${lossPercent}`, rebinding, udp, backEnd, nat, security].join("-");
}

/** The cell of a name; a TypeError says what the name should look like. */
export function cellNamed(id: string): Cell {
	const parts = id
		.replace(/^L/, "")
		.replace(/-p(\d)/, "-$1")
		.split("-");
	const cell = Object.fromEntries(
		dimensionNames.map((name, i) => [name, dimensions[name].find((value) => String(value) === parts[i])]),
	) as unknown as Cell;
	if (parts.length !== dimensionNames.length || Object.values(cell).includes(undefined as never))
		throw new TypeError(`"${id}" names no cell; one looks like L65-p5-hourly-open-stable-linux-plain`);
	return cell;
}

/** Nothing moves and nothing is blocked or restarted: only lifetime and loss matter. */
export function isQuiet(cell: Cell): boolean {
	return cell.rebinding === "never" && cell.backEnd === "stable";
}

/** Every cell there is, in the order of the tables. */
export function allCells(): Cell[] {
	let cells: Partial<Cell>[] = [{}];
	for (const name of dimensionNames)
		cells = cells.flatMap((cell) => dimensions[name].map((value) => ({ ...cell, [name]: value })));
	return cells as Cell[];
}
