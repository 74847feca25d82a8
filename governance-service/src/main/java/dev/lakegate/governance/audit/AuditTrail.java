package dev.lakegate.governance.audit;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.audit.AuditEvent.Outcome;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** This service's own audit events. */
@ApplicationScoped
public class AuditTrail {
  /** Who acts when no person does. */
  public static final Principal SYSTEM =
      new Principal("lakegate", "system", new TreeSet<>(), new TreeSet<>(), null);

  private static final String SERVICE = "governance-service";
  private static final Logger LOG = Logger.getLogger(AuditTrail.class);

  @Inject AuditStore store;
  @Inject CurrentPrincipal caller;

  /**
   * Lets the caller pass as {@code check} does; a refusal is recorded before it is answered.
   *
   * @param check such as {@code caller::requireAdministrator}
   */
  public Principal allow(Supplier<Principal> check, String type, String action, String object) {
    try {
      return check.get();
    } catch (LakegateException e) {
      if (e.status() == 403) {
        refused(type, action, object, e.code());
      }
      throw e;
    }
  }

  private void refused(String type, String action, String object, String reason) {
    try {
      store.add(
          List.of(event(caller.require(), type, action, object, Outcome.REFUSED, reason, Map.of())),
          SERVICE);
    } catch (LakegateException e) {
      // The call is refused either way.
      LOG.errorf(e, "A refusal could not be recorded: %s of %s", action, object);
    }
  }

  /** Records that something was done, in the transaction that does it. */
  public void succeeded(
      Connection connection,
      Principal who,
      String type,
      String action,
      String object,
      Map<String, String> details)
      throws SQLException {
    store.add(
        connection,
        List.of(event(who, type, action, object, Outcome.SUCCEEDED, null, details)),
        SERVICE);
  }

  private static AuditEvent event(
      Principal who,
      String type,
      String action,
      String object,
      Outcome outcome,
      String reason,
      Map<String, String> details) {
    TreeMap<String, String> cut = new TreeMap<>();
    details.forEach((name, value) -> cut.put(name, AuditEvent.cut(value)));
    return new AuditEvent(
        AuditEvent.VERSION,
        UUID.randomUUID(),
        Instant.now().truncatedTo(ChronoUnit.MICROS),
        type,
        who,
        action,
        AuditEvent.cut(object),
        outcome,
        reason,
        RequestIds.current(),
        cut);
  }
}
