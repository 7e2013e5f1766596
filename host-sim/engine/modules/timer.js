// `timer`: Moddable's timers, native as on the device.
export default Object.freeze($host.timer);
