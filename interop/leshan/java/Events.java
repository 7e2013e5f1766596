package pinhole;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.queue.PresenceListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.send.SendListener;

/** GET /api/event[?ep=NAME]: what happens, as server-sent events. The demo's COAPLOG is not among them. */
final class Events implements RegistrationListener, ObservationListener, PresenceListener, SendListener {
	/** Each open stream with the endpoint name it asked for; "" is for all. */
	private final Map<OutputStream, String> streams = new ConcurrentHashMap<>();
	private final Registrations registrations;

	Events(LeshanServer leshan) {
		registrations = new Registrations(leshan);
		leshan.getRegistrationService().addListener(this);
		leshan.getObservationService().addListener(this);
		leshan.getPresenceService().addListener(this);
		leshan.getSendService().addListener(this);
	}

	void handle(HttpExchange exchange) throws IOException {
		// Its demo answers 405 to whoever does not ask for an event stream by name.
		String accept = exchange.getRequestHeaders().getFirst("accept");
		if (accept == null || !accept.contains("text/event-stream")) {
			exchange.sendResponseHeaders(405, -1);
			return;
		}
		exchange.getResponseHeaders().set("content-type", "text/event-stream;charset=utf-8");
		exchange.sendResponseHeaders(200, 0);
		OutputStream stream = exchange.getResponseBody();
		// The headers leave with the first bytes.
		stream.write(": open\n\n".getBytes(StandardCharsets.UTF_8));
		stream.flush();
		streams.put(stream, Query.of(exchange).getOrDefault("ep", ""));
	}

	private synchronized void send(String name, Registration registration, JsonNode data) {
		if (registration == null) return;
		byte[] bytes = ("event: " + name + "\r\ndata: " + data + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
		streams.forEach((stream, wanted) -> {
			if (!wanted.isEmpty() && !wanted.equals(registration.getEndpoint())) return;
			try {
				stream.write(bytes);
				stream.flush();
			} catch (IOException closed) {
				streams.remove(stream);
			}
		});
	}

	private static ObjectNode of(Registration registration) {
		return Nodes.JSON.createObjectNode().put("ep", registration == null ? "" : registration.getEndpoint());
	}

	@Override
	public void registered(Registration now, Registration before, Collection<Observation> observations) {
		send("REGISTRATION", now, registrations.toJson(now));
	}

	@Override
	public void updated(RegistrationUpdate update, Registration now, Registration before) {
		ObjectNode data = Nodes.JSON.createObjectNode();
		data.set("registration", registrations.toJson(now));
		data.set("update", Registrations.toJson(update));
		send("UPDATED", now, data);
	}

	@Override
	public void unregistered(
		Registration gone, Collection<Observation> observations, boolean expired, Registration successor) {
		send("DEREGISTRATION", gone, registrations.toJson(gone));
	}

	@Override
	public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
		ObjectNode data = of(registration).put("kind", "single").put("res", observation.getPath().toString());
		data.set("val", Nodes.toJson(response.getContent()));
		send("NOTIFICATION", registration, data);
	}

	@Override
	public void onResponse(
		CompositeObservation observation, Registration registration, ObserveCompositeResponse response) {
		ObjectNode data = of(registration).put("kind", "composite");
		data.set("val", Nodes.toJson(response.getContent()));
		ArrayNode paths = data.putArray("paths");
		for (LwM2mPath path : response.getObservation().getPaths()) paths.add(path.toString());
		send("NOTIFICATION", registration, data);
	}

	@Override
	public void onError(Observation observation, Registration registration, Exception error) {
		// An unreadable notification must not pass unseen; the demo only logs it.
		send("NOTIFICATION_ERROR", registration, of(registration).put("message", String.valueOf(error)));
	}

	@Override
	public void dataReceived(Registration registration, TimestampedLwM2mNodes sent, SendRequest request) {
		ObjectNode data = of(registration);
		data.set("val", Nodes.toJson(Library.newest(sent)));
		send("SEND", registration, data);
	}

	@Override
	public void onSleeping(Registration registration) {
		send("SLEEPING", registration, of(registration));
	}

	@Override
	public void onAwake(Registration registration) {
		send("AWAKE", registration, of(registration));
	}

	@Override
	public void newObservation(Observation observation, Registration registration) {}

	@Override
	public void cancelled(Observation observation) {}

	@Override
	public void onError(Registration registration, String message, Exception error) {}
}
