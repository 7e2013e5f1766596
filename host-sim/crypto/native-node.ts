// `#native` on Node: the primitives that a device has there, for tests that run on every engine.

export { nodePrimitives as primitives } from "./node-primitives.js";
