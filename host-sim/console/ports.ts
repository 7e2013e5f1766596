// Which serial ports this computer has.

import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { SerialPort } from "serialport";

/** A port that may have a board behind it. */
export interface PortRow {
	readonly path: string;
	/** Of the USB bridge, where the system tells. */
	readonly maker: string | undefined;
	readonly serialNumber: string | undefined;
	/** "303a:1001" */
	readonly usb: string | undefined;
}

export interface PortList {
	readonly ports: readonly PortRow[];
	/** Why the rows say less than they could, as one sentence. */
	readonly note: string | undefined;
}

type List = typeof SerialPort.list;

/** All ports but those of a PC's board, which exist whether anything is there or not. */
export async function listPorts(list: List = SerialPort.list, devices = "/dev"): Promise<PortList> {
	try {
		const ports = await list();
		return { ports: ports.filter(({ path }) => !/\/ttyS\d+$/.test(path)).map(toRow), note: undefined };
	} catch {
		// On Linux the package asks the program udevadm, which a container often lacks.
		const note = `udevadm is not there to tell more of the ports: ${devices} was looked through.`;
		return { ports: lookThrough(devices), note };
	}
}

function toRow({ path, manufacturer, serialNumber, vendorId, productId }: Awaited<ReturnType<List>>[number]): PortRow {
	const usb = vendorId === undefined ? undefined : `${vendorId}:${productId ?? "????"}`.toLowerCase();
	return { path, maker: manufacturer, serialNumber, usb };
}

/** The names by identity first: they stay the same when a board is plugged in elsewhere. */
function lookThrough(devices: string): PortRow[] {
	const rows: PortRow[] = [];
	const seen = new Set<string>();
	const byId = join(devices, "serial/by-id");
	for (const name of namesIn(byId)) {
		const path = join(byId, name);
		seen.add(realpathSync(path));
		rows.push({ path, maker: undefined, serialNumber: /_([^_-]+)-if\d+/.exec(name)?.[1], usb: undefined });
	}
	for (const name of namesIn(devices)) {
		const path = join(devices, name);
		if (!/^tty(USB|ACM)\d+$/.test(name) || seen.has(path)) continue;
		rows.push({ path, maker: undefined, serialNumber: undefined, usb: undefined });
	}
	return rows;
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch {
		return [];
	}
}
