// The command line: which commands there are, and how each ends.

import { cac } from "cac";
import { registerNat } from "../nat/command.js";
import { registerStory } from "../story/command.js";
import { registerBackend } from "./backend.js";
import { registerDelete } from "./delete.js";
import { registerDevice } from "./device.js";
import { registerDevices } from "./devices.js";
import { registerDiscover } from "./discover.js";
import { dispatch } from "./dispatch.js";
import { registerExecute } from "./execute.js";
import { registerLog } from "./log.js";
import { registerObserve } from "./observe.js";
import { registerRead } from "./read.js";
import { registerWrite } from "./write.js";

const cli = cac("pinhole");
for (const register of [
	registerBackend,
	registerDevice,
	registerNat,
	registerStory,
	registerDevices,
	registerRead,
	registerWrite,
	registerExecute,
	registerObserve,
	registerDiscover,
	registerDelete,
	registerLog,
]) {
	register(cli);
}
process.exitCode = await dispatch(cli, process.argv);
