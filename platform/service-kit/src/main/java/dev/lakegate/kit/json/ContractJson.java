package dev.lakegate.kit.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** REST speaks the JSON of the contracts: the same times, and unknown fields refused. */
class ContractJson {
  @Produces
  @Singleton
  ObjectMapper mapper() {
    // A copy: the model's own is never reconfigured, and frameworks do as they like.
    // A field given twice means different things to different readers.
    return Json.MAPPER.copy().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
  }
}
