// What `pinhole` does: one command, and its exit code.

import { createCli } from "./commands.js";
import { dispatch } from "./dispatch.js";
import { EXIT } from "./shared.js";

// Whoever reads us may have seen enough, as in `pinhole observe … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
	process.exit(error.code === "EPIPE" ? EXIT.success : EXIT.fault),
);

process.exitCode = await dispatch(createCli(), process.argv);
