// The journal's layout in flash (docs/store.md), in bytes; numbers are big-endian.

/** "PJ" and the version of the layout. */
export const MAGIC = 0x504a_0001;
/** An erased word. */
export const BLANK = 0xffff_ffff;
export const WORD_LENGTH = 4;
/** A checksum and its complement: the commit and its confirmation. */
export const SEAL_LENGTH = 8;
/** Magic and generation, before one erase count for each bank and the check over all of them. */
export const HEADER_FIXED_LENGTH = 8;
/** What is programmed by one call; a power cut tears no more than this. */
export const PIECE_LENGTH = 64;
/** How often the place of the next piece is looked at before it is taken to be blank. */
export const BLANK_LOOKS = 16;
/** Value length, kind with key length, and their check. */
export const RECORD_HEADER_LENGTH = 4;
/** In the octet of the key's length: the key has no value any more. */
export const DELETED = 0x80;
/** Fewer banks than this leave no clean place to go when a power cut made another one doubtful. */
export const BANK_COUNT_MIN = 3;
/** Into how many banks a partition is cut, where its blocks are small enough. */
export const BANK_COUNT = 4;
