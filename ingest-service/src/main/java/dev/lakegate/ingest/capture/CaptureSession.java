package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.ingest.source.SourceSnapshot;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Capture over one connection to the source: finds out where to begin, copies what is not copied,
 * then follows the log. Any failure ends it; what was not in a manifest by then is forgotten and
 * read again by the next session. Runs on one thread.
 */
final class CaptureSession {
  private static final Logger LOG = Logger.getLogger(CaptureSession.class);

  private final CaptureSettings settings;
  private final ManifestChain chain;
  private final BronzeWriter writer;
  private final CaptureProgress progress;
  private final StatusBoard board;
  private final CaptureMetrics metrics;
  private final TableRequests requests;
  private final CaptureSteps steps;
  private final BooleanSupplier stop;
  private final CopyFailures failures;

  CaptureSession(
      CaptureSettings settings,
      ManifestChain chain,
      BronzeWriter writer,
      CaptureProgress progress,
      StatusBoard board,
      CaptureMetrics metrics,
      TableRequests requests,
      CopyFailures failures,
      CaptureSteps steps,
      BooleanSupplier stop) {
    this.settings = settings;
    this.chain = chain;
    this.writer = writer;
    this.progress = progress;
    this.board = board;
    this.metrics = metrics;
    this.requests = requests;
    this.failures = failures;
    this.steps = steps;
    this.stop = stop;
  }

  /** Captures until it is told to stop or the beginning has to be decided anew. */
  void run() throws SQLException, IOException, SourceProblemException, InterruptedException {
    Optional<CaptureMark> mark = progress.load();
    try (SourceDatabase source = SourceDatabase.connect(settings.source())) {
      progress.source(source.identify());
      board.connected(progress.source());
      TableSurvey survey = new TableSurvey(settings, source, progress, board, requests, failures);
      FlushReport report = new FlushReport(board, metrics);
      TableCopier copier =
          new TableCopier(settings, progress, writer, failures, report, board, steps, stop);
      SourceSnapshot snapshot = begin(source, survey, mark);
      if (snapshot != null) {
        // Nothing can be followed before there is something to follow it with.
        copy(survey, copier, snapshot);
      }
      if (!stop.getAsBoolean()) {
        try (LogFollower follower =
            new LogFollower(
                settings, source, progress, survey, chain, writer, copier, failures, report, board,
                requests, steps, stop)) {
          follower.follow();
        }
      }
    } finally {
      progress.store();
    }
  }

  /** Copies what can be copied under the snapshot of a slot that was just made; closes it. */
  private void copy(TableSurvey survey, TableCopier copier, SourceSnapshot snapshot)
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    List<CatalogTable> tables;
    try {
      TableSurvey.Findings findings = survey.look(true);
      if (!findings.reasons().isEmpty()) {
        progress.bump(findings.reasons());
      }
      tables = new ArrayList<>(findings.copy());
      tables.addAll(findings.recopy());
    } catch (SQLException | IOException | SourceProblemException | RuntimeException e) {
      snapshot.close();
      throw e;
    }
    copier.copy(tables, snapshot);
  }

  /** Decides how to begin; returns the new slot's snapshot when an epoch was opened. */
  private SourceSnapshot begin(
      SourceDatabase source, TableSurvey survey, Optional<CaptureMark> mark)
      throws SQLException, IOException, SourceProblemException {
    Optional<SlotState> slot = source.slot();
    StartDecision decision =
        StartDecision.of(
            new StartDecision.Facts(
                settings.source().slot(),
                progress.source().sourceId(),
                progress.source().database(),
                progress.source().timeline(),
                source.logPosition().currentLsn(),
                slot,
                survey.publicationBroken(),
                progress.last(),
                mark));
    if (decision instanceof StartDecision.Refuse refuse) {
      throw new SourceProblemException(refuse.problem(), refuse.remedy());
    }
    if (slot.isPresent() && slot.get().activePid() != null) {
      throw new SourceProblemException(
          "replication slot "
              + settings.source().slot()
              + " is in use by process "
              + slot.get().activePid()
              + " at the source",
          "stop the other Lakegate; after a crash it becomes free by itself within a minute");
    }
    if (decision instanceof StartDecision.Open open) {
      return open(source, survey, open);
    }
    StartDecision.Resume resume = (StartDecision.Resume) decision;
    progress.resume(resume.epoch(), resume.position());
    return null;
  }

  private SourceSnapshot open(SourceDatabase source, TableSurvey survey, StartDecision.Open open)
      throws SQLException, IOException, SourceProblemException {
    LOG.infof("Opening epoch %s: %s", open.epoch(), open.reason());
    board.message(
        "Opening epoch "
            + open.epoch()
            + ": "
            + open.reason()
            + ". Creating the slot waits for transactions that are open at the source.");
    progress.announce(open.epoch());
    source.dropSlot();
    steps.done(Step.SLOT_DROPPED);
    // Publication before slot: the slot cannot decode what was logged before it was published.
    List<String> present = survey.publishAll();
    SourceSnapshot snapshot = SourceSnapshot.withNewSlot(settings.source(), stop);
    try {
      steps.done(Step.SLOT_CREATED);
      String reason = Character.toUpperCase(open.reason().charAt(0)) + open.reason().substring(1);
      progress.open(open.epoch(), snapshot.lsn().value(), present, reason + ".");
      return snapshot;
    } catch (IOException | RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }
}
