// The configuration that the manifest gives the image.
declare module "mc/config" {
	const config: import("../io/board.js").BoardConfig;
	export default config;
}
