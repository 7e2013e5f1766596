// The machine of the story: a motor fills an air receiver, the workshop takes the air, a contact reports overpressure.

import type { Model } from "../lwm2m/model.js";
import type { Status, TypedInstance } from "../lwm2m/object.js";
import { Actuation } from "../lwm2m/objects/actuation.js";
import { DigitalInput } from "../lwm2m/objects/digital-input.js";
import { Pressure } from "../lwm2m/objects/pressure.js";
import { Temperature } from "../lwm2m/objects/temperature.js";

/** Pressures in hPa above the air around (1000 hPa are 1 bar), rates per second. */
const PRESSURE_AT_START = 6000;
const FILLING_RATE = 60;
const CONSUMPTION_RATE = 20;
const ALARM_PRESSURE = 9000;
/** The alarm contact opens again only below this, so that it does not chatter. */
const ALARM_END_PRESSURE = 8500;
const SAFETY_VALVE_PRESSURE = 10_000;

/** Temperatures in Cel. */
const AMBIENT_TEMPERATURE = 20;
const RUNNING_TEMPERATURE = 85;
/** How fast the housing follows: after so many seconds 63 % of the way are done. */
const HEATING_SECONDS = 120;
/** Steps of the sensors; binary fractions travel as 4 bytes. */
const TEMPERATURE_STEP = 1 / 16;

/** Longer silences of the caller are simulated as this much. */
const LONGEST_STEP_SECONDS = 60;

export interface AirCompressor {
	/** Moves the machine on to an instant, in monotone milliseconds. */
	step(nowMs: number): void;
}

/** Adds the compressor's objects to a model: 3323/0, 3303/0, 3306/0 (motor) and 3200/0 (alarm). */
export function airCompressor(model: Model): AirCompressor {
	const pressure: Sensor = model.add(
		Pressure,
		0,
		{
			...measured(PRESSURE_AT_START, 0, SAFETY_VALVE_PRESSURE),
			sensorUnits: "hPa",
			applicationType: "Air receiver",
			resetMinAndMaxMeasuredValues: null,
		},
		{ execute: (): Status => restartExtremes(pressure) },
	);
	const temperature: Sensor = model.add(
		Temperature,
		0,
		{
			...measured(AMBIENT_TEMPERATURE, -20, 120),
			sensorUnits: "Cel",
			applicationType: "Compressor housing",
			resetMinAndMaxMeasuredValues: null,
		},
		{ execute: (): Status => restartExtremes(temperature) },
	);
	const motor = model.add(
		Actuation,
		0,
		{ onOff: true, onTime: 0, applicationType: "Motor" },
		// The hours run may be started over, but not be made up.
		{ write: (_instanceId, name, value) => (name === "onTime" && value !== 0 ? "bad-request" : "changed") },
	);
	const alarm = model.add(DigitalInput, 0, {
		digitalInputState: false,
		digitalInputCounter: 0,
		applicationType: "Overpressure alarm",
	});
	return new Simulation(pressure, temperature, motor, alarm);
}

type Measurement = "sensorValue" | "minMeasuredValue" | "maxMeasuredValue";

/** What the sensor objects of the registry have in common. */
interface Sensor {
	get(name: Measurement): number | undefined;
	set(name: Measurement, value: number): void;
}

type Motor = TypedInstance<(typeof Actuation)["resources"]>;
type Contact = TypedInstance<(typeof DigitalInput)["resources"]>;

class Simulation implements AirCompressor {
	readonly #pressureSensor: Sensor;
	readonly #temperatureSensor: Sensor;
	readonly #motor: Motor;
	readonly #alarm: Contact;
	#pressure = PRESSURE_AT_START;
	#temperature = AMBIENT_TEMPERATURE;
	/** What of a second the motor has run beyond its counter. */
	#runSeconds = 0;
	#lastMs: number | undefined;

	constructor(pressure: Sensor, temperature: Sensor, motor: Motor, alarm: Contact) {
		this.#pressureSensor = pressure;
		this.#temperatureSensor = temperature;
		this.#motor = motor;
		this.#alarm = alarm;
	}

	step(nowMs: number): void {
		const seconds = Math.min((nowMs - (this.#lastMs ?? nowMs)) / 1000, LONGEST_STEP_SECONDS);
		this.#lastMs = nowMs;
		const running = this.#motor.get("onOff") === true;
		const rate = (running ? FILLING_RATE : 0) - CONSUMPTION_RATE;
		this.#pressure = Math.min(Math.max(this.#pressure + rate * seconds, 0), SAFETY_VALVE_PRESSURE);
		const target = running ? RUNNING_TEMPERATURE : AMBIENT_TEMPERATURE;
		this.#temperature += (target - this.#temperature) * (1 - Math.exp(-seconds / HEATING_SECONDS));
		measure(this.#pressureSensor, Math.round(this.#pressure));
		measure(this.#temperatureSensor, Math.round(this.#temperature / TEMPERATURE_STEP) * TEMPERATURE_STEP);
		if (running) this.countRun(seconds);
		this.watch();
	}

	private countRun(seconds: number): void {
		this.#runSeconds += seconds;
		const whole = Math.floor(this.#runSeconds);
		this.#runSeconds -= whole;
		this.#motor.set("onTime", (this.#motor.get("onTime") ?? 0) + whole);
	}

	private watch(): void {
		const wasOn = this.#alarm.get("digitalInputState") === true;
		const isOn = this.#pressure > (wasOn ? ALARM_END_PRESSURE : ALARM_PRESSURE);
		this.#alarm.set("digitalInputState", isOn);
		if (isOn && !wasOn) this.#alarm.set("digitalInputCounter", (this.#alarm.get("digitalInputCounter") ?? 0) + 1);
	}
}

/** What a sensor knows when it starts. */
function measured(value: number, minimum: number, maximum: number) {
	return {
		sensorValue: value,
		minMeasuredValue: value,
		maxMeasuredValue: value,
		minRangeValue: minimum,
		maxRangeValue: maximum,
	};
}

function measure(sensor: Sensor, value: number): void {
	sensor.set("sensorValue", value);
	if (value < (sensor.get("minMeasuredValue") ?? value)) sensor.set("minMeasuredValue", value);
	if (value > (sensor.get("maxMeasuredValue") ?? value)) sensor.set("maxMeasuredValue", value);
}

function restartExtremes(sensor: Sensor): Status {
	const value = sensor.get("sensorValue") ?? 0;
	sensor.set("minMeasuredValue", value);
	sensor.set("maxMeasuredValue", value);
	return "changed";
}
