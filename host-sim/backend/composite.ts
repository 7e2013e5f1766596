// Composite operations: several paths at once, named and answered in the payload (LwM2M Core 1.2, 6.3.10 to 6.3.12).

import { ContentFormat } from "../../firmware/coap/options.js";
import type { Node } from "./node.js";

/** The paths that a composite operation names, and the content format in which it does. */
export interface Composite {
	readonly paths: readonly string[];
	readonly pathFormat: number;
}

/** What every device with composite operations reads and writes. */
export const COMPOSITE_FORMAT = ContentFormat.SenmlCbor;

/** The node of each path; null where the device has no value there. */
export type CompositeNodes = Readonly<Record<string, Node | null>>;

/** What such an operation is known by, where others are known by their path: "composite:/3/0/0,/1". */
export function compositeName(paths: readonly string[]): string {
	return `composite:${paths.join(",")}`;
}
