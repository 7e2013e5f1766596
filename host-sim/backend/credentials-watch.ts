// A file of credentials that changes while the back end runs: from then on new keys hold, and those taken out do not.

import { unwatchFile, watchFile } from "node:fs";
import type { Logger } from "../cli/shared.js";
import { type Credential, readCredentials } from "./credentials.js";

/** How often the file is looked at. */
const INTERVAL_MS = 500;

/**
 * Tells what the file holds whenever it has changed; a file that cannot be used changes nothing, and the log says why.
 * Returns the way to stop.
 */
export function watchCredentials(
	path: string,
	log: Logger,
	take: (credentials: readonly Credential[]) => void,
): () => void {
	const read = (): void => {
		try {
			const credentials = readCredentials(path);
			take(credentials);
			log.info("backend", `${path} has changed, keys of devices:`, String(credentials.length));
		} catch (error) {
			log.warn("backend", "the keys stay as they were:", (error as Error).message);
		}
	};
	// By name and by polling: the file is replaced as a whole, and not every file system tells.
	watchFile(path, { interval: INTERVAL_MS, persistent: false }, read);
	return () => unwatchFile(path, read);
}
