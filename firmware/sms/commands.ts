// What a modem is told on the way to "ready" (3GPP TS 27.007 and 27.005), and how its words are read.

/** A command of the way from the first sign of life to "ready"; what `mayFail` some modems do not know. */
interface Step {
	readonly command: string;
	readonly mayFail: boolean;
}

/** Any other answer to the first step but OK is that to a line which noise had begun. */
export const STEPS: readonly Step[] = Object.freeze([
	{ command: "AT", mayFail: true },
	{ command: "ATE0", mayFail: false },
	{ command: "AT+CMEE=1", mayFail: true },
	{ command: "AT+CPIN?", mayFail: false },
	{ command: "AT+CMGF=0", mayFail: false },
	{ command: 'AT+CPMS="SM","SM","SM"', mayFail: true },
	// TS 27.005, 3.4.1: messages are stored, so that none is lost while nobody listens, and announced by +CMTI.
	{ command: "AT+CNMI=2,1,0,0,0", mayFail: true },
]);
export const SYNCHRONIZE = 0;
export const CARD = 3;
export const LIST_ALL = "AT+CMGL=4";

/** By these a modem says that it has just started. */
export const STARTS: readonly string[] = Object.freeze(["RDY", "^SYSSTART", "+SYSSTART"]);

/** The number behind the last comma or colon; -1 where there is none. */
export function lastNumber(text: string): number {
	return numberFrom(text, Math.max(text.lastIndexOf(","), text.lastIndexOf(":")) + 1);
}

/** The number behind the first colon; -1 where there is none. */
export function firstNumber(text: string): number {
	return numberFrom(text, text.indexOf(":") + 1);
}

function numberFrom(text: string, start: number): number {
	const value = Number.parseInt(text.slice(start), 10);
	return value >= 0 && value <= 0xffff ? value : -1;
}
