// SPDX-License-Identifier: Apache-2.0
// The partitions of flash bank 1: name, first byte, length; whole sectors of 256 KB, in order, without holes between.
// One table for C and for the harness, which reads these rows as text.

#define FLASH_PARTITIONS(PARTITION) \
	PARTITION("journal", 0x0000000, 0x0100000) \
	PARTITION("keyvalue", 0x0100000, 0x0100000) \
	PARTITION("crash", 0x0200000, 0x0040000) \
	PARTITION("otadata", 0x0240000, 0x0080000) \
	PARTITION("ota_0", 0x02c0000, 0x0400000) \
	PARTITION("ota_1", 0x06c0000, 0x0400000)
