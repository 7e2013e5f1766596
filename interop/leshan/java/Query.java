package pinhole;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The query of a request; a parameter without a value is there as "". */
final class Query {
	private Query() {}

	static Map<String, String> of(HttpExchange exchange) {
		Map<String, String> parameters = new LinkedHashMap<>();
		String query = exchange.getRequestURI().getRawQuery();
		for (String one : query == null ? new String[0] : query.split("&")) {
			String[] parts = URLDecoder.decode(one, StandardCharsets.UTF_8).split("=", 2);
			parameters.put(parts[0], parts.length == 1 ? "" : parts[1]);
		}
		return parameters;
	}
}
