// Where a story breaks off.

/** The step that failed and why, in one sentence. */
export class StoryFailure extends Error {}

/** Runs one step of a story; whatever it throws becomes a StoryFailure with the step's name. */
export async function step<Result>(name: string, body: () => Promise<Result>): Promise<Result> {
	try {
		return await body();
	} catch (error) {
		throw new StoryFailure(`The step "${name}" failed: ${error instanceof Error ? error.message : String(error)}`);
	}
}
