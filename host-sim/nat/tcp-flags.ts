// Control bits of a TCP segment (RFC 9293, 3.1): all of it that a NAT looks at.

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;
