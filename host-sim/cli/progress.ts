// A progress bar on the terminal; where stderr is no terminal, nothing.

const WIDTH = 30;

/** What reports how far it is. */
export type Progress = (done: number, whole: number) => void;

/** Runs work under a bar that is gone when the work has ended. */
export async function withProgress<T>(
	label: string,
	work: (progress: Progress) => Promise<T>,
	stream: { readonly isTTY: boolean; write(text: string): unknown } = process.stderr,
): Promise<T> {
	if (!stream.isTTY) return work(() => {});
	let shown = "";
	const show = (text: string): void => {
		if (text !== shown) stream.write(`\r\u001b[K${text}`);
		shown = text;
	};
	const draw: Progress = (done, whole) => {
		const part = whole > 0 ? Math.min(1, done / whole) : 0;
		const filled = Math.round(part * WIDTH);
		show(`${label} [${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${Math.floor(part * 100)} %`);
	};
	draw(0, 1);
	try {
		return await work(draw);
	} finally {
		show("");
	}
}
