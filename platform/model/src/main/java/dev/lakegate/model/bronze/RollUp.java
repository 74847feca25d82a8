package dev.lakegate.model.bronze;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A contiguous range of old manifests of one epoch in one file. Its manifests are those that were
 * written one by one, in order, except that small files of a table may have been merged: then all
 * of this table's files of the range stand in the range's last manifest and none in those before,
 * so that whoever reads any part of the range reads all of the table's changes in it or none.
 * Immutable, also on disk.
 *
 * @param version contract version, {@value #VERSION}
 * @param first number of the first manifest
 * @param last number of the last manifest, at least {@code first}
 * @param epoch of all of them
 * @param createdAt when the roll-up was written, UTC
 * @param manifests {@code first} to {@code last}
 * @param replaced paths of files that merged ones stand for; they may still be read for a grace
 *     period after {@code createdAt}, then they are deleted
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record RollUp(
    int version,
    long first,
    long last,
    String epoch,
    Instant createdAt,
    List<Manifest> manifests,
    List<String> replaced) {
  /** The one contract version that this code reads and writes. */
  public static final int VERSION = 1;

  /**
   * Numbers of the manifests that a roll-up holds, both included.
   *
   * @param first from 1
   * @param last at least {@code first}
   */
  public record Range(long first, long last) {
    public Range {
      if (first < 1 || last < first) {
        throw new IllegalArgumentException("no range of manifests: " + first + " to " + last);
      }
    }

    /** Whether the manifest of that number lies within. */
    public boolean contains(long number) {
      return number >= first && number <= last;
    }
  }

  public RollUp {
    manifests = List.copyOf(manifests);
    replaced = List.copyOf(replaced);
    Objects.requireNonNull(createdAt, "createdAt is null");
    if (first < 1 || last < first || last - first + 1 != manifests.size()) {
      throw new IllegalArgumentException(
          manifests.size() + " manifests for a range from " + first + " to " + last);
    }
    for (int i = 0; i < manifests.size(); i++) {
      Manifest manifest = manifests.get(i);
      if (manifest.number() != first + i || !manifest.epoch().equals(epoch)) {
        throw new IllegalArgumentException(
            "manifest "
                + manifest.number()
                + " of epoch "
                + manifest.epoch()
                + " stands where manifest "
                + (first + i)
                + " of epoch "
                + epoch
                + " belongs");
      }
    }
  }

  /** Its range. */
  public Range range() {
    return new Range(first, last);
  }

  /**
   * The manifest of a number.
   *
   * @throws IllegalArgumentException when it is not within the range
   */
  public Manifest manifest(long number) {
    if (!range().contains(number)) {
      throw new IllegalArgumentException(
          "manifest " + number + " is not from " + first + " to " + last);
    }
    return manifests.get((int) (number - first));
  }
}
