package pinhole;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.eclipse.leshan.core.link.attributes.InvalidAttributeException;
import org.eclipse.leshan.core.link.lwm2m.attributes.DefaultLwM2mAttributeParser;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.node.LwM2mChildNode;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.codec.CodecException;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.CancelCompositeObservationRequest;
import org.eclipse.leshan.core.request.CancelObservationRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.LwM2mRequest;
import org.eclipse.leshan.core.request.ObserveCompositeRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadCompositeRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteCompositeRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.request.exception.ClientSleepingException;
import org.eclipse.leshan.core.request.exception.InvalidRequestException;
import org.eclipse.leshan.core.request.exception.InvalidResponseException;
import org.eclipse.leshan.core.request.exception.RequestCanceledException;
import org.eclipse.leshan.core.request.exception.RequestRejectedException;
import org.eclipse.leshan.core.response.CreateResponse;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ReadCompositeResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;

/** /api/clients: registrations, and the operations on their paths, with the demo's routes, status codes and texts. */
final class Clients {
	/** An answer that is not a device's. */
	private static final class Refusal extends Exception {
		final int status;

		Refusal(int status, String text) {
			super(text);
			this.status = status;
		}
	}

	private static final long DEFAULT_TIMEOUT_SECONDS = 5;

	private final LeshanServer leshan;
	private final Registrations registrations;

	Clients(LeshanServer leshan) {
		this.leshan = leshan;
		this.registrations = new Registrations(leshan);
	}

	void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			try {
				answer(exchange, 200, "application/json", route(exchange));
			} catch (Refusal refusal) {
				answer(exchange, refusal.status, "text/plain;charset=utf-8", refusal.getMessage());
			} catch (InvalidRequestException | CodecException | ClientSleepingException fault) {
				answer(exchange, 400, "text/plain;charset=utf-8", "Invalid request: " + fault.getMessage());
			} catch (InvalidAttributeException fault) {
				answer(exchange, 400, "text/plain;charset=utf-8", "Invalid attributes: " + fault.getMessage());
			} catch (RequestRejectedException fault) {
				answer(exchange, 500, "text/plain;charset=utf-8", "Request rejected: " + fault.getMessage());
			} catch (RequestCanceledException fault) {
				answer(exchange, 500, "text/plain;charset=utf-8", "Request cancelled: " + fault.getMessage());
			} catch (InvalidResponseException fault) {
				answer(exchange, 500, "text/plain;charset=utf-8", "Invalid Response: " + fault.getMessage());
			} catch (Exception fault) {
				answer(exchange, 500, "text/plain;charset=utf-8", "Unexpected exception: " + fault.getMessage());
			}
		}
	}

	private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("content-type", type);
		exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
		exchange.getResponseBody().write(bytes);
	}

	private String route(HttpExchange exchange) throws Exception {
		String rest = exchange.getRequestURI().getPath().substring(exchange.getHttpContext().getPath().length());
		if (rest.isEmpty()) return all().toString();
		String[] segments = rest.substring(1).split("/");
		String name = segments[0];
		Registration registration = leshan.getRegistrationService().getByEndpoint(name);
		if (registration == null) throw new Refusal(400, "No registered client with id '" + name + "'");
		String method = exchange.getRequestMethod();
		if (segments.length == 1 && method.equals("GET")) return registrations.toJson(registration).toString();
		if (segments.length == 1) throw new Refusal(400, "Invalid path");
		Map<String, String> query = Query.of(exchange);
		Asked asked = new Asked(registration, query, exchange);
		String[] below = Arrays.copyOfRange(segments, 1, segments.length);
		String verb = below[below.length - 1].matches("[a-z]+") ? below[below.length - 1] : "";
		String[] numbers = verb.isEmpty() ? below : Arrays.copyOf(below, below.length - 1);
		if (below[0].equals("composite")) return composite(asked, method + " " + verb);
		return single(asked, method + " " + verb, "/" + String.join("/", numbers), numbers.length);
	}

	private record Asked(Registration registration, Map<String, String> query, HttpExchange exchange) {
		/** A format that is not known counts as none, as in the demo. */
		ContentFormat format(String parameter) {
			String name = query.get(parameter);
			return name == null ? null : ContentFormat.fromName(name.toUpperCase());
		}

		String[] paths() {
			return query.get("paths").split(",");
		}

		String body() throws IOException {
			return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		}

		JsonNode json() throws IOException {
			try {
				return Nodes.JSON.readTree(body());
			} catch (JsonProcessingException fault) {
				throw new InvalidRequestException(fault, "the body is not JSON: %s", fault.getOriginalMessage());
			}
		}
	}

	private ArrayNode all() {
		ArrayNode json = Nodes.JSON.createArrayNode();
		leshan.getRegistrationService().getAllRegistrations().forEachRemaining((one) ->
			json.add(registrations.toJson(one)));
		return json;
	}

	private String single(Asked asked, String route, String path, int depth) throws Exception {
		ContentFormat format = asked.format("format");
		return switch (route) {
			case "GET " -> ask(asked, new ReadRequest(format, path));
			case "GET discover" -> ask(asked, new DiscoverRequest(path));
			case "PUT " -> {
				if (depth < 2) throw new Refusal(400, "Invalid path");
				WriteRequest.Mode mode = asked.query.getOrDefault("replace", "true").equals("true")
					? WriteRequest.Mode.REPLACE
					: WriteRequest.Mode.UPDATE;
				yield ask(asked, new WriteRequest(mode, format, path, node(asked, path)));
			}
			case "PUT attributes" -> {
				String query = asked.exchange.getRequestURI().getQuery();
				LwM2mAttributeSet attributes =
					new LwM2mAttributeSet(new DefaultLwM2mAttributeParser().parseUriQuery(query));
				yield ask(asked, new WriteAttributesRequest(path, attributes));
			}
			case "POST " -> {
				if (depth > 3) throw new Refusal(400, "Invalid path");
				yield depth == 3 ? execute(asked, path) : create(asked, path, format);
			}
			case "POST observe" -> ask(asked, new ObserveRequest(format, path));
			case "DELETE " -> ask(asked, new DeleteRequest(path));
			case "DELETE observe" -> cancel(asked, path);
			default -> throw new Refusal(400, "Invalid path");
		};
	}

	private String composite(Asked asked, String route) throws Exception {
		ContentFormat forPaths = asked.format("pathformat");
		ContentFormat forNodes = asked.format("nodeformat");
		return switch (route) {
			case "GET composite" -> ask(asked, new ReadCompositeRequest(forPaths, forNodes, asked.paths()));
			case "PUT composite" -> {
				yield ask(asked, new WriteCompositeRequest(forNodes, Nodes.mapFromJson(asked.json()), null));
			}
			case "POST observe" -> ask(asked, new ObserveCompositeRequest(forPaths, forNodes, asked.paths()));
			case "DELETE observe" -> cancelComposite(asked);
			default -> throw new Refusal(400, "Invalid path");
		};
	}

	private LwM2mChildNode node(Asked asked, String path) throws Exception {
		String type = String.valueOf(asked.exchange.getRequestHeaders().getFirst("content-type")).split(";")[0];
		if (type.equals("application/json")) return Nodes.fromJson(asked.json());
		int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
		if (type.equals("text/plain")) return LwM2mSingleResource.newStringResource(id, asked.body());
		throw new InvalidRequestException("content type %s not supported", type);
	}

	private String execute(Asked asked, String path) throws Exception {
		String argument = asked.body();
		return ask(asked, new ExecuteRequest(path, argument.isEmpty() ? null : argument));
	}

	private String create(Asked asked, String path, ContentFormat format) throws Exception {
		LwM2mObjectInstance instance = (LwM2mObjectInstance) node(asked, path);
		boolean named = instance.getId() != LwM2mObjectInstance.UNDEFINED;
		return ask(asked, named
			? new CreateRequest(format, path, instance)
			: new CreateRequest(format, path, instance.getResources().values()));
	}

	private String cancel(Asked asked, String path) throws Exception {
		if (asked.query.containsKey("active")) {
			for (Observation one : leshan.getObservationService().getObservations(asked.registration)) {
				if (one instanceof SingleObservation single && single.getPath().equals(new LwM2mPath(path))) {
					String answer = ask(asked, new CancelObservationRequest(single));
					leshan.getObservationService().cancelObservation(one);
					return answer;
				}
			}
			throw new Refusal(404, "no observation for path " + path);
		}
		leshan.getObservationService().cancelObservations(asked.registration, path);
		return "";
	}

	private String cancelComposite(Asked asked) throws Exception {
		if (asked.query.containsKey("active")) {
			for (Observation one : leshan.getObservationService().getObservations(asked.registration)) {
				if (one instanceof CompositeObservation composite
					&& composite.getPaths().equals(LwM2mPath.getLwM2mPathList(Arrays.asList(asked.paths())))) {
					String answer = ask(asked, new CancelCompositeObservationRequest(composite));
					leshan.getObservationService().cancelObservation(one);
					return answer;
				}
			}
			throw new Refusal(404, "no composite observation for paths " + Arrays.toString(asked.paths()));
		}
		leshan.getObservationService().cancelCompositeObservations(asked.registration, asked.paths());
		return "";
	}

	private String ask(Asked asked, LwM2mRequest<?> request) throws Exception {
		String said = asked.query.getOrDefault("timeout", "");
		long seconds = said.matches("\\d+") ? Long.parseLong(said) : DEFAULT_TIMEOUT_SECONDS;
		LwM2mResponse response = Library.send(leshan, asked.registration, request, seconds * 1000);
		if (response == null) throw new Refusal(504, "Request timeout");
		ObjectNode json = Nodes.JSON.createObjectNode()
			.put("status", response.getCode().toString())
			.put("valid", response.isValid())
			.put("success", response.isSuccess())
			.put("failure", response.isFailure());
		if (response instanceof ReadResponse read && read.getContent() != null) {
			json.set("content", Nodes.toJson(read.getContent()));
		} else if (response instanceof ReadCompositeResponse read && read.getContent() != null) {
			json.set("content", Nodes.toJson(read.getContent()));
		} else if (response instanceof DiscoverResponse discover && discover.getObjectLinks() != null) {
			json.set("objectLinks", Nodes.toJson(discover.getObjectLinks()));
		} else if (response instanceof CreateResponse create && create.getLocation() != null) {
			json.put("location", create.getLocation());
		}
		String message = response.getErrorMessage();
		if (response.isFailure() && message != null && !message.isEmpty()) json.put("errormessage", message);
		return json.toString();
	}
}
