// `mc/config`: what the image is, by the host's options `--set NAME=VALUE`.
const setting = $host.board.setting;

export default Object.freeze({
	get board() {
		return setting("board") ?? "xs";
	},
	get version() {
		return setting("version") ?? "";
	},
	get commit() {
		return setting("commit") ?? "";
	},
	get build() {
		return setting("build") ?? "debug";
	},
});
