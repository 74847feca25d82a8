package dev.lakegate.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every plan keeps every rule, and every rule catches what it is for. */
class PolicyTest {

  @ParameterizedTest
  @EnumSource(Rule.class)
  void devKeeps(Rule rule) {
    assertThat(rule.violations(Plan.of("dev"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void prodKeeps(Rule rule) {
    assertThat(rule.violations(Plan.of("prod"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void theOwnEngineKeeps(Rule rule) {
    assertThat(rule.violations(Plan.of("dev", "capture_engine=lakegate"))).isEmpty();
  }

  /** A way to break a plan, and the rule that must notice. */
  record Break(Rule rule, String how, UnaryOperator<Plan> edit) {
    @Override
    public String toString() {
      return rule + ": " + how;
    }
  }

  static Stream<Break> breaks() {
    return Stream.of(
        // encryption
        new Break(
            Rule.ENCRYPTED,
            "a bucket without encryption",
            plan ->
                plan.without(
                    "aws_s3_bucket_server_side_encryption_configuration",
                    r -> r.index().equals("gold"))),
        new Break(
            Rule.ENCRYPTED,
            "a plain database",
            plan -> plan.with("aws_db_instance", r -> true, "/storage_encrypted", false)),
        new Break(
            Rule.ENCRYPTED,
            "a plain queue",
            plan ->
                plan.with(
                    "aws_sqs_queue",
                    r -> r.index().equals("landing"),
                    "/sqs_managed_sse_enabled",
                    false)),
        new Break(
            Rule.ENCRYPTED,
            "a plain topic",
            plan -> plan.plus("aws_sns_topic", "plain", Map.of("name", "plain"))),
        new Break(
            Rule.ENCRYPTED,
            "DMS that writes as it likes",
            plan -> plan.with("aws_dms_s3_endpoint", r -> true, "/encryption_mode", "")),
        new Break(
            Rule.ENCRYPTED,
            "plain results",
            plan ->
                plan.with(
                    "aws_athena_workgroup",
                    r -> r.index().equals("primary"),
                    "/configuration/0/result_configuration/0/encryption_configuration",
                    List.of())),
        new Break(
            Rule.ENCRYPTED,
            "plain images",
            plan ->
                plan.with(
                    "aws_ecr_repository",
                    r -> r.index().equals("query-gateway"),
                    "/encryption_configuration",
                    List.of())),
        // public
        new Break(
            Rule.NOT_PUBLIC,
            "a bucket without a block",
            plan ->
                plan.without("aws_s3_bucket_public_access_block", r -> r.index().equals("silver"))),
        new Break(
            Rule.NOT_PUBLIC,
            "a block with a hole",
            plan ->
                plan.with(
                    "aws_s3_bucket_public_access_block",
                    r -> r.index().equals("bronze"),
                    "/restrict_public_buckets",
                    false)),
        new Break(
            Rule.NOT_PUBLIC,
            "a public database",
            plan -> plan.with("aws_db_instance", r -> true, "/publicly_accessible", true)),
        new Break(
            Rule.NOT_PUBLIC,
            "a public replication instance",
            plan ->
                plan.with("aws_dms_replication_instance", r -> true, "/publicly_accessible", true)),
        new Break(
            Rule.NOT_PUBLIC,
            "public addresses for all",
            plan ->
                plan.with(
                    "aws_subnet",
                    r -> r.name().equals("public"),
                    "/map_public_ip_on_launch",
                    true)),
        new Break(
            Rule.NOT_PUBLIC,
            "a bucket for everybody",
            plan ->
                plan.withPolicy(
                    "aws_s3_bucket_policy",
                    r -> r.index().equals("gold"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Principal", "*")
                            .put("Action", "s3:GetObject"))),
        new Break(
            Rule.NOT_PUBLIC,
            "a queue for every account",
            plan ->
                plan.withPolicy(
                    "aws_sqs_queue_policy",
                    r -> true,
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "sqs:SendMessage")
                            .putObject("Principal")
                            .put("AWS", "*"))),
        // transport
        new Break(
            Rule.TLS_ONLY,
            "a bucket that takes plain text",
            plan ->
                plan.withPolicy(
                    "aws_s3_bucket_policy",
                    r -> r.index().equals("bronze"),
                    "policy",
                    policy -> policy.putArray("Statement"))),
        new Break(
            Rule.TLS_ONLY,
            "a queue that takes plain text",
            plan ->
                plan.withPolicy(
                    "aws_sqs_queue_policy",
                    r -> true,
                    "policy",
                    policy -> policy.withArray("Statement").remove(1))),
        new Break(
            Rule.TLS_ONLY,
            "old TLS",
            plan ->
                plan.with(
                    "aws_lb_listener",
                    r -> r.name().equals("https"),
                    "/ssl_policy",
                    "ELBSecurityPolicy-2016-08")),
        new Break(
            Rule.TLS_ONLY,
            "a gateway without TLS",
            plan ->
                plan.with(
                    "aws_lb_listener",
                    r -> r.name().equals("http"),
                    "/default_action/0/type",
                    "forward")),
        new Break(
            Rule.TLS_ONLY,
            "a database that takes plain text",
            plan -> plan.with("aws_db_parameter_group", r -> true, "/parameter", List.of())),
        new Break(
            Rule.TLS_ONLY,
            "a plain source",
            plan -> plan.with("aws_dms_endpoint", r -> true, "/ssl_mode", "none")),
        // identities
        new Break(
            Rule.NO_WILDCARD_ACTIONS,
            "all of S3",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.name().equals("glue_jobs"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "s3:*")
                            .put("Resource", "arn:aws:s3:::b"))),
        new Break(
            Rule.NO_WILDCARD_ACTIONS,
            "a pattern of reads in the boundary",
            plan ->
                plan.withPolicy(
                    "aws_iam_policy",
                    r -> true,
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "athena:Get*")
                            .put("Resource", "arn:aws:athena:::w"))),
        new Break(
            Rule.NO_WILDCARD_ACTIONS,
            "all but something",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("ingest-service"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("NotAction", "iam:CreateUser")
                            .put("Resource", "arn:aws:s3:::b"))),
        new Break(
            Rule.NO_WILDCARD_RESOURCES,
            "every object",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("DataAnalyst"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "s3:GetObject")
                            .put("Resource", "*"))),
        new Break(
            Rule.NO_WILDCARD_RESOURCES,
            "metrics of everybody",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("query-gateway") && r.name().equals("service"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .forEach(
                                s ->
                                    ((com.fasterxml.jackson.databind.node.ObjectNode) s)
                                        .remove("Condition")))),
        new Break(
            Rule.NARROW_TRUST,
            "a role for every account",
            plan ->
                plan.withPolicy(
                    "aws_iam_role",
                    r -> r.index().equals("ingest-service") && r.name().equals("service"),
                    "assume_role_policy",
                    policy ->
                        ((com.fasterxml.jackson.databind.node.ObjectNode) policy.at("/Statement/0"))
                            .putObject("Principal")
                            .put("AWS", "*"))),
        new Break(
            Rule.NARROW_TRUST,
            "a persona that the account may become",
            plan ->
                plan.withPolicy(
                    "aws_iam_role",
                    r -> r.index().equals("DataAnalyst"),
                    "assume_role_policy",
                    policy ->
                        ((com.fasterxml.jackson.databind.node.ObjectNode) policy.at("/Statement/0"))
                            .putObject("Principal")
                            .put("AWS", "arn:aws:iam::123456789012:root"))),
        new Break(
            Rule.NARROW_TRUST,
            "a persona without a name behind it",
            plan ->
                plan.withPolicy(
                    "aws_iam_role",
                    r -> r.index().equals("tier-small"),
                    "assume_role_policy",
                    policy ->
                        ((com.fasterxml.jackson.databind.node.ObjectNode) policy.at("/Statement/0"))
                            .remove("Condition"))),
        new Break(
            Rule.BOUNDED_ROLES,
            "roles without a boundary",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("governance-service") && r.name().equals("service"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .forEach(
                                s ->
                                    ((com.fasterxml.jackson.databind.node.ObjectNode) s)
                                        .remove("Condition")))),
        new Break(
            Rule.BOUNDED_ROLES,
            "roles anywhere",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("transform-service") && r.name().equals("service"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "iam:CreateRole")
                            .put("Resource", "arn:aws:iam::123456789012:role/any"))),
        // network
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "the gateway for the world",
            plan ->
                plan.with(
                    "aws_vpc_security_group_ingress_rule",
                    r -> r.name().equals("clients"),
                    "/cidr_ipv4",
                    "0.0.0.0/0")),
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "half of the world",
            plan ->
                plan.with(
                    "aws_vpc_security_group_ingress_rule",
                    r -> r.name().equals("clients"),
                    "/cidr_ipv4",
                    "128.0.0.0/1")),
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "the newer world",
            plan ->
                plan.with(
                    "aws_vpc_security_group_ingress_rule",
                    r -> r.name().equals("database_from_services"),
                    "/cidr_ipv6",
                    "::/0")),
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "every port out",
            plan ->
                plan.with(
                    "aws_vpc_security_group_egress_rule",
                    r -> r.name().equals("services_to_https"),
                    "/to_port",
                    65535)),
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "a rule inside a group",
            plan ->
                plan.with(
                    "aws_security_group",
                    r -> r.name().equals("services"),
                    "/ingress",
                    List.of(Map.of("cidr_blocks", List.of("0.0.0.0/0"))))),
        new Break(
            Rule.NO_OPEN_SECURITY_GROUPS,
            "a rule of the old kind",
            plan -> plan.plus("aws_security_group_rule", "old", Map.of("type", "ingress"))),
        // tenants
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a tenant's persona with a tier's filter",
            plan ->
                plan.with(
                    "aws_lakeformation_permissions",
                    r ->
                        r.name().equals("tier_rows")
                            && r.index().startsWith("tenant_filter_enterprise"),
                    "/principal",
                    "arn:aws:iam::123456789012:role/lakehouse-poc/tenants/lakehouse-poc-tenant-1")),
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a tenant's persona with a whole table",
            plan ->
                plan.with(
                    "aws_lakeformation_permissions",
                    r ->
                        r.name().equals("table")
                            && r.index().equals("DataAnalyst gold.revenue_metrics"),
                    "/principal",
                    "arn:aws:iam::123456789012:role/lakehouse-poc/personas/lakehouse-poc-TenantSpecificAnalyst")),
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a filter that lets all through",
            plan ->
                plan.with(
                    "aws_lakeformation_data_cells_filter",
                    r -> r.index().endsWith("gold.mrr_metrics"),
                    "/table_data/0/row_filter/0/filter_expression",
                    "tenant_id <> ''")),
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a filter with a back door",
            plan ->
                plan.with(
                    "aws_lakeformation_data_cells_filter",
                    r -> r.index().endsWith("gold.mrr_metrics"),
                    "/table_data/0/row_filter/0/filter_expression",
                    "tenant_id IN ('tenant-1') OR 1 = 1")),
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a tier with a whole table",
            plan ->
                plan.with(
                    "aws_lakeformation_permissions",
                    r ->
                        r.name().equals("table")
                            && r.index().equals("DataAnalyst gold.revenue_metrics"),
                    "/principal",
                    "arn:aws:iam::123456789012:role/lakehouse-poc/tiers/lakehouse-poc-tier-small")),
        new Break(
            Rule.ONE_TENANT_A_FILTER,
            "a tier with another's filter",
            plan ->
                plan.with(
                    "aws_lakeformation_permissions",
                    r ->
                        r.name().equals("tier_rows")
                            && r.index().equals("tenant_filter_small gold.mrr_metrics"),
                    "/principal",
                    "arn:aws:iam::123456789012:role/lakehouse-poc/tiers/lakehouse-poc-tier-enterprise")),
        // governance
        new Break(
            Rule.GOVERNED,
            "a grant to everybody",
            plan ->
                plan.with(
                    "aws_lakeformation_permissions",
                    r -> r.index().equals("DataAnalyst gold.mrr_metrics"),
                    "/principal",
                    "IAM_ALLOWED_PRINCIPALS")),
        new Break(
            Rule.GOVERNED,
            "a default for everybody",
            plan ->
                plan.with(
                    "aws_lakeformation_data_lake_settings",
                    r -> true,
                    "/create_table_default_permissions/0/permissions",
                    List.of("ALL"))),
        new Break(
            Rule.GOVERNED,
            "AWS's own default",
            plan ->
                plan.with(
                    "aws_lakeformation_data_lake_settings",
                    r -> true,
                    "/create_database_default_permissions",
                    List.of())),
        new Break(
            Rule.GOVERNED,
            "hybrid access",
            plan ->
                plan.with(
                    "aws_lakeformation_resource",
                    r -> r.index().equals("gold"),
                    "/hybrid_access_enabled",
                    true)),
        new Break(
            Rule.GOVERNED,
            "a database with a default",
            plan ->
                plan.with(
                    "aws_glue_catalog_database",
                    r -> r.index().equals("gold"),
                    "/create_table_default_permission",
                    List.of())),
        new Break(
            Rule.GOVERNED,
            "an analyst who reads files",
            plan ->
                plan.withPolicy(
                    "aws_iam_role_policy",
                    r -> r.index().equals("DataAnalyst"),
                    "policy",
                    policy ->
                        policy
                            .withArray("Statement")
                            .addObject()
                            .put("Effect", "Allow")
                            .put("Action", "s3:GetObject")
                            .put("Resource", "arn:aws:s3:::lakehouse-poc-gold-123456789012/*"))),
        // queries
        new Break(
            Rule.ENFORCED_WORKGROUPS,
            "settings to choose from",
            plan ->
                plan.with(
                    "aws_athena_workgroup",
                    r -> r.index().equals("analytics-team"),
                    "/configuration/0/enforce_workgroup_configuration",
                    false)),
        new Break(
            Rule.ENFORCED_WORKGROUPS,
            "no limit",
            plan ->
                plan.with(
                    "aws_athena_workgroup",
                    r -> r.index().equals("analytics-team"),
                    "/configuration/0/bytes_scanned_cutoff_per_query",
                    0)),
        new Break(
            Rule.ENFORCED_WORKGROUPS,
            "results in one place",
            plan ->
                plan.with(
                    "aws_athena_workgroup",
                    r -> true,
                    "/configuration/0/result_configuration/0/output_location",
                    "s3://r/")),
        // the rest
        new Break(
            Rule.LOG_RETENTION,
            "logs forever",
            plan ->
                plan.with(
                    "aws_cloudwatch_log_group",
                    r -> r.index().equals("query-gateway"),
                    "/retention_in_days",
                    0)),
        new Break(
            Rule.TAGS,
            "a bucket of nobody",
            plan ->
                plan.with(
                    "aws_s3_bucket",
                    r -> r.index().equals("gold"),
                    "/tags_all",
                    Map.of("ManagedBy", "Terraform"))),
        new Break(Rule.AUDITED, "no trail", plan -> plan.without("aws_cloudtrail", r -> true)),
        new Break(
            Rule.AUDITED,
            "a trail that proves nothing",
            plan -> plan.with("aws_cloudtrail", r -> true, "/enable_log_file_validation", false)),
        new Break(
            Rule.AUDITED,
            "a trail without objects",
            plan -> plan.with("aws_cloudtrail", r -> true, "/advanced_event_selector", List.of())),
        new Break(
            Rule.AUDITED,
            "a bucket without access logs",
            plan -> plan.without("aws_s3_bucket_logging", r -> r.index().equals("silver"))),
        new Break(
            Rule.NO_SECRETS_IN_STATE,
            "a secret's value",
            plan ->
                plan.plus(
                    "aws_secretsmanager_secret_version",
                    "told",
                    Map.of("secret_string", "hunter2"))),
        new Break(
            Rule.NO_SECRETS_IN_STATE,
            "a password of the source",
            plan -> plan.with("aws_dms_endpoint", r -> true, "/password", "hunter2")),
        new Break(
            Rule.READABLE_LAKE,
            "Gold in a glacier",
            plan ->
                plan.with(
                    "aws_s3_bucket_lifecycle_configuration",
                    r -> r.index().equals("gold"),
                    "/rule/1/transition/0/storage_class",
                    "GLACIER")),
        new Break(
            Rule.READABLE_LAKE,
            "Silver that expires",
            plan ->
                plan.with(
                    "aws_s3_bucket_lifecycle_configuration",
                    r -> r.index().equals("silver"),
                    "/rule/1/expiration",
                    List.of(Map.of("days", 30)))),
        new Break(
            Rule.READABLE_LAKE,
            "Bronze without a way back",
            plan -> plan.without("aws_s3_bucket_versioning", r -> r.index().equals("bronze"))),
        new Break(
            Rule.ONE_WRITER,
            "two runs of a job",
            plan ->
                plan.with(
                    "aws_glue_job",
                    r -> r.index().equals("silver.order"),
                    "/execution_property/0/max_concurrent_runs",
                    3)),
        new Break(
            Rule.ONE_WRITER,
            "another Glue",
            plan ->
                plan.with(
                    "aws_glue_job", r -> r.index().equals("silver.order"), "/glue_version", "5.0")),
        new Break(
            Rule.ONE_WRITER,
            "two writers of Bronze",
            plan ->
                plan.with(
                    "aws_ecs_service",
                    r -> r.index().equals("ingest-service"),
                    "/desired_count",
                    2)),
        new Break(
            Rule.ONE_WRITER,
            "two planners while deploying",
            plan ->
                plan.with(
                    "aws_ecs_service",
                    r -> r.index().equals("transform-service"),
                    "/deployment_maximum_percent",
                    200)),
        new Break(
            Rule.SAFE_DEPLOYMENTS,
            "no way back",
            plan ->
                plan.with(
                    "aws_ecs_service",
                    r -> r.index().equals("query-gateway"),
                    "/deployment_circuit_breaker/0/rollback",
                    false)),
        new Break(
            Rule.SAFE_DEPLOYMENTS,
            "a shell",
            plan ->
                plan.with(
                    "aws_ecs_service",
                    r -> r.index().equals("query-gateway"),
                    "/enable_execute_command",
                    true)));
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void aBrokenPlanIsCaught(Break broken) {
    Plan plan = Plan.of("dev");
    assertThat(broken.rule().violations(plan)).as("before").isEmpty();
    assertThat(broken.rule().violations(broken.edit().apply(plan))).as("after").isNotEmpty();
  }

  @Test
  void everyRuleIsProven() {
    assertThat(breaks().map(Break::rule).distinct().toList())
        .containsExactlyInAnyOrderElementsOf(Arrays.asList(Rule.values()));
  }

  /**
   * Least privilege, both ways: what a service calls is allowed, and what is allowed it calls, or
   * the documentation says what for. The service's own tests hold the calls against the same list.
   */
  @ParameterizedTest
  @ValueSource(strings = {"governance-service"})
  void aServicesRoleMayDoWhatTheServiceDoesAndNothingElse(String service) throws IOException {
    String page = Files.readString(Terraform.repository().resolve("docs/AWS.md"));
    String section = page.substring(page.indexOf("## " + service));
    section = section.substring(0, section.indexOf("\n## "));
    Set<String> documented = new TreeSet<>();
    Pattern.compile("(?m)^\\| (?:needs )?((?:`[a-z]+:[A-Z][A-Za-z]+`(?:, )?)+) \\|")
        .matcher(section)
        .results()
        .forEach(row -> documented.addAll(List.of(row.group(1).replace("`", "").split(", "))));
    Set<String> allowed = new TreeSet<>();
    Plan.of("dev")
        .resources("aws_iam_role_policy")
        .filter(r -> r.name().equals("service") && r.index().equals(service))
        .forEach(
            r ->
                PolicyDocument.parse(r.text("policy"))
                    .allowing()
                    .forEach(statement -> allowed.addAll(statement.actions())));
    assertThat(allowed).isNotEmpty().isEqualTo(documented);
  }
}
