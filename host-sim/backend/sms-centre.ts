// The way to an SMS centre, which every operator and reseller has another one of: a web hook, or a file or pipe.

import { appendFile } from "node:fs/promises";

/** One message of 8-bit data (3GPP TS 23.038: data coding scheme 0x04). */
export interface OutgoingSms {
	/** The number with its country, "+491700000001". */
	readonly to: string;
	/** At most 140 bytes. */
	readonly data: Uint8Array;
}

/** Takes messages; whether and when they arrive, nobody says. */
export interface SmsCentre {
	/** Rejects with a sentence where the message was not taken. */
	submit(sms: OutgoingSms): Promise<void>;
}

const ANSWER_MS = 10_000;

/** The centre at a place: a URL that takes a POST for each message, or a file or pipe that takes a line for each. */
export function smsCentreAt(place: string): SmsCentre {
	return /^https?:\/\//.test(place) ? { submit: (sms) => post(place, sms) } : { submit: (sms) => append(place, sms) };
}

/** {"to":"+491700000001","coding":"8bit","data":"50020001b13101300138"}, data in hexadecimal digits. */
function render({ to, data }: OutgoingSms): string {
	return JSON.stringify({ to, coding: "8bit", data: Buffer.from(data).toString("hex") });
}

async function post(url: string, sms: OutgoingSms): Promise<void> {
	const answer = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: render(sms),
		signal: AbortSignal.timeout(ANSWER_MS),
	}).catch((error: Error) => {
		const cause = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : error.message;
		throw new Error(`The SMS centre does not answer (${cause})`);
	});
	await answer.body?.cancel();
	if (!answer.ok) throw new Error(`The SMS centre refused the message (${answer.status})`);
}

async function append(path: string, sms: OutgoingSms): Promise<void> {
	await appendFile(path, `${render(sms)}\n`).catch((error: Error) => {
		throw new Error(
			`The SMS centre's file cannot be written (${"code" in error ? String(error.code) : error.message})`,
		);
	});
}
