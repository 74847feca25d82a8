package dev.lakegate.transform.lineage;

import dev.lakegate.model.job.RunResult.Lineage;
import dev.lakegate.model.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * What the jobs last told of the columns of each dataset, with the definition that it holds for, in
 * the control database. Thread-safe. The next runs tell it again, so losing it does no harm.
 */
public final class LineageStore {
  private final DataSource database;

  public LineageStore(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
  }

  /**
   * What was told.
   *
   * @param definition fingerprint of the dataset's definition then
   * @param lineage of its columns
   */
  public record Told(String definition, Lineage lineage) {}

  /**
   * Keeps what a run told.
   *
   * @param run that is recorded
   */
  public void keep(String run, Lineage lineage) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                INSERT INTO transform.lineage AS l (dataset, definition, body)
                SELECT dataset, definition, ?::jsonb FROM transform.run
                WHERE id = ? AND definition IS NOT NULL
                ON CONFLICT (dataset) DO UPDATE
                  SET definition = excluded.definition, body = excluded.body
                  WHERE (l.definition, l.body) <> (excluded.definition, excluded.body)
                """)) {
      statement.setString(1, Json.write(lineage));
      statement.setString(2, run);
      statement.executeUpdate();
    }
  }

  /** What was told last, by dataset. */
  public Map<String, Told> all() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT dataset, definition, body FROM transform.lineage");
        ResultSet rows = statement.executeQuery()) {
      Map<String, Told> all = new HashMap<>();
      while (rows.next()) {
        all.put(
            rows.getString(1),
            new Told(rows.getString(2), Json.read(rows.getString(3), Lineage.class)));
      }
      return all;
    }
  }
}
