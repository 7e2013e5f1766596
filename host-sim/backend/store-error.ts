// What ends a back end that cannot read its registrations.

/** The file cannot be used; the message is one sentence that names it, the place in it and what to do. */
export class StoreError extends Error {}
