package pinhole;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.model.StaticModelProvider;

/**
 * Leshan on free ports of 127.0.0.1 with its demo's HTTP API; prints one ready line. Arguments: object models, and for
 * OSCORE the file of the credentials.
 */
public final class Peer {
	private Peer() {}

	public static void main(String[] arguments) throws Exception {
		InetAddress here = InetAddress.getLoopbackAddress();
		File credentials = arguments.length > 1 ? new File(arguments[1]) : null;
		InetSocketAddress coap = new InetSocketAddress(here, freePort(here));
		LeshanServer leshan = createServer(coap, new File(arguments[0]), credentials);
		HttpServer http = HttpServer.create(new InetSocketAddress(here, 0), 0);
		// A request waits for its device, and an event stream never ends: each has a thread of its own.
		http.setExecutor(Executors.newCachedThreadPool());
		http.createContext("/api/clients", new Clients(leshan)::handle);
		http.createContext("/api/event", new Events(leshan)::handle);
		leshan.start();
		http.start();
		System.out.println(Nodes.JSON.createObjectNode()
			.put("ready", true)
			.put("coap", place(here, leshan.getEndpoint(Protocol.COAP).getURI().getPort()))
			.put("http", "http://" + place(here, http.getAddress().getPort()))
			.put("pid", ProcessHandle.current().pid()));
		endWithParent();
		leshan.destroy();
		System.exit(0);
	}

	private static String place(InetAddress host, int port) {
		return host.getHostAddress() + ":" + port;
	}

	/** Californium keeps the port number that it was given: 0 would be reported as 0. */
	private static int freePort(InetAddress host) throws Exception {
		try (DatagramSocket socket = new DatagramSocket(0, host)) {
			return socket.getLocalPort();
		}
	}

	/** Whoever started this process holds its standard input; that it ends is the sign to end, too. */
	private static void endWithParent() throws Exception {
		while (System.in.read() >= 0);
	}

	private static LeshanServer createServer(InetSocketAddress coap, File models, File credentials) throws Exception {
		LeshanServerBuilder builder = new LeshanServerBuilder();
		List<ObjectModel> objects = new ArrayList<>(ObjectLoader.loadAllDefault());
		for (JsonNode object : Nodes.JSON.readTree(models)) objects.add(toModel(object));
		builder.setObjectModelProvider(new StaticModelProvider(objects));
		Library.listen(builder, coap, credentials);
		return builder.build();
	}

	private static ObjectModel toModel(JsonNode object) {
		List<ResourceModel> resources = new ArrayList<>();
		for (JsonNode one : object.get("resources")) {
			ResourceModel.Operations operations = ResourceModel.Operations.valueOf(one.get("operations").asText());
			ResourceModel.Type type = ResourceModel.Type.valueOf(one.get("type").asText());
			boolean multiple = one.get("multiple").asBoolean();
			String name = one.get("name").asText();
			resources.add(new ResourceModel(
				one.get("id").asInt(), name, operations, multiple, false, type, null, null, null));
		}
		String name = object.get("name").asText();
		return new ObjectModel(object.get("id").asInt(), name, null, "1.0", true, false, resources);
	}
}
