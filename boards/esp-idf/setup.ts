// Moddable runs each module `setup/…` before the main one.

import { watchForAborts } from "esp-idf/idf";

/** Before anything that could abort. */
export default function setup(done: () => void): void {
	watchForAborts();
	done();
}
