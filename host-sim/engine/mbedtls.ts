// mbed TLS for the hosts of the engine, with one configuration for all of them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DebianSource, fetchDebianSource } from "./debian-source.js";
import { fingerprint, type Unit, units } from "./objects.js";
import { SHARED } from "./sources.js";

const PACKAGE: DebianSource = {
	title: "mbed TLS 2.28.3",
	pool: "m/mbedtls",
	file: "mbedtls_2.28.3.orig.tar.gz",
	sha256: "3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d",
	folder: "Mbed-TLS-mbedtls-8f97ca5",
	parts: ["library", "include/mbedtls", "LICENSE"],
};

/** AES-CCM and SHA-256, and what a client of TLS is made of besides. */
const FILES = [
	...["aes", "ccm", "cipher", "cipher_wrap", "constant_time", "platform_util", "sha256"],
	...["asn1parse", "asn1write", "base64", "bignum", "ecdh", "ecdsa", "ecp", "ecp_curves", "gcm", "md", "oid", "pem"],
	...["pk", "pk_wrap", "pkparse", "rsa", "rsa_internal", "sha512", "x509", "x509_crt"],
	...["ssl_ciphersuites", "ssl_cli", "ssl_msg", "ssl_tls"],
].map((name) => `${name}.c`);
const CONFIGURATION = "mbedtls-config.h";

/** mbed TLS on this machine. */
export interface Mbedtls {
	/** For each file that includes its headers. */
	readonly flags: readonly string[];
	/** For the names of what is built with them. */
	readonly hash: string;
	/** Its own files, to be compiled with these flags of the machine. */
	units(compiler: string, machineFlags: readonly string[]): Unit[];
}

/** Fetches what is not here yet; throws an Error of one sentence where it cannot. */
export async function fetchMbedtls(): Promise<Mbedtls> {
	const folder = await fetchDebianSource(PACKAGE);
	const flags = [`-I${join(folder, "include")}`, `-I${SHARED}`, `-DMBEDTLS_CONFIG_FILE="${CONFIGURATION}"`];
	const hash = fingerprint(PACKAGE.sha256, readFileSync(join(SHARED, CONFIGURATION)));
	const sources = FILES.map((name) => join(folder, "library", name));
	return {
		flags,
		hash,
		units: (compiler, machineFlags) => units(compiler, sources, [...machineFlags, ...flags], hash),
	};
}
