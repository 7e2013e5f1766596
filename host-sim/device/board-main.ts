// The firmware of the boards on the desktop's XS engine: what a board's start-up code does, and then the main module.

import device from "pinhole/device";
import main from "../../firmware/examples/compressor-board.js";

Object.assign(globalThis, { device });
main();
