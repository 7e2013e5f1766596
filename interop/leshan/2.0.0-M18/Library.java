package pinhole;

import java.io.File;
import java.net.InetSocketAddress;
import java.util.Map;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.request.DownlinkDeviceManagementRequest;
import org.eclipse.leshan.core.request.LwM2mRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.transport.californium.server.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.transport.californium.server.endpoint.coap.CoapServerProtocolProvider;

/** What is different from version to version. This one has no security: its modules for OSCORE are not published. */
final class Library {
	private Library() {}

	static void listen(LeshanServerBuilder builder, InetSocketAddress coap, File credentials) {
		if (credentials != null) throw new IllegalArgumentException("Leshan 2.0.0-M18 has no OSCORE here");
		CaliforniumServerEndpointsProvider.Builder endpoints =
			new CaliforniumServerEndpointsProvider.Builder(new CoapServerProtocolProvider());
		endpoints.setConfiguration(endpoints.createDefaultConfiguration());
		endpoints.addEndpoint(coap, Protocol.COAP);
		builder.setEndpointsProviders(endpoints.build());
	}

	static LwM2mResponse send(LeshanServer leshan, Registration to, LwM2mRequest<?> request, long timeoutMs)
		throws InterruptedException {
		return leshan.send(to, (DownlinkDeviceManagementRequest<?>) request, timeoutMs);
	}

	static Map<LwM2mPath, LwM2mNode> newest(TimestampedLwM2mNodes sent) {
		return sent.getMostRecentNodes();
	}
}
