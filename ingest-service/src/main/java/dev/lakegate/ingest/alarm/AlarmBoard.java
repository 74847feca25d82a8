package dev.lakegate.ingest.alarm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * The alarms that are raised. An alarm that stays keeps the time of its beginning; one that is
 * raised, becomes more urgent or ends is logged. Thread-safe.
 */
public final class AlarmBoard {
  private static final Logger LOG = Logger.getLogger(AlarmBoard.class);

  private final Map<String, Alarm> raised = new TreeMap<>();

  /** Raises, changes or ends the alarm of a code and table. */
  public synchronized void set(String code, String table, Optional<Alarm> alarm) {
    String key = code + "/" + (table == null ? "" : table);
    Alarm before = raised.get(key);
    if (alarm.isEmpty()) {
      if (before != null) {
        raised.remove(key);
        LOG.infof("Alarm %s has ended: %s", code, before.message());
      }
      return;
    }
    Alarm now = alarm.get();
    Instant since = before == null ? now.since() : before.since();
    raised.put(
        key,
        new Alarm(now.code(), now.severity(), now.table(), now.message(), since, now.remedy()));
    if (before == null || before.severity().compareTo(now.severity()) < 0) {
      LOG.warnf(
          "Alarm %s (%s): %s %s",
          code, now.severity().name().toLowerCase(), now.message(), now.remedy());
    }
  }

  /** What is raised, the most urgent first. */
  public synchronized List<Alarm> alarms() {
    List<Alarm> alarms = new ArrayList<>(raised.values());
    alarms.sort(Comparator.comparing(Alarm::severity).reversed().thenComparing(Alarm::since));
    return List.copyOf(alarms);
  }
}
