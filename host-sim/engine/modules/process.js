// `pinhole/process`: arguments, standard streams, signals and the exit code of a program on the desktop.
const native = $host.process;

export const { print, log, onLine, onTerminate, exit } = native;

/** The words after the module's name. */
export const readArguments = native.arguments;
