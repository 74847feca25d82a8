package dev.lakegate.ingest.pgoutput;

import dev.lakegate.ingest.pgoutput.PgOutputMessage.Begin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Commit;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Delete;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Insert;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.LogicalMessage;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Origin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Truncate;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Type;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Update;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes messages as PostgreSQL does, after its documentation: the decoder's counterpart. */
public final class PgOutputEncoder {
  private static final long MICROS_TO_2000 = 946_684_800_000_000L;

  private PgOutputEncoder() {}

  /** A tuple of text values; {@code null} is NULL, {@link #UNCHANGED} an unchanged TOAST value. */
  public static Tuple tuple(List<String> values) {
    byte[][] texts = new byte[values.size()][];
    int size = 0;
    for (int i = 0; i < texts.length; i++) {
      String value = values.get(i);
      if (value != null && value != UNCHANGED) {
        texts[i] = value.getBytes(StandardCharsets.UTF_8);
        size += texts[i].length;
      }
    }
    byte[] bytes = new byte[size];
    int[] offsets = new int[texts.length];
    int[] lengths = new int[texts.length];
    int at = 0;
    for (int i = 0; i < texts.length; i++) {
      if (texts[i] == null) {
        lengths[i] = values.get(i) == null ? Tuple.nullLength() : Tuple.unchangedLength();
      } else {
        System.arraycopy(texts[i], 0, bytes, at, texts[i].length);
        offsets[i] = at;
        lengths[i] = texts[i].length;
        at += texts[i].length;
      }
    }
    return new Tuple(bytes, offsets, lengths);
  }

  /** Stands for a value that the log does not carry; compared by identity. */
  @SuppressWarnings("StringOperationCanBeSimplified")
  public static final String UNCHANGED = new String("unchanged");

  public static byte[] encode(PgOutputMessage message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(message, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(PgOutputMessage message, DataOutputStream out) throws IOException {
    if (message instanceof Begin m) {
      out.writeByte('B');
      out.writeLong(m.commitLsn());
      out.writeLong(m.commitMicros() - MICROS_TO_2000);
      out.writeInt(m.xid());
    } else if (message instanceof Commit m) {
      out.writeByte('C');
      out.writeByte(m.flags());
      out.writeLong(m.commitLsn());
      out.writeLong(m.endLsn());
      out.writeLong(m.commitMicros() - MICROS_TO_2000);
    } else if (message instanceof Origin m) {
      out.writeByte('O');
      out.writeLong(m.lsn());
      text(m.name(), out);
    } else if (message instanceof Type m) {
      out.writeByte('Y');
      out.writeInt(m.oid());
      text(m.namespace(), out);
      text(m.name(), out);
    } else if (message instanceof Relation m) {
      out.writeByte('R');
      out.writeInt(m.oid());
      text(m.namespace(), out);
      text(m.name(), out);
      out.writeByte(m.replicaIdentity());
      out.writeShort(m.columns().size());
      for (Relation.Column column : m.columns()) {
        out.writeByte(column.key() ? 1 : 0);
        text(column.name(), out);
        out.writeInt(column.typeOid());
        out.writeInt(column.typeModifier());
      }
    } else if (message instanceof Insert m) {
      out.writeByte('I');
      out.writeInt(m.relation());
      out.writeByte('N');
      tuple(m.row(), out);
    } else if (message instanceof Update m) {
      out.writeByte('U');
      out.writeInt(m.relation());
      if (m.old() != null) {
        out.writeByte(m.oldIsKey() ? 'K' : 'O');
        tuple(m.old(), out);
      }
      out.writeByte('N');
      tuple(m.row(), out);
    } else if (message instanceof Delete m) {
      out.writeByte('D');
      out.writeInt(m.relation());
      out.writeByte(m.oldIsKey() ? 'K' : 'O');
      tuple(m.old(), out);
    } else if (message instanceof Truncate m) {
      out.writeByte('T');
      out.writeInt(m.relations().size());
      out.writeByte((m.cascade() ? 1 : 0) | (m.restartIdentity() ? 2 : 0));
      for (int relation : m.relations()) {
        out.writeInt(relation);
      }
    } else if (message instanceof LogicalMessage m) {
      out.writeByte('M');
      out.writeByte(m.transactional() ? 1 : 0);
      out.writeLong(m.lsn());
      text(m.prefix(), out);
      out.writeInt(m.length());
      out.write(new byte[m.length()]);
    }
  }

  private static void tuple(Tuple tuple, DataOutputStream out) throws IOException {
    out.writeShort(tuple.size());
    for (int i = 0; i < tuple.size(); i++) {
      if (tuple.isNull(i)) {
        out.writeByte('n');
      } else if (tuple.isUnchanged(i)) {
        out.writeByte('u');
      } else {
        out.writeByte('t');
        out.writeInt(tuple.length(i));
        out.write(tuple.array(), tuple.offset(i), tuple.length(i));
      }
    }
  }

  private static void text(String text, DataOutputStream out) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.writeByte(0);
  }
}
