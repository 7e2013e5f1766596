// As device-node.ts, on the XS engine.

import { readArguments } from "pinhole/process";
import { SimulatedDevice } from "../../device/simulated-device.js";
import { xsProvider } from "../../device/xs-provider.js";
import { benchSettings } from "./settings.js";

const [port = "0"] = readArguments();
new SimulatedDevice("xs", xsProvider, benchSettings(port), () => {});
