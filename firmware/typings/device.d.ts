// The global that the board's provider makes.
declare const device: import("../io/board.js").BoardDevice;
