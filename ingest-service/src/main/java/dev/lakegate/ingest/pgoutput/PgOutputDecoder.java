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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads messages of pgoutput, protocol version 1, text values. Every length is checked against what
 * is there before anything is allocated, so hostile bytes cost no more than their own size.
 * Stateless and thread-safe.
 */
public final class PgOutputDecoder {
  /** PostgreSQL allows 1600 columns in a table and 1664 in a result. */
  static final int MAX_COLUMNS = 1664;

  private static final long MICROS_FROM_1970_TO_2000 = 946_684_800_000_000L;

  private PgOutputDecoder() {}

  /**
   * Reads the one message that the buffer's remaining bytes hold. Tuples share the buffer's array,
   * which must not be changed afterwards.
   *
   * @param buffer backed by an array
   * @throws MalformedMessageException when the bytes are anything but one complete message
   */
  public static PgOutputMessage decode(ByteBuffer buffer) {
    if (!buffer.hasRemaining()) {
      throw new MalformedMessageException("empty message");
    }
    char type = (char) (buffer.get() & 0xFF);
    PgOutputMessage message =
        switch (type) {
          case 'B' -> new Begin(int64(buffer), micros(buffer), int32(buffer));
          case 'C' -> new Commit(int8(buffer), int64(buffer), int64(buffer), micros(buffer));
          case 'O' -> new Origin(int64(buffer), text(buffer));
          case 'R' -> relation(buffer);
          case 'Y' -> new Type(int32(buffer), text(buffer), text(buffer));
          case 'I' -> insert(buffer);
          case 'U' -> update(buffer);
          case 'D' -> delete(buffer);
          case 'T' -> truncate(buffer);
          case 'M' -> logicalMessage(buffer);
          default ->
              throw new MalformedMessageException(
                  "unknown message type "
                      + printable(type)
                      + "; only protocol version 1 without streaming is read");
        };
    if (buffer.hasRemaining()) {
      throw new MalformedMessageException(
          buffer.remaining() + " bytes after the end of a message of type " + printable(type));
    }
    return message;
  }

  private static Relation relation(ByteBuffer in) {
    int oid = int32(in);
    String namespace = text(in);
    String name = text(in);
    char identity = (char) (int8(in) & 0xFF);
    int count = columnCount(in);
    List<Relation.Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean key = (int8(in) & 1) != 0;
      columns.add(new Relation.Column(key, text(in), int32(in), int32(in)));
    }
    return new Relation(oid, namespace, name, identity, columns);
  }

  private static Insert insert(ByteBuffer in) {
    int relation = int32(in);
    expect(in, 'N');
    return new Insert(relation, tuple(in));
  }

  private static Update update(ByteBuffer in) {
    int relation = int32(in);
    char kind = (char) (int8(in) & 0xFF);
    Tuple old = null;
    boolean oldIsKey = kind == 'K';
    if (kind == 'K' || kind == 'O') {
      old = tuple(in);
      kind = (char) (int8(in) & 0xFF);
    }
    if (kind != 'N') {
      throw new MalformedMessageException("update with a tuple of kind " + printable(kind));
    }
    return new Update(relation, old, oldIsKey, tuple(in));
  }

  private static Delete delete(ByteBuffer in) {
    int relation = int32(in);
    char kind = (char) (int8(in) & 0xFF);
    if (kind != 'K' && kind != 'O') {
      throw new MalformedMessageException("delete with a tuple of kind " + printable(kind));
    }
    return new Delete(relation, tuple(in), kind == 'K');
  }

  private static Truncate truncate(ByteBuffer in) {
    int count = int32(in);
    int options = int8(in);
    if (count < 0 || count > in.remaining() / 4) {
      throw new MalformedMessageException("truncate of " + Integer.toUnsignedString(count));
    }
    List<Integer> relations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      relations.add(int32(in));
    }
    return new Truncate((options & 1) != 0, (options & 2) != 0, relations);
  }

  private static LogicalMessage logicalMessage(ByteBuffer in) {
    boolean transactional = (int8(in) & 1) != 0;
    long lsn = int64(in);
    String prefix = text(in);
    int length = int32(in);
    need(in, length);
    in.position(in.position() + length);
    return new LogicalMessage(transactional, lsn, prefix, length);
  }

  private static Tuple tuple(ByteBuffer in) {
    int count = columnCount(in);
    int[] offsets = new int[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      char kind = (char) (int8(in) & 0xFF);
      switch (kind) {
        case 'n' -> lengths[i] = Tuple.nullLength();
        case 'u' -> lengths[i] = Tuple.unchangedLength();
        case 't' -> {
          int length = int32(in);
          need(in, length);
          offsets[i] = in.arrayOffset() + in.position();
          lengths[i] = length;
          in.position(in.position() + length);
        }
        default ->
            throw new MalformedMessageException(
                "column " + i + " of kind " + printable(kind) + "; only text values are read");
      }
    }
    return new Tuple(in.array(), offsets, lengths);
  }

  private static int columnCount(ByteBuffer in) {
    need(in, 2);
    int count = in.getShort() & 0xFFFF;
    // Each column takes at least one byte.
    if (count > MAX_COLUMNS || count > in.remaining()) {
      throw new MalformedMessageException(count + " columns in " + in.remaining() + " bytes");
    }
    return count;
  }

  private static void expect(ByteBuffer in, char expected) {
    char kind = (char) (int8(in) & 0xFF);
    if (kind != expected) {
      throw new MalformedMessageException("expected " + expected + " but found " + printable(kind));
    }
  }

  private static byte int8(ByteBuffer in) {
    need(in, 1);
    return in.get();
  }

  private static int int32(ByteBuffer in) {
    need(in, 4);
    return in.getInt();
  }

  private static long int64(ByteBuffer in) {
    need(in, 8);
    return in.getLong();
  }

  private static long micros(ByteBuffer in) {
    return int64(in) + MICROS_FROM_1970_TO_2000;
  }

  private static String text(ByteBuffer in) {
    for (int at = in.position(); at < in.limit(); at++) {
      if (in.get(at) == 0) {
        String text =
            new String(
                in.array(),
                in.arrayOffset() + in.position(),
                at - in.position(),
                StandardCharsets.UTF_8);
        in.position(at + 1);
        return text;
      }
    }
    throw new MalformedMessageException("text without end");
  }

  private static void need(ByteBuffer in, int bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new MalformedMessageException(
          "needs " + Integer.toUnsignedString(bytes) + " bytes, has " + in.remaining());
    }
  }

  private static String printable(char type) {
    return type > ' ' && type < 127 ? "'" + type + "'" : String.format("0x%02x", (int) type);
  }
}
