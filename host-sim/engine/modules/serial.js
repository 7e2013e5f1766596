// `embedded:io/serial`: the ECMA-419 class over a pty, native as on the device. A board has one.
export default $host.Serial;
