// The global `device` of this board.

import { espressifDevice } from "esp-idf/device";

const device = espressifDevice(
	Object.freeze({ port: 0, transmit: 21, receive: 20 }),
	Object.freeze({ port: 1, transmit: 5, receive: 4 }),
);

export default device;
