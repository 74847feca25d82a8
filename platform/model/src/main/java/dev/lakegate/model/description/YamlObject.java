package dev.lakegate.model.description;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML mapping that knows the line of each value and reports what it lacks, what it has too much,
 * and what has the wrong type. Reading never fails: a wrong value is reported and read as null.
 */
final class YamlObject {
  /**
   * A text and where it stands.
   *
   * @param value the text
   * @param line from 1
   */
  record Text(String value, int line) {}

  private static final int DEEPEST = 12;
  private static final int MOST_ITEMS = 10_000;
  private static final int LONGEST = 10_000;

  private final String file;
  private final int offset;
  private final Problems problems;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> keyLines = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();

  private YamlObject(String file, int offset, Problems problems, MappingNode node) {
    this.file = file;
    this.offset = offset;
    this.problems = problems;
    this.line = lineOf(node, offset);
    for (NodeTuple tuple : node.getValue()) {
      int keyLine = lineOf(tuple.getKeyNode(), offset);
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problem(keyLine, "a key is not a plain word", "Use a key of this file's schema.");
      } else if (values.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
        problem(keyLine, "key '" + shown(key.getValue()) + "' occurs twice", "Remove one of them.");
      } else {
        keyLines.put(key.getValue(), keyLine);
      }
    }
  }

  /**
   * Reads a document that must be one mapping in plain YAML: no anchors, aliases or tags, because
   * every reader of the description must understand the file in the same way.
   *
   * @param offset lines of the file before the document
   */
  static Optional<YamlObject> parse(String file, String text, int offset, Problems problems) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setCodePointLimit(4 * 1024 * 1024).build();
    try {
      if (!plain(file, settings, text, offset, problems)) {
        return Optional.empty();
      }
      Optional<Node> node = new Compose(settings).composeString(text);
      if (node.isPresent() && node.get() instanceof MappingNode mapping) {
        return Optional.of(new YamlObject(file, offset, problems, mapping));
      }
      problems.add(
          file,
          node.map(n -> lineOf(n, offset)).orElse(offset + 1),
          node.isPresent() ? "the file is not a list of keys with values" : "there is no YAML here",
          "Start with 'version: 1'.");
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().map(m -> m.getLine() + 1 + offset).orElse(offset + 1);
      problems.add(
          file, at, "not valid YAML: " + shown(e.getProblem()), "Check quotes and indentation.");
    } catch (YamlEngineException e) {
      problems.add(
          file,
          offset + 1,
          "not valid YAML: " + shown(e.getMessage()),
          "Check quotes and indentation.");
    }
    return Optional.empty();
  }

  // On events, because composing nodes recurses: depth is bounded before it can overflow a stack.
  private static boolean plain(
      String file, LoadSettings settings, String text, int offset, Problems problems) {
    int depth = 0;
    int documents = 0;
    boolean plain = true;
    for (Event event : new Parse(settings).parseString(text)) {
      int at = event.getStartMark().map(m -> m.getLine() + 1 + offset).orElse(offset + 1);
      boolean anchored = event instanceof NodeEvent node && node.getAnchor().isPresent();
      if (event instanceof AliasEvent || anchored) {
        problems.add(
            file, at, "anchors and aliases are not allowed", "Write the value out in full.");
        plain = false;
      }
      boolean tagged =
          (event instanceof ScalarEvent scalar && scalar.getTag().isPresent())
              || (event instanceof CollectionStartEvent start && start.getTag().isPresent());
      if (tagged) {
        problems.add(
            file, at, "YAML tags are not allowed", "Remove the word that starts with '!'.");
        plain = false;
      }
      if (event instanceof DocumentStartEvent && ++documents > 1) {
        problems.add(file, at, "a second YAML document starts here", "Use one file for each.");
        return false;
      }
      if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
        problems.add(file, at, "nested more than " + DEEPEST + " deep", "See the file's schema.");
        return false;
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
    return plain;
  }

  String file() {
    return file;
  }

  int line() {
    return line;
  }

  /** Line of a key's value; of the object when the key is missing. */
  int line(String key) {
    Node node = values.get(key);
    return node == null ? line : lineOf(node, offset);
  }

  boolean has(String key) {
    known.add(key);
    return values.containsKey(key);
  }

  void problem(int at, String message, String remedy) {
    problems.add(file, at, message, remedy);
  }

  /** A required text; null after a problem. */
  String text(String key) {
    return required(key, "a text") ? textOf(key, values.get(key)) : null;
  }

  /** An optional text. */
  String text(String key, String otherwise) {
    return has(key) ? textOf(key, values.get(key)) : otherwise;
  }

  /** A required true or false; false after a problem. */
  boolean flag(String key) {
    return required(key, "true or false") && Boolean.TRUE.equals(flagOf(key));
  }

  /** An optional true or false; {@code otherwise} also after a problem. */
  Boolean flag(String key, Boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    Boolean value = flagOf(key);
    return value == null ? otherwise : value;
  }

  /** The required contract version, which must be {@code 1}. */
  void version() {
    if (!required("version", "1")) {
      return;
    }
    boolean good =
        values.get("version") instanceof ScalarNode scalar
            && scalar.getTag().equals(Tag.INT)
            && scalar.getValue().equals("1");
    if (!good) {
      problem(line("version"), "this version is not understood", "Write 'version: 1'.");
    }
  }

  /** A required list of texts with at least {@code least} entries, none twice; never null. */
  List<Text> texts(String key, int least) {
    return required(key, "a list of texts") ? textsOf(key, least) : List.of();
  }

  /** An optional list of texts; never null. */
  List<Text> texts(String key) {
    return has(key) ? textsOf(key, 0) : List.of();
  }

  /** A required object; null after a problem. */
  YamlObject object(String key) {
    if (!required(key, "an object")) {
      return null;
    }
    if (values.get(key) instanceof MappingNode mapping) {
      return new YamlObject(file, offset, problems, mapping);
    }
    wrongType(key, values.get(key), "an object");
    return null;
  }

  /** A list of objects with at least {@code least} entries; never null. */
  List<YamlObject> objects(String key, int least) {
    if (least > 0 ? !required(key, "a list of objects") : !has(key)) {
      return List.of();
    }
    if (!(values.get(key) instanceof SequenceNode sequence)) {
      wrongType(key, values.get(key), "a list of objects");
      return List.of();
    }
    List<YamlObject> objects = new ArrayList<>();
    for (Node node : bounded(key, sequence, least)) {
      if (node instanceof MappingNode mapping) {
        objects.add(new YamlObject(file, offset, problems, mapping));
      } else {
        wrongType(key, node, "an object");
      }
    }
    return objects;
  }

  /** All keys in order, for an object whose keys are names; each counts as asked for. */
  List<Text> keys() {
    List<Text> keys = new ArrayList<>();
    keyLines.forEach((key, at) -> keys.add(new Text(key, at)));
    keys.forEach(key -> known.add(key.value()));
    return keys;
  }

  /** Reports every key that was not asked for. */
  void done() {
    for (Map.Entry<String, Integer> entry : keyLines.entrySet()) {
      if (!known.contains(entry.getKey())) {
        List<String> sorted = known.stream().sorted().toList();
        problem(
            entry.getValue(),
            "unknown key '" + shown(entry.getKey()) + "'",
            "Remove it, or use one of: " + String.join(", ", sorted) + ".");
      }
    }
  }

  private boolean required(String key, String what) {
    if (has(key)) {
      return true;
    }
    problem(line, "key '" + key + "' is missing", "Add '" + key + "' with " + what + ".");
    return false;
  }

  private List<Text> textsOf(String key, int least) {
    if (!(values.get(key) instanceof SequenceNode sequence)) {
      wrongType(key, values.get(key), "a list of texts");
      return List.of();
    }
    List<Text> texts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Node node : bounded(key, sequence, least)) {
      String text = textOf(key, node);
      if (text != null && !seen.add(text)) {
        problem(
            lineOf(node, offset), "'" + shown(text) + "' occurs twice in " + key, "Remove one.");
      } else if (text != null) {
        texts.add(new Text(text, lineOf(node, offset)));
      }
    }
    return texts;
  }

  private List<Node> bounded(String key, SequenceNode sequence, int least) {
    List<Node> nodes = sequence.getValue();
    if (nodes.size() < least) {
      problem(
          line(key),
          key + " has " + nodes.size() + " entries",
          "Give at least " + least + (least == 1 ? " entry." : " entries."));
    }
    if (nodes.size() > MOST_ITEMS) {
      problem(line(key), key + " has more than " + MOST_ITEMS + " entries", "Shorten it.");
      return nodes.subList(0, MOST_ITEMS);
    }
    return nodes;
  }

  private String textOf(String key, Node node) {
    if (!(node instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.STR)) {
      wrongType(key, node, "a text");
      return null;
    }
    String value = scalar.getValue();
    if (value.isBlank() || value.length() > LONGEST) {
      problem(
          lineOf(node, offset),
          key + (value.isBlank() ? " is empty" : " is longer than " + LONGEST + " characters"),
          "Write a text of 1 to " + LONGEST + " characters.");
      return null;
    }
    return value;
  }

  private Boolean flagOf(String key) {
    Node node = values.get(key);
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
      return Boolean.valueOf(scalar.getValue());
    }
    wrongType(key, node, "true or false");
    return null;
  }

  private void wrongType(String key, Node node, String wanted) {
    String hint =
        wanted.equals("a text") && node instanceof ScalarNode
            ? "Put the value in double quotes."
            : "Write " + wanted + ".";
    problem(lineOf(node, offset), key + " is not " + wanted, hint);
  }

  private static int lineOf(Node node, int offset) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1 + offset;
  }

  static String shown(String text) {
    String flat = text.replaceAll("\\p{Cntrl}", " ");
    return flat.length() <= 60 ? flat : flat.substring(0, 60) + "...";
  }
}
