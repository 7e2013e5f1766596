// The whole firmware of an air compressor's controller: Moddable's main module, the same for every board.

import config from "mc/config";
import Time from "time";
import Timer from "timer";
import { boot } from "../boot/boot.js";
import { compressorDevice } from "./compressor-device.js";

/** Called once, after the import: what a preloaded module did itself would be done when the image is linked. */
export default function main(): void {
	boot({ device, config, timer: Timer, time: Time }, compressorDevice);
}
