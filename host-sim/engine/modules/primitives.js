// `pinhole/primitives`: AES-CCM, SHA-256 and HMAC in C, as firmware/security/primitives.ts has them.
export default Object.freeze($host.primitives);
