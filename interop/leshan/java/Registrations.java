package pinhole;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationUpdate;

/** Registrations as the demo's API shows them. */
final class Registrations {
	private final LeshanServer leshan;

	Registrations(LeshanServer leshan) {
		this.leshan = leshan;
	}

	ObjectNode toJson(Registration registration) {
		ObjectNode json = Nodes.JSON.createObjectNode()
			.put("endpoint", registration.getEndpoint())
			.put("registrationId", registration.getId())
			.put("registrationDate", registration.getRegistrationDate().getTime())
			.put("lastUpdate", registration.getLastUpdate().getTime())
			.put("address", registration.getAddress().getHostAddress() + ":" + registration.getPort())
			.put("lwM2mVersion", registration.getLwM2mVersion().toString())
			.put("lifetime", registration.getLifeTimeInSec())
			.put("bindingMode", BindingMode.toString(registration.getBindingMode()))
			.put("rootPath", registration.getRootPath())
			.put("secure", registration.getClientTransportData().getIdentity().isSecure())
			.put("queuemode", registration.usesQueueMode());
		if (registration.getSmsNumber() != null) json.put("smsNumber", registration.getSmsNumber());
		json.set("objectLinks", Nodes.toJson(registration.getObjectLinks()));
		json.putPOJO("additionalRegistrationAttributes", registration.getAdditionalRegistrationAttributes());
		ObjectNode instances = json.putObject("availableInstances");
		for (LwM2mPath path : registration.getAvailableInstances()) {
			instances.withArray("/" + path.getObjectId()).add(path.getObjectInstanceId());
		}
		if (registration.usesQueueMode()) {
			json.put("sleeping", !leshan.getPresenceService().isClientAwake(registration));
		}
		return json;
	}

	/** What an Update said; what it did not say is absent. */
	static ObjectNode toJson(RegistrationUpdate update) {
		ObjectNode json = Nodes.JSON.createObjectNode()
			.put("registrationId", update.getRegistrationId())
			.put("address", update.getAddress().getHostAddress() + ":" + update.getPort())
			.put("secure", false);
		if (update.getSmsNumber() != null) json.put("smsNumber", update.getSmsNumber());
		if (update.getLifeTimeInSec() != null) json.put("lifetime", update.getLifeTimeInSec());
		if (update.getAlternatePath() != null) json.put("alternatePath", update.getAlternatePath());
		if (update.getObjectLinks() != null) json.set("objectLinks", Nodes.toJson(update.getObjectLinks()));
		json.putPOJO("additionalAttributes", update.getAdditionalAttributes());
		return json;
	}
}
