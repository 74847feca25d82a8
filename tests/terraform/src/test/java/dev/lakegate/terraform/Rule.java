package dev.lakegate.terraform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.terraform.Plan.Resource;
import dev.lakegate.terraform.PolicyDocument.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What every plan must keep. A rule gives one sentence a violation, with the resource's address;
 * what it cannot judge, because it is unknown before applying, it counts as a violation unless the
 * value can only come from a resource of the same plan.
 */
enum Rule {
  /** What is stored is encrypted. */
  ENCRYPTED(
      plan ->
          Stream.of(
                  plan.resources("aws_s3_bucket")
                      .filter(
                          bucket ->
                              plan.sibling(
                                      bucket, "aws_s3_bucket_server_side_encryption_configuration")
                                  .isEmpty())
                      .map(bucket -> bucket.address() + " has no encryption configuration"),
                  plan.resources("aws_db_instance")
                      .filter(database -> !database.values().path("storage_encrypted").asBoolean())
                      .map(database -> database.address() + " is not encrypted"),
                  plan.resources("aws_sqs_queue")
                      .filter(queue -> !queue.values().path("sqs_managed_sse_enabled").asBoolean())
                      .map(queue -> queue.address() + " is not encrypted"),
                  plan.resources("aws_sns_topic")
                      .filter(
                          topic ->
                              topic.text("kms_master_key_id").isEmpty()
                                  && !topic.isUnknown("kms_master_key_id"))
                      .map(topic -> topic.address() + " is not encrypted"),
                  plan.resources("aws_dms_s3_endpoint")
                      .filter(endpoint -> !endpoint.text("encryption_mode").startsWith("SSE_"))
                      .map(endpoint -> endpoint.address() + " does not say how it encrypts"),
                  plan.resources("aws_ecr_repository")
                      .filter(
                          repository ->
                              repository.values().path("encryption_configuration").isEmpty())
                      .map(repository -> repository.address() + " does not say how it encrypts"),
                  plan.resources("aws_athena_workgroup")
                      .filter(
                          workgroup ->
                              workgroup
                                  .values()
                                  .at(
                                      "/configuration/0/result_configuration/0/encryption_configuration/0/encryption_option")
                                  .asText()
                                  .isEmpty())
                      .map(workgroup -> workgroup.address() + " does not encrypt results"))
              .flatMap(Function.identity())
              .toList()),

  /** Nothing answers to the public, and no resource's policy lets everybody in. */
  NOT_PUBLIC(
      plan ->
          Stream.of(
                  plan.resources("aws_s3_bucket")
                      .filter(bucket -> !blocksPublicAccess(plan, bucket))
                      .map(
                          bucket ->
                              bucket.address() + " does not block public access in all four ways"),
                  Stream.of("aws_db_instance", "aws_dms_replication_instance")
                      .flatMap(plan::resources)
                      .filter(instance -> instance.values().path("publicly_accessible").asBoolean())
                      .map(instance -> instance.address() + " has a public address"),
                  plan.resources("aws_subnet")
                      .filter(subnet -> subnet.values().path("map_public_ip_on_launch").asBoolean())
                      .map(
                          subnet ->
                              subnet.address()
                                  + " gives public addresses to whatever starts in it"),
                  resourcePolicies(plan)
                      .filter(
                          policy ->
                              policy
                                  .document()
                                  .allowing()
                                  .anyMatch(
                                      statement ->
                                          statement.principals().stream()
                                              .anyMatch(p -> p.endsWith("*"))))
                      .map(policy -> policy.resource().address() + " lets everybody in"))
              .flatMap(Function.identity())
              .toList()),

  /** What moves is encrypted. */
  TLS_ONLY(
      plan ->
          Stream.of(
                  plan.resources("aws_s3_bucket")
                      .filter(
                          bucket ->
                              plan.sibling(bucket, "aws_s3_bucket_policy").stream()
                                  .noneMatch(policy -> deniesPlainText(policy.text("policy"))))
                      .map(bucket -> bucket.address() + " does not refuse plain text"),
                  Stream.of("aws_sqs_queue_policy", "aws_sns_topic_policy")
                      .flatMap(plan::resources)
                      .filter(policy -> !deniesPlainText(policy.text("policy")))
                      .map(policy -> policy.address() + " does not refuse plain text"),
                  plan.resources("aws_lb_listener")
                      .filter(
                          listener ->
                              listener.text("protocol").equals("HTTPS")
                                  ? !listener.text("ssl_policy").contains("TLS13-1-2")
                                  : !listener
                                      .values()
                                      .at("/default_action/0/type")
                                      .asText()
                                      .equals("redirect"))
                      .map(listener -> listener.address() + " serves without TLS 1.2"),
                  plan.resources("aws_db_parameter_group")
                      .filter(
                          group ->
                              group.values().path("parameter").findValuesAsText("name").stream()
                                  .noneMatch("rds.force_ssl"::equals))
                      .map(group -> group.address() + " does not force TLS"),
                  plan.resources("aws_dms_endpoint")
                      .filter(endpoint -> endpoint.text("ssl_mode").matches("|none"))
                      .map(endpoint -> endpoint.address() + " connects without TLS"))
              .flatMap(Function.identity())
              .toList()),

  /** Identities may do what is named, never a pattern of actions. */
  NO_WILDCARD_ACTIONS(
      plan ->
          identityPolicies(plan)
              .flatMap(
                  policy ->
                      policy.document().statements().stream()
                          .filter(
                              statement ->
                                  statement.negates()
                                      || (statement.allows()
                                          && statement.actions().stream()
                                              .anyMatch(a -> a.contains("*"))))
                          .map(
                              statement ->
                                  policy.resource().address()
                                      + " allows a pattern: "
                                      + statement.node()))
              .toList()),

  /** Identities act on what is named; everything only where AWS knows no resources. */
  NO_WILDCARD_RESOURCES(
      plan ->
          identityPolicies(plan)
              .flatMap(
                  policy ->
                      policy
                          .document()
                          .allowing()
                          .filter(statement -> statement.resources().contains("*"))
                          .filter(statement -> !needsEverything(statement))
                          .map(
                              statement ->
                                  policy.resource().address()
                                      + " acts on everything: "
                                      + statement.node()))
              .toList()),

  /** Whoever can be assumed says by whom. */
  NARROW_TRUST(
      plan ->
          plan.resources("aws_iam_role")
              .flatMap(
                  role -> {
                    if (role.isUnknown("assume_role_policy")) {
                      return Stream.of(
                          role.address() + " trusts somebody who is not known in a plan");
                    }
                    return PolicyDocument.parse(role.text("assume_role_policy"))
                        .allowing()
                        .flatMap(statement -> distrust(role, statement));
                  })
              .toList()),

  /** Roles are made with the boundary, in the tenants' folder. */
  BOUNDED_ROLES(
      plan ->
          identityPolicies(plan)
              .flatMap(
                  policy ->
                      policy
                          .document()
                          .allowing()
                          .filter(
                              statement ->
                                  statement.actions().stream()
                                      .anyMatch(
                                          Set.of("iam:CreateRole", "iam:PutRolePolicy")::contains))
                          .filter(
                              statement ->
                                  !statement
                                          .condition("StringEquals", "iam:PermissionsBoundary")
                                          .asText()
                                          .endsWith("-tenant-boundary")
                                      || statement.resources().stream()
                                          .anyMatch(r -> !r.contains("/tenants/")))
                          .map(
                              statement ->
                                  policy.resource().address()
                                      + " makes roles without the boundary: "
                                      + statement.node()))
              .toList()),

  /** No security group is open to the world. */
  NO_OPEN_SECURITY_GROUPS(
      plan ->
          Stream.of(
                  plan.resources("aws_vpc_security_group_ingress_rule")
                      .filter(
                          rule ->
                              isWorld(rule.text("cidr_ipv4")) || isWorld(rule.text("cidr_ipv6")))
                      .map(rule -> rule.address() + " lets the world in"),
                  plan.resources("aws_vpc_security_group_egress_rule")
                      .filter(
                          rule ->
                              isWorld(rule.text("cidr_ipv4")) || isWorld(rule.text("cidr_ipv6")))
                      .filter(rule -> rule.values().path("to_port").asInt() != 443)
                      .map(rule -> rule.address() + " lets out to the world what is not HTTPS"),
                  Stream.of("aws_security_group", "aws_default_security_group")
                      .flatMap(plan::resources)
                      .filter(
                          group ->
                              !group.values().path("ingress").isEmpty()
                                  || !group.values().path("egress").isEmpty())
                      .map(
                          group ->
                              group.address() + " has rules of its own, which are not looked at"),
                  plan.resources("aws_security_group_rule")
                      .map(
                          rule ->
                              rule.address()
                                  + " is a rule of the old kind, which is not looked at"))
              .flatMap(Function.identity())
              .toList()),

  /** A tenant's persona never gets a filter of several tenants, nor a whole table. */
  ONE_TENANT_A_FILTER(Rule::tenantsApart),

  /** Lake Formation is not bypassed. */
  GOVERNED(
      plan ->
          Stream.of(
                  plan.resources("aws_lakeformation_permissions")
                      .filter(
                          grant ->
                              grant.text("principal").contains("IAM_ALLOWED_PRINCIPALS")
                                  || grant.text("principal").contains("ALLIAMPrincipals"))
                      .map(grant -> grant.address() + " grants to everybody with IAM rights"),
                  plan.resources("aws_lakeformation_data_lake_settings")
                      .filter(
                          settings ->
                              Stream.of(
                                      "create_database_default_permissions",
                                      "create_table_default_permissions")
                                  .anyMatch(
                                      block ->
                                          settings.values().path(block).isEmpty()
                                              || !settings
                                                  .values()
                                                  .at("/" + block + "/0/permissions")
                                                  .isEmpty()))
                      .map(
                          settings ->
                              settings.address()
                                  + " grants new tables to everybody with IAM rights"),
                  plan.resources("aws_lakeformation_resource")
                      .filter(
                          resource ->
                              resource.values().path("hybrid_access_enabled").asBoolean(true))
                      .map(resource -> resource.address() + " is hybrid"),
                  plan.resources("aws_glue_catalog_database")
                      .filter(
                          database ->
                              database.values().path("create_table_default_permission").isEmpty()
                                  || !database
                                      .values()
                                      .at("/create_table_default_permission/0/permissions")
                                      .isEmpty())
                      .map(database -> database.address() + " grants new tables by default"),
                  identityPolicies(plan)
                      .filter(policy -> policy.resource().name().matches("reader|tenant_boundary"))
                      .filter(
                          policy ->
                              policy
                                  .document()
                                  .allowing()
                                  .filter(
                                      s ->
                                          s.actions().stream()
                                              .anyMatch(
                                                  a ->
                                                      a.startsWith("s3:Get")
                                                          && !a.equals("s3:GetBucketLocation")))
                                  .anyMatch(
                                      s ->
                                          s.resources().stream()
                                              .anyMatch(r -> !r.contains("-athena-results-"))))
                      .map(
                          policy ->
                              policy.resource().address() + " reads objects around Lake Formation"))
              .flatMap(Function.identity())
              .toList()),

  /** Workgroups enforce their settings, limit what is scanned, and keep results apart. */
  ENFORCED_WORKGROUPS(
      plan -> {
        List<String> violations = new ArrayList<>();
        Map<String, String> places = new HashMap<>();
        plan.resources("aws_athena_workgroup")
            .forEach(
                workgroup -> {
                  JsonNode configuration = workgroup.values().at("/configuration/0");
                  if (!configuration.path("enforce_workgroup_configuration").asBoolean()) {
                    violations.add(workgroup.address() + " does not enforce its settings");
                  }
                  long limit = configuration.path("bytes_scanned_cutoff_per_query").asLong();
                  if (limit <= 0 || limit >= 1L << 40) {
                    violations.add(workgroup.address() + " scans a terabyte a query or more");
                  }
                  String place =
                      configuration.at("/result_configuration/0/output_location").asText();
                  String other = places.putIfAbsent(place, workgroup.address());
                  if (place.isEmpty() || other != null) {
                    violations.add(workgroup.address() + " has no place of its own for results");
                  }
                });
        return violations;
      }),

  /** Logs end, and are kept for a while. */
  LOG_RETENTION(
      plan ->
          plan.resources("aws_cloudwatch_log_group")
              .filter(group -> group.values().path("retention_in_days").asInt() <= 0)
              .map(group -> group.address() + " keeps logs forever")
              .toList()),

  /** Everything that can carry tags says whose it is. */
  TAGS(
      plan ->
          plan.resources()
              .filter(resource -> resource.values().has("tags_all"))
              .flatMap(
                  resource ->
                      Stream.of("Project", "Environment", "ManagedBy")
                          .filter(
                              tag ->
                                  resource.values().path("tags_all").path(tag).asText().isEmpty())
                          .map(tag -> resource.address() + " has no tag " + tag))
              .toList()),

  /** Who read what can be told afterwards. */
  AUDITED(
      plan -> {
        List<Resource> trails = plan.resources("aws_cloudtrail").toList();
        List<String> violations = new ArrayList<>();
        String audited = "";
        for (Resource trail : trails) {
          if (!trail.values().path("enable_log_file_validation").asBoolean()
              || !trail.values().path("is_multi_region_trail").asBoolean()
              || !trail.values().path("enable_logging").asBoolean()) {
            violations.add(trail.address() + " is not complete or cannot be proven");
          }
          audited += trail.values().path("advanced_event_selector");
        }
        for (String purpose : List.of("bronze", "silver", "gold", "athena-results")) {
          if (!audited.contains("-" + purpose + "-")) {
            violations.add("no audit trail has the objects of " + purpose);
          }
        }
        plan.resources("aws_s3_bucket")
            .filter(bucket -> !bucket.index().equals("logs"))
            .filter(bucket -> plan.sibling(bucket, "aws_s3_bucket_logging").isEmpty())
            .forEach(bucket -> violations.add(bucket.address() + " does not log access"));
        return violations;
      }),

  /** Secrets are named, never told. */
  NO_SECRETS_IN_STATE(
      plan ->
          Stream.of(
                  Stream.of(
                          "aws_secretsmanager_secret_version",
                          "random_password",
                          "aws_iam_access_key")
                      .flatMap(plan::resources)
                      .map(secret -> secret.address() + " puts a secret into Terraform's state"),
                  Stream.of("aws_db_instance", "aws_dms_endpoint")
                      .flatMap(plan::resources)
                      .filter(resource -> !resource.text("password").isEmpty())
                      .map(resource -> resource.address() + " has a password in Terraform's state"))
              .flatMap(Function.identity())
              .toList()),

  /** Hudi and Athena find every object where they left it, and it can be brought back. */
  READABLE_LAKE(
      plan ->
          Stream.of(
                  plan.resources("aws_s3_bucket_lifecycle_configuration")
                      .filter(rules -> rules.index().matches("bronze|silver|gold"))
                      .filter(
                          rules ->
                              rules.values().path("rule").findValuesAsText("storage_class").stream()
                                      .anyMatch(storage -> storage.matches("GLACIER|DEEP_ARCHIVE"))
                                  || hasExpiration(rules))
                      .map(rules -> rules.address() + " takes objects of the lake away"),
                  plan.resources("aws_s3_bucket")
                      .filter(bucket -> bucket.index().matches("bronze|silver|gold|scripts"))
                      .filter(bucket -> plan.sibling(bucket, "aws_s3_bucket_versioning").isEmpty())
                      .map(bucket -> bucket.address() + " is not versioned"))
              .flatMap(Function.identity())
              .toList()),

  /** One writer a table, and one planner. */
  ONE_WRITER(
      plan ->
          Stream.of(
                  plan.resources("aws_glue_job")
                      .filter(
                          job ->
                              job.values().at("/execution_property/0/max_concurrent_runs").asInt()
                                      != 1
                                  || !job.text("glue_version").equals("4.0"))
                      .map(job -> job.address() + " may run twice at a time, or on another Glue"),
                  plan.resources("aws_ecs_service")
                      .filter(
                          service -> service.index().matches("ingest-service|transform-service"))
                      .filter(
                          service ->
                              service.values().path("desired_count").asInt() != 1
                                  || service.values().path("deployment_maximum_percent").asInt()
                                      != 100)
                      .map(service -> service.address() + " may run twice at a time"))
              .flatMap(Function.identity())
              .toList()),

  /** A bad deployment goes back by itself, and nobody gets a shell. */
  SAFE_DEPLOYMENTS(
      plan ->
          plan.resources("aws_ecs_service")
              .filter(
                  service ->
                      !service.values().at("/deployment_circuit_breaker/0/rollback").asBoolean()
                          || service.values().path("enable_execute_command").asBoolean())
              .map(service -> service.address() + " does not roll back, or gives a shell")
              .toList());

  /**
   * Actions for which IAM knows no resources, by the service authorisation reference. What they
   * reach is decided by other means: Lake Formation's grants, a namespace, a tag.
   */
  private static final Set<String> WITHOUT_RESOURCES =
      Set.of(
          "cloudwatch:GetMetricData",
          "ecr:GetAuthorizationToken",
          "lakeformation:GetDataAccess",
          "lakeformation:GrantPermissions",
          "lakeformation:RevokePermissions",
          "lakeformation:BatchGrantPermissions",
          "lakeformation:BatchRevokePermissions",
          "lakeformation:ListPermissions",
          "lakeformation:GetEffectivePermissionsForPath",
          "lakeformation:CreateDataCellsFilter",
          "lakeformation:UpdateDataCellsFilter",
          "lakeformation:DeleteDataCellsFilter",
          "lakeformation:GetDataCellsFilter",
          "lakeformation:ListDataCellsFilter",
          "lakeformation:GetDataLakeSettings",
          "lakeformation:ListResources",
          "lakeformation:DescribeResource",
          "dms:DescribeReplicationTasks",
          "dms:DescribeReplicationInstances",
          "dms:DescribeReplications",
          "dms:DescribeReplicationConfigs",
          "dms:DescribeEndpoints",
          "dms:DescribeConnections",
          "dms:DescribeTableStatistics",
          "dms:DescribeReplicationTableStatistics");

  private static final Pattern TENANTS =
      Pattern.compile(
          "^[a-z_][a-z0-9_]* (?:= '(?:[^']|'')+'|IN \\((?<list>'(?:[^']|'')+'(?:, '(?:[^']|'')+')*)\\))$");

  private final Function<Plan, List<String>> judge;

  Rule(Function<Plan, List<String>> judge) {
    this.judge = judge;
  }

  /** Violations, a sentence each; empty when the plan keeps the rule. */
  List<String> violations(Plan plan) {
    return judge.apply(plan);
  }

  private record Policy(Resource resource, PolicyDocument document) {}

  private static Stream<Policy> identityPolicies(Plan plan) {
    return Stream.of(
            "aws_iam_role_policy", "aws_iam_policy", "aws_iam_user_policy", "aws_iam_group_policy")
        .flatMap(plan::resources)
        .map(
            resource -> {
              if (resource.isUnknown("policy")) {
                throw new AssertionError(
                    resource.address()
                        + ": the policy is unknown in a plan, so that nobody can check it; write it"
                        + " with ARNs that follow from names");
              }
              return new Policy(resource, PolicyDocument.parse(resource.text("policy")));
            });
  }

  private static Stream<Policy> resourcePolicies(Plan plan) {
    return plan.resources()
        .filter(
            resource ->
                Set.of(
                        "aws_s3_bucket_policy",
                        "aws_sqs_queue_policy",
                        "aws_sns_topic_policy",
                        "aws_kms_key",
                        "aws_ecr_repository_policy",
                        "aws_secretsmanager_secret_policy",
                        "aws_vpc_endpoint")
                    .contains(resource.type()))
        .filter(resource -> !resource.text("policy").isEmpty())
        .map(resource -> new Policy(resource, PolicyDocument.parse(resource.text("policy"))));
  }

  private static boolean blocksPublicAccess(Plan plan, Resource bucket) {
    Optional<Resource> block = plan.sibling(bucket, "aws_s3_bucket_public_access_block");
    return block.isPresent()
        && Stream.of(
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets")
            .allMatch(setting -> block.get().values().path(setting).asBoolean());
  }

  private static boolean deniesPlainText(String policy) {
    return !policy.isEmpty()
        && PolicyDocument.parse(policy).statements().stream()
            .anyMatch(
                statement ->
                    !statement.allows()
                        && statement.principals().contains("*")
                        && statement
                            .condition("Bool", "aws:SecureTransport")
                            .asText()
                            .equals("false"));
  }

  private static boolean needsEverything(Statement statement) {
    if (statement.actions().equals(List.of("cloudwatch:PutMetricData"))) {
      return !statement.condition("StringEquals", "cloudwatch:namespace").isMissingNode();
    }
    return WITHOUT_RESOURCES.containsAll(statement.actions());
  }

  private static Stream<String> distrust(Resource role, Statement statement) {
    List<String> violations = new ArrayList<>();
    if (statement.negates() || statement.principals().stream().anyMatch(p -> p.endsWith("*"))) {
      violations.add(role.address() + " trusts everybody");
    }
    String path = role.text("path");
    if (path.matches(".*/(personas|tiers|tenants)/")) {
      boolean gateway =
          statement.principals().stream()
              .allMatch(p -> p.startsWith("AWS ") && p.endsWith("-query-gateway"));
      boolean named = statement.condition("Null", "sts:SourceIdentity").asText().equals("false");
      if (!gateway || !named) {
        violations.add(
            role.address() + " can be assumed by others than the gateway, or without a name");
      }
    } else if (statement.principals().stream().anyMatch(p -> p.startsWith("AWS "))) {
      violations.add(role.address() + " trusts an identity; only personas do");
    }
    return violations.stream();
  }

  private static boolean isWorld(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      return false;
    }
    int length = Integer.parseInt(cidr.substring(slash + 1));
    return cidr.contains(":") ? length < 16 : length < 8;
  }

  private static boolean hasExpiration(Resource rules) {
    for (JsonNode rule : rules.values().path("rule")) {
      for (JsonNode expiration : rule.path("expiration")) {
        if (expiration.path("days").asInt() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<String> tenantsApart(Plan plan) {
    Map<String, String> expressions = new HashMap<>();
    Map<String, String> tierOfFilter = new HashMap<>();
    List<String> violations = new ArrayList<>();
    plan.resources("aws_lakeformation_data_cells_filter")
        .forEach(
            filter -> {
              JsonNode table = filter.values().at("/table_data/0");
              String expression = table.at("/row_filter/0/filter_expression").asText();
              expressions.put(key(table), expression);
              if (!TENANTS.matcher(expression).matches()) {
                violations.add(
                    filter.address() + " does not filter by tenant alone: " + expression);
              }
            });
    Map<String, Set<String>> tenantsOfTier = new HashMap<>();
    plan.resources("aws_lakeformation_permissions")
        .forEach(
            grant -> {
              String principal = grant.text("principal");
              boolean tenant =
                  principal.contains("/tenants/") || principal.contains("TenantSpecificAnalyst");
              boolean tier = principal.contains("/tiers/");
              if (!tenant && !tier) {
                return;
              }
              JsonNode filter = grant.values().at("/data_cells_filter/0");
              boolean reads = grant.values().path("permissions").toString().contains("SELECT");
              if (filter.isMissingNode()) {
                if (reads && !isShared(plan, grant)) {
                  violations.add(grant.address() + " reads a table of tenants without a filter");
                }
                return;
              }
              String expression = expressions.get(key(filter));
              if (expression == null) {
                violations.add(grant.address() + " uses a filter that is not in the plan");
                return;
              }
              Set<String> tenants = tenants(expression);
              if (tenant && tenants.size() != 1) {
                violations.add(
                    grant.address()
                        + " shows a tenant's persona the rows of "
                        + String.join(", ", tenants));
              }
              if (tier) {
                Set<String> before = tenantsOfTier.putIfAbsent(principal, tenants);
                String other = tierOfFilter.putIfAbsent(filter.path("name").asText(), principal);
                if ((before != null && !before.equals(tenants))
                    || (other != null && !other.equals(principal))) {
                  violations.add(grant.address() + " shows a tier the rows of another");
                }
              }
            });
    return violations;
  }

  private static String key(JsonNode filter) {
    return filter.path("database_name").asText()
        + "."
        + filter.path("table_name").asText()
        + "#"
        + filter.path("name").asText();
  }

  /** A table without the tenants' filters is one that has no tenants. */
  private static boolean isShared(Plan plan, Resource grant) {
    JsonNode table = grant.values().at("/table_with_columns/0");
    if (table.isMissingNode()) {
      return false;
    }
    return plan.resources("aws_glue_catalog_table")
        .filter(t -> t.text("name").equals(table.path("name").asText()))
        .filter(t -> t.text("database_name").equals(table.path("database_name").asText()))
        .anyMatch(
            t -> !t.values().path("partition_keys").findValuesAsText("name").contains("tenant_id"));
  }

  private static Set<String> tenants(String expression) {
    Set<String> tenants = new TreeSet<>();
    Matcher value = Pattern.compile("'((?:[^']|'')+)'").matcher(expression);
    while (value.find()) {
      tenants.add(value.group(1));
    }
    return tenants;
  }
}
