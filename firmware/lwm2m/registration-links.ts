// What the device tells a server of itself when it registers (LwM2M Core, 6.2.1).

import { addLink } from "./formats/link-format.js";
import type { Model } from "./model.js";
import { Path } from "./path.js";
import type { Version } from "./registration.js";

/** Objects that no server may ever see: they hold keys. */
export function isSecret(objectId: number): boolean {
	return objectId === 0 || objectId === 21;
}

/** Versions a server assumes without `ver=`, by LwM2M version and object; 1.0 for all others. */
const DEFAULT_VERSIONS: Readonly<Record<Version, Readonly<Record<number, string>>>> = Object.freeze({
	"1.0": Object.freeze({}),
	"1.1": Object.freeze({ 1: "1.1", 3: "1.1", 4: "1.2" }),
	"1.2": Object.freeze({ 1: "1.2", 2: "1.1", 3: "1.2", 4: "1.3", 5: "1.1" }),
});

/** `;ver=` of an object where it is not what the server assumes, else "". */
export function versionAttribute(objectId: number, version: string, negotiated: Version): string {
	return version === (DEFAULT_VERSIONS[negotiated][objectId] ?? "1.0") ? "" : `;ver=${version}`;
}

/** The content formats of each version that we read and write beyond text and opaque. */
const CONTENT_FORMATS: Readonly<Record<Version, string>> = Object.freeze({
	"1.0": "11542",
	"1.1": "60 110 112 11542",
	"1.2": "60 110 112 11542 11544",
});

/** All instances as CoRE links, `</1/0>,</3/0>`, behind the link that says what the root is. */
export function registrationLinks(model: Model, version: Version): string {
	const { instances, creatables } = model;
	const at = new Path();
	let links = addLink("", at, `;rt="oma.lwm2m";ct="${CONTENT_FORMATS[version]}"`);
	for (let i = 0; i < instances.length; i++) {
		const { definition, instanceId } = instances[i]!;
		const objectId = definition.objectId;
		if (isSecret(objectId)) continue;
		const attribute = at.objectId === objectId ? "" : versionAttribute(objectId, definition.version, version);
		if (attribute !== "") links = addLink(links, at.set(objectId, -1, -1, -1), attribute);
		links = addLink(links, at.set(objectId, instanceId, -1, -1), "");
	}
	// An object without instances, of which there may be some.
	if (creatables !== undefined)
		for (let i = 0; i < creatables.length; i++) {
			const { objectId, version: objectVersion } = creatables[i]!.definition;
			if (model.hasInstance(objectId)) continue;
			links = addLink(links, at.set(objectId, -1, -1, -1), versionAttribute(objectId, objectVersion, version));
		}
	return links;
}
