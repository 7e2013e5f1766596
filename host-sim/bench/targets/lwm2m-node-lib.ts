// npm `lwm2m-node-lib` as a client of LwM2M 1.0, from where interop/ has installed it.

import { createRequire } from "node:module";

/** As much of the library as is used here. */
interface NodeLib {
	readonly client: {
		init(config: unknown): void;
		register(
			host: string,
			port: string,
			url: string,
			name: string,
			done: (error: unknown, device: Device) => void,
		): void;
		readonly registry: {
			create(instance: string, done: () => void): void;
			setResource(instance: string, resource: string, value: string, done: () => void): void;
		};
	};
}

interface Device {
	readonly serverInfo: unknown;
}

const [port = "0"] = process.argv.slice(2);
const require = createRequire(new URL("../../../interop/lwm2m-node-lib/", import.meta.url));
const { client } = require("lwm2m-node-lib") as NodeLib;
const { registry } = client;

client.init({
	client: {
		...{ lifetime: "86400", version: "1.0", logLevel: "FATAL", observe: { period: 3000 }, udpWindow: 100 },
		...{ ipProtocol: "udp4", serverProtocol: "udp4", formats: [], writeFormat: "text/plain" },
	},
});
const values = [
	["/3/0", "0", "Pinhole"],
	["/3306/0", "5850", "1"],
] as const;
for (const [instance, resource, value] of values) {
	registry.create(instance, () => {});
	registry.setResource(instance, resource, value, () => {});
}
client.register("127.0.0.1", port, "", "bench", (error) => {
	if (error) throw error;
});
