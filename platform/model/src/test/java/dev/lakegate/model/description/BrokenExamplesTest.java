package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way of getting a description wrong: what the loader says, where, and if editors see it. */
class BrokenExamplesTest {
  /** Whether the schema for editors can see the mistake as well. */
  enum Editor {
    SEES,
    CANNOT_SEE
  }

  /** In {@code file}, the first {@code find} becomes {@code replace}. */
  record Broken(String file, String find, String replace, String message, int line, Editor editor) {
    @Override
    public String toString() {
      return file + ": " + message;
    }
  }

  private static Broken seen(String file, String find, String replace, String message, int line) {
    return new Broken(file, find, replace, message, line, Editor.SEES);
  }

  private static Broken unseen(String file, String find, String replace, String message, int line) {
    return new Broken(file, find, replace, message, line, Editor.CANNOT_SEE);
  }

  static Stream<Broken> examples() {
    String order = "tables/order.yaml";
    String event = "tables/event.yaml";
    String tenant = "tables/tenant.yaml";
    String mrr = "metrics/mrr_metrics.sql";
    String revenue = "metrics/revenue_metrics.sql";
    String funnel = "metrics/funnel_metrics.sql";
    String query = "queries/event_funnel.sql";
    String governance = "governance.yaml";
    return Stream.of(
        // expectations
        seen(order, "kind: sql", "kind: query", "kind 'query' is unknown", 32),
        seen(order, "severity: flag", "severity: warn", "severity 'warn' is unknown", 32),
        seen(order, "kind: sql", "kind: not_null", "unknown key 'expression'", 32),
        seen(order, "kind: sql", "kind: not_null", "key 'columns' is missing", 32),
        seen(order, "name: total_adds_up", "name: Adds Up", "'Adds Up' is not well formed", 32),
        seen(order, "columns: [total], min: \"0\"", "columns: [total]", "neither 'min' nor", 33),
        unseen(order, "columns: [total]", "columns: [sum]", "columns names 'sum', which", 33),
        seen(order, "columns: [total]", "columns: [total, tax]", "this kind judges one column", 33),
        unseen(order, "min: \"0\"", "min: \"nought\"", "'nought' is no decimal(12,2)", 33),
        seen(order, "min: \"0\"", "min: 0", "min is not a text", 33),
        unseen(order, "min: \"0\"", "min: \"1e99\"", "'1e99' is no decimal(12,2)", 33),
        unseen(order, "min: \"0\"", "max: \"1e-99\"", "'1e-99' is no decimal(12,2)", 33),
        unseen(order, "min: \"0\"", "min: \"-1e999999999\"", "is no decimal(12,2)", 33),
        unseen(
            order,
            "name: total_not_negative",
            "name: total_adds_up",
            "expectation 'total_adds_up' occurs twice",
            33),
        unseen(
            order,
            "column: total_recomputed",
            "column: quality_flags",
            "column 'quality_flags' is there already",
            32),
        seen(
            order,
            "kind: sql, expression: total_discrepancy = 0, severity: flag",
            "kind: unique, columns: [order_number], severity: block",
            "an expectation of kind unique cannot block",
            32),
        unseen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: unique, columns: [number]",
            "columns names 'number', which",
            32),
        seen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: relationship, columns: [customer_id]",
            "key 'references' is missing",
            32),
        unseen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: relationship, columns: [customer_id], references: silver.orders",
            "there is no table 'silver.orders'",
            32),
        unseen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: relationship, columns: [customer_id], references: silver.customer, to: [number]",
            "to names 'number', which",
            32),
        unseen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: relationship, columns: [customer_id, status], references: silver.customer",
            "2 columns refer to 1: id",
            32),
        unseen(
            order,
            "kind: sql, expression: total_discrepancy = 0",
            "kind: relationship, columns: [order_number], references: silver.customer",
            "'order_number' of type varchar refers to 'id' of type bigint",
            32),
        unseen(
            "derived/customer_identity.sql",
            "nullable: true, pii: true",
            "nullable: true",
            "column 'email_normalized' may hold personal data of an input",
            26),
        unseen(
            "derived/customer_identity.sql",
            "{name: is_duplicate, type: boolean, nullable: false, pii: false,",
            "{name: is_duplicate, type: boolean, nullable: false,",
            "column 'is_duplicate' may hold personal data of an input",
            28),
        unseen(
            "metrics/revenue_monthly.sql",
            "kind: sql, expression: order_count",
            "kind: sql, expression: current_date() > DATE '2026-01-01' AND order_count",
            "expression depends on the clock",
            32),
        unseen(
            "metrics/revenue_monthly.sql",
            "columns: [total_revenue], min",
            "columns: [revenue], min",
            "columns names 'revenue', which",
            31),
        seen(
            "metrics/revenue_monthly.sql",
            "kind: range, columns: [total_revenue], min: \"0\"",
            "kind: unique, columns: [total_revenue]",
            "an expectation of kind unique is one of a table",
            31),
        // keys and types
        seen(order, "version: 1", "version: 2", "this version is not understood", 2),
        seen(order, "version: 1", "version: \"1\"", "this version is not understood", 2),
        seen(order, "scope: tenant\n", "", "key 'scope' is missing", 2),
        seen(order, "scope: tenant", "scope: everyone", "scope 'everyone' is unknown", 5),
        seen(order, "key: [id]", "keys: [id]", "unknown key 'keys'", 9),
        seen(order, "key: [id]", "keys: [id]", "key 'key' is missing", 2),
        seen(order, "key: [id]", "key: id", "key is not a list of texts", 9),
        seen(order, "key: [id]", "key: []", "key has 0 entries", 9),
        seen(order, "key: [id]", "key: [id, id]", "'id' occurs twice in key", 9),
        seen(order, "key: [id]", "key: [1]", "key is not a text", 9),
        seen(
            order,
            "description: A customer's order.",
            "description: 7",
            "description is not a text",
            6),
        seen(
            order,
            "description: A customer's order.",
            "description: ' '",
            "description is empty",
            6),
        seen(order, "  table: core_order", "  tabel: core_order", "unknown key 'tabel'", 8),
        seen(order, "nullable: false", "nullable: 'no'", "nullable is not true or false", 14),
        seen(order, ", type: bigint,", ", type: int8,", "unknown type 'int8'", 14),
        seen(order, "name: order\n", "name: Order\n", "name 'Order' is not well formed", 3),
        seen(order, "{name: id,", "{name: load_date,", "column 'load_date' is reserved", 14),
        unseen(
            order,
            "name: order\n",
            "name: order__asof_20260302101532041\n",
            "name 'order__asof_20260302101532041' is reserved",
            3),
        unseen(
            order,
            "  table: core_order\n",
            "  table: core_order__asof_20260302101532041\n",
            "name 'core_order__asof_20260302101532041' is reserved",
            8),
        unseen(
            order,
            "type: \"decimal(12,2)\"",
            "type: \"decimal(12,20)\"",
            "unknown type 'decimal(12,20)'",
            20),
        unseen(order, "version: 1", "version: 1\nversion: 1", "key 'version' occurs twice", 3),
        unseen(
            order,
            "name: order\n",
            "name: orders\n",
            "name 'orders' differs from the file's name",
            3),
        // references within the file
        unseen(
            order,
            "key: [id]",
            "key: [order_id]",
            "key names 'order_id', which is not a column",
            9),
        unseen(tenant, "nullable: false", "nullable: true", "key column 'slug' is nullable", 8),
        unseen(
            order,
            "tenant_column: tenant_id",
            "tenant_column: tenant",
            "tenant_column names 'tenant'",
            10),
        seen(
            tenant,
            "tenant_column: slug",
            "tenant_column: created_at\nmonth_of: created_at",
            "month_of has no meaning",
            10),
        seen(order, "month_of: created_at\n", "", "key 'month_of' is missing", 11),
        unseen(
            order,
            "month_of: created_at",
            "month_of: status",
            "'status' cannot partition by month",
            12),
        seen(order, "tenant_column: tenant_id\n", "", "key 'tenant_column' is missing", 5),
        seen(
            order,
            "scope: tenant",
            "scope: shared",
            "a tenant column contradicts scope shared",
            10),
        seen(
            order,
            "partition_by: tenant_and_month\nmonth_of: created_at",
            "partition_by: none",
            "cannot be partitioned so",
            11),
        unseen(order, "{name: status,", "{name: total,", "column 'total' occurs twice", 23),
        unseen(order, "{name: status,", "{name: id,", "column 'id' occurs twice", 18),
        unseen(tenant, "{name: plan,", "{name: tenant_id,", "the table has a column tenant_id", 9),
        seen(event, "{column: ip_address", "{column: _op", "column '_op' is reserved", 24),
        // between tables
        unseen(
            order, "aliases: [orders]", "aliases: [event]", "alias 'event' is already a name", 4),
        unseen(
            order,
            "table: core_order",
            "table: core_event",
            "source table 'core_event' is already described",
            8),
        // metrics
        unseen(
            revenue,
            "inputs: [silver.order]",
            "inputs: [silver.orders]",
            "'silver.orders' is an alias",
            8),
        unseen(
            revenue,
            "inputs: [silver.order]",
            "inputs: [silver.sales]",
            "there is no dataset 'silver.sales'",
            8),
        unseen(
            revenue,
            "inputs: [silver.order]",
            "inputs: [silver.sales]",
            "the SQL reads silver.order, which inputs does not name",
            25),
        seen(
            revenue, "inputs: [silver.order]", "inputs: [order]", "there is no dataset 'order'", 8),
        unseen(
            revenue,
            "inputs: [silver.order]",
            "inputs: [silver.order, silver.event]",
            "the SQL does not read 'silver.event'",
            8),
        unseen(
            revenue, "grain: [tenant_id, dt]", "grain: [tenant_id, day]", "grain names 'day'", 7),
        unseen(
            revenue,
            "grain: [tenant_id, dt]",
            "grain: [dt]",
            "the grain lacks the tenant column",
            7),
        unseen(
            revenue,
            "nullable: false",
            "nullable: true",
            "grain column 'tenant_id' is nullable",
            7),
        unseen(
            funnel,
            "partition_by: [tenant_id, dt_month]",
            "partition_by: [tenant_id, month]",
            "partition_by names 'month'",
            12),
        unseen(
            funnel,
            "partition_by: [tenant_id, dt_month]",
            "partition_by: [dt_month, tenant_id]",
            "not partitioned by its tenant column first",
            12),
        seen(
            funnel,
            "partition_by: [tenant_id, dt_month]\n",
            "",
            "not partitioned by its tenant column first",
            3),
        unseen(revenue, "time_columns: [dt]", "time_columns: [day]", "time_columns names 'day'", 9),
        seen(mrr, "clock: utc_day", "clock: daily", "clock 'daily' is unknown", 10),
        unseen(
            mrr,
            "clock: utc_day",
            "clock: none",
            "the SQL uses ${as_of_date}, but clock is none",
            10),
        unseen(
            mrr,
            "${as_of_date}",
            "current_date",
            "the SQL asks for the present time (current_date)",
            30),
        unseen(mrr, "${as_of_date}", "${today}", "unknown token ${today}", 30),
        unseen(
            revenue,
            "FROM silver.order\n",
            "FROM silver.order;\n",
            "the SQL contains a semicolon",
            25),
        // keys of incremental runs
        unseen(
            revenue,
            "by: [tenant_id, dt]",
            "by: [tenant_id, day]",
            "by names 'day', which is no column of the grain",
            14),
        seen(revenue, "  by: [tenant_id, dt]\n", "", "key 'by' is missing", 14),
        unseen(
            revenue,
            "    silver.order: {",
            "    silver.orders: {",
            "'silver.orders' is no input",
            16),
        unseen(
            revenue,
            "    silver.order: {",
            "    silver.orders: {",
            "incremental says nothing of input 'silver.order'",
            16),
        unseen(
            revenue,
            ", dt: to_date(order_date)}}",
            "}}",
            "nothing tells dt of a changed row of silver.order",
            16),
        unseen(
            revenue,
            ", dt: to_date(order_date)}}",
            ", day: to_date(order_date)}}",
            "'day' is no column of by",
            16),
        unseen(
            revenue,
            ", dt: to_date(order_date)}}",
            "}, keys: SELECT 1}",
            "keys does not read the changed rows",
            16),
        unseen(
            revenue,
            ", dt: to_date(order_date)}}",
            "}, keys: SELECT tenant_id FROM changed JOIN silver.customer}",
            "keys reads silver.customer",
            16),
        unseen(
            revenue,
            "dt: to_date(order_date)}}",
            "dt: \"current_date - 1\"}}",
            "dt depends on the clock",
            16),
        unseen(
            revenue, "dt: to_date(order_date)}}", "dt: \"a; b\"}}", "dt contains a semicolon", 16),
        seen(revenue, "{columns: {tenant_id", "{column: {tenant_id", "unknown key 'column'", 16),
        seen(revenue, "dt: to_date(order_date)}}", "dt: 1}}", "dt is not a text", 16),
        // histories
        unseen(order, "  columns: [status]\n", "  columns: [state]\n", "history names 'state'", 37),
        unseen(
            order,
            "  columns: [status]\n",
            "  columns: [status, tenant_id]\n",
            "column 'tenant_id' is part of every version anyway",
            37),
        unseen(
            event,
            "tenant_column: tenant_id\n",
            "tenant_column: tenant_id\nhistory: {columns: [ip_address]}\n",
            "column 'ip_address' is replaced by a derivation",
            10),
        seen(order, "  columns: [status]\n", "", "key 'columns' is missing", 37),
        unseen(
            order,
            "  columns: [status]\n",
            "  columns: [status]\n  began: total\n",
            "'total' cannot say when a row began",
            38),
        unseen(
            order,
            "  columns: [status]\n",
            "  columns: [status]\n  began: born_at\n",
            "began names 'born_at', which is not a column",
            38),
        unseen(
            order,
            "    column: status\n",
            "    column: currency\n",
            "transitions names 'currency', which is not a column",
            39),
        unseen(
            order,
            "      pending: [paid, cancelled]\n",
            "      pending: [payed, cancelled]\n",
            "'payed' is no state of its own",
            41),
        seen(order, "    column: status\n", "", "key 'column' is missing", 39),
        seen(order, "  transitions:\n", "  machine:\n", "unknown key 'machine'", 38),
        // derived tables
        unseen(
            "derived/session.sql",
            "inputs: [silver.event]",
            "inputs: [gold.funnel_metrics]",
            "a derived table of Silver reads Gold",
            8),
        // saved queries
        unseen(
            query,
            "workgroup: analytics-team",
            "workgroup: everyone",
            "there is no workgroup 'everyone'",
            7),
        unseen(query, "workgroup: analytics-team", "workgroup: primary", "", 0),
        unseen(
            query,
            "inputs: [gold.funnel_metrics]",
            "inputs: [gold.funnel]",
            "there is no table 'gold.funnel'",
            8),
        seen(query, "title: Event funnel analysis\n", "", "key 'title' is missing", 3),
        unseen(
            "queries/product_performance.sql",
            "gold.product_performance",
            "silver.product",
            "no persona of workgroup analytics-team may read silver.product",
            8),
        // governance
        unseen(
            governance,
            "name: DataEngineer",
            "name: DataAnalyst",
            "persona 'DataAnalyst' occurs twice",
            19),
        seen(
            governance,
            "schemas: [bronze, silver, gold]",
            "schemas: [raw]",
            "'raw' is not a layer",
            9),
        seen(governance, "rows: all", "rows: some", "rows 'some' is unknown", 10),
        seen(governance, "pii: true", "pii: maybe", "pii is not true or false", 11),
        unseen(
            governance,
            "personas: [DataEngineer]",
            "personas: [Engineer]",
            "there is no persona 'Engineer'",
            45),
        unseen(
            governance,
            "{table: silver.order,",
            "{table: silver.sales,",
            "there is no table 'silver.sales'",
            49),
        unseen(
            governance,
            "columns: [notes]",
            "columns: [remarks]",
            "silver.order names 'remarks', which is not a column",
            49),
        unseen(
            governance,
            "tier: midmarket",
            "tier: enterprise",
            "tier 'enterprise' has two filters",
            33),
        seen(
            governance,
            "tenants: [tenant-1, tenant-2]",
            "tenants: []",
            "tenants has 0 entries",
            32),
        seen(
            governance,
            "tenants: [tenant-1, tenant-2]",
            "tenants: [1, 2]",
            "tenants is not a text",
            32));
  }

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("examples")
  void shouldBeReportedWhereItIs(Broken broken) {
    Path lakehouse = LakehouseFixture.write(directory, breakIt(broken));
    if (broken.message().isEmpty()) {
      LakehouseLoader.load(lakehouse);
      return;
    }
    LakehouseException thrown =
        catchThrowableOfType(LakehouseException.class, () -> LakehouseLoader.load(lakehouse));
    assertThat(thrown).as("loading").isNotNull();
    assertThat(thrown.problems())
        .anySatisfy(
            problem -> {
              assertThat(problem.file()).isEqualTo(broken.file());
              assertThat(problem.message()).contains(broken.message());
              assertThat(problem.line()).isEqualTo(broken.line());
              assertThat(problem.remedy()).endsWith(".").hasSizeGreaterThan(5);
            })
        .isSorted();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void editorShouldSeeWhatItsSchemaCanSay(Broken broken) {
    String content = breakIt(broken).get(broken.file());
    assertThat(EditorSchemas.problems(broken.file(), content).isEmpty())
        .as("accepted by the schema")
        .isEqualTo(broken.editor() == Editor.CANNOT_SEE);
  }

  @ParameterizedTest
  @MethodSource("shippedFiles")
  void shippedFilesShouldMeetTheirSchemaAndNameIt(String file) {
    String content = LakehouseFixture.shipped().get(file);
    assertThat(EditorSchemas.problems(file, content)).isEmpty();
    String reference =
        (file.contains("/") ? "../" : "")
            + "schema/"
            + LakehouseFixture.schemaOf(file)
            + ".schema.json";
    assertThat(content).contains("# yaml-language-server: $schema=" + reference + "\n");
  }

  static Stream<String> shippedFiles() {
    return LakehouseFixture.shipped().keySet().stream();
  }

  @Test
  void shouldReportAllProblemsAtOnce() {
    Map<String, String> files = LakehouseFixture.shipped();
    files.merge(
        "tables/order.yaml", "scope: tenant", (text, find) -> text.replace(find, "scope: x"));
    files.merge("tables/event.yaml", "key: [id]", (text, find) -> text.replace(find, "key: [ids]"));
    files.put("metrics/extra.sql", "SELECT 1");
    files.put("queries/extra.sql", "SELECT 1");
    files.put("tables/notes.txt", "remember");
    files.remove("governance.yaml");
    LakehouseException thrown =
        catchThrowableOfType(
            LakehouseException.class,
            () -> LakehouseLoader.load(LakehouseFixture.write(directory, files)));
    assertThat(thrown.problems())
        .extracting(Problem::file)
        .containsExactly(
            "governance.yaml",
            "metrics/extra.sql",
            "queries/extra.sql",
            "tables/event.yaml",
            "tables/notes.txt",
            "tables/order.yaml");
    assertThat(thrown)
        .hasMessageContaining("6 problems")
        .hasMessageContaining("tables/order.yaml:5");
  }

  @Test
  void aDerivedTableShouldHaveANameOfItsOwn() {
    Map<String, String> files = LakehouseFixture.shipped();
    files.put(
        "derived/orders.sql",
        files.get("derived/session.sql").replace("name: session\n", "name: orders\n"));
    assertThatThrownBy(() -> LakehouseLoader.load(LakehouseFixture.write(directory, files)))
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining(
            "derived/orders.sql:4: 'orders' is already a name of a table in tables/order.yaml");
    files.remove("derived/orders.sql");
    files.put(
        "derived/order_history.sql",
        files.get("derived/session.sql").replace("name: session\n", "name: order_history\n"));
    assertThatThrownBy(
            () -> LakehouseLoader.load(LakehouseFixture.write(directory.resolve("history"), files)))
        .hasMessageContaining(
            "derived/order_history.sql:4: 'order_history' is already a name of a table in"
                + " tables/order.yaml");
  }

  @Test
  void shouldTellTheWayRoundACycle() {
    Map<String, String> files = LakehouseFixture.shipped();
    for (String[] pair :
        List.of(new String[] {"a", "b"}, new String[] {"b", "c"}, new String[] {"c", "a"})) {
      files.put(
          "metrics/" + pair[0] + ".sql",
          """
          ---
          version: 1
          name: %s
          scope: shared
          description: Part of a ring.
          grain: [x]
          inputs: [gold.%s]
          clock: none
          columns:
            - {name: x, type: bigint, nullable: false, description: Something.}
          ---
          SELECT x FROM gold.%s
          """
              .formatted(pair[0], pair[1], pair[1]));
    }
    assertThatThrownBy(() -> LakehouseLoader.load(LakehouseFixture.write(directory, files)))
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining(
            "1 problem in the lakehouse description:\n"
                + "metrics/a.sql:7: metrics depend on each other: gold.a -> gold.b -> gold.c -> gold.a");
  }

  @Test
  void shouldRefuseAnchorsTagsDocumentsAndDepth() {
    Map<String, String> yaml =
        Map.of(
            "key: &k [id]",
            "anchors and aliases are not allowed",
            "key: !!seq [id]",
            "YAML tags are not allowed",
            "key: [id]\n---\nversion: 1",
            "a second YAML document starts here",
            "key: " + "[".repeat(5000) + "id" + "]".repeat(5000),
            "nested more than 12 deep",
            "key: [id",
            "not valid YAML");
    yaml.forEach(
        (replacement, message) -> {
          Map<String, String> files = LakehouseFixture.shipped();
          files.merge(
              "tables/order.yaml", "key: [id]", (text, find) -> text.replace(find, replacement));
          assertThatThrownBy(() -> LakehouseLoader.load(LakehouseFixture.write(directory, files)))
              .isInstanceOf(LakehouseException.class)
              .hasMessageContaining("tables/order.yaml:")
              .hasMessageContaining(message);
        });
  }

  @Test
  void shouldBoundWhatItReads() throws IOException {
    LakehouseFixture.write(directory, LakehouseFixture.shipped());
    Files.writeString(directory.resolve("tables/order.yaml"), "#".repeat(300_000));
    Files.write(directory.resolve("tables/event.yaml"), new byte[] {(byte) 0xC3, 0x28});
    assertThatThrownBy(() -> LakehouseLoader.load(directory))
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("tables/order.yaml: larger than 262144 bytes")
        .hasMessageContaining("tables/event.yaml: not UTF-8 text");
  }

  @Test
  void shouldSayThatThereIsNoDirectory() {
    assertThatThrownBy(() -> LakehouseLoader.load(directory.resolve("nowhere")))
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("there is no directory");
  }

  private static Map<String, String> breakIt(Broken broken) {
    Map<String, String> files = LakehouseFixture.shipped();
    String text = files.get(broken.file());
    int at = text.indexOf(broken.find());
    assertThat(at).as("'" + broken.find() + "' in " + broken.file()).isNotNegative();
    files.put(
        broken.file(),
        text.substring(0, at) + broken.replace() + text.substring(at + broken.find().length()));
    return files;
  }
}
