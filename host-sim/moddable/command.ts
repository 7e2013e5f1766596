// The command lines of Moddable's tools, for whoever makes or flashes an image of this repository.

/** What `mc/config` says of an image, and what mcconfig makes of it. */
export type Build = "debug" | "instrumented" | "release" | "test";

export interface Image {
	/** A folder of boards/ with a provider. */
	readonly board: string;
	readonly build: Build;
	/** 7 characters, with "+" where the tree had changes. */
	readonly commit: string;
}

const FLAGS: Readonly<Record<Build, readonly string[]>> = Object.freeze({
	debug: ["-d"],
	instrumented: ["-i"],
	release: [],
	// A release in all but the console's verbs: its figures are those of the real thing.
	test: [],
});

/**
 * mcconfig's words for an image, to be run in the root of the repository. `describe` writes the makefile only, `make`
 * makes the image, `flash` makes it and writes it to the board (at UPLOAD_PORT of the environment).
 */
export function mcconfigWords(image: Image, what: "describe" | "make" | "flash", output?: string): string[] {
	return [
		...FLAGS[image.build],
		...(what === "describe" ? [] : ["-m"]),
		...(output === undefined ? [] : ["-o", output]),
		...["-p", `esp32:./boards/${image.board}`],
		...(what === "make" ? ["-t", "build"] : []),
		...[`build=${image.build}`, `commit=${image.commit}`],
	];
}

/** Where mcconfig, given `-o output`, works and puts its results. */
export function imageFolders(image: Image, output: string): { readonly temporary: string; readonly result: string } {
	const kind = { debug: "debug", instrumented: "instrument", release: "release", test: "release" }[image.build];
	const tail = `esp32/${image.board}/${kind}/pinhole`;
	return { temporary: `${output}/tmp/${tail}`, result: `${output}/bin/${tail}` };
}

/** make's words for TypeScript, bytecode and link, in the folder of the makefile: all that needs no ESP-IDF. */
export function linkWords(temporary: string, chip: string): string[] {
	const header = `${temporary}/xsProj-${chip}/build/config/sdkconfig.h`;
	// The makefile wants an IDF from its first line; what is linked here reads nothing of it.
	return ["IDF_PATH=none", "IDF_VERSION=none", "-f", "makefile", "-o", header, `${temporary}/mc.xs.c`];
}
