package dev.lakegate.gateway.cache;

import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.model.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All that an answer depends on, as a digest: the translated statement, in which names, types,
 * parameters and settings of the session have become text; the whole access decision of each table,
 * with principal and policy version; each table's snapshot and the very files that are read.
 *
 * @param digest SHA-256, hexadecimal
 */
public record CacheKey(String digest) {
  /** Names of whatever gives another value each time, or another one to each user. */
  private static final Pattern VOLATILE =
      Pattern.compile(
          "(?i)(?<![\\w$@])(now|rand|random|random_string|uuid|shuffle|current_date|current_time"
              + "|current_timestamp|current_timezone|current_user|current_role|current_groups"
              + "|localtime|localtimestamp|tablesample|version|node_version)(?![\\w$@])");

  /** The same where the translated text has them, as of a prepared statement. */
  private static final Pattern VOLATILE_TEXT = Pattern.compile("(?i)rand|uuid|shuffle");

  /**
   * The key of a query's answer.
   *
   * @param sql as the user wrote it
   * @param query translated
   * @param sources for each binding, in order: the state of its table and the files read of it
   * @return empty when the answer must not be used again
   */
  public static Optional<CacheKey> of(String sql, SecuredQuery query, List<Source> sources) {
    // A query without tables costs next to nothing, or shows the catalog, which changes by itself.
    if (query.bindings().isEmpty()
        || VOLATILE.matcher(sql).find()
        || VOLATILE_TEXT.matcher(query.body()).find()
        || query.withItems().stream().anyMatch(w -> VOLATILE_TEXT.matcher(w).find())) {
      return Optional.empty();
    }
    if (sources.size() != query.bindings().size()) {
      throw new IllegalArgumentException("not the sources of this query");
    }
    Digest d = new Digest();
    d.list(query.withItems());
    d.text(query.body());
    d.number(query.columns().size());
    for (OutputColumn c : query.columns()) {
      d.text(c.name());
      d.text(c.type().display());
    }
    for (int i = 0; i < sources.size(); i++) {
      Binding b = query.bindings().get(i);
      d.text(b.name());
      d.text(b.table().key());
      d.text(Json.write(b.table().decision()));
      d.number(b.used().size());
      for (int position : b.used()) {
        d.text(b.table().columns().get(position).name());
        d.text(b.table().columns().get(position).type().display());
      }
      d.text(sources.get(i).version());
      d.list(sources.get(i).files());
    }
    return Optional.of(new CacheKey(d.end()));
  }

  /**
   * What stands behind a binding.
   *
   * @param version of the table
   * @param files that are read
   */
  public record Source(String version, List<String> files) {}

  /** Every part with its length, so that no two different lists of parts look the same. */
  private static final class Digest {
    private final MessageDigest sha;

    private Digest() {
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    private void number(int n) {
      sha.update(ByteBuffer.allocate(4).putInt(n).array());
    }

    private void text(String s) {
      if (s == null) {
        number(-1);
        return;
      }
      byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      sha.update(bytes);
    }

    private void list(List<String> all) {
      number(all.size());
      all.forEach(this::text);
    }

    private String end() {
      return HexFormat.of().formatHex(sha.digest());
    }
  }
}
