// Every bound of the firmware in one place, with the relations between them asserted at load.

export const limits = Object.freeze({
	/** RFC 7252, 4.6: a message that fits one datagram on any path. */
	messageLength: 1152,
	/** RFC 8323, 5.3.1: a message that a stream takes; above 1152 it may hold several blocks. */
	streamMessageLength: 2304,
	/** Bytes of a stream that may wait until what came before is answered: about as much as a TCP window holds. */
	streamHeldLength: 8192,
	/** Payload bytes of one block; the SDK's UDP truncates chained buffers, so never above 1024. */
	blockLength: 1024,
	/** RFC 7252, 3: a token is 0 to 8 bytes. */
	tokenLength: 8,
	/** Uri-Path segments and Uri-Query entries of one message that we build. */
	optionCount: 32,
	/** Our own requests under way towards one peer (RFC 7252, 4.7: NSTART is 1 for CON; the rest waits). */
	requestCount: 4,
	/** Requests of one peer that wait for our answer. */
	serveCount: 4,
	/** Message IDs of one peer remembered with their answers (messageLength in sum), oldest out first. */
	deduplicatorCount: 8,
	/** Observations that one peer may hold here. */
	observationCount: 16,
	/** Paths of all Observe-Composite of one peer together: each is an object of its own. */
	observedPathCount: 32,
	/** A response of ours, before it is cut into blocks. */
	responseLength: 4096,
	/** A request of a peer, joined from blocks; one at a time for each peer. */
	requestLength: 4096,
	/** Events of one account that nobody has polled yet, oldest out first: they are for people only. */
	eventCount: 8,
	/** Values of one written or received payload. */
	entryCount: 64,
	/** Resource instances of one resource that a server may write. */
	resourceInstanceCount: 16,
	/** Seconds that pmax cannot go below: each notification is bytes that a stranger's request could have ordered. */
	maximumPeriodFloor: 2,
	/** Paths to which one server may attach attributes. */
	attributesCount: 16,
	/** Bytes of what one server's observations keep while it is out of reach; the oldest makes room. */
	historyLength: 1024,
	/** Sends that wait for one server, and bytes of their values together; the oldest makes room. */
	sendCount: 16,
	sendLength: 2048,
	/** Requests of one server whose answer a handler has put off, and values put off within one of them. */
	laterCount: 4,
	/** Events of one server's Service that wait for the agent; the oldest makes room. */
	serviceEventCount: 8,
	/** Triggers by SMS of one server that are carried out within an hour. */
	triggerCount: 10,
	/** Server accounts of one device. */
	accountCount: 4,
	/** Fresh sockets of one account on which a binding is measured: carriers count the ports of each subscriber. */
	probeSocketCount: 6,
	/** Measurements of one account under way or waiting. */
	probeCount: 16,
	/** Bytes of a key in the store: what the key-value storage of an ESP32 takes, too. */
	storeKeyLength: 15,
	/** Keys in the store: each costs 16 bytes of memory. */
	storeKeyCount: 128,
	/** Bytes of one stored value. */
	storeValueLength: 4096,
	/** Bytes of a bank of the journal: each start of the device reads as much. Of larger blocks the rest stays unused. */
	storeBankLength: 8192,
	/** Banks that the wear is spread over. */
	storeBankCount: 8,
});

if (limits.blockLength + 128 > limits.messageLength) throw new RangeError("a block and its options exceed a message");
if (limits.blockLength > limits.responseLength) throw new RangeError("a response must hold a block");
if (2 * limits.storeValueLength > limits.storeBankLength) throw new RangeError("a bank must hold the longest value");
if (2 * limits.historyLength > limits.responseLength) throw new RangeError("a history and its times exceed a response");
