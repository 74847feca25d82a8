package dev.lakegate.gateway.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The functions that can be called, with the signatures by which Trino lists them. */
final class FunctionSignatures {
  /**
   * One form of a function.
   *
   * @param name lower case
   * @param result type that it returns
   * @param arguments types that it takes
   * @param kind scalar, aggregate or window
   * @param deterministic whether equal arguments give equal results
   */
  record Signature(
      String name, String result, String arguments, String kind, boolean deterministic) {}

  /** Types whose values are not carried here. */
  private static final Pattern UNSUPPORTED =
      Pattern.compile("\\btime\\(p\\)|hyperloglog|digest|color|ipaddress|jsonpath2016");

  private static final List<Signature> ALL = read();

  private FunctionSignatures() {}

  /** By name, then as Trino orders them. */
  static List<Signature> all() {
    return ALL;
  }

  private static List<Signature> read() {
    Set<String> callable = Functions.callable();
    Set<String> left = new HashSet<>(callable);
    List<Signature> all = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                FunctionSignatures.class.getResourceAsStream("trino-functions.tsv"),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] c = line.split("\t", -1);
        if (callable.contains(c[0]) && !UNSUPPORTED.matcher(c[1] + " " + c[2]).find()) {
          left.remove(c[0]);
          all.add(new Signature(c[0], c[1], c[2], c[3], Boolean.parseBoolean(c[4])));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String name : left) {
      all.add(new Signature(name, "", "", Functions.kind(name), true));
    }
    all.sort(java.util.Comparator.comparing(Signature::name));
    return List.copyOf(all);
  }
}
