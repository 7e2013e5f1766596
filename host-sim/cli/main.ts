// What `pinhole` does: one command, and its exit code.

import { createCli } from "./commands.js";
import { dispatch } from "./dispatch.js";

process.exitCode = await dispatch(createCli(), process.argv);
