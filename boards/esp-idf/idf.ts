// Functions of ESP-IDF that Moddable has no module for, by its foreign function interface (`ffi` in the manifest).
// This module is preloaded: what it holds in `let` is each machine's own, and nothing native is called at its load.

import Natives from "mc/ffi";
import type { ResetReason } from "../../firmware/io/board.js";

/** esp_reset_reason_t that we set ourselves. */
const ESP_RST_SW = 3;
const ESP_RST_PANIC = 4;

/** By esp_reset_reason_t; the pin EN, and DTR and RTS with it, is a power-on. */
const REASONS: readonly ResetReason[] = Object.freeze([
	"unknown",
	"power-on",
	"power-on", // by an external pin
	"restart",
	"watchdog", // panic
	"watchdog", // interrupts were off for too long
	"watchdog", // a task did not come back
	"watchdog",
	"deep-sleep",
	"brown-out",
	"unknown", // SDIO
	"restart", // by the USB port
	"restart", // by JTAG
	"unknown", // eFuse
	"brown-out", // a glitch of the supply
	"watchdog", // the processor gave up
]);

let natives: Natives | undefined;
let radioIsOn = false;
let lastWord: number | undefined;

function idf(): Natives {
	natives ??= new Natives();
	return natives;
}

/**
 * From here on a restart that is not `restart` counts as the watchdog's. Moddable ends an abort of the engine by
 * esp_restart, as an orderly restart ends; the hint, which survives it, tells them apart.
 */
export function watchForAborts(): void {
	idf().esp_reset_reason_set_hint(ESP_RST_PANIC);
}

export function resetReason(): ResetReason {
	return REASONS[idf().esp_reset_reason()] ?? "unknown";
}

/** Starts anew, at once. */
export function restart(): void {
	idf().esp_reset_reason_set_hint(ESP_RST_SW);
	idf().esp_restart();
}

/** Without this, the bootloader goes back to the other slot at the next start, where a new image was being tried. */
export function confirmImage(): void {
	idf().esp_ota_mark_app_valid_cancel_rollback();
}

/** The radio is a source of noise for good: Moddable never switches it off again. */
export function radioStarted(): void {
	radioIsOn = true;
}

/**
 * True randomness. Before the radio runs, the chip's generator has no noise but what the converter gives it while IDF's
 * entropy source is on. Throws when the source repeats itself, which a good one does once in 2^32 words.
 */
export function fillRandom(into: Uint8Array): void {
	const chip = idf();
	if (!radioIsOn) chip.bootloader_random_enable();
	try {
		for (let i = 0; i < into.length; i += 4) {
			const word = chip.esp_random();
			if (word === lastWord) throw new Error("the random source repeats itself");
			lastWord = word;
			for (let j = 0; j < 4 && i + j < into.length; j++) into[i + j] = word >>> (8 * j);
		}
	} finally {
		if (!radioIsOn) chip.bootloader_random_disable();
	}
}
