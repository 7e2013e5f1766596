// Tables of the generated pages.

/** The first row is the head; all columns but the first are flush right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
	const widths = rows[0]!.map((_, i) => Math.max(3, ...rows.map((row) => row[i]!.length)));
	const texts = rows.map((row) =>
		row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
	);
	const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
	return [texts[0]!, rule, ...texts.slice(1)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const WIDTH = 118;

/** Text in lines of the usual width, whatever numbers were put into it; empty lines separate paragraphs. */
export function filled(text: string): string {
	return text
		.trim()
		.split(/\n\s*\n/)
		.map((paragraph) => fillOne(paragraph.trim()))
		.join("\n\n");
}

function fillOne(paragraph: string): string {
	if (/^[#!|]/.test(paragraph)) return paragraph;
	const items = paragraph.split(/\n\s*(?=- )/);
	return items.map((item) => fillLines(item, item.startsWith("- ") ? "  " : "")).join("\n");
}

function fillLines(text: string, indent: string): string {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(/\s+/)) {
		if (line !== "" && line.length + 1 + word.length > WIDTH) {
			lines.push(line);
			line = indent + word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line].join("\n");
}
