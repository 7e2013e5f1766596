// ECMA-419 network interface as Moddable SDK 8.2.3 has it for Wi-Fi.
declare module "embedded:network/interface/wifi" {
	const WiFi: import("../../../firmware/io/ecma-419.js").NetworkInterfaceConstructor;
	export default WiFi;
}
