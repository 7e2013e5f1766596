// Codes of RFC 7252, 12.1 as the byte on the wire: class * 32 + detail.

export const Code = Object.freeze({
	Empty: 0x00,
	Get: 0x01,
	Post: 0x02,
	Put: 0x03,
	Delete: 0x04,
	Fetch: 0x05,
	Patch: 0x06,
	IPatch: 0x07,
	Created: 0x41,
	Deleted: 0x42,
	Valid: 0x43,
	Changed: 0x44,
	Content: 0x45,
	Continue: 0x5f,
	BadRequest: 0x80,
	Unauthorized: 0x81,
	BadOption: 0x82,
	Forbidden: 0x83,
	NotFound: 0x84,
	MethodNotAllowed: 0x85,
	NotAcceptable: 0x86,
	RequestEntityIncomplete: 0x88,
	Conflict: 0x89,
	PreconditionFailed: 0x8c,
	RequestEntityTooLarge: 0x8d,
	UnsupportedContentFormat: 0x8f,
	UnprocessableEntity: 0x96,
	TooManyRequests: 0x9d,
	InternalServerError: 0xa0,
	NotImplemented: 0xa1,
	BadGateway: 0xa2,
	ServiceUnavailable: 0xa3,
	GatewayTimeout: 0xa4,
	ProxyingNotSupported: 0xa5,
});

/** The names that the registry gives to codes; a code without one is printed as its number alone. */
const NAMES: Readonly<Record<number, string>> = Object.freeze({
	[Code.Empty]: "Empty",
	[Code.Get]: "GET",
	[Code.Post]: "POST",
	[Code.Put]: "PUT",
	[Code.Delete]: "DELETE",
	[Code.Fetch]: "FETCH",
	[Code.Patch]: "PATCH",
	[Code.IPatch]: "iPATCH",
	[Code.Created]: "Created",
	[Code.Deleted]: "Deleted",
	[Code.Valid]: "Valid",
	[Code.Changed]: "Changed",
	[Code.Content]: "Content",
	[Code.Continue]: "Continue",
	[Code.BadRequest]: "Bad Request",
	[Code.Unauthorized]: "Unauthorized",
	[Code.BadOption]: "Bad Option",
	[Code.Forbidden]: "Forbidden",
	[Code.NotFound]: "Not Found",
	[Code.MethodNotAllowed]: "Method Not Allowed",
	[Code.NotAcceptable]: "Not Acceptable",
	[Code.RequestEntityIncomplete]: "Request Entity Incomplete",
	[Code.Conflict]: "Conflict",
	[Code.PreconditionFailed]: "Precondition Failed",
	[Code.RequestEntityTooLarge]: "Request Entity Too Large",
	[Code.UnsupportedContentFormat]: "Unsupported Content-Format",
	[Code.UnprocessableEntity]: "Unprocessable Entity",
	[Code.TooManyRequests]: "Too Many Requests",
	[Code.InternalServerError]: "Internal Server Error",
	[Code.NotImplemented]: "Not Implemented",
	[Code.BadGateway]: "Bad Gateway",
	[Code.ServiceUnavailable]: "Service Unavailable",
	[Code.GatewayTimeout]: "Gateway Timeout",
	[Code.ProxyingNotSupported]: "Proxying Not Supported",
});

/** The class of a code: 0 requests, 2 success, 4 client error, 5 server error; 1, 6 and 7 are reserved. */
export function codeClass(code: number): number {
	return code >> 5;
}

/** True for a method: class 0 without the Empty message. */
export function isRequest(code: number): boolean {
	return code > 0 && code < 0x20;
}

/** True for 2.xx, 4.xx and 5.xx. */
export function isResponse(code: number): boolean {
	const kind = code >> 5;
	return kind === 2 || kind === 4 || kind === 5;
}

/** True for 2.xx. */
export function isSuccess(code: number): boolean {
	return code >> 5 === 2;
}

/** A code as people write it: "4.04 Not Found", "0.01 GET". */
export function codeText(code: number): string {
	const detail = code & 0x1f;
	const number = `${code >> 5}.${detail < 10 ? "0" : ""}${detail}`;
	const name = NAMES[code];
	return name === undefined ? number : `${number} ${name}`;
}
