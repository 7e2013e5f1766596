// `#native` on XS, the board included, as native-node.ts is for Node.

export { default as primitives } from "pinhole/primitives";
