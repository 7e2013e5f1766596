// All commands of `pinhole`, in the order of its help.

import { cac } from "cac";
import { registerNat } from "../nat/command.js";
import { registerStory } from "../story/command.js";
import { registerAttributes } from "./attributes.js";
import { registerBackend } from "./backend.js";
import { registerBoards } from "./boards.js";
import { registerComposite } from "./composite.js";
import { registerConsole } from "./console.js";
import { registerCreate } from "./create.js";
import { registerCredentials } from "./credentials.js";
import { registerDelete } from "./delete.js";
import { registerDevice } from "./device.js";
import { registerDevices } from "./devices.js";
import { registerDiscover } from "./discover.js";
import { registerExecute } from "./execute.js";
import { registerFlash } from "./flash.js";
import { registerLog } from "./log.js";
import { registerObserve } from "./observe.js";
import { registerProvision } from "./provision.js";
import { registerReach } from "./reach.js";
import { registerRead } from "./read.js";
import type { Cli } from "./shared.js";
import { registerTrigger } from "./trigger.js";
import { registerWrite } from "./write.js";

const REGISTER: readonly ((cli: Cli) => void)[] = [
	registerBackend,
	registerDevice,
	registerCredentials,
	registerNat,
	registerStory,
	registerDevices,
	registerRead,
	registerWrite,
	registerExecute,
	registerObserve,
	registerDiscover,
	registerAttributes,
	registerCreate,
	registerDelete,
	registerComposite,
	registerReach,
	registerTrigger,
	registerLog,
	registerBoards,
	registerFlash,
	registerProvision,
	registerConsole,
];

/** A command line that knows every command. */
export function createCli(): Cli {
	const cli = cac("pinhole");
	for (const register of REGISTER) register(cli);
	return cli;
}
