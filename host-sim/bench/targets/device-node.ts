// The firmware on Node, without the words that `pinhole device` prints for each operation.

import { nodeProvider } from "../../device/provider.js";
import { SimulatedDevice } from "../../device/simulated-device.js";
import { benchSettings } from "./settings.js";

const [port = "0"] = process.argv.slice(2);
new SimulatedDevice("node", nodeProvider, benchSettings(port), () => {});
