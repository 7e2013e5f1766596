// From the words a person typed to a command's action, and from what it throws to an exit code.

import { addHelp } from "./help.js";
import { type Cli, EXIT, Failure, UsageError } from "./shared.js";

/** Keeps the parser from making 7 of "007" and an option of "-5" or "-"; no argument can hold this character. */
const GUARD = "\u0000";

/** Runs the command that argv asks for and gives the exit code. */
export async function dispatch(cli: Cli, argv: readonly string[]): Promise<number> {
	try {
		addHelp(cli);
		cli.parse([...argv.slice(0, 2), ...argv.slice(2).map(guard)], { run: false });
		if (cli.options.help === true) return EXIT.success;
		const rest = cli.options["--"] as readonly string[];
		cli.args = [...cli.args, ...rest].map(unguardText);
		for (const name of Object.keys(cli.options)) cli.options[name] = unguard(cli.options[name]);
		dropPretendedValues(cli);
		if (cli.matchedCommand === undefined) return usage(unknownCommand(cli));
		return ((await cli.runMatchedCommand()) as number | undefined) ?? EXIT.success;
	} catch (error) {
		if (error instanceof Failure) return fail(error.message, error.exitCode);
		if (error instanceof UsageError) return usage(error.message);
		if (error instanceof Error && error.name === "CACError") return usage(parserError(cli, error.message));
		return fail(
			`A fault of ours, please report it: ${error instanceof Error ? error.stack : String(error)}`,
			EXIT.fault,
		);
	}
}

function guard(argument: string): string {
	if (/^-(\d|$)/.test(argument)) return GUARD + argument;
	if (!argument.startsWith("-")) return isNumeric(argument) ? GUARD + argument : argument;
	const equals = argument.indexOf("=");
	if (equals < 0 || !isNumeric(argument.slice(equals + 1))) return argument;
	return `${argument.slice(0, equals + 1)}${GUARD}${argument.slice(equals + 1)}`;
}

function isNumeric(text: string): boolean {
	return Number.isFinite(Number(text));
}

function unguardText(text: string): string {
	return text.startsWith(GUARD) ? text.slice(1) : text;
}

function unguard(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(unguard);
	return typeof value === "string" ? unguardText(value) : value;
}

/** Where `--x <value>` and `--no-x` exist and neither was given, the parser says true, and then misses the value. */
function dropPretendedValues(cli: Cli): void {
	for (const { name, rawName, required } of cli.matchedCommand?.options ?? []) {
		if (required !== true || cli.options[name] !== true) continue;
		const flags = rawName.match(/--?[\w-]+/g) ?? [];
		if (!flags.some((flag) => cli.rawArgs.includes(flag))) delete cli.options[name];
	}
}

function unknownCommand(cli: Cli): string {
	const asked = cli.args[0];
	const what = asked === undefined ? "Say what to do" : `There is no command "${asked}"`;
	return `${what}: pinhole --help lists the commands.`;
}

function parserError(cli: Cli, message: string): string {
	const command = cli.matchedCommand;
	const help = `pinhole ${command === undefined ? "" : `${command.name} `}--help says more`;
	if (message.startsWith("missing required args")) return `Call it as: pinhole ${command?.rawName}; ${help}.`;
	return `${message.charAt(0).toUpperCase()}${message.slice(1)}; ${help}.`;
}

function usage(message: string): number {
	return fail(message, EXIT.usage);
}

function fail(message: string, exitCode: number): number {
	process.stderr.write(`pinhole: ${message}\n`);
	return exitCode;
}
