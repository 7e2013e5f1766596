// Addresses and records that C and the build share: core/link.ld, core/board.h (ImageHeader), core/preload.c (Request).

export const FLASH_START = 0x20000000;
/** QEMU wants a file as long as the bank. */
export const FLASH_BANK_LENGTH = 32 << 20;
export const RAM_START = 0x80000000;

/** The header of an image: where it begins, and its fields from there. */
export const HEADER = Object.freeze({
	at: 64,
	magic: "pinhole\0",
	length: 8,
	crc: 12,
	preloaded: 16,
	text: 20,
	textLength: 236,
	end: 256,
});

/** The request to make a root: its address, and the fields of its answer from there. */
export const REQUEST = Object.freeze({
	at: 0x84000000,
	magic: 0x70726570,
	heapLength: 12,
	chunksLength: 16,
	slotsLength: 20,
	regionOffset: 24,
	regionLength: 28,
	preloaded: 32,
	names: 36,
	aliases: 40,
	length: 44,
});
