// UDP sockets as the relay wants them: bound or failed, and closed in its own time.

import { createSocket, type Socket } from "node:dgram";

/** Binds an IPv4 socket; rejects where the address or port cannot be had. Port 0 takes any free one. */
export function bindSocket(address: string, port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = createSocket("udp4");
		const fail = (error: Error): void => {
			socket.close();
			reject(error);
		};
		socket.once("error", fail);
		socket.bind({ address, port, exclusive: true }, () => {
			socket.off("error", fail);
			resolve(socket);
		});
	});
}

export function closeSocket(socket: Socket): Promise<void> {
	return new Promise((resolve) => socket.close(() => resolve()));
}
