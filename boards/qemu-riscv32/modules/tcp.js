// `embedded:io/socket/tcp`: the ECMA-419 class, native.
export default $host.TCP;
