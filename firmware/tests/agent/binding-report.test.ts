import { assert, suite } from "#suite";
import { BindingReport, type NetworkPrivacy } from "../../agent/binding-report.js";
import { Model } from "../../lwm2m/model.js";
import { NetworkBinding } from "../../lwm2m/objects/network-binding.js";
import { Path } from "../../lwm2m/path.js";
import type { ReachStatus } from "../../reach/reach.js";

const test = suite("agent/binding-report");

const MINUTE = 60_000;

/** All resources, by id. */
const [LOWER, UPPER, INTERVAL, REBINDINGS, UNREACHABLE, BYTES, WAKE_UPS, TRANSPORT, NETWORK, FAILURES, LOSS, PERIOD] = [
	1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 15,
];

/** An account whose binding stands as the test says. */
class Account {
	readonly shortServerId: number;
	readonly server: { readonly instanceId: number };
	transport = "udp";
	asked = 0;
	status: ReachStatus = {
		network: "ethernet 192.0.2.254",
		lowerSeconds: 61.4,
		provenSeconds: 61.4,
		upperSeconds: 75,
		intervalSeconds: 55.2,
		kind: "refresh",
		rebindingCount: 0,
		loss: 0.0123,
		unreachableSeconds: 0,
		bytesPerDay: 45_120.4,
		wakeupsPerDay: 1571.5,
		countedSeconds: 7200.4,
		transport: 0,
		failures: [],
		probe: "waiting",
	};

	constructor(shortServerId = 1) {
		this.shortServerId = shortServerId;
		this.server = { instanceId: shortServerId - 1 };
	}

	reachStatus(): ReachStatus {
		this.asked++;
		return this.status;
	}
}

function setUp(privacy?: NetworkPrivacy, ...accounts: Account[]) {
	const model = new Model();
	const report = new BindingReport(privacy);
	const all = accounts.length === 0 ? [new Account()] : accounts;
	report.attach(model, all);
	report.handleTime(0);
	const changed = (): number[] => {
		const change = new Path();
		const ids: number[] = [];
		while (model.pollChange(change)) ids.push(change.resourceId);
		return ids;
	};
	changed();
	return { model, report, account: all[0]!, changed };
}

test("one instance for each account, with the number of its Server instance", () => {
	const { model } = setUp("mark", new Account(1), new Account(7));
	assert.equal(
		model.instances.map(({ instanceId, definition }) => `/${definition.objectId}/${instanceId}`),
		["/33101/0", "/33101/6"],
	);
	assert.is(model.find(33_101, 6)?.get("shortServerId"), 7);
});

test("what is read is what is so now, in whole numbers", () => {
	const { report } = setUp("name");
	const read = (name: Parameters<BindingReport["read"]>[1]) => report.read(0, name);
	assert.equal(
		[read("lowerBound"), read("upperBound"), read("interval"), read("keepalive"), read("rebindings")],
		[61, 75, 55, "refresh", 0],
	);
	assert.equal(
		[read("unreachableTime"), read("bytesPerDay"), read("wakeUpsPerDay"), read("loss")],
		[0, 45_120, 1572, 1.2],
	);
	assert.equal([read("transport"), read("network"), read("lastFailures")], ["udp", "ethernet 192.0.2.254", []]);
	assert.equal([read("probe"), read("costPeriod")], ["waiting", 7200]);
	assert.is(report.read(3, "interval"), undefined);
});

test("what is not known, or never, has no value", () => {
	const { report, account } = setUp();
	const never = Number.POSITIVE_INFINITY;
	const figures = { bytesPerDay: -1, wakeupsPerDay: -1 };
	account.status = { ...account.status, ...figures, upperSeconds: never, intervalSeconds: never };
	report.handleTime(1);
	for (const name of ["upperBound", "interval", "bytesPerDay", "wakeUpsPerDay"] as const)
		assert.is(report.read(0, name), undefined, name);
});

test("what is assumed is not said to be seen", () => {
	const { report, account } = setUp();
	account.status = { ...account.status, lowerSeconds: 30, provenSeconds: 0 };
	report.handleTime(1);
	assert.is(report.read(0, "lowerBound"), 0);
});

test("failures with their ages, the newest first", () => {
	const { report, account } = setUp();
	const failures = [
		{ kind: "moved", secondsAgo: 3.4 },
		{ kind: "unanswered", secondsAgo: 7000 },
	] as const;
	account.status = { ...account.status, failures };
	report.handleTime(1);
	assert.equal(report.read(0, "lastFailures"), ["moved", "unanswered"]);
	assert.equal(report.read(0, "failureAges"), [3, 7000]);
});

test("a mark tells networks apart, and does not name them", () => {
	const { report, account } = setUp("mark");
	const first = report.read(0, "network");
	assert.match(String(first), /^[0-9a-f]{8}$/);
	assert.is(setUp("mark").report.read(0, "network"), first);
	account.status = { ...account.status, network: "wifi workshop 192.0.2.254" };
	report.handleTime(1);
	assert.is.not(report.read(0, "network"), first);
	account.status = { ...account.status, network: "" };
	report.handleTime(2);
	assert.is(report.read(0, "network"), undefined);
});

test("without a word about networks there is no such resource", () => {
	const { model } = setUp("none");
	const index = NetworkBinding.table.findIndex(({ name }) => name === "network");
	assert.is(model.find(33_101, 0)!.values[index], undefined);
});

test("one Read of all asks the account once", () => {
	const { report, account } = setUp();
	report.handleTime(1);
	account.asked = 0;
	for (const { name } of NetworkBinding.table) report.read(0, name as "loss");
	assert.is(account.asked, 1);
});

const NEWS: readonly [name: string, change: Partial<ReachStatus>, ids: (number | undefined)[]][] = [
	["another lower bound", { provenSeconds: 70 }, [LOWER]],
	["another assumption", { lowerSeconds: 15 }, []],
	["another upper bound", { upperSeconds: 72 }, [UPPER]],
	["another interval", { intervalSeconds: 60 }, [INTERVAL]],
	["another keepalive", { kind: "check" }, [4]],
	["a rebinding", { rebindingCount: 1 }, [REBINDINGS]],
	["another network", { network: "wifi" }, [NETWORK]],
	["figures alone", { bytesPerDay: 1, wakeupsPerDay: 2, loss: 0.5, unreachableSeconds: 9 }, []],
];
for (const [name, change, ids] of NEWS)
	test(`observers hear of ${name}: ${ids.join(" ") || "nothing"}`, () => {
		const { report, account, changed } = setUp();
		account.status = { ...account.status, ...change };
		report.handleTime(MINUTE);
		assert.equal(changed(), ids);
		report.handleTime(2 * MINUTE);
		assert.equal(changed(), []);
	});

test("observers hear of another transport", () => {
	const { report, account, changed } = setUp();
	account.transport = "tcp";
	report.handleTime(MINUTE);
	assert.equal(changed(), [TRANSPORT]);
});

test("a failure that grows old is no other one, a second of its kind is", () => {
	const { report, account, changed } = setUp();
	const fail = (secondsAgo: number): void => {
		account.status = { ...account.status, failures: [{ kind: "moved", secondsAgo }] };
	};
	fail(10);
	report.handleTime(MINUTE);
	assert.equal(changed(), [FAILURES]);
	for (const minute of [2, 3, 60]) {
		fail(10 + 60 * (minute - 1) + 0.7);
		report.handleTime(minute * MINUTE);
		assert.not(changed().includes(FAILURES!));
	}
	fail(5);
	report.handleTime(61 * MINUTE);
	assert.ok(changed().includes(FAILURES!));
});

test("figures that change all the time are told once an hour, and nothing is looked at more than once a minute", () => {
	const { report, account, changed } = setUp();
	account.asked = 0;
	let told = 0;
	for (let second = 1; second <= 4 * 3600; second++) {
		account.status = { ...account.status, bytesPerDay: second, unreachableSeconds: second };
		report.handleTime(1000 * second);
		const ids = changed();
		if (ids.length > 0) told++;
		assert.ok(ids.length === 0 || ids.join(" ") === [UNREACHABLE, BYTES, WAKE_UPS, LOSS, PERIOD].join(" "));
	}
	assert.equal([told, account.asked], [4, 240]);
});

test.run();
