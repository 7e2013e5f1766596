// The global `device` of this board.

import { espressifDevice } from "esp-idf/device";

const device = espressifDevice(
	Object.freeze({ port: 0, transmit: 1, receive: 3 }),
	Object.freeze({ port: 1, transmit: 17, receive: 16 }),
);

export default device;
