package pinhole;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.oscore.OscoreSetting;
import org.eclipse.leshan.core.request.DownlinkRequest;
import org.eclipse.leshan.core.request.LwM2mRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapOscoreServerEndpointFactory;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.observation.LwM2mNotificationReceiver;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.security.InMemorySecurityStore;
import org.eclipse.leshan.server.security.NonUniqueSecurityInfoException;
import org.eclipse.leshan.server.security.SecurityInfo;

/** What is different from version to version. The modules for OSCORE of this one are published. */
final class Library {
	private Library() {}

	static void listen(LeshanServerBuilder builder, InetSocketAddress coap, File credentials) throws Exception {
		CaliforniumServerEndpointsProvider.Builder endpoints =
			new CaliforniumServerEndpointsProvider.Builder(new CoapServerProtocolProvider());
		endpoints.setConfiguration(endpoints.createDefaultConfiguration());
		if (credentials == null) endpoints.addEndpoint(coap, Protocol.COAP);
		else {
			builder.setSecurityStore(readCredentials(credentials));
			endpoints.addEndpoint(oscoreEndpoint(URI.create("coap://" + coap.getHostString() + ":" + coap.getPort())));
		}
		builder.setEndpointsProviders(endpoints.build());
	}

	static LwM2mResponse send(LeshanServer leshan, Registration to, LwM2mRequest<?> request, long timeoutMs)
		throws InterruptedException {
		return leshan.send(to, (DownlinkRequest<?>) request, timeoutMs);
	}

	static Map<LwM2mPath, LwM2mNode> newest(TimestampedLwM2mNodes sent) {
		return sent.getNodes();
	}

	private static CaliforniumServerEndpointFactory oscoreEndpoint(URI place) {
		return new CoapOscoreServerEndpointFactory(place) {
			@Override
			protected CoapEndpoint.Builder createEndpointBuilder(
				InetSocketAddress address,
				Configuration configuration,
				LwM2mNotificationReceiver notifications,
				LeshanServer server
			) {
				return super.createEndpointBuilder(address, configuration, notifications, server)
					.setCustomCoapStackArgument(new Contexts(server.getSecurityStore(), server.getRegistrationStore()));
			}
		};
	}

	/** The credentials of a file of ours, which has the identifiers as the device sees them. */
	private static InMemorySecurityStore readCredentials(File file) throws IOException, NonUniqueSecurityInfoException {
		InMemorySecurityStore store = new InMemorySecurityStore();
		for (JsonNode one : Nodes.JSON.readTree(file).get("credentials")) {
			OscoreSetting setting = new OscoreSetting(
				bytes(one, "recipientId"), bytes(one, "senderId"), bytes(one, "masterSecret"), null, (Integer) null,
				bytes(one, "masterSalt"));
			store.add(SecurityInfo.newOscoreInfo(one.get("endpointName").asText(), setting));
		}
		return store;
	}

	private static byte[] bytes(JsonNode of, String member) {
		return Hex.decodeHex(of.get(member).asText().toCharArray());
	}
}
