// SPDX-License-Identifier: Apache-2.0
// What the hosts of the engine have of mbed TLS: the AES-CCM of OSCORE, SHA-256, and a client of TLS 1.2 that proves
// who the server is. No file, no thread, no clock but the calendar that certificates need.

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

/* TLS 1.2 with forward secrecy and authenticated ciphers only (RFC 7925, 4.4; RFC 9325, 4.2). */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_GCM_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA512_C

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT

#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE

/* Signatures are only checked here, which has no secret that a generator inside would have to blind. */
#define MBEDTLS_ECP_NO_INTERNAL_RNG
/* Less speed for less memory: one handshake in hours. */
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_MPI_WINDOW_SIZE 1
#define MBEDTLS_MPI_MAX_SIZE 512

/*
 * A record may have 16 KiB (RFC 5246, 6.2.1). To ask for less (RFC 6066, 4) would make servers cut their certificates
 * into records that mbed TLS 2.28 does not put together. What we send is never longer than a message with its frame.
 */
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2560

/* primitives.c has room for the one context of AES-CCM, and tls.c counts the rest. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO primitivesTake
#define MBEDTLS_PLATFORM_FREE_MACRO primitivesGive
void* primitivesTake(size_t count, size_t size);
void primitivesGive(void* context);

#include "mbedtls/check_config.h"

#endif
