// Certificates for tests, by openssl: an authority of their own, and what it issues.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "../backend/listener.js";

/** The dates of a certificate in days from now. */
interface Validity {
	readonly fromDays: number;
	readonly untilDays: number;
}

const DAY_MS = 86_400_000;
const VALID: Validity = { fromDays: -1, untilDays: 2 };
/** What a test's server is called, and where it is. */
const LOCAL_NAMES = "DNS:localhost,IP:127.0.0.1";

/** Its keys, by openssl genpkey. */
const KEYS = {
	ec: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
	rsa: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
} as const;

/** What openssl needs to sign with dates of our choice: a database, and no opinion of its own. */
const CONFIG = `[ca]
default_ca=own
[own]
database=index.txt
new_certs_dir=.
rand_serial=yes
default_md=sha256
policy=any
unique_subject=no
[any]
commonName=supplied
[req]
distinguished_name=names
[names]
`;

/** As ASN.1 has it: YYYYMMDDHHMMSSZ. */
function date(days: number): string {
	const iso = new Date(Date.now() + days * DAY_MS).toISOString();
	return iso.replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
}

/** A certificate without its frame, as settings have it. */
export function bodyOf(pem: string): string {
	return pem.replaceAll(/-----[^-]*-----|\s/g, "");
}

/** Whoever vouches for servers; its name has no blank. */
export class Authority {
	readonly #folder = mkdtempSync(join(tmpdir(), "pinhole-tls-"));
	#count = 0;
	/** Its own certificate, in PEM, which would do for a server, too. */
	readonly certificate: string;

	constructor(name = "authority") {
		this.#write("index.txt", "");
		this.#write("ca.cnf", CONFIG);
		this.#run(`genpkey ${KEYS.ec} -out ca.key`);
		const extensions = `-addext basicConstraints=critical,CA:true -addext subjectAltName=${LOCAL_NAMES}`;
		this.#run(`req -x509 -key ca.key -out ca.pem -days 2 -subj /CN=${name} ${extensions}`);
		this.certificate = this.#read("ca.pem");
	}

	/** A certificate for these names (subjectAltName of openssl), with its key. */
	issue(names = LOCAL_NAMES, { fromDays, untilDays } = VALID, kind: keyof typeof KEYS = "ec"): Certificate {
		const stem = `server${++this.#count}`;
		this.#run(`genpkey ${KEYS[kind]} -out ${stem}.key`);
		this.#run(`req -new -config ca.cnf -key ${stem}.key -out ${stem}.csr -subj /CN=server`);
		this.#write(`${stem}.ext`, `subjectAltName=${names}\n`);
		this.#run(
			`ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in ${stem}.csr -out ${stem}.pem
			-extfile ${stem}.ext -startdate ${date(fromDays)} -enddate ${date(untilDays)}`,
		);
		return { key: this.#read(`${stem}.key`), cert: this.#read(`${stem}.pem`) };
	}

	/** Itself as a server. */
	get own(): Certificate {
		return { key: this.#read("ca.key"), cert: this.certificate };
	}

	close(): void {
		rmSync(this.#folder, { recursive: true });
	}

	#read(name: string): string {
		return readFileSync(join(this.#folder, name), "utf8");
	}

	#write(name: string, text: string): void {
		writeFileSync(join(this.#folder, name), text);
	}

	#run(words: string): void {
		execFileSync("openssl", words.split(/\s+/), { stdio: "pipe", cwd: this.#folder });
	}
}
