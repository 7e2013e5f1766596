// A DNS server with a static table (RFC 1035): IPv4 addresses, and "no such name" for all else.

const HEADER_LENGTH = 12;
const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const NO_SUCH_NAME = 3;
const TYPE_A = 1;
const CLASS_IN = 1;
/** Points to the name in the question (4.1.4). */
const SAME_NAME = 0xc000 | HEADER_LENGTH;
const TIME_TO_LIVE_SECONDS = 60;
const NAME_LENGTH = 255;

/** The answer to one query by a table of names to addresses; undefined for what is no query of one question. */
export function answerDns(
	query: Buffer,
	addressOf: (name: string) => readonly number[] | undefined,
): Buffer | undefined {
	if (query.length < HEADER_LENGTH || (query.readUInt16BE(2) & RESPONSE) !== 0 || query.readUInt16BE(4) !== 1) {
		return undefined;
	}
	const question = readQuestion(query);
	if (question === undefined) return undefined;
	const address = addressOf(question.name);
	const isAnswered = address !== undefined && question.type === TYPE_A;
	const header = Buffer.from(query.subarray(0, HEADER_LENGTH));
	const flags = RESPONSE | AUTHORITATIVE | RECURSION_AVAILABLE | (query.readUInt16BE(2) & RECURSION_DESIRED);
	header.writeUInt16BE(flags | (address === undefined ? NO_SUCH_NAME : 0), 2);
	header.writeUInt16BE(isAnswered ? 1 : 0, 6);
	header.fill(0, 8);
	const parts = [header, query.subarray(HEADER_LENGTH, question.end)];
	if (isAnswered) parts.push(addressRecord(address));
	return Buffer.concat(parts);
}

function addressRecord(address: readonly number[]): Buffer {
	const record = Buffer.alloc(16);
	record.writeUInt16BE(SAME_NAME, 0);
	record.writeUInt16BE(TYPE_A, 2);
	record.writeUInt16BE(CLASS_IN, 4);
	record.writeUInt32BE(TIME_TO_LIVE_SECONDS, 6);
	record.writeUInt16BE(address.length, 10);
	record.set(address, 12);
	return record;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
	const labels: string[] = [];
	let at = HEADER_LENGTH;
	for (let length = query[at]; length !== 0; length = query[at]) {
		// A question is the first name of its message: it has nothing to point to.
		if (length === undefined || length > 63 || at > HEADER_LENGTH + NAME_LENGTH) return undefined;
		labels.push(query.toString("latin1", at + 1, at + 1 + length));
		at += 1 + length;
	}
	if (at + 5 > query.length) return undefined;
	return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}
