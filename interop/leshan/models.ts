// The objects that Leshan does not bring along, so that it knows the types of their resources: those of the IPSO range.

import { OBJECT_ROWS, OWN_ROWS, REUSABLE_ROWS, type ResourceRow } from "../../host-sim/backend/registry-rows.js";

/** The first object ID of that range. */
const IPSO_FROM = 3200;

/** Each object with its resources as java/Peer.java reads them. */
export function objectModels(): readonly object[] {
	return OBJECT_ROWS.filter(([id]) => id >= IPSO_FROM).map(([id, name]) => ({
		id,
		name,
		resources: [...REUSABLE_ROWS, ...(OWN_ROWS[id] ?? [])].map(toResource),
	}));
}

function toResource([id, name, type, operations]: ResourceRow): object {
	const multiple = operations.endsWith("*");
	return { id, name, type, operations: operations.replace("*", "") || "NONE", multiple };
}
