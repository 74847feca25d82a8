package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.preflight.Finding.Severity;
import dev.lakegate.ingest.preflight.PreflightFacts.OpenTransaction;
import dev.lakegate.ingest.preflight.PreflightFacts.Replication;
import dev.lakegate.ingest.preflight.PreflightFacts.Role;
import dev.lakegate.ingest.preflight.PreflightFacts.Server;
import dev.lakegate.ingest.preflight.PreflightFacts.Slot;
import dev.lakegate.ingest.source.Sql;
import java.util.ArrayList;
import java.util.List;

/** Judges the server, the way to it, and the role. Pure. */
final class ServerRules {
  private static final int OLDEST = 130_000;
  private static final long LITTLE_WAL = 1L << 30;
  private static final long LONG_TRANSACTION_SECONDS = 30;
  private static final int NAMED = 5;

  private final List<Finding> findings = new ArrayList<>();
  private final PreflightFacts facts;

  private ServerRules(PreflightFacts facts) {
    this.facts = facts;
  }

  static List<Finding> of(PreflightFacts facts) {
    ServerRules rules = new ServerRules(facts);
    rules.version();
    rules.path();
    rules.standby();
    rules.encoding();
    rules.walLevel();
    rules.role();
    rules.publication();
    rules.slots();
    rules.senders();
    rules.retention();
    rules.openTransactions();
    return rules.findings;
  }

  private void version() {
    Server server = facts.server();
    if (server.version() < OLDEST) {
      blocking(
          "SERVER_VERSION",
          "The source is PostgreSQL " + server.versionText() + ", older than 13.",
          "Upgrade it to PostgreSQL 13 or newer.");
    } else {
      ok("SERVER_VERSION", "The source is PostgreSQL " + server.versionText() + ".");
    }
  }

  private void path() {
    boolean direct = facts.path().samePid() && facts.path().sessionKept();
    String problem = facts.path().replicationProblem();
    String remedy =
        "Give the address of PostgreSQL itself (often port 5432) instead of the pooler's or"
            + " proxy's.";
    if (direct && problem == null) {
      ok("CONNECTION", "The connection reaches PostgreSQL directly.");
    } else if (direct) {
      blocking(
          "CONNECTION",
          "The source refuses the replication protocol: " + problem + ".",
          "Allow it in pg_hba.conf for role "
              + facts.role().name()
              + " and database "
              + facts.server().database()
              + ", then SELECT pg_reload_conf(); or give the address of PostgreSQL itself.");
    } else if (problem != null) {
      blocking(
          "CONNECTION",
          "A pooler or proxy stands between, and it does not pass the replication protocol on: "
              + problem
              + ".",
          remedy);
    } else if (!facts.path().sessionKept()) {
      blocking(
          "CONNECTION",
          "A pooler stands between that gives each transaction another session, so settings and"
              + " snapshots get lost.",
          remedy);
    } else {
      warning(
          "CONNECTION",
          "A pooler or proxy stands between: another process answers than the one that greeted."
              + " It may end a stream that is idle or long.",
          remedy);
    }
  }

  private void standby() {
    if (facts.server().standby()) {
      blocking(
          "PRIMARY",
          "The source is a standby; publication and slot have to be made at the primary.",
          "Give the address of the primary.");
    } else {
      ok("PRIMARY", "The source is a primary.");
    }
  }

  private void encoding() {
    String encoding = facts.server().encoding();
    if (encoding.equals("SQL_ASCII")) {
      blocking(
          "ENCODING",
          "The database's encoding is SQL_ASCII: PostgreSQL does not look at how its text is encoded,"
              + " and refuses to send text that is not UTF-8. One such value would stop capture of"
              + " every table, so capture does not begin.",
          "pg_dump, createdb --encoding=UTF8 --template=template0, restore.");
    } else {
      ok(
          "ENCODING",
          encoding.equals("UTF8")
              ? "Text is UTF-8."
              : "Text is " + encoding + ", which PostgreSQL converts to UTF-8.");
    }
  }

  private void walLevel() {
    String level = facts.replication().walLevel();
    if (level.equals("logical")) {
      ok("WAL_LEVEL", "wal_level is logical.");
    } else {
      blocking(
          "WAL_LEVEL",
          "wal_level is " + level + "; logical is needed.",
          facts.server().rds()
              ? "Set rds.logical_replication = 1 in the parameter group and reboot."
              : "ALTER SYSTEM SET wal_level = 'logical'; then restart PostgreSQL.");
    }
  }

  private void role() {
    Role role = facts.role();
    if (!role.replication()) {
      blocking(
          "ROLE",
          "Role " + role.name() + " may not replicate.",
          facts.server().rds()
              ? "GRANT rds_replication TO " + Sql.identifier(role.name()) + ";"
              : "ALTER ROLE " + Sql.identifier(role.name()) + " REPLICATION;");
    } else {
      ok("ROLE", "Role " + role.name() + " may replicate.");
    }
  }

  private void publication() {
    String name = facts.replication().publicationName();
    if (facts.publication() == null) {
      if (facts.role().createsPublication()) {
        ok("PUBLICATION", "Publication " + name + " will be created.");
      } else {
        blocking(
            "PUBLICATION",
            "Role " + facts.role().name() + " may not create a publication in this database.",
            "GRANT CREATE ON DATABASE "
                + Sql.identifier(facts.server().database())
                + " TO "
                + Sql.identifier(facts.role().name())
                + ";");
      }
    } else if (!facts.publication().complete() && !facts.publication().owned()) {
      blocking(
          "PUBLICATION",
          "Publication " + name + " leaves out some kinds of changes and belongs to another role.",
          "ALTER PUBLICATION "
              + Sql.identifier(name)
              + " SET (publish = 'insert, update, delete, truncate', publish_via_partition_root ="
              + " true);");
    } else {
      ok("PUBLICATION", "Publication " + name + " exists.");
    }
  }

  private void slots() {
    Replication replication = facts.replication();
    Slot slot = facts.slot();
    int free = replication.maxSlots() - replication.usedSlots();
    String used = replication.usedSlots() + " of " + replication.maxSlots() + " replication slots";
    String raise =
        "ALTER SYSTEM SET max_replication_slots = "
            + Math.max(20, replication.maxSlots() + 10)
            + "; then restart PostgreSQL; or SELECT pg_drop_replication_slot('...'); for one that"
            + " is not used.";
    if (slot != null
        && (!"pgoutput".equals(slot.plugin())
            || !facts.server().database().equals(slot.database()))) {
      blocking(
          "SLOTS",
          "Slot "
              + replication.slotName()
              + " exists for "
              + (slot.plugin() == null ? "physical replication" : slot.plugin())
              + " of database "
              + slot.database()
              + ", so it is somebody else's.",
          "Set lakegate.capture.slot to a name that is free.");
    } else if (slot != null && "lost".equals(slot.walStatus())) {
      warning(
          "SLOTS",
          "Slot " + replication.slotName() + " has lost its log; everything will be copied anew.",
          "Raise max_slot_wal_keep_size, so that it does not happen again.");
    } else if (slot == null && free < 1) {
      blocking("SLOTS", used + " are in use; capture needs one for itself.", raise);
    } else if (free < (slot == null ? 2 : 1)) {
      warning(
          "SLOTS",
          used
              + " are in use; capture needs a second one while a table is copied later"
              + " or reconciled.",
          raise);
    } else {
      ok(
          "SLOTS",
          used
              + " are in use"
              + (slot == null ? "." : "; slot " + replication.slotName() + " exists."));
    }
  }

  private void senders() {
    Replication replication = facts.replication();
    boolean streaming = facts.slot() != null && facts.slot().activePid() != null;
    int free = replication.maxSenders() - replication.usedSenders();
    String used = replication.usedSenders() + " of " + replication.maxSenders() + " WAL senders";
    String raise =
        "ALTER SYSTEM SET max_wal_senders = "
            + Math.max(20, replication.maxSenders() + 10)
            + "; then restart PostgreSQL.";
    if (!streaming && free < 1) {
      blocking("SENDERS", used + " are in use; capture needs one.", raise);
    } else if (free < (streaming ? 1 : 2)) {
      warning(
          "SENDERS",
          used + " are in use; capture needs a second one while it takes snapshots.",
          raise);
    } else {
      ok("SENDERS", used + " are in use.");
    }
  }

  private void retention() {
    Long kept = facts.replication().keptBytes();
    if (kept == null) {
      warning(
          "WAL_RETENTION",
          "max_slot_wal_keep_size is -1: while capture is away, the source keeps its log until its"
              + " disk is full.",
          "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf(); choose what"
              + " the disk can spare and an outage needs.");
    } else if (kept < LITTLE_WAL) {
      warning(
          "WAL_RETENTION",
          "max_slot_wal_keep_size is "
              + PreflightRules.size(kept)
              + ": a short outage loses the slot, and then everything is copied anew.",
          "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();");
    } else {
      ok(
          "WAL_RETENTION",
          "The source keeps up to " + PreflightRules.size(kept) + " of log while capture is away.");
    }
  }

  private void openTransactions() {
    List<OpenTransaction> old =
        facts.openTransactions().stream()
            .filter(t -> t.seconds() >= LONG_TRANSACTION_SECONDS)
            .toList();
    for (OpenTransaction open : old.subList(0, Math.min(NAMED, old.size()))) {
      if (open.prepared() != null) {
        warning(
            "OPEN_TRANSACTION",
            "Prepared transaction "
                + open.prepared()
                + " of "
                + open.user()
                + " is open since "
                + PreflightRules.duration(open.seconds())
                + "; the first snapshot waits for its end.",
            "COMMIT PREPARED "
                + Sql.literal(open.prepared())
                + "; or ROLLBACK PREPARED "
                + Sql.literal(open.prepared())
                + ";");
      } else {
        warning(
            "OPEN_TRANSACTION",
            "A transaction of "
                + open.user()
                + (open.application().isBlank() ? "" : " (" + open.application() + ")")
                + " is open since "
                + PreflightRules.duration(open.seconds())
                + (open.idle() ? " and idle" : "")
                + "; the first snapshot waits for its end.",
            "SELECT pg_terminate_backend(" + open.pid() + ");");
      }
    }
    if (old.size() > NAMED) {
      warning(
          "OPEN_TRANSACTION",
          old.size() - NAMED + " more transactions are open for long.",
          "SELECT pid, usename, xact_start, query FROM pg_stat_activity ORDER BY xact_start;");
    }
    if (!facts.seesAllTransactions()) {
      warning(
          "OPEN_TRANSACTION",
          "Role "
              + facts.role().name()
              + " is not shown how long the transactions of other roles are open; the first"
              + " snapshot waits for all that write.",
          "GRANT pg_read_all_stats TO " + Sql.identifier(facts.role().name()) + ";");
    } else if (old.isEmpty()) {
      ok("OPEN_TRANSACTION", "No transaction is open for long.");
    }
  }

  private void ok(String code, String message) {
    findings.add(new Finding(code, Severity.OK, null, message, null));
  }

  private void warning(String code, String message, String remedy) {
    findings.add(new Finding(code, Severity.WARNING, null, message, remedy));
  }

  private void blocking(String code, String message, String remedy) {
    findings.add(new Finding(code, Severity.BLOCKING, null, message, remedy));
  }
}
