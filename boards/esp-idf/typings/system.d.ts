// The global of Moddable SDK 8.2.3, as much of it as we use; in mcconfig's builds the SDK's own stands for it.
declare const System: {
	resolve(host: string, callback: (host: string, address: string | undefined) => void): void;
};
