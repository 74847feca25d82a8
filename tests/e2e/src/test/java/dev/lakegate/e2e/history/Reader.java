package dev.lakegate.e2e.history;

import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.description.SourceTable;
import java.sql.Connection;
import java.util.List;

/** Reads a chain of manifests into tables that must equal the source in the end. */
interface Reader {
  /** Everything that the chain holds by now. */
  List<Manifest> chain();

  /** Reads some of what it has not read yet; may be killed within, and goes on. */
  void some(boolean kill) throws Exception;

  /** Reads all that the chain holds. */
  void all() throws Exception;

  /** How its rows differ from the source's; empty when they do not. */
  List<String> differences(SourceTable table, Connection source) throws Exception;
}
