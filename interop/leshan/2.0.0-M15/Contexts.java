package pinhole;

import java.net.InetSocketAddress;
import java.net.URI;
import org.eclipse.californium.cose.AlgorithmID;
import org.eclipse.californium.oscore.HashMapCtxDB;
import org.eclipse.californium.oscore.OSCoreCtx;
import org.eclipse.californium.oscore.OSException;
import org.eclipse.leshan.core.oscore.OscoreSetting;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationStore;
import org.eclipse.leshan.server.security.SecurityInfo;
import org.eclipse.leshan.server.security.SecurityStore;

/**
 * Contexts by the device's identifier, each made from its credential when the device is first heard. Leshan's own store
 * refuses an ID Context in this version, and so the renewal of RFC 8613, B.2; Californium below it can do that.
 */
final class Contexts extends HashMapCtxDB {
	/** The bounds that Leshan sets. */
	private static final int REPLAY_WINDOW = 32;
	private static final int MAX_UNFRAGMENTED_SIZE = 1000;

	private final SecurityStore credentials;
	private final RegistrationStore registrations;

	Contexts(SecurityStore credentials, RegistrationStore registrations) {
		this.credentials = credentials;
		this.registrations = registrations;
	}

	/** A device has one context at a time, whatever ID Context a renewal has given it. */
	@Override
	public synchronized OSCoreCtx getContext(byte[] identifier, byte[] idContext) {
		return getContext(identifier);
	}

	@Override
	public synchronized OSCoreCtx getContext(byte[] identifier) {
		OSCoreCtx known = super.getContext(identifier);
		if (known != null) return known;
		SecurityInfo info = credentials.getByOscoreIdentity(new OscoreIdentity(identifier));
		if (info == null) return null;
		OSCoreCtx context = derive(info.getOscoreSetting());
		addContext(context);
		return context;
	}

	/** That of the device which is registered at an address. */
	@Override
	public synchronized OSCoreCtx getContext(String uri) {
		URI place = URI.create(uri);
		Registration registration =
			registrations.getRegistrationByAdress(new InetSocketAddress(place.getHost(), place.getPort()));
		if (registration == null) return null;
		return registration.getClientTransportData().getIdentity() instanceof OscoreIdentity identity
			? getContext(identity.getRecipientId())
			: null;
	}

	private static OSCoreCtx derive(OscoreSetting setting) {
		byte[] salt = setting.getMasterSalt().length == 0 ? null : setting.getMasterSalt();
		try {
			OSCoreCtx context = new OSCoreCtx(
				setting.getMasterSecret(), true, AlgorithmID.AES_CCM_16_64_128, setting.getSenderId(),
				setting.getRecipientId(), AlgorithmID.HKDF_HMAC_SHA_256, REPLAY_WINDOW, salt, null,
				MAX_UNFRAGMENTED_SIZE);
			context.setContextRederivationEnabled(true);
			return context;
		} catch (OSException fault) {
			throw new IllegalStateException(fault);
		}
	}
}
