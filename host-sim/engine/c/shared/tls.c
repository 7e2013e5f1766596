// SPDX-License-Identifier: Apache-2.0
// TLS by mbed TLS. A server that does not prove to be the one that was asked for is never written to.

#include "tls.h"
#include "mbedtls/ssl.h"
#include "mbedtls/x509_crt.h"
#include <stdlib.h>
#include <string.h>

enum {
	/* Heap of C for all connections: on 32 bits one was seen to take 25 KB; two may meet, with longer certificates. */
	MEMORY_LENGTH = 72 << 10,
	/* Header, explicit nonce and tag of a record (RFC 5246, 6.2.3.3), with a little to spare. */
	RECORD_OVERHEAD = 64,
	ADDRESS_LENGTH = 4,
};

struct Tls {
	Carrier* carrier;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config config;
	mbedtls_x509_crt trusted;
	const char* protocols[2];
	char protocol[16];
	uint8_t address[ADDRESS_LENGTH]; /* the server's, where it has no name */
	int hasName;
	int hasBegun; /* the first bytes have gone */
	int isOver;
	const char* fault;
};

/* The length stands before each block. */
typedef union Block {
	size_t length;
	max_align_t alignment;
} Block;

static size_t gTaken;

void* tlsTake(size_t count, size_t size)
{
	if (size && count > MEMORY_LENGTH / size)
		return NULL;
	size_t length = sizeof(Block) + count * size;
	Block* block = gTaken + length <= MEMORY_LENGTH ? calloc(1, length) : NULL;
	if (!block)
		return NULL;
	block->length = length;
	gTaken += length;
	return block + 1;
}

void tlsGive(void* memory)
{
	if (!memory)
		return;
	Block* block = (Block*)memory - 1;
	gTaken -= block->length;
	free(block);
}

static int draw(void* context, unsigned char* into, size_t length)
{
	return randomFill(into, (uint32_t)length) ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int sendRecord(void* context, const unsigned char* data, size_t length)
{
	Tls* tls = context;
	size_t room = carrierRoom(tls->carrier);
	if (carrierHasEnded(tls->carrier))
		return MBEDTLS_ERR_SSL_CONN_EOF;
	if (!room)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	if (length > room)
		length = room;
	carrierWrite(tls->carrier, data, length);
	tls->hasBegun = 1;
	return (int)length;
}

static int receiveRecord(void* context, unsigned char* into, size_t length)
{
	Carrier* carrier = ((Tls*)context)->carrier;
	size_t count = carrierCount(carrier);
	if (!count)
		return carrierHasEnded(carrier) ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
	if (length > count)
		length = count;
	carrierRead(carrier, into, length);
	return (int)length;
}

/* 0: it is a name. */
static int parseAddress(const char* text, uint8_t into[ADDRESS_LENGTH])
{
	for (int i = 0; i < ADDRESS_LENGTH; i++) {
		char* end;
		unsigned long part = strtoul(text, &end, 10);
		if (*text < '0' || *text > '9' || part > UINT8_MAX || *end != (i < ADDRESS_LENGTH - 1 ? '.' : 0))
			return 0;
		into[i] = (uint8_t)part;
		text = end + 1;
	}
	return 1;
}

/* RFC 9110, 4.3.5: an address is looked for among the addresses. mbed TLS 2.28 knows names only. */
static int hasAddress(const mbedtls_x509_crt* certificate, const uint8_t address[ADDRESS_LENGTH])
{
	for (const mbedtls_x509_sequence* each = &certificate->subject_alt_names; each; each = each->next) {
		int kind = each->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
		if (kind == MBEDTLS_X509_SAN_IP_ADDRESS && each->buf.len == ADDRESS_LENGTH
			&& !memcmp(each->buf.p, address, ADDRESS_LENGTH))
			return 1;
	}
	return 0;
}

static int verify(void* context, mbedtls_x509_crt* certificate, int depth, uint32_t* flags)
{
	const Tls* tls = context;
	if (depth == 0 && !tls->hasName && !hasAddress(certificate, tls->address))
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	return 0;
}

/* In words of ours: nothing of what the peer says is shown. */
static const char* faultOf(const mbedtls_ssl_context* ssl, int result)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(ssl);
	switch (result) {
		case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
			if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
				return "the certificate's issuer is not trusted";
			if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
				return "the certificate is for another name";
			if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
				return "the certificate has expired";
			if (flags & MBEDTLS_X509_BADCERT_FUTURE)
				return "the certificate is not valid yet";
			return "the certificate is not fit";
		case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED:
			return "no certificate is trusted here";
		case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
			return "the server refuses TLS with us";
		case MBEDTLS_ERR_SSL_CONN_EOF:
			return "the connection ended in the handshake";
		case MBEDTLS_ERR_SSL_ALLOC_FAILED:
			return "TLS has no memory left";
		default:
			return "the TLS handshake failed";
	}
}

static int configure(Tls* tls, const TlsOptions* options)
{
	/* Whom the handshake is to be safe with; the order is that of preference. */
	static const int suites[] = {
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
		MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
		0,
	};
	mbedtls_ssl_config* config = &tls->config;
	int result = mbedtls_ssl_config_defaults(
		config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	if (result)
		return result;
	mbedtls_ssl_conf_rng(config, draw, NULL);
	mbedtls_ssl_conf_ciphersuites(config, suites);
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	if (options->trust[0]) {
		mbedtls_x509_crt_parse(&tls->trusted, (const uint8_t*)options->trust, strlen(options->trust) + 1);
		mbedtls_ssl_conf_ca_chain(config, &tls->trusted, NULL);
	}
	else if (options->anybody)
		mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_verify(config, verify, tls);
	if (options->protocol[0] && strlen(options->protocol) < sizeof(tls->protocol)) {
		strcpy(tls->protocol, options->protocol);
		tls->protocols[0] = tls->protocol;
		result = mbedtls_ssl_conf_alpn_protocols(config, tls->protocols);
	}
	return result;
}

Tls* tlsOpen(Carrier* carrier, const TlsOptions* options)
{
	Tls* tls = tlsTake(1, sizeof(Tls));
	if (!tls)
		return NULL;
	tls->carrier = carrier;
	tls->hasName = !parseAddress(options->host, tls->address);
	mbedtls_ssl_init(&tls->ssl);
	mbedtls_ssl_config_init(&tls->config);
	mbedtls_x509_crt_init(&tls->trusted);
	/* RFC 6066, 3: an address is no name to send. */
	if (configure(tls, options) || mbedtls_ssl_setup(&tls->ssl, &tls->config)
		|| (tls->hasName && mbedtls_ssl_set_hostname(&tls->ssl, options->host))) {
		tlsClose(tls);
		return NULL;
	}
	mbedtls_ssl_set_bio(&tls->ssl, tls, sendRecord, receiveRecord, NULL);
	return tls;
}

static int mustWait(int result)
{
	return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

void tlsAdvance(Tls* tls)
{
	if (tls->isOver)
		return;
	if (!tlsIsOpen(tls)) {
		int result = mbedtls_ssl_handshake(&tls->ssl);
		if (result && !mustWait(result)) {
			/* Before the first byte it is TCP that had no success. */
			tls->fault = tls->hasBegun || carrierCount(tls->carrier) ? faultOf(&tls->ssl, result) : NULL;
			tls->isOver = 1;
		}
		if (result)
			return;
	}
	if (tlsCount(tls))
		return;
	/* Reads no byte, but the next record. */
	int result = mbedtls_ssl_read(&tls->ssl, NULL, 0);
	tls->isOver = !tlsCount(tls) && !mustWait(result);
}

int tlsIsOpen(const Tls* tls)
{
	return tls->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

int tlsIsOver(const Tls* tls)
{
	return tls->isOver;
}

const char* tlsFault(const Tls* tls)
{
	return tls->fault;
}

size_t tlsCount(const Tls* tls)
{
	return tlsIsOpen(tls) ? mbedtls_ssl_get_bytes_avail(&tls->ssl) : 0;
}

void tlsRead(Tls* tls, void* into, size_t count)
{
	mbedtls_ssl_read(&tls->ssl, into, count);
}

/* One record, and only where all of it can leave at once. */
size_t tlsRoom(const Tls* tls)
{
	size_t room = carrierRoom(tls->carrier);
	if (!tlsIsOpen(tls) || tls->isOver || room < RECORD_OVERHEAD)
		return 0;
	room -= RECORD_OVERHEAD;
	return room < MBEDTLS_SSL_OUT_CONTENT_LEN ? room : MBEDTLS_SSL_OUT_CONTENT_LEN;
}

int tlsWrite(Tls* tls, const void* data, size_t count)
{
	return mbedtls_ssl_write(&tls->ssl, data, count) == (int)count;
}

void tlsClose(Tls* tls)
{
	if (tlsIsOpen(tls) && !tls->isOver)
		mbedtls_ssl_close_notify(&tls->ssl);
	mbedtls_ssl_free(&tls->ssl);
	mbedtls_ssl_config_free(&tls->config);
	mbedtls_x509_crt_free(&tls->trusted);
	tlsGive(tls);
}
