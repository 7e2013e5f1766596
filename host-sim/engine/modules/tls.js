// `pinhole/tls`: TLS in the shape of ECMA-419's TCP, native.
export default $host.TLS;
