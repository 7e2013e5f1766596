// The numbers of docs/console.md, in bytes unless they say otherwise.

/** A line to the device without its end; with it 127, below the 128 of an ESP32's UART. */
export const LINE_LENGTH = 126;
/** A request that comes in pieces, checksum included. */
export const REQUEST_LENGTH = 1536;
/** A request half of which came so long ago is forgotten. */
export const REQUEST_MS = 30_000;
/** An answer: its JSON, or its lines. */
export const ANSWER_LENGTH = 1024;
/** What stands around an answer's JSON: `#65535 `, a space, the checksum, LF. */
export const FRAME_LENGTH = 16;
/** Characters of one refusal. */
export const REFUSAL_LENGTH = 200;
/** Log lines that wait; the oldest make room. */
export const LOG_LENGTH = 640;
/** One line of the log with its LF. */
export const LOG_LINE_LENGTH = 127;
