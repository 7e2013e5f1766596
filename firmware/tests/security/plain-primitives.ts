// Primitives in plain TypeScript: the same on Node and on XS, whatever the engine has natively.

import { equalBytes, openCcm, sealCcm } from "../../security/ccm.js";
import type { Primitives } from "../../security/primitives.js";
import { Aes128 } from "./aes.js";
import { hmacSha256, sha256 } from "./sha256.js";

export const plainPrimitives: Primitives = {
	seal(key, nonce, associated, plain, tagLength, into) {
		return sealCcm(new Aes128(key), nonce, associated, plain, tagLength, into);
	},
	open(key, nonce, associated, sealed, tagLength, into) {
		return openCcm(new Aes128(key), nonce, associated, sealed, tagLength, into);
	},
	sha256(data, into) {
		into.set(sha256(data));
	},
	hmacSha256(key, data, into) {
		into.set(hmacSha256(key, data));
	},
	equal: equalBytes,
};
