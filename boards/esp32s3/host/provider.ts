// The global `device` of this board.

import { espressifDevice } from "esp-idf/device";

const device = espressifDevice(
	Object.freeze({ port: 0, transmit: 43, receive: 44 }),
	Object.freeze({ port: 1, transmit: 17, receive: 18 }),
);

export default device;
