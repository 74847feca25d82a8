package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.Sizes;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/**
 * One locked-down DuckDB instance in memory. It reads files of the storage root only, loads no
 * extension, and its configuration cannot be changed any more; each query has a connection of its
 * own. Thread-safe.
 */
public final class DuckDbEngine implements AutoCloseable {
  private final EngineSettings settings;
  private final VerifiedTexts verified = new VerifiedTexts(1000);
  // Guarded by this.
  private DuckDBConnection root;
  private boolean invalidated;

  /**
   * Opens the instance.
   *
   * @throws IllegalStateException when DuckDB refuses a setting
   */
  public DuckDbEngine(EngineSettings settings) {
    this.settings = settings;
    try {
      Files.createDirectories(settings.temporaryDirectory());
      root = open();
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB does not start: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DuckDBConnection open() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    DuckDBConnection opened =
        (DuckDBConnection) new DuckDBDriver().connect("jdbc:duckdb:", properties);
    try {
      TrinoFunctions.register(opened);
      try (Statement s = opened.createStatement()) {
        for (String setting : configuration()) {
          s.execute(setting);
        }
      }
      return opened;
    } catch (SQLException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** A connection of its own to the instance; the caller closes it. */
  synchronized DuckDBConnection connection() throws SQLException {
    if (invalidated) {
      // Queries under way keep the old instance open until their connections are closed.
      DuckDBConnection old = root;
      root = open();
      invalidated = false;
      close(null, old);
    }
    return root.duplicate();
  }

  /** After a fatal error an instance refuses everything: the next query gets another one. */
  synchronized void invalidate() {
    invalidated = true;
  }

  private List<String> configuration() {
    String rootPath = settings.storageRoot().toAbsolutePath().normalize().toString();
    List<String> all = new ArrayList<>();
    all.add("SET GLOBAL TimeZone = 'UTC'");
    all.add("SET GLOBAL default_null_order = 'nulls_last'");
    all.add("SET GLOBAL memory_limit = '" + settings.memoryMegabytes() + "MB'");
    all.add("SET GLOBAL threads = " + settings.threads());
    all.add("SET GLOBAL temp_directory = " + literal(settings.temporaryDirectory().toString()));
    all.add("SET GLOBAL max_temp_directory_size = '" + settings.spillMegabytes() + "MB'");
    // Connections take over both; without the first the engine does not count what it has done.
    all.add("SET enable_progress_bar = true");
    all.add("SET enable_progress_bar_print = false");
    all.add("SET GLOBAL autoinstall_known_extensions = false");
    all.add("SET GLOBAL autoload_known_extensions = false");
    all.add("SET GLOBAL allow_community_extensions = false");
    all.add("SET GLOBAL allowed_directories = [" + literal(rootPath) + "]");
    all.add("SET GLOBAL enable_external_access = false");
    all.add("SET GLOBAL lock_configuration = true");
    return all;
  }

  static String literal(String text) {
    if (text.indexOf(0) >= 0) {
      // DuckDB would take the text up to here for the whole statement.
      throw new IllegalStateException("a literal with U+0000");
    }
    return "'" + text.replace("'", "''") + "'";
  }

  /**
   * Starts a query. The caller closes what is returned.
   *
   * @param query checked
   * @param relations one per binding, by the binding's name
   * @throws SqlFailure when it fails before its first row
   * @throws VanishedFileException when a file is no longer there
   */
  public Execution execute(SecuredQuery query, List<SecuredRelation> relations) {
    Execution execution = begin(query);
    boolean prepared = false;
    try {
      execution.prepare(relations);
      prepared = true;
      return execution;
    } finally {
      if (!prepared) {
        execution.close();
      }
    }
  }

  /**
   * Makes ready for a query, so that it can be cancelled before and while it is being prepared. The
   * caller closes what is returned.
   *
   * @param query checked
   */
  public Execution begin(SecuredQuery query) {
    try {
      return new Execution(this, connection(), query);
    } catch (SQLException e) {
      throw translate(e);
    }
  }

  /** One value of a query that reads no table and costs next to nothing. */
  public Object value(SecuredQuery query) {
    try (Execution e = execute(query, List.of())) {
      return e.next()[0];
    }
  }

  String text(
      DuckDBConnection connection,
      SecuredQuery query,
      List<SecuredRelation> relations,
      boolean padded,
      long share)
      throws SQLException {
    verify(connection, text(List.of(), query), query);
    List<String> items = new ArrayList<>();
    for (SecuredRelation r : relations) {
      if (r.apart()) {
        // A temporary table of this connection: see separations.
        continue;
      }
      items.add(r.name() + " AS NOT MATERIALIZED (" + r.sql(settings.storageRoot(), padded) + ")");
    }
    return measured(items, query, share);
  }

  /**
   * Statements that read, each for one relation, the permitted rows of shared files into a
   * temporary table, which ends with its connection. They hold nothing of the user's.
   */
  List<String> separations(List<SecuredRelation> relations, boolean padded) {
    return relations.stream()
        .filter(SecuredRelation::apart)
        .map(r -> r.separation(settings.storageRoot(), padded))
        .toList();
  }

  /**
   * The text with one more column, which measures the others: the driver makes Java values of a
   * whole chunk at once, so a chunk that is too large has to fail before.
   */
  private static String measured(List<String> secured, SecuredQuery query, long share) {
    List<String> sizes = new ArrayList<>();
    for (int i = 0; i < query.columns().size(); i++) {
      Type type = query.columns().get(i).type();
      if (Sizes.isUnbounded(type)) {
        sizes.add(Sizes.of("o.c" + (i + 1), type));
      }
    }
    if (sizes.isEmpty()) {
      return text(secured, query);
    }
    List<String> with = new ArrayList<>(secured);
    with.addAll(query.withItems());
    return (with.isEmpty() ? "" : "WITH " + String.join(", ", with) + " ")
        + "SELECT o.*, lk_output("
        + String.join(" + ", sizes)
        + ", "
        + share
        + ") FROM ("
        + query.body()
        + ") AS o";
  }

  private static String text(List<String> secured, SecuredQuery query) {
    List<String> with = new ArrayList<>(secured);
    with.addAll(query.withItems());
    return with.isEmpty() ? query.body() : "WITH " + String.join(", ", with) + " " + query.body();
  }

  /**
   * Parses the text again, with DuckDB's own parser, and checks that it names nothing unsecured.
   */
  private void verify(DuckDBConnection connection, String sql, SecuredQuery query)
      throws SQLException {
    if (sql.indexOf(0) >= 0) {
      // DuckDB reads to the first one: what was checked would not be what runs.
      throw new SqlFailure("NOT_SUPPORTED", "The embedded engine takes no text with U+0000.");
    }
    byte[] digest = digest(sql, query);
    if (verified.contains(digest)) {
      return;
    }
    String json;
    try (PreparedStatement p =
        connection.prepareStatement("SELECT json_serialize_sql(CAST(? AS VARCHAR))")) {
      p.setString(1, sql);
      try (ResultSet r = p.executeQuery()) {
        r.next();
        json = r.getString(1);
      }
    }
    JsonNode tree;
    try {
      tree = Json.MAPPER.readTree(json);
    } catch (StreamConstraintsException e) {
      // The text is of our own making; what is too deep in its tree was so in the statement.
      throw tooDeep();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (tree.path("error_message").asText("").contains("Max expression depth limit")) {
      throw tooDeep();
    }
    EmittedSqlCheck.check(tree, query);
    verified.add(digest);
  }

  /** Of all that the second look depends on. */
  private static byte[] digest(String sql, SecuredQuery query) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      query.bindings().forEach(b -> sha.update((b.name() + "\n").getBytes(StandardCharsets.UTF_8)));
      sha.update((byte) 0);
      return sha.digest(sql.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The failure to answer with; notes when the instance has become unusable. */
  RuntimeException translate(SQLException e) {
    if (DuckErrors.isFatal(e)) {
      invalidate();
    }
    return DuckErrors.translate(e);
  }

  private static SqlFailure tooDeep() {
    return new SqlFailure("QUERY_TOO_COMPLEX", "The query is nested too deeply for the engine.");
  }

  static void close(Statement statement, DuckDBConnection connection) {
    try {
      if (statement != null) {
        statement.close();
      }
    } catch (SQLException e) {
      // A statement that failed is closed already.
    }
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a DuckDB connection does not close", e);
    }
  }

  @Override
  public synchronized void close() {
    close(null, root);
  }
}
