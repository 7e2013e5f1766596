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
 * One cell. The lifetime holds for UDP and TCP bindings alike, if TCP has none of its own; loss is that of each packet
 * between device and NAT, in each direction; "forgets" restarts without its state; "linux" keeps a young binding for
 * 30 s at most, "symmetric" has an address-and-port-dependent mapping; each NAT refreshes outbound only and gives a new
 * port each time.
 */
export type Cell = { readonly [Name in DimensionName]: Dimensions[Name][number] } & {
	readonly tcpSeconds?: (typeof tcpLifetimes)[number];
};

/** Of TCP alone, where it lives longer: an hour, and what RFC 5382 wants. Beside the matrix, not a dimension of it. */
export const tcpLifetimes = [3_600, 7_440] as const;

export const dimensionNames = Object.keys(dimensions) as readonly DimensionName[];

/** Seconds between two rebindings on average. */
export const rebindingSeconds: Readonly<Record<Cell["rebinding"], number>> = {
	never: Number.POSITIVE_INFINITY,
	daily: 86_400,
	hourly: 3_600,
	"5min": 300,
};

/** The name of a cell, as `L65-p5-hourly-open-stable-linux-plain`; where TCP lives longer with `-T7440` at its end. */
export function cellId(cell: Cell): string {
	const { lifetimeSeconds, lossPercent, rebinding, udp, backEnd, nat, security, tcpSeconds } = cell;
	const parts = [`L${lifetimeSeconds}`, `p${lossPercent}`, rebinding, udp, backEnd, nat, security];
	return [...parts, ...(tcpSeconds === undefined ? [] : [`T${tcpSeconds}`])].join("-");
}

/** The cell of a name; a TypeError says what the name should look like. */
export function cellNamed(id: string): Cell {
	const parts = id
		.replace(/^L/, "")
		.replace(/-p(\d)/, "-$1")
		.split("-");
	const [, tcp] = /^T(\d+)$/.exec(parts[dimensionNames.length] ?? "") ?? [];
	const tcpSeconds = tcpLifetimes.find((value) => String(value) === tcp);
	const cell = Object.fromEntries(
		dimensionNames.map((name, i) => [name, dimensions[name].find((value) => String(value) === parts[i])]),
	) as unknown as Cell;
	const partCount = dimensionNames.length + (tcpSeconds === undefined ? 0 : 1);
	if (parts.length !== partCount || Object.values(cell).includes(undefined as never))
		throw new TypeError(`"${id}" names no cell; one looks like L65-p5-hourly-open-stable-linux-plain`);
	return tcpSeconds === undefined ? cell : { ...cell, tcpSeconds };
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
