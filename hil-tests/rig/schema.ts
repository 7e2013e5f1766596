// JSON Schema (2020-12), as much of it as rig.schema.json uses, with a sentence for each fault.

/** The keywords that we understand; any other is annotation only. */
export interface Schema {
	readonly type?: "object" | "array" | "string" | "integer";
	readonly enum?: readonly string[];
	readonly pattern?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly items?: Schema;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: boolean;
}

/** What is wrong with a value, a sentence each; none when it fits. `where` names the value in them. */
export function faults(schema: Schema, value: unknown, where: string): string[] {
	if (schema.enum !== undefined) {
		const fits = schema.enum.some((one) => one === value);
		return fits ? [] : [`${where} is ${show(value)}, but must be one of ${schema.enum.join(", ")}.`];
	}
	switch (schema.type) {
		case "object":
			return isObject(value) ? objectFaults(schema, value, where) : [`${where} must be an object, not ${show(value)}.`];
		case "array":
			if (!Array.isArray(value)) return [`${where} must be a list, not ${show(value)}.`];
			return value.flatMap((item, index) => faults(schema.items ?? {}, item, `${where}[${index}]`));
		case "string":
			return stringFaults(schema, value, where);
		case "integer":
			return integerFaults(schema, value, where);
		default:
			return [];
	}
}

function objectFaults(schema: Schema, value: Readonly<Record<string, unknown>>, where: string): string[] {
	const properties = schema.properties ?? {};
	const missing = (schema.required ?? []).filter((name) => value[name] === undefined);
	const found = missing.map((name) => `${where} lacks "${name}".`);
	for (const [name, member] of Object.entries(value)) {
		const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
		if (known !== undefined) found.push(...faults(known, member, `${where}.${name}`));
		else if (schema.additionalProperties === false) {
			found.push(`${where} has "${name}", which is none of ${Object.keys(properties).join(", ")}.`);
		}
	}
	return found;
}

function stringFaults({ pattern }: Schema, value: unknown, where: string): string[] {
	if (typeof value !== "string") return [`${where} must be text, not ${show(value)}.`];
	if (pattern === undefined || new RegExp(pattern, "u").test(value)) return [];
	return [`${where} is ${show(value)}, which does not fit ${pattern}.`];
}

function integerFaults({ minimum = -Infinity, maximum = Infinity }: Schema, value: unknown, where: string): string[] {
	if (!Number.isInteger(value)) return [`${where} must be a whole number, not ${show(value)}.`];
	const number = value as number;
	return number >= minimum && number <= maximum
		? []
		: [`${where} is ${number}, but must be from ${minimum} to ${maximum}.`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
	return JSON.stringify(value) ?? "missing";
}
