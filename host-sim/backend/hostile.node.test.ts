// suite: limit=120
// The back end among strangers and devices that lie: it goes on, its tables keep their bounds, and it amplifies nothing.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { Option } from "../../firmware/coap/options.js";
import { message, type Parts } from "../../firmware/tests/hostile/message.js";
import { Mutator } from "../../firmware/tests/hostile/mutator.js";
import { Bench } from "./bench.js";
import * as operations from "./operations.js";

const test = suite("backend/hostile");
