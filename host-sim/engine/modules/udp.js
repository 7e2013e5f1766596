// `embedded:io/socket/udp`: the ECMA-419 class, native as on the device.
export default $host.UDP;
