// SPDX-License-Identifier: Apache-2.0
// What the parts of the board share: how a part joins the boot, the event loop and the script.

#ifndef PINHOLE_BOARD_H
#define PINHOLE_BOARD_H

#include "engine.h"
#include <stdbool.h>

/*
 * A part of the board. Every function may be NULL. There are no interrupt handlers: an interrupt only wakes the loop,
 * which then polls every part.
 */
typedef struct Part {
	/* When the image is made, never on a normal boot: gives natives to the JavaScript modules (shared/native.h). */
	void (*install)(Machine* the);
	/* At each boot, in the order of the list in parts.c, before the script starts: makes the hardware ready. */
	void (*start)(void);
	/* Serves the hardware and calls the script at most once. True: it called the script, so poll again. */
	bool (*poll)(Machine* the);
	/* When to poll next although no interrupt came, in milliseconds of nowMs(); INFINITY for never. */
	double (*nextAt)(void);
} Part;

/* parts.c: all of them, up to NULL. */
extern const Part* const gParts[];
extern const Part clockPart, serialPart, storagePart, networkPart, devicePart, suitePart;

#define MMIO(address) (*(volatile uint32_t*)(uintptr_t)(address))
#define MMIO_BYTE(address) (*(volatile uint8_t*)(uintptr_t)(address))

/* The multilib for rv32imc has no name for the instructions of control registers: the assembler is told. */
#define CSR(code) ".option push\n.option arch, +zicsr\n" code "\n.option pop"
#define csrWrite(name, value) __asm__ volatile(CSR("csrw " #name ", %0") : : "r"(value) : "memory")
#define csrRead(name) \
	({ \
		uint32_t csrValue; \
		__asm__ volatile(CSR("csrr %0, " #name) : "=r"(csrValue)); \
		csrValue; \
	})

/* start.c: the C stack. */
size_t stackPeak(void);

/* What preload.c leaves for the boots to come. */
typedef struct Preloaded {
	Machine* root;
	ModuleList list;
	const char* main; /* the module whose default export is called */
} Preloaded;

/* header.c: what an image says about itself, 64 bytes behind its begin; image.ts writes it (layout.ts). */
typedef struct ImageHeader {
	char magic[8];
	uint32_t length; /* of the whole image */
	uint32_t crc; /* CRC-32 of the image behind this header */
	const Preloaded* preloaded; /* NULL: not yet */
	char text[236]; /* JSON: board, version, commit, build; zero-terminated */
} ImageHeader;

extern const volatile ImageHeader gHeader;

/* heap.c: where malloc takes from, and how much it took. */
void heapUse(uint8_t* start, uint8_t* end);
size_t heapTaken(void);

/* preload.c: the run that makes the root; ends the machine. */
void preload(void) __attribute__((noreturn));

/* Of the tables that a clone copies from its root. */
enum { NAME_MODULO = 127, SYMBOL_MODULO = 31 };

/* machine.c: the clone of the root in which the firmware runs. */
typedef struct MachineSizes {
	size_t slotBytes, slotBytesTaken; /* in use, garbage included; and what the heap has grown to */
	size_t chunkBytes, chunkBytesTaken;
	size_t stackBytes; /* most */
	size_t collections;
} MachineSizes;

Machine* machineStart(void);
MachineSizes machineSizes(void);
/* Slots and chunks in use, once garbage is collected. */
size_t machineUsed(void);
/* " in a, b, c": the functions that run, innermost first; "" where there is none. */
enum { PLACE_LENGTH = 80 };
const char* machinePlace(char place[PLACE_LENGTH]);
int imageHolds(const void* address);

/* clock.c */
void waitUntil(double at);
void interruptEnable(unsigned number);
/* The script has so long, from now on, to come back to the loop. */
void watchdogFeed(void);

/* uart.c: rings of what the ESP32's FIFOs hold. */
enum { UART_FIFO_LENGTH = 128 };
void uartStart(void);
void uartPoll(void);
size_t uartRoom(void);
size_t uartCount(void);
void uartWrite(const uint8_t* data, size_t length);
size_t uartRead(uint8_t* into, size_t length);
/* Writes past the ring, waiting for the line: for last words. */
void uartPrint(const char* text);

/* Of a cause, with its final zero. */
enum { CAUSE_LENGTH = 120 };

/* crash.c: causes in flash; the last one is given once. */
void crashKeep(const char* cause);
bool crashTake(char cause[CAUSE_LENGTH]);

/* reset.c */
/* FNV-1a, to tell a record from chance. */
uint32_t sumOf(const void* data, size_t length);
typedef enum ResetReason { RESET_POWER_ON, RESET_RESTART, RESET_WATCHDOG } ResetReason;
void resetStart(void);
ResetReason resetReason(void);
/* What ended the last run; "" when nothing was recorded. */
const char* resetCause(void);
void restart(void) __attribute__((noreturn));
/* Records why, says it on the console, and restarts. */
void die(const char* format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Leaves QEMU: for the run that makes the image. */
void powerOff(int code) __attribute__((noreturn));

#endif
