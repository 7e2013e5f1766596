// suite: limit=600
// Power cuts at whatever either side writes, and between: no nonce is used twice, no command carried out twice.
// What a device has of OSCORE is not written at all (RFC 8613, B.2); what is written is the back end's.

import { assert, suite } from "#suite";
import { Keyring } from "../backend/keyring.js";
import * as operations from "../backend/operations.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { NonceLog } from "./nonce-log.js";
import { Siege } from "./siege.js";

const test = suite("world/siege-power");

/** The long run, once: PINHOLE_CUTS=10000. */
const CUTS = Number(process.env.PINHOLE_CUTS ?? 500);
const CUTS_OF_ONE_RUN = 50;
const HOME = "198.51.100.7:1000";

/** What happened in one run with one seed. */
interface Tally {
	cuts: number;
	executed: number;
	given: number;
	sealed: number;
}

function run(seed: number, cuts: number): Tally {
	const random = new SeededRandom(seed);
	const below = (end: number): number => random.uint32() % end;
	const nonces = new NonceLog(nodePrimitives);
	const keyring = new Keyring(nonces.primitives, ["a"], seed);
	const siege = new Siege({ keyring, seed }, nonces);
	let happened = 0;
	const cut = (): void => {
		if (below(3) > 0 || happened >= cuts) return;
		happened++;
		siege.isServerCut = true;
		throw new Error("the power is gone");
	};
	keyring.onSave = cut;
	keyring.onSaved = cut;
	const device = siege.add("a", HOME);
	let given = 0;
	while (happened < cuts) {
		siege.lets = () => below(12) > 0;
		siege.run(below(3000));
		// From two starts to the next nothing is asked sometimes, so that numbers are reserved and not used, too.
		for (let i = below(4); i > 0; i--)
			if (siege.command(device, operations.execute("/3303/0/5605", `0='${given}'`), 60_000) !== 0) given++;
		siege.run(below(3000));
		if (below(3) === 0) {
			happened++;
			siege.powerOff(device);
			siege.run(below(2000));
			siege.powerOn(device);
		}
		if (below(4) === 0) siege.startServer(true);
	}
	assert.equal(nonces.reused, [], `seed ${seed}`);
	assert.is(new Set(device.executed).size, device.executed.length, `seed ${seed}`);
	siege.lets = () => true;
	siege.run(120_000);
	const handle = siege.command(device, operations.read("/3303/0/5700", undefined));
	siege.until(() => siege.outcomes.get(handle) === "response", 60_000);
	assert.is(siege.outcomes.get(handle), "response", `seed ${seed}`);
	return { cuts: happened, executed: device.executed.length, given, sealed: nonces.count };
}

test(`after ${CUTS} power cuts no nonce and no command was used twice, and the device is there`, () => {
	const sum: Tally = { cuts: 0, executed: 0, given: 0, sealed: 0 };
	for (let seed = 1; sum.cuts < CUTS; seed++) {
		const tally = run(seed, CUTS_OF_ONE_RUN);
		for (const name of ["cuts", "executed", "given", "sealed"] as const) sum[name] += tally[name];
	}
	if (process.env.PINHOLE_CUTS !== undefined) process.stderr.write(`${JSON.stringify(sum)}\n`);
	// Not all of it may have happened while nothing could.
	assert.ok(sum.executed > sum.cuts / 4 && sum.given > sum.executed, JSON.stringify(sum));
});

test("contexts out of a backup are used a second time: the log of nonces sees it", () => {
	const nonces = new NonceLog(nodePrimitives);
	const keyring = new Keyring(nonces.primitives, ["a"]);
	const siege = new Siege({ keyring }, nonces);
	const device = siege.add("a", HOME);
	siege.run(1000);
	const backup = [...keyring.saved];
	for (let life = 0; life < 2; life++) {
		siege.command(device, operations.execute("/3303/0/5605", `0='${life}'`));
		siege.run(1000);
		for (const [name, context] of backup) keyring.saved.set(name, context);
		siege.startServer(true);
	}
	assert.ok(nonces.reused.length > 0);
});

test("the log of nonces sees one that is used again", () => {
	const nonces = new NonceLog(nodePrimitives);
	const key = new Uint8Array(16);
	const nonce = new Uint8Array(13);
	const into = new Uint8Array(64);
	for (const text of [1, 1]) nonces.primitives.seal(key, nonce, new Uint8Array(0), Uint8Array.of(text), 8, into);
	assert.equal(nonces.reused, []);
	nonces.primitives.seal(key, nonce, new Uint8Array(0), Uint8Array.of(2), 8, into);
	assert.is(nonces.reused.length, 1);
});

test.run();
