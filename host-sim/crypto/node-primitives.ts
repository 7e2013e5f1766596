// The primitives of the firmware over Node's own cryptography.

import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Primitives } from "../../firmware/security/primitives.js";

const AES_CCM = "aes-128-ccm";

export const nodePrimitives: Primitives = {
	seal(key, nonce, associated, plain, tagLength, into) {
		const cipher = createCipheriv(AES_CCM, key, nonce, { authTagLength: tagLength });
		cipher.setAAD(associated, { plaintextLength: plain.length });
		into.set(cipher.update(plain));
		cipher.final();
		into.set(cipher.getAuthTag(), plain.length);
		return plain.length + tagLength;
	},
	open(key, nonce, associated, sealed, tagLength, into) {
		const length = sealed.length - tagLength;
		if (length < 0) return -1;
		const decipher = createDecipheriv(AES_CCM, key, nonce, { authTagLength: tagLength });
		decipher.setAuthTag(sealed.subarray(length));
		decipher.setAAD(associated, { plaintextLength: length });
		let plain: Uint8Array;
		try {
			// With CCM it is `update` that finds a wrong tag on some versions, `final` on others.
			plain = decipher.update(sealed.subarray(0, length));
			decipher.final();
		} catch {
			return -1;
		}
		into.set(plain);
		return length;
	},
	sha256(data, into) {
		into.set(createHash("sha256").update(data).digest());
	},
	hmacSha256(key, data, into) {
		into.set(createHmac("sha256", key).update(data).digest());
	},
	equal(left, right) {
		return left.length === right.length && timingSafeEqual(left, right);
	},
};
