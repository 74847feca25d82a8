package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Keeps a copy of the ledger in the scratch directory, so that a start reads the manifests since
 * the copy and not all of them. Losing the copy loses nothing but the counts by operation.
 */
final class LedgerStore {
  private static final Logger LOG = Logger.getLogger(LedgerStore.class);
  private static final String FILE = "ledger.json";

  /** What is stored. */
  record Content(CaptureLedger.Stored ledger, Map<String, StatusBoard.Counters> counters) {}

  private final Path scratch;
  private Map<String, StatusBoard.Counters> counters = Map.of();
  private long writtenNumber = -1;

  LedgerStore(Path scratch) {
    this.scratch = scratch;
  }

  /** The ledger at the end of the chain. */
  CaptureLedger read(ManifestChain chain) {
    CaptureLedger ledger = stored(chain);
    while (ledger.number() < chain.lastNumber()) {
      ledger.add(chain.read(ledger.number() + 1));
    }
    return ledger;
  }

  /** Counts by operation that were stored. */
  Map<String, StatusBoard.Counters> counters() {
    return counters;
  }

  private CaptureLedger stored(ManifestChain chain) {
    Path file = scratch.resolve(FILE);
    if (Files.exists(file)) {
      try {
        Content content = Json.read(Files.readString(file), Content.class);
        if (fits(content.ledger(), chain)) {
          counters = new HashMap<>(content.counters());
          return new CaptureLedger(content.ledger());
        }
        LOG.info("The stored ledger is of another chain of manifests; reading all of them");
      } catch (IOException | RuntimeException e) {
        LOG.warnf("The stored ledger cannot be read (%s); reading all manifests", e.getMessage());
      }
    }
    return new CaptureLedger();
  }

  /** Whether the manifest at which the copy was made is still the same one. */
  private static boolean fits(CaptureLedger.Stored stored, ManifestChain chain) {
    if (stored.version() != CaptureLedger.Stored.VERSION || stored.number() > chain.lastNumber()) {
      return false;
    }
    if (stored.number() == 0) {
      return true;
    }
    Manifest manifest = chain.read(stored.number());
    return manifest.epoch().equals(stored.epoch()) && manifest.sourceId().equals(stored.sourceId());
  }

  /** Stores the ledger when it has grown. */
  void write(CaptureLedger ledger, Map<String, StatusBoard.Counters> byOperation)
      throws IOException {
    if (ledger.number() == writtenNumber) {
      return;
    }
    Path temporary = scratch.resolve(FILE + ".new");
    Files.writeString(temporary, Json.write(new Content(ledger.stored(), byOperation)));
    Files.move(
        temporary,
        scratch.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    writtenNumber = ledger.number();
    counters = Map.copyOf(byOperation);
  }
}
