package dev.lakegate.ingest.bronze;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import java.util.ArrayList;
import java.util.List;

/** The manifest in the making: its number is taken, its files grow. Not thread-safe. */
public final class ManifestDraft {
  private final long number;
  private final List<BronzeFile> files = new ArrayList<>();
  private final List<CopyBegun> copiesBegun = new ArrayList<>();
  private final List<CopyCompleted> copiesCompleted = new ArrayList<>();
  private final List<SchemaApproval> schemaApprovals = new ArrayList<>();
  private final List<SchemaVersion> schemaChanges = new ArrayList<>();
  private int nextFile;

  ManifestDraft(long number) {
    this.number = number;
  }

  /** Number that the manifest will have. */
  public long number() {
    return number;
  }

  /** Files written so far. */
  public List<BronzeFile> files() {
    return files;
  }

  List<CopyBegun> copiesBegun() {
    return copiesBegun;
  }

  List<SchemaApproval> schemaApprovals() {
    return schemaApprovals;
  }

  List<CopyCompleted> copiesCompleted() {
    return copiesCompleted;
  }

  List<SchemaVersion> schemaChanges() {
    return schemaChanges;
  }

  /** Whether a file of it was named, written or not. */
  boolean hasFiles() {
    return nextFile > 0;
  }

  int nextFile() {
    return nextFile++;
  }

  void add(BronzeFile file) {
    files.add(file);
  }

  /** Records that the table's rows are copied from this manifest on. */
  public void begin(CopyBegun copy) {
    copiesBegun.add(copy);
  }

  /** Records that somebody approved a schema version. */
  public void approve(SchemaApproval approval) {
    schemaApprovals.add(approval);
  }

  /** Records that the table's copy is complete with this manifest. */
  public void complete(CopyCompleted copy) {
    copiesCompleted.add(copy);
  }

  /** Records a schema version that this manifest's files are the first to use. */
  public void change(SchemaVersion version) {
    schemaChanges.add(version);
  }

  /** Whether there is nothing to publish. */
  public boolean isEmpty() {
    return files.isEmpty()
        && copiesBegun.isEmpty()
        && copiesCompleted.isEmpty()
        && schemaChanges.isEmpty()
        && schemaApprovals.isEmpty();
  }
}
