// A text that is equal for equal values on every engine, where JSON would lose or reorder something.

/** One line of text for a value: keys sorted, typed arrays in hex, nothing lost that JSON would lose. */
export function canonical(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	if (typeof value === "bigint") return `${value}n`;
	if (Object.is(value, -0)) return "-0";
	if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`a ${typeof value} is no value`);
	if (typeof value !== "object" || value === null) return String(value);
	if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
	if (value instanceof ArrayBuffer) return `ArrayBuffer(${hex(new Uint8Array(value))})`;
	if (ArrayBuffer.isView(value)) {
		const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
		return `${value.constructor.name}(${hex(bytes)})`;
	}
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (value instanceof Set) return `Set[${[...value].map(canonical).join(",")}]`;
	if (value instanceof Map) return `Map[${[...value].map(canonical).join(",")}]`;
	const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
	return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}

function hex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
	return text;
}
