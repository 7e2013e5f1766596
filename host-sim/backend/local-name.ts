// Which names mean this machine.

/** True for the names of the loopback interface. */
export function isLocalName(host: string): boolean {
	return host === "localhost" || host === "[::1]" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
