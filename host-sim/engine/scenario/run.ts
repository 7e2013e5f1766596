// Runs the frozen scenario; prints "passed" at its end and, with the argument "objects", what then lives.

import measure from "pinhole/measure";
import { print, readArguments } from "pinhole/process";
import { runScenario } from "./story.js";

runScenario(() => {
	if (readArguments()[0] === "objects") measure.objects();
	print("passed");
});
