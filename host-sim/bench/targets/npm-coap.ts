// npm `coap` as a server of two resources.

import { createSocket } from "node:dgram";
import { createServer, type ObserveWriteStream, type OutgoingMessage } from "coap";

const [port = "0"] = process.argv.slice(2);
const socket = createSocket("udp4");
let value = "1";
let observer: ObserveWriteStream | OutgoingMessage | undefined;

const server = createServer((request, response) => {
	if (request.method === "PUT") {
		value = request.payload.toString();
		response.code = "2.04";
		response.end();
		observer?.write(value);
	} else if (request.headers.Observe === 0) {
		observer = response;
		response.write(value);
	} else response.end("Pinhole");
});

socket.bind(0, "127.0.0.1", () => {
	server.listen(socket);
	socket.send("hello", Number(port), "127.0.0.1");
});
