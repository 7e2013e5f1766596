// What every board on ESP-IDF gives the firmware: the global `device`, of Moddable's modules and of IDF's functions.

import Serial from "embedded:io/serial";
import UDP from "embedded:io/socket/udp";
import WiFi from "embedded:network/interface/wifi";
import flash from "embedded:storage/flash";
import type { BoardDevice } from "../../firmware/io/board.js";
import type { SerialConstructor } from "../../firmware/io/ecma-419.js";
import type { Primitives } from "../../firmware/security/primitives.js";
import { connections } from "./connection.js";
import { confirmImage, fillRandom, radioStarted, resetReason, restart } from "./idf.js";
import { cryptPrimitives } from "./primitives.js";
import { LwipResolver } from "./resolver.js";

/** A UART and its pins. */
export interface Uart {
	readonly port: number;
	readonly transmit: number;
	readonly receive: number;
}

/** What these boards have beside the contract. */
export interface EspressifDevice extends BoardDevice {
	readonly primitives: Primitives;
}

const CONSOLE_BAUD = 115_200;
/** What modems speak after power-on, or find out. */
const MODEM_BAUD = 115_200;

/** A port whose `read` takes no more than there is: the SDK's, told a count, reads on beyond what has come. */
class Port extends Serial {
	override read(): ArrayBuffer | undefined {
		return super.read();
	}
}

/** Wi-Fi as a station, which tells the random source that the radio's noise is there. */
class Station extends WiFi {
	constructor(options: ConstructorParameters<typeof WiFi>[0]) {
		super(options);
		radioStarted();
	}
}

/**
 * The device of one board. The console is on `uart`, the one behind the USB bridge; on `spare` where the debugger of a
 * debug build holds that one, which else is for a modem.
 */
export function espressifDevice(uart: Uart, spare: Uart): EspressifDevice {
	// Where the console is, no modem can be opened.
	const modem = { io: Port, baud: MODEM_BAUD, ...spare };
	return {
		serial: { console: { io: consoleOn(uart, spare) }, modem },
		network: {
			udp: { io: UDP },
			...connections,
			dns: { io: LwipResolver },
			interface: { io: Station, kind: "wifi" },
		},
		storage: { journal: { io: flash, path: "journal" } },
		random: { fill: fillRandom },
		primitives: cryptPrimitives,
		reset: {
			get reason() {
				return resetReason();
			},
			// Nobody keeps the engine's last words on these chips.
			cause: undefined,
		},
		image: { confirm: confirmImage },
		restart,
	};
}

/** A function that returns an object is, for `new`, a constructor of that object. */
function consoleOn(uart: Uart, spare: Uart): SerialConstructor {
	return function ConsoleSerial(options: ConstructorParameters<SerialConstructor>[0]) {
		try {
			return new Port({ ...options, baud: CONSOLE_BAUD, ...uart });
		} catch {
			return new Port({ ...options, baud: CONSOLE_BAUD, ...spare });
		}
	} as unknown as SerialConstructor;
}
