// npm lwm2m-node-lib as a process of its own: it prints a ready line, then answers each JSON line on stdin by one on
// stdout, {"id", "result"} or {"id", "error"}, and tells what devices do by {"event", "values"}.

const { createSocket } = require("node:dgram");
const { createInterface } = require("node:readline");
const { server: lwm2m } = require("lwm2m-node-lib");

/** The registered Content-Format 0 for values: the library's own default is a number from before LwM2M 1.0. */
const TEXT = "text/plain";

function say(message) {
	process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A handler that tells an event with its leading values and lets the library go on. */
function tell(event, count) {
	return (...values) => {
		say({ event, values: values.slice(0, count) });
		values.at(-1)();
	};
}

function serve(server) {
	lwm2m.setHandler(server, "registration", tell("registration", 5));
	lwm2m.setHandler(server, "updateRegistration", tell("updateRegistration", 1));
	lwm2m.setHandler(server, "unregistration", tell("unregistration", 1));
	createInterface({ input: process.stdin }).on("line", (line) => {
		const { id, call, values } = JSON.parse(line);
		const notified = (value, ...path) => say({ event: "value", values: [value, ...path] });
		lwm2m[call](...values, ...(call === "observe" ? [notified] : []), (error, result) => {
			if (error) say({ id, error: { name: error.name, code: error.code, message: error.message } });
			else say({ id, result });
		});
	});
}

/** The library tells nobody which port it was given. */
function findPort(then) {
	const socket = createSocket("udp4");
	socket.bind(0, "127.0.0.1", () => {
		const { port } = socket.address();
		socket.close(() => then(port));
	});
}

findPort((port) => {
	const config = {
		...{ port, lifetimeCheckInterval: 1000, udpWindow: 100, defaultType: "Device", types: [], logLevel: "FATAL" },
		...{ ipProtocol: "udp4", serverProtocol: "udp4", formats: [], writeFormat: TEXT, defaultAcceptFormat: TEXT },
		deviceRegistry: { type: "memory" },
	};
	lwm2m.start(config, (error, server) => {
		if (error) throw error;
		serve(server);
		say({ ready: true, coap: `127.0.0.1:${port}`, pid: process.pid });
	});
});

process.stdin.on("end", () => process.exit(0));
