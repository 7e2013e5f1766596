// The air compressor as an application for any board: its objects, and what a back end may add to them.

import type { Application } from "../boot/application.js";
import { SetPoint } from "../lwm2m/objects/set-point.js";
import { Temperature } from "../lwm2m/objects/temperature.js";
import { airCompressor } from "./air-compressor.js";

/** The housing's own included. */
const THERMOMETER_LIMIT = 4;
const SET_POINT_LIMIT = 4;

export const compressorDevice: Application = Object.freeze({
	identity: { manufacturer: "Pinhole", modelNumber: "Air compressor, simulated" },
	stepMs: 1_000,
	createMachine(model) {
		// A thermometer more is plugged in, and a server gives it a name before it measures.
		model.allowCreate(Temperature, THERMOMETER_LIMIT, { sensorUnits: "Cel", applicationType: null });
		// Targets that a back end keeps at the machine.
		model.allowCreate(SetPoint, SET_POINT_LIMIT, {});
		return airCompressor(model);
	},
} satisfies Application);
