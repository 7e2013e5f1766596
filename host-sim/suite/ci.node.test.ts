// `.ci/run` and `./setup` on a stage: the real scripts, with npm, apt and their like played by stubs.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

interface Played {
	readonly code: number | null;
	readonly lines: readonly string[];
}

/** Runs a script of the repository in an empty folder, with nothing in PATH but a few tools and these stubs. */
function play(
	script: string,
	stubs: Readonly<Record<string, string>>,
	files: Readonly<Record<string, string>>,
): Played {
	const folder = mkdtempSync(`${tmpdir()}/pinhole-ci-`);
	try {
		mkdirSync(`${folder}/bin`);
		mkdirSync(`${folder}/.ci`);
		const tools = "bash cat dirname env grep mktemp rm tail tee timeout".split(" ").filter((tool) => !(tool in stubs));
		for (const tool of tools) symlinkSync(`/usr/bin/${tool}`, `${folder}/bin/${tool}`);
		for (const [name, text] of Object.entries(stubs)) {
			writeFileSync(`${folder}/bin/${name}`, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
		}
		for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text, { mode: 0o755 });
		copyFileSync(`${ROOT}/${script}`, `${folder}/${script}`);
		const { status, stdout } = spawnSync("/bin/bash", [script], {
			cwd: folder,
			env: { PATH: `${folder}/bin` },
			encoding: "utf8",
		});
		return { code: status, lines: stdout.trimEnd().split("\n") };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const STAGE = {
	setup: "#!/bin/bash\necho set up",
	".ci/probe": "#!/bin/bash\necho probed",
	"README.md": "# Title\n```\nnpm ci && npm start\nnpm ci && npm test\n```\n",
};

const NONE = "echo 0 passed, 0 failed, 0 skipped";

/** An npm whose `test`, `check` and `test:xs` do as told; `ci` succeeds, and any other run has no test. */
function npm(test: string, check: string, xs: string): Readonly<Record<string, string>> {
	return {
		npm: `case "$*" in ci) ;; test) ${test};; "run check") ${check};; "run test:xs") ${xs};; *) ${NONE};; esac`,
	};
}

const test = suite("suite/ci");

/** `[title, npm, last line, exit code]` */
const RUNS: readonly (readonly [title: string, stub: Readonly<Record<string, string>>, last: string, code: number])[] =
	[
		[
			"all is well",
			npm("echo 3 passed, 0 failed, 1 skipped", "true", "echo 5 passed, 0 failed, 0 skipped"),
			"9 passed, 0 failed, 1 skipped",
			0,
		],
		[
			"a test fails",
			npm("echo 3 passed, 2 failed, 0 skipped; exit 1", "true", "echo 5 passed, 0 failed, 0 skipped"),
			"9 passed, 2 failed, 0 skipped",
			1,
		],
		[
			"the check fails",
			npm("echo 3 passed, 0 failed, 0 skipped", "exit 1", "echo 5 passed, 0 failed, 0 skipped"),
			"8 passed, 1 failed, 0 skipped",
			1,
		],
		[
			"a run ends badly after a good last line",
			npm("echo 3 passed, 0 failed, 0 skipped; exit 3", "true", "echo 5 passed, 0 failed, 0 skipped"),
			"9 passed, 1 failed, 0 skipped",
			1,
		],
		[
			"a run ends without a last line",
			npm("echo 3 passed, 0 failed, 0 skipped", "true", "exit 1"),
			"4 passed, 1 failed, 0 skipped",
			1,
		],
		[
			"only the last of several closing lines counts",
			npm("echo 9 passed, 9 failed, 9 skipped; echo 3 passed, 0 failed, 0 skipped", "true", "true"),
			"5 passed, 0 failed, 0 skipped",
			0,
		],
	];

for (const [title, stub, last, code] of RUNS) {
	test(`.ci/run: ${title}`, () => {
		const played = play(".ci/run", stub, STAGE);
		assert.is(played.lines.at(-1), last);
		assert.is(played.code, code);
		assert.equal(played.lines.slice(0, 2), ["set up", "probed"]);
	});
}

test(".ci/run sets CI and runs the line that stands in the README", () => {
	const line = 'npm ci && npm test -- --filter "$CI"';
	const stub = { npm: `case "$1" in test) echo "<$4>"; [ "$4" = true ];; run) ${NONE};; esac` };
	const played = play(".ci/run", stub, { ...STAGE, "README.md": `\`\`\`\n${line}\n\`\`\`\n` });
	assert.ok(played.lines.includes("<true>"));
	assert.is(played.lines.at(-1), "1 passed, 0 failed, 0 skipped");
});

test(".ci/run fails when the README has lost its line", () => {
	const played = play(".ci/run", npm("true", "true", "true"), { ...STAGE, "README.md": "# Title\n" });
	assert.is(played.lines.at(-1), "2 passed, 1 failed, 0 skipped");
	assert.is(played.code, 1);
});

const NOTHING_HERE = { "dpkg-query": "exit 1", "apt-get": 'echo "apt-get $*"' };

test("./setup installs what is missing, without a question", () => {
	const present = 'case "$*" in *" gcc") echo installed;; *) exit 1;; esac';
	const { code, lines } = play("setup", { ...NOTHING_HERE, "dpkg-query": present, id: "echo 0" }, {});
	assert.is(code, 0);
	assert.ok(lines.some((line) => /^apt-get install .*-y .* make gcc-multilib /.test(line)));
	assert.not(lines.some((line) => / gcc( |$)/.test(line)));
});

test("./setup has nothing to do the second time", () => {
	const { code, lines } = play("setup", { ...NOTHING_HERE, "dpkg-query": "echo installed", id: "echo 0" }, {});
	assert.is(code, 0);
	assert.match(lines.join("\n"), /^setup: nothing to do/);
});

test("./setup prints the commands where it may not install", () => {
	const { code, lines } = play("setup", { ...NOTHING_HERE, id: "echo 1000" }, {});
	assert.is(code, 0);
	assert.match(lines.at(-1) ?? "", /^ {2}apt-get install --no-install-recommends gcc make /);
	assert.not(lines.some((line) => line.startsWith("apt-get")));
});

test("./setup uses sudo where that asks for no password", () => {
	const stubs = { ...NOTHING_HERE, id: "echo 1000", sudo: 'shift; [ "$1" = true ] && exit; echo "sudo $*"; exec "$@"' };
	const { lines } = play("setup", stubs, {});
	assert.ok(lines.some((line) => /^sudo .*apt-get install /.test(line)));
});

test("./setup names the packages where there is no apt", () => {
	const { code, lines } = play("setup", {}, {});
	assert.is(code, 0);
	assert.match(lines[0] ?? "", /^setup: this is no Debian; .* tshark /);
});

test.run();
