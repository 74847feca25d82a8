package dev.lakegate.terraform;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** An IAM policy document. Immutable. */
record PolicyDocument(List<Statement> statements) {
  /** One statement; lists of one may be written without brackets in JSON. */
  record Statement(JsonNode node) {
    boolean allows() {
      return node.path("Effect").asText().equals("Allow");
    }

    List<String> actions() {
      return list(node.path("Action"));
    }

    List<String> resources() {
      return list(node.path("Resource"));
    }

    /** Principals, such as {@code *} or {@code Service ecs-tasks.amazonaws.com}. */
    List<String> principals() {
      JsonNode principal = node.path("Principal");
      if (principal.isTextual()) {
        return List.of(principal.asText());
      }
      List<String> principals = new ArrayList<>();
      principal
          .fields()
          .forEachRemaining(
              entry ->
                  list(entry.getValue()).forEach(v -> principals.add(entry.getKey() + " " + v)));
      return principals;
    }

    JsonNode condition(String operator, String key) {
      return node.path("Condition").path(operator).path(key);
    }

    boolean negates() {
      return node.has("NotAction") || node.has("NotResource") || node.has("NotPrincipal");
    }
  }

  static PolicyDocument parse(String text) {
    try {
      JsonNode statement = Plan.JSON.readTree(text).path("Statement");
      return new PolicyDocument(
          statement.isArray()
              ? StreamSupport.stream(statement.spliterator(), false).map(Statement::new).toList()
              : List.of(new Statement(statement)));
    } catch (IOException e) {
      throw new IllegalArgumentException("not a policy document: " + text, e);
    }
  }

  Stream<Statement> allowing() {
    return statements.stream().filter(Statement::allows);
  }

  static List<String> list(JsonNode node) {
    if (node.isTextual()) {
      return List.of(node.asText());
    }
    return StreamSupport.stream(node.spliterator(), false).map(JsonNode::asText).toList();
  }
}
