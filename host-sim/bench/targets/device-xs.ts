// As device-node.ts, on the XS engine.

import { readArguments } from "pinhole/process";
import { CompressorDevice } from "../../../firmware/examples/compressor-device.js";
import { xsProvider } from "../../device/xs-provider.js";
import { benchSettings } from "./settings.js";

const [port = "0"] = readArguments();
new CompressorDevice(xsProvider, benchSettings(port), () => {});
