// What the back end says to the device in the live story: all kinds of commands at first, then one now and then.

import type { Operator } from "./operator.js";

const PRESSURE = "/3323/0/5700";
const RESET_PRESSURE_RANGE = "/3323/0/5605";
const MOTOR = "/3306/0/5850";
const TIMEOUT_MS = 10_000;

/** Speaks to one device, and tells `say` what was said and answered. A missing answer is no fault of ours. */
export class Dialogue {
	readonly #operator: Operator;
	readonly #say: (line: string) => void;
	#motorRuns = true;

	constructor(operator: Operator, say: (line: string) => void) {
		this.#operator = operator;
		this.#say = say;
	}

	/** Begins when the device has registered; it may have done so already. */
	async begin(): Promise<void> {
		await this.#read("/3/0/0");
		await this.#read(PRESSURE);
		await this.#told(`execute ${RESET_PRESSURE_RANGE}`, this.#operator.execute(RESET_PRESSURE_RANGE, TIMEOUT_MS));
		await this.#told(`observe ${MOTOR}`, this.#operator.observe(MOTOR, TIMEOUT_MS));
		await this.#switchMotor();
	}

	/** Switches the motor, which its observation notifies, and reads the pressure. */
	async goOn(): Promise<void> {
		await this.#switchMotor();
		await this.#read(PRESSURE);
	}

	async #switchMotor(): Promise<void> {
		this.#motorRuns = !this.#motorRuns;
		const value = String(this.#motorRuns);
		await this.#told(`write ${MOTOR} ${value}`, this.#operator.write(MOTOR, value, TIMEOUT_MS));
	}

	async #read(path: string): Promise<void> {
		await this.#told(`read ${path}`, this.#operator.read(path, TIMEOUT_MS));
	}

	async #told(what: string, answer: Promise<string | undefined>): Promise<void> {
		const startedAt = performance.now();
		try {
			const text = await answer;
			const ms = Math.round(performance.now() - startedAt);
			this.#say(text === undefined ? `${what}: no answer` : `${what}: ${text}, in ${ms} ms`);
		} catch (error) {
			this.#say(`${what}: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
}
