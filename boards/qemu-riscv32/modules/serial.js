// `embedded:io/serial`: the ECMA-419 class, native.
export default $host.Serial;
