// `embedded:io/socket/tcp`: the ECMA-419 class, native as on the device.
export default $host.TCP;
