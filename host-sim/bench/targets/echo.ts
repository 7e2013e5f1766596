// The floor: UDP in Node and nothing else. A Write is sent back twice, as a server sends a response and a notification.

import { createSocket } from "node:dgram";
import { Code } from "../../../firmware/coap/codes.js";

const [port = "0"] = process.argv.slice(2);
const TOKEN_OFFSET = 4;
const TOKEN_LENGTH = 4;
const socket = createSocket("udp4");

socket.on("message", (bytes, from) => {
	socket.send(bytes, from.port, from.address);
	if (bytes[1] !== Code.Put) return;
	const notification = Buffer.from(bytes).fill(0, TOKEN_OFFSET, TOKEN_OFFSET + TOKEN_LENGTH);
	socket.send(notification, from.port, from.address);
});
socket.send("hello", Number(port), "127.0.0.1");
