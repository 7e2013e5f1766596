// The numbers of RFC 8613 with its mandatory algorithms: AES-CCM-16-64-128 and HKDF-SHA-256.

export const KEY_LENGTH = 16;
export const NONCE_LENGTH = 13;
export const TAG_LENGTH = 8;
/** COSE: AES-CCM-16-64-128. */
export const ALGORITHM = 10;
/** RFC 8613, 3.3: what the nonce leaves for an identifier. */
export const IDENTIFIER_LENGTH = NONCE_LENGTH - 6;
/** RFC 8613, 5: a Partial IV has 1 to 5 bytes. */
export const PARTIAL_IV_LENGTH = 5;
/** RFC 8613, 7.2.1: with the last one the context is used up. */
export const LAST_SEQUENCE_NUMBER = 2 ** 40 - 1;
/** RFC 8613, 7.4: how far a request may be overtaken. */
export const REPLAY_WINDOW = 32;
/**
 * Messages that a key did not open before it is to be renewed: of 2^20 tries at a tag of 8 bytes one succeeds with a
 * chance of 2^-44. RFC 8613 sets no limit; RFC 9147, 4.5.3 asks for one.
 */
export const FORGERY_COUNT = 2 ** 20;
/** Keys are renewed before notifications come so far apart that their order is mistaken (RFC 7641, 3.4: 24 bits). */
export const RENEWAL_NUMBER = 2 ** 23 - 2 ** 16;
/** No Partial IV. */
export const NONE = -1;

/** Where the flag bits stand in the first byte of the option (RFC 8613, 6.1). */
export const Flag = Object.freeze({ PartialIvLength: 0x07, Kid: 0x08, KidContext: 0x10, Reserved: 0xe0 });
