package pinhole;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.attributes.Attribute;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mChildNode;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.eclipse.leshan.core.node.LwM2mRoot;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.request.exception.InvalidRequestException;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.core.util.datatype.ULong;

/** Values as the demo's API shows and takes them: a tree of objects, instances and resources. */
final class Nodes {
	static final ObjectMapper JSON = new ObjectMapper();

	private Nodes() {}

	static JsonNode toJson(LwM2mNode node) {
		if (node instanceof LwM2mRoot root) {
			ObjectNode json = JSON.createObjectNode().put("kind", "root");
			json.set("objects", toJson(root.getObjects().values()));
			return json;
		}
		ObjectNode json = JSON.createObjectNode().put("id", ((LwM2mChildNode) node).getId());
		if (node instanceof LwM2mObject object) {
			json.put("kind", "obj").set("instances", toJson(object.getInstances().values()));
		} else if (node instanceof LwM2mObjectInstance instance) {
			json.put("kind", "instance").set("resources", toJson(instance.getResources().values()));
		} else if (node instanceof LwM2mResourceInstance instance) {
			json.put("kind", "resourceInstance").put("type", instance.getType().name());
			json.set("value", toJson(instance.getType(), instance.getValue()));
		} else if (node instanceof LwM2mResource resource) {
			addResource(json.put("type", resource.getType().name()), resource);
		} else throw new IllegalStateException("a node of class " + node.getClass());
		return json;
	}

	/** The values of several paths; null where a path had none. */
	static JsonNode toJson(Map<LwM2mPath, LwM2mNode> nodes) {
		ObjectNode json = JSON.createObjectNode();
		nodes.forEach((path, node) -> json.set(path.toString(), node == null ? null : toJson(node)));
		return json;
	}

	static ArrayNode toJson(Link[] links) {
		ArrayNode json = JSON.createArrayNode();
		for (Link link : links) {
			ObjectNode attributes = json.addObject().put("url", link.getUriReference()).putObject("attributes");
			for (Attribute attribute : link.getAttributes()) {
				attributes.put(attribute.getName(), attribute.getCoreLinkValue());
			}
		}
		return json;
	}

	private static ArrayNode toJson(Collection<? extends LwM2mNode> nodes) {
		ArrayNode json = JSON.createArrayNode();
		for (LwM2mNode node : nodes) json.add(toJson(node));
		return json;
	}

	private static void addResource(ObjectNode json, LwM2mResource resource) {
		Type type = resource.getType();
		if (!resource.isMultiInstances()) {
			json.put("kind", "singleResource").set("value", toJson(type, resource.getValue()));
			return;
		}
		ObjectNode values = json.put("kind", "multiResource").putObject("values");
		resource.getInstances().forEach((id, one) -> values.set(id.toString(), toJson(type, one.getValue())));
	}

	private static JsonNode toJson(Type type, Object value) {
		return switch (type) {
			case OPAQUE -> JSON.valueToTree(Hex.encodeHexString((byte[]) value));
			case INTEGER, UNSIGNED_INTEGER, FLOAT -> JSON.valueToTree(value.toString());
			case TIME -> JSON.valueToTree(((Date) value).getTime());
			case OBJLNK -> {
				ObjectLink link = (ObjectLink) value;
				yield JSON.createObjectNode()
					.put("objectId", link.getObjectId())
					.put("objectInstanceId", link.getObjectInstanceId());
			}
			default -> JSON.valueToTree(value);
		};
	}

	/** Reads what a caller wants written; anything amiss is the caller's fault. */
	static LwM2mChildNode fromJson(JsonNode json) {
		try {
			return switch (json.get("kind").asText()) {
				case "instance" -> toInstance(json);
				case "resourceInstance" -> {
					Type type = typeOf(json);
					yield LwM2mResourceInstance.newInstance(idOf(json), fromJson(type, json.get("value")), type);
				}
				default -> toResource(json);
			};
		} catch (IllegalArgumentException | NullPointerException fault) {
			throw new InvalidRequestException(fault, "this is no node: %s", fault.getMessage());
		}
	}

	/** The node at each path of an object, for Write-Composite. */
	static Map<LwM2mPath, LwM2mNode> mapFromJson(JsonNode json) {
		Map<LwM2mPath, LwM2mNode> nodes = new HashMap<>();
		json.fields().forEachRemaining((field) -> nodes.put(new LwM2mPath(field.getKey()), fromJson(field.getValue())));
		return nodes;
	}

	private static LwM2mObjectInstance toInstance(JsonNode json) {
		List<LwM2mResource> resources = new ArrayList<>();
		for (JsonNode resource : json.get("resources")) resources.add(toResource(resource));
		return json.has("id") ? new LwM2mObjectInstance(idOf(json), resources) : new LwM2mObjectInstance(resources);
	}

	private static LwM2mResource toResource(JsonNode json) {
		Type type = typeOf(json);
		if (json.has("value")) {
			return LwM2mSingleResource.newResource(idOf(json), fromJson(type, json.get("value")), type);
		}
		Map<Integer, Object> values = new HashMap<>();
		json.get("values").fields().forEachRemaining((one) ->
			values.put(Integer.valueOf(one.getKey()), fromJson(type, one.getValue())));
		return LwM2mMultipleResource.newResource(idOf(json), values, type);
	}

	private static int idOf(JsonNode json) {
		return json.get("id").asInt();
	}

	private static Type typeOf(JsonNode json) {
		return Type.valueOf(json.get("type").asText().toUpperCase());
	}

	private static Object fromJson(Type type, JsonNode value) {
		return switch (type) {
			case INTEGER -> Long.valueOf(value.asText());
			case UNSIGNED_INTEGER -> ULong.valueOf(value.asText());
			case FLOAT -> Double.valueOf(value.asText());
			case BOOLEAN -> value.asBoolean();
			case TIME -> new Date(value.asLong());
			case OPAQUE -> Hex.decodeHex(value.asText().toCharArray());
			case OBJLNK -> new ObjectLink(value.get("objectId").asInt(), value.get("objectInstanceId").asInt());
			default -> value.asText();
		};
	}
}
