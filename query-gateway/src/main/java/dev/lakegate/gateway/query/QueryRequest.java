package dev.lakegate.gateway.query;

import dev.lakegate.gateway.sql.Parameters;
import dev.lakegate.model.policy.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What somebody asks for.
 *
 * @param asker on whose behalf
 * @param sql one Trino statement
 * @param maxRows most rows wanted; null for all
 * @param delivery how its rows are handed out
 * @param requestId of the request that brought it
 * @param workgroup whose limits hold; null for the principal's own
 * @param session around it
 */
public record QueryRequest(
    Asker asker,
    String sql,
    Long maxRows,
    Delivery delivery,
    String requestId,
    String workgroup,
    ClientSession session) {

  /** A statement that stands alone, in the principal's own workgroup. */
  public QueryRequest(Asker asker, String sql, Long maxRows, Delivery delivery, String requestId) {
    this(asker, sql, maxRows, delivery, requestId, null, ClientSession.none(List.of()));
  }

  Principal principal() {
    return asker.principal();
  }

  /** How rows are handed out. */
  public enum Delivery {
    /** Kept until they expire, to be read in pages again and again. */
    KEPT,
    /** Handed to a writer as they come. */
    STREAMED
  }

  /**
   * What a client keeps between statements.
   *
   * @param catalog for names without one; null for the lake's
   * @param schema for names without one; null for {@code gold}
   * @param zone a name that {@link dev.lakegate.gateway.sql.Zones} knows
   * @param parameters of the statement itself
   * @param prepared statements by name; null where the client keeps no session
   * @param transaction that it says it is in, or null
   * @param runTime that it allows its statements; null for the gateway's own limit
   * @param source what sent it, as it calls itself; null when it does not say
   */
  public record ClientSession(
      String catalog,
      String schema,
      String zone,
      List<Parameters.Value> parameters,
      Map<String, String> prepared,
      String transaction,
      Duration runTime,
      String source) {

    /** A statement that stands alone, with values for its question marks. */
    public static ClientSession none(List<Parameters.Value> parameters) {
      return new ClientSession(null, null, "UTC", parameters, null, null, null, null);
    }
  }
}
