package dev.lakegate.laptop.backend;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import org.postgresql.PGConnection;

/** Rows of one table in PostgreSQL's COPY text format, sent in one go. Not thread-safe. */
final class CopyBuffer {
  private final String table;
  private final String columns;
  private final StringBuilder text = new StringBuilder();
  private boolean rowStarted;
  private long rows;

  CopyBuffer(String table, String columns) {
    this.table = table;
    this.columns = columns;
  }

  /** Adds one row; null is NULL. */
  void row(Object... values) {
    for (Object value : values) {
      if (rowStarted) {
        text.append('\t');
      }
      rowStarted = true;
      if (value == null) {
        text.append("\\N");
      } else if (value instanceof BigDecimal number) {
        text.append(number.toPlainString());
      } else if (value instanceof String string) {
        escape(string);
      } else if (value instanceof Number || value instanceof Instant || value instanceof Boolean) {
        text.append(value);
      } else {
        escape(value.toString());
      }
    }
    text.append('\n');
    rowStarted = false;
    rows++;
  }

  long rows() {
    return rows;
  }

  void send(Connection connection) throws SQLException {
    if (rows == 0) {
      return;
    }
    try {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "COPY public." + table + " (" + columns + ") FROM STDIN",
              new StringReader(text.toString()));
    } catch (IOException e) {
      throw new SQLException("cannot copy into " + table, e);
    }
    text.setLength(0);
    rows = 0;
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        default -> text.append(c);
      }
    }
  }
}
