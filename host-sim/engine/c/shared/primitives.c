// SPDX-License-Identifier: Apache-2.0
// The cryptography of hosts whose machine has none: firmware/security/primitives.ts over mbed TLS.

#include "native.h"
#include "tls.h"
#include "mbedtls/aes.h"
#include "mbedtls/ccm.h"
#include "mbedtls/constant_time.h"
#include "mbedtls/platform_util.h"
#include "mbedtls/sha256.h"
#include <string.h>

enum {
	KEY_LENGTH = 16,
	HASH_LENGTH = 32,
	/* Of SHA-256, which is what HMAC fills its key to (RFC 2104, 2). */
	BLOCK_LENGTH = 64,
	INNER_PAD = 0x36,
	OUTER_PAD = 0x5c,
};

typedef struct Bytes {
	uint8_t* data;
	xsUnsignedValue length;
} Bytes;

/* The arguments that seal and open have in common, and the cipher with its key. */
typedef struct Call {
	Bytes nonce, associated, from, into;
	xsUnsignedValue tagLength;
	mbedtls_ccm_context ccm;
} Call;

static union {
	mbedtls_aes_context aes;
	max_align_t alignment;
} gContext;
static int gContextTaken;
/* A key is being set: OSCORE takes nothing of any heap, however full TLS has made it. */
static int gIsOurs;

void* primitivesTake(size_t count, size_t size)
{
	if (!gIsOurs)
		return tlsTake(count, size);
	if (gContextTaken || count != 1 || size > sizeof(gContext))
		return NULL;
	gContextTaken = 1;
	return memset(&gContext, 0, sizeof(gContext));
}

void primitivesGive(void* context)
{
	if (context == &gContext)
		gContextTaken = 0;
	else
		tlsGive(context);
}

static Bytes readable(xsMachine* the, xsSlot* slot)
{
	void* data;
	Bytes bytes;
	xsmcGetBufferReadable(*slot, &data, &bytes.length);
	bytes.data = data;
	return bytes;
}

static Bytes writable(xsMachine* the, xsSlot* slot, xsUnsignedValue least)
{
	void* data;
	Bytes bytes;
	xsmcGetBufferWritable(*slot, &data, &bytes.length);
	bytes.data = data;
	if (bytes.length < least)
		xsRangeError("the result needs %d bytes", (int)least);
	return bytes;
}

/* Nothing may throw after it but `end`, which wipes the key. */
static void begin(xsMachine* the, Call* call)
{
	Bytes key = readable(the, &xsArg(0));
	call->nonce = readable(the, &xsArg(1));
	call->associated = readable(the, &xsArg(2));
	call->from = readable(the, &xsArg(3));
	call->tagLength = (xsUnsignedValue)xsmcToInteger(xsArg(4));
	call->into = writable(the, &xsArg(5), 0);
	if (key.length != KEY_LENGTH)
		xsRangeError("the key needs %d bytes", KEY_LENGTH);
	mbedtls_ccm_init(&call->ccm);
	gIsOurs = 1;
	int failure = mbedtls_ccm_setkey(&call->ccm, MBEDTLS_CIPHER_ID_AES, key.data, KEY_LENGTH * 8);
	gIsOurs = 0;
	if (failure)
		xsUnknownError("AES takes no key");
}

static void end(xsMachine* the, Call* call, int failure)
{
	mbedtls_ccm_free(&call->ccm);
	if (failure)
		xsRangeError("AES-CCM does not take these lengths");
}

static void primitivesSeal(xsMachine* the)
{
	Call call;
	begin(the, &call);
	xsUnsignedValue length = call.from.length;
	int failure = call.into.length < length + call.tagLength
		|| mbedtls_ccm_encrypt_and_tag(&call.ccm, length, call.nonce.data, call.nonce.length, call.associated.data,
			call.associated.length, call.from.data, call.into.data, call.into.data + length, call.tagLength);
	end(the, &call, failure);
	xsmcSetInteger(xsResult, (xsIntegerValue)(length + call.tagLength));
}

static void primitivesOpen(xsMachine* the)
{
	Call call;
	begin(the, &call);
	int result = MBEDTLS_ERR_CCM_AUTH_FAILED;
	xsUnsignedValue length = 0;
	if (call.from.length >= call.tagLength) {
		length = call.from.length - call.tagLength;
		result = call.into.length < length
			? MBEDTLS_ERR_CCM_BAD_INPUT
			: mbedtls_ccm_auth_decrypt(&call.ccm, length, call.nonce.data, call.nonce.length, call.associated.data,
				call.associated.length, call.from.data, call.into.data, call.from.data + length, call.tagLength);
	}
	/* A wrong tag is the peer's fault, and mbed TLS has wiped what it decrypted. */
	int forged = result == MBEDTLS_ERR_CCM_AUTH_FAILED;
	end(the, &call, result && !forged);
	xsmcSetInteger(xsResult, forged ? -1 : (xsIntegerValue)length);
}

static void hash(Bytes first, Bytes second, uint8_t into[HASH_LENGTH])
{
	mbedtls_sha256_context sha;
	mbedtls_sha256_init(&sha);
	mbedtls_sha256_starts_ret(&sha, 0);
	mbedtls_sha256_update_ret(&sha, first.data, first.length);
	mbedtls_sha256_update_ret(&sha, second.data, second.length);
	mbedtls_sha256_finish_ret(&sha, into);
	mbedtls_sha256_free(&sha);
}

static const Bytes gNothing;

static void primitivesSha256(xsMachine* the)
{
	Bytes data = readable(the, &xsArg(0));
	hash(data, gNothing, writable(the, &xsArg(1), HASH_LENGTH).data);
}

static void padKey(uint8_t pad[BLOCK_LENGTH], Bytes key, uint8_t with)
{
	memset(pad, 0, BLOCK_LENGTH);
	if (key.length > BLOCK_LENGTH)
		hash(key, gNothing, pad);
	else if (key.length)
		memcpy(pad, key.data, key.length);
	for (int i = 0; i < BLOCK_LENGTH; i++)
		pad[i] ^= with;
}

static void primitivesHmacSha256(xsMachine* the)
{
	Bytes key = readable(the, &xsArg(0));
	Bytes data = readable(the, &xsArg(1));
	Bytes into = writable(the, &xsArg(2), HASH_LENGTH);
	uint8_t pad[BLOCK_LENGTH], inner[HASH_LENGTH];
	padKey(pad, key, INNER_PAD);
	hash((Bytes){ pad, BLOCK_LENGTH }, data, inner);
	padKey(pad, key, OUTER_PAD);
	hash((Bytes){ pad, BLOCK_LENGTH }, (Bytes){ inner, HASH_LENGTH }, into.data);
	mbedtls_platform_zeroize(pad, sizeof(pad));
	mbedtls_platform_zeroize(inner, sizeof(inner));
}

static void primitivesEqual(xsMachine* the)
{
	Bytes left = readable(the, &xsArg(0));
	Bytes right = readable(the, &xsArg(1));
	xsmcSetBoolean(
		xsResult, left.length == right.length && !mbedtls_ct_memcmp(left.data, right.data, left.length));
}

void installPrimitives(xsMachine* machine)
{
	static const Native primitives[] = {
		{ "seal", primitivesSeal, 6 },
		{ "open", primitivesOpen, 6 },
		{ "sha256", primitivesSha256, 2 },
		{ "hmacSha256", primitivesHmacSha256, 3 },
		{ "equal", primitivesEqual, 2 },
		{ NULL, NULL, 0 },
	};
	installObject(machine, "primitives", primitives);
}
