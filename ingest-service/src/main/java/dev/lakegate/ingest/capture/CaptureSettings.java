package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.maintenance.MaintenanceSettings;
import dev.lakegate.ingest.source.SourceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything that capture needs to know.
 *
 * @param storageRoot folder that holds {@code bronze/}
 * @param scratch folder of this process alone
 * @param source how to reach the source
 * @param tables to capture, in the order of copying
 * @param flush when changes become files
 * @param copyBytes rows of a copy are written in parts of this size
 * @param duckdbMemory limit such as {@code 128MB}
 * @param surveyInterval how often tables are looked at while the log is followed
 * @param recopyRows a table estimated to have more rows is not copied anew unless somebody asks
 * @param maintenance how Bronze is kept small beside capture
 */
public record CaptureSettings(
    Path storageRoot,
    Path scratch,
    SourceSettings source,
    List<CapturedTable> tables,
    FlushPolicy flush,
    long copyBytes,
    String duckdbMemory,
    Duration surveyInterval,
    long recopyRows,
    MaintenanceSettings maintenance) {
  /** Of {@link #surveyInterval}. */
  public static final Duration DEFAULT_SURVEY_INTERVAL = Duration.ofSeconds(5);

  /** Of {@link #recopyRows}. */
  public static final long DEFAULT_RECOPY_ROWS = 10_000_000;

  public CaptureSettings {
    tables = List.copyOf(tables);
  }

  /** The same for other tables. */
  CaptureSettings withTables(List<CapturedTable> others) {
    return new CaptureSettings(
        storageRoot,
        scratch,
        source,
        others,
        flush,
        copyBytes,
        duckdbMemory,
        surveyInterval,
        recopyRows,
        maintenance);
  }

  /** With maintenance as it is by default. */
  public CaptureSettings(
      Path storageRoot,
      Path scratch,
      SourceSettings source,
      List<CapturedTable> tables,
      FlushPolicy flush,
      long copyBytes,
      String duckdbMemory,
      Duration surveyInterval,
      long recopyRows) {
    this(
        storageRoot,
        scratch,
        source,
        tables,
        flush,
        copyBytes,
        duckdbMemory,
        surveyInterval,
        recopyRows,
        MaintenanceSettings.STANDARD);
  }

  /** With the defaults of what follows. */
  public CaptureSettings(
      Path storageRoot,
      Path scratch,
      SourceSettings source,
      List<CapturedTable> tables,
      FlushPolicy flush,
      long copyBytes,
      String duckdbMemory) {
    this(
        storageRoot,
        scratch,
        source,
        tables,
        flush,
        copyBytes,
        duckdbMemory,
        DEFAULT_SURVEY_INTERVAL,
        DEFAULT_RECOPY_ROWS);
  }
}
