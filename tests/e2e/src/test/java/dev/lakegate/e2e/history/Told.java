package dev.lakegate.e2e.history;

import dev.lakegate.e2e.Gateway;
import dev.lakegate.model.description.SourceTable;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The described columns of a table, as the source has them and as the gateway answers them; of
 * large values the length, since the gateway bounds how much text a query makes. Immutable.
 *
 * @param expected rows of the source
 */
record Told(
    SourceTable table, List<Shape.Column> columns, String large, List<List<String>> expected) {

  static Told of(SourceTable table, Connection source) throws Exception {
    Shape shape = Shape.of(source, table.sourceTable(), table.key());
    List<Shape.Column> columns =
        shape.columns().stream().filter(c -> table.column(c.name()).isPresent()).toList();
    List<String> names = columns.stream().map(Shape.Column::name).toList();
    List<List<String>> expected = new ArrayList<>();
    for (List<String> row : Rows.of(source, shape.quoted(), columns, true)) {
      List<String> values = new ArrayList<>(row);
      int i = names.indexOf(shape.large());
      if (i >= 0 && values.get(i) != null) {
        values.set(i, String.valueOf(values.get(i).codePointCount(0, values.get(i).length())));
      }
      expected.add(values);
    }
    return new Told(table, columns, shape.large(), expected);
  }

  List<String> names() {
    return columns.stream().map(Shape.Column::name).toList();
  }

  /**
   * The gateway's rows.
   *
   * @param asOf clause that names a former state; empty for the present one
   */
  List<List<String>> actual(Gateway gateway, String asOf) throws Exception {
    List<List<String>> actual = new ArrayList<>();
    for (List<String> row :
        gateway
            .query(
                names().stream()
                    .map(n -> n.equals(large) ? "length(\"" + n + "\")" : '"' + n + '"')
                    .collect(
                        Collectors.joining(
                            ", ", "SELECT ", " FROM silver.\"" + table.name() + "\" " + asOf)))
            .rows()) {
      List<String> values = new ArrayList<>(row);
      for (int i = 0; i < values.size(); i++) {
        if (columns.get(i).type().startsWith("timestamp") && values.get(i) != null) {
          values.set(i, values.get(i).replace('T', ' ').replace("Z", ""));
        }
      }
      actual.add(values);
    }
    return actual;
  }
}
