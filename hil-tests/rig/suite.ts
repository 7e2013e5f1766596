// How a *.hil.ts file says what it tests: each test once, for every board.

import type { Ability, Bench } from "./board.js";

/** What a test asks for; a board that lacks it skips the test and says so. */
export interface Wishes {
	readonly needs?: readonly Ability[];
	/** 60 where it is left out. */
	readonly limitSeconds?: number;
	/** How long the NAT keeps a silent binding; 30 s where it is left out. */
	readonly bindingLifetimeMs?: number;
}

export type Body = (bench: Bench) => Promise<void>;

/** One test of a file. */
export interface Declared {
	readonly title: string;
	readonly wishes: Wishes;
	readonly body: Body;
}

let declared: Declared[] = [];

/** Declares a test. */
export function hil(title: string, wishes: Wishes, body: Body): void {
	if (declared.some((one) => one.title === title)) throw new Error(`two tests of this file are called "${title}"`);
	declared.push({ title, wishes, body });
}

/** The tests of the file that was just imported. */
export function takeDeclared(): readonly Declared[] {
	const tests = declared;
	declared = [];
	return tests;
}
