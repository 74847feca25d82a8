package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.ingest.capture.TableState;
import dev.lakegate.ingest.reconcile.CaptureView;
import dev.lakegate.ingest.reconcile.ReconcileConfig;
import dev.lakegate.ingest.reconcile.ReconcileSettings;
import dev.lakegate.ingest.reconcile.Reconciliations;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.model.bronze.Lsn;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Comparisons of the configured source with this storage root's Silver. */
@ApplicationScoped
class ReconcileService {
  @Inject CaptureEngine engine;
  @Inject ConfiguredSource source;
  @Inject ReconcileConfig config;
  @Inject StorageConfig storage;
  @Inject WorkConfig work;

  private Reconciliations reconciliations;

  synchronized Reconciliations reconciliations() {
    if (reconciliations == null) {
      reconciliations =
          new Reconciliations(
              new ReconcileSettings(
                  Path.of(storage.root().orElseThrow()),
                  work.directory().orElseThrow(),
                  source.settings(),
                  config.duckdbMemory(),
                  config.silverPatience()),
              new EngineView(engine));
    }
    return reconciliations;
  }

  @PreDestroy
  synchronized void close() {
    if (reconciliations != null) {
      reconciliations.close();
    }
  }

  private record EngineView(CaptureEngine engine) implements CaptureView {
    @Override
    public Optional<Captured> captured() {
      CaptureState state = engine.state();
      return state.source().epoch() == null || state.capturedPosition() == null
          ? Optional.empty()
          : Optional.of(new Captured(state.source().epoch(), Lsn.parse(state.capturedPosition())));
    }

    @Override
    public Optional<String> notFollowed(String table) {
      CaptureState state = engine.state();
      if (!state.source().connected()) {
        return Optional.of("Capture is not connected: " + state.source().message());
      }
      for (CaptureState.Table t : state.tables()) {
        if (t.table().equals(table)) {
          return t.state() == TableState.STREAMING
              ? Optional.empty()
              : Optional.of(
                  "Capture does not follow it: "
                      + (t.reason() == null ? t.state().name().toLowerCase() : t.reason()));
        }
      }
      return Optional.of("Capture does not know it yet.");
    }

    @Override
    public List<Map<String, String>> quarantinedKeys(String table) {
      return engine.quarantine().keys(table);
    }
  }
}
