// The firmware on Node, without the words that `pinhole device` prints for each operation.

import { CompressorDevice } from "../../../firmware/examples/compressor-device.js";
import { nodeProvider } from "../../device/provider.js";
import { benchSettings } from "./settings.js";

const [port = "0"] = process.argv.slice(2);
new CompressorDevice(nodeProvider, benchSettings(port), () => {});
