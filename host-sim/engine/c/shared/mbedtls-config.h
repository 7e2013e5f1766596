// SPDX-License-Identifier: Apache-2.0
// What the hosts of the engine have of mbed TLS: the AES-CCM of OSCORE and SHA-256. No file, clock, thread or heap.

#ifndef PINHOLE_MBEDTLS_CONFIG_H
#define PINHOLE_MBEDTLS_CONFIG_H

#include <stddef.h>

#define MBEDTLS_AES_C
#define MBEDTLS_CCM_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_SHA256_C

/* Tables in flash, a quarter of them: the rest follows by rotation. */
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES

/* The one context that the cipher layer wants from a heap; primitives.c has room for it. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO primitivesTake
#define MBEDTLS_PLATFORM_FREE_MACRO primitivesGive
void* primitivesTake(size_t count, size_t size);
void primitivesGive(void* context);

#include "mbedtls/check_config.h"

#endif
