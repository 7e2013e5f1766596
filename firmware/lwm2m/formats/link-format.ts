// CoRE links (content format 40, RFC 6690): what a device registers and what Discover answers. The device only writes
// them; whoever reads them has a reader of its own, so that a mistake here does not meet its twin.

import type { Path } from "../path.js";

/** A list of links with one more: `</3>;ver=1.2,</3/0>`. Attributes come ready to append, as ";pmin=10" or "". */
export function addLink(links: string, target: Path, attributes: string): string {
	const link = `<${target}>${attributes}`;
	return links === "" ? link : `${links},${link}`;
}
