// Registration: int-101 to int-109, and how our device and a server find a common version.

import { assert } from "#suite";
import { type Lab, SOON_MS } from "../lab.js";
import { answered, type Case, single } from "./case.js";

/** LwM2M 1.2 is what our device offers first. Leshan M18 knows 1.0 and 1.1, and answers 4.12 to it. */
const AGREED = { pinhole: "1.2", leshan: "1.1" };

const OBJECTS = ["1", "3", "3200", "3303", "3306", "3323"];

export const registrationCases: readonly Case[] = [
	{
		id: "101",
		title: "Initial Registration",
		async run(lab) {
			assert.is(await lab.driver.registration(), undefined);
			const refused = await lab.driver.read("/3/0/0");
			assert.is(refused.httpStatus, 400);
			assert.is(refused.text, `No registered client with id '${lab.driver.endpointName}'`);
			await lab.startDevice();
			const event = await lab.events.next("REGISTRATION", SOON_MS);
			assert.is(event.endpoint, lab.driver.endpointName);
			const registration = await lab.driver.registration();
			assert.ok(registration);
			assert.is(registration.registrationId, event.registrationId);
			assert.is(registration.lifetime, lab.lifetimeSeconds);
			assert.is(registration.bindingMode, "U");
			assert.is(registration.rootPath, "/");
			assert.is(registration.secure, false);
			assert.is(registration.queuemode, false);
			assert.equal(registration.additionalRegistrationAttributes, {});
			assert.match(registration.address, /^127\.0\.0\.1:\d+$/);
			assert.ok(Math.abs(registration.registrationDate - Date.now()) < 60_000);
			for (const objectId of OBJECTS) assert.equal(registration.availableInstances[objectId], [0], objectId);
			assert.is(registration.availableInstances["0"], undefined, "Security is never listed");
			const all = await lab.driver.registrations();
			assert.ok(all.some((one) => one.registrationId === registration.registrationId));
		},
	},
	{
		id: "101b",
		title: "Initial Registration, falling back to the server's version",
		async run(lab) {
			const registration = await lab.driver.registration();
			assert.is(registration?.lwM2mVersion, AGREED[lab.backend.name]);
			const root = registration?.objectLinks.find((link) => link.url === "/");
			assert.is(root?.attributes.rt, '"oma.lwm2m"');
			assert.match(root?.attributes.ct ?? "", /\b112\b/);
		},
	},
	{
		id: "102",
		title: "Registration Update",
		async run(lab) {
			const before = (await lab.driver.registration())!;
			await new Promise((resolve) => setTimeout(resolve, 5));
			answered(await lab.driver.execute("/1/0/8"), "CHANGED(204)");
			const { registration, update } = await updated(lab);
			assert.is(registration.registrationId, before.registrationId);
			assert.is(registration.registrationDate, before.registrationDate);
			assert.ok(Number(registration.lastUpdate) > before.lastUpdate);
			assert.is(update.registrationId, before.registrationId);
			assert.is(update.address, before.address);
		},
	},
	{
		id: "104",
		title: "Registration Update Trigger",
		async run(lab) {
			answered(await lab.driver.execute("/1/0/8"), "CHANGED(204)");
			const { update } = await updated(lab);
			assert.is(update.lifetime, undefined, "what has not changed is not said again");
			assert.is(update.objectLinks, undefined);
		},
	},
	{
		id: "107",
		title: "Extending the lifetime of a registration",
		async run(lab) {
			answered(await lab.driver.write("/1/0/1", single(1, "INTEGER", "86400")), "CHANGED(204)");
			const { registration, update } = await updated(lab);
			assert.is(update.lifetime, 86_400);
			assert.is(registration.lifetime, 86_400);
			assert.is((await lab.driver.registration())?.lifetime, 86_400);
		},
	},
	{
		id: "108",
		title: "Turn on Queue Mode",
		async run(lab) {
			for (const [binding, queued] of [
				["UQ", true],
				["U", false],
			] as const) {
				const before = (await lab.driver.registration())!;
				answered(await lab.driver.write("/1/0/7", single(7, "STRING", binding)), "CHANGED(204)");
				await registeredAnew(lab, before.registrationId);
				const registration = (await lab.driver.registration())!;
				assert.is(registration.queuemode, queued);
				assert.is(registration.bindingMode, "U");
				assert.is((await lab.driver.read("/3/0/0")).status, "CONTENT(205)", "while its window is open it listens");
			}
		},
	},
];

/** Cases that end the registration; each leaves the device registered anew, but the last. */
export const closingCases: readonly Case[] = [
	{
		id: "241",
		title: "Executable Resource: Rebooting the device",
		async run(lab) {
			const before = (await lab.driver.registration())!;
			answered(await lab.driver.execute("/3/0/4"), "CHANGED(204)");
			await registeredAnew(lab, before.registrationId);
			assert.is(await lab.events.comes("REGISTRATION", 500), false, "once is enough");
			assert.is((await lab.driver.read("/3/0/0")).status, "CONTENT(205)");
		},
	},
	{
		id: "656",
		title: "Device Object: Factory Reset",
		async run(lab) {
			const before = (await lab.driver.registration())!;
			answered(await lab.driver.execute("/3/0/5"), "CHANGED(204)");
			await registeredAnew(lab, before.registrationId);
			assert.is((await lab.driver.read("/3/0/0")).status, "CONTENT(205)");
		},
	},
	{
		id: "555",
		title: "Server Object: Disable, and coming back after its time",
		async run(lab) {
			answered(await lab.driver.write("/1/0/5", single(5, "INTEGER", "3")), "CHANGED(204)");
			const { registrationId } = (await lab.driver.registration())!;
			lab.events.drop();
			answered(await lab.driver.execute("/1/0/4"), "CHANGED(204)");
			await lab.events.next("DEREGISTRATION", SOON_MS);
			const disabledAt = Date.now();
			await registeredAnew(lab, registrationId, 10_000);
			const awayMs = Date.now() - disabledAt;
			assert.ok(awayMs > 2500 && awayMs < 6000, `${awayMs} ms`);
		},
	},
	{
		id: "105",
		title: "Discarded Register Update: after an expired lifetime the device registers again",
		async run(lab) {
			answered(await lab.driver.write("/1/0/1", single(1, "INTEGER", "4")), "CHANGED(204)");
			const before = (await updated(lab)).registration;
			await lab.line("block");
			const gone = await lab.events.next("DEREGISTRATION", 20_000);
			assert.is(gone.registrationId, before.registrationId);
			assert.is(await lab.driver.registration(), undefined);
			await lab.line("unblock");
			await registeredAnew(lab, String(before.registrationId), 30_000);
		},
	},
	{
		id: "103",
		title: "Deregistration",
		async run(lab) {
			const { registrationId } = (await lab.driver.registration())!;
			await lab.stopDevice();
			const event = await lab.events.next("DEREGISTRATION", SOON_MS);
			assert.is(event.registrationId, registrationId);
			assert.is(await lab.driver.registration(), undefined);
		},
	},
];

type Fields = Readonly<Record<string, unknown>>;

async function updated(lab: Lab): Promise<{ registration: Fields; update: Fields }> {
	const { registration, update } = await lab.events.next("UPDATED", SOON_MS);
	return { registration: registration as Fields, update: update as Fields };
}

async function registeredAnew(lab: Lab, oldId: string, timeoutMs = SOON_MS): Promise<void> {
	await lab.events.next("REGISTRATION", timeoutMs, (data) => data.registrationId !== oldId);
}
