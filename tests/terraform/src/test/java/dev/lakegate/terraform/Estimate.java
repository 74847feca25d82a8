package dev.lakegate.terraform;

import dev.lakegate.terraform.Plan.Resource;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a plan costs a month: a line for everything that is priced, reckoned from the plan's own
 * sizes and, where the plan cannot know, from the profile's assumed usage. Every type of resource
 * is either priced here or named as free; a new one fails until somebody has decided.
 */
final class Estimate {
  /** What AWS does not charge for, or charges elsewhere. */
  static final Set<String> FREE =
      Set.of(
          "aws_appautoscaling_policy",
          "aws_appautoscaling_target",
          "aws_athena_named_query",
          "aws_budgets_budget",
          "aws_ce_anomaly_monitor",
          "aws_ce_anomaly_subscription",
          "aws_cloudwatch_event_rule",
          "aws_cloudwatch_event_target",
          "aws_db_parameter_group",
          "aws_db_subnet_group",
          "aws_default_security_group",
          "aws_dms_certificate",
          "aws_dms_endpoint",
          "aws_dms_event_subscription",
          "aws_dms_replication_subnet_group",
          "aws_dms_replication_task",
          "aws_dms_s3_endpoint",
          "aws_ecr_lifecycle_policy",
          "aws_ecs_cluster_capacity_providers",
          "aws_ecs_task_definition",
          "aws_glue_catalog_database",
          "aws_glue_catalog_table",
          "aws_glue_trigger",
          "aws_glue_workflow",
          "aws_iam_policy",
          "aws_iam_role",
          "aws_iam_role_policy",
          "aws_iam_role_policy_attachment",
          "aws_internet_gateway",
          "aws_kms_alias",
          "aws_lakeformation_data_cells_filter",
          "aws_lakeformation_data_lake_settings",
          "aws_lakeformation_permissions",
          "aws_lakeformation_resource",
          "aws_lb_listener",
          "aws_lb_listener_rule",
          "aws_lb_target_group",
          "aws_route",
          "aws_route_table",
          "aws_route_table_association",
          "aws_s3_bucket_lifecycle_configuration",
          "aws_s3_bucket_logging",
          "aws_s3_bucket_notification",
          "aws_s3_bucket_ownership_controls",
          "aws_s3_bucket_policy",
          "aws_s3_bucket_public_access_block",
          "aws_s3_bucket_server_side_encryption_configuration",
          "aws_s3_bucket_versioning",
          "aws_s3_object",
          "aws_security_group",
          "aws_service_discovery_service",
          "aws_sns_topic",
          "aws_sns_topic_policy",
          "aws_sns_topic_subscription",
          "aws_sqs_queue_policy",
          "aws_sqs_queue_redrive_allow_policy",
          "aws_subnet",
          "aws_vpc",
          "aws_vpc_security_group_egress_rule",
          "aws_vpc_security_group_ingress_rule");

  /**
   * A line of the table.
   *
   * @param resource type and name, or address, as it stands in the plan
   * @param reckoning how the sum comes about
   */
  record Line(String service, String resource, String reckoning, BigDecimal dollars) {}

  private final Plan plan;
  private final String profile;
  private final Prices prices;
  private final List<Line> lines = new ArrayList<>();

  private Estimate(Plan plan, String profile, Prices prices) {
    this.plan = plan;
    this.profile = profile;
    this.prices = prices;
  }

  static List<Line> of(Plan plan, String profile, Prices prices) {
    Estimate estimate = new Estimate(plan, profile, prices);
    estimate.capture();
    estimate.services();
    estimate.network();
    estimate.storage();
    estimate.processing();
    estimate.watching();
    return estimate.lines;
  }

  static BigDecimal total(List<Line> lines) {
    return lines.stream().map(Line::dollars).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private void capture() {
    plan.resources("aws_dms_replication_instance")
        .forEach(
            instance -> {
              int zones = instance.values().path("multi_az").asBoolean() ? 2 : 1;
              String type = instance.text("replication_instance_class");
              add("DMS", instance, type + inZones(zones), monthly(type, zones));
              long storage = instance.values().path("allocated_storage").asLong();
              add(
                  "DMS",
                  instance,
                  storage + " GB" + inZones(zones),
                  times("dms_storage", storage * zones));
            });
    plan.resources("aws_dms_replication_config")
        .forEach(
            config -> {
              int zones = config.values().at("/compute_config/0/multi_az").asBoolean() ? 2 : 1;
              long units = config.values().at("/compute_config/0/min_capacity_units").asLong();
              add(
                  "DMS",
                  config,
                  "serverless, " + units + " DCU" + inZones(zones),
                  monthly("dms_serverless_dcu", units * zones));
            });
  }

  private void services() {
    plan.resources("aws_ecs_service")
        .forEach(
            service -> {
              Resource task = plan.sibling(service, "aws_ecs_task_definition").orElseThrow();
              long replicas = service.values().path("desired_count").asLong();
              BigDecimal cpu = new BigDecimal(task.text("cpu")).divide(BigDecimal.valueOf(1024));
              BigDecimal gb = new BigDecimal(task.text("memory")).divide(BigDecimal.valueOf(1024));
              boolean spot =
                  service
                      .values()
                      .at("/capacity_provider_strategy/0/capacity_provider")
                      .asText()
                      .equals("FARGATE_SPOT");
              BigDecimal hourly =
                  prices
                      .of("fargate_arm_vcpu")
                      .multiply(cpu)
                      .add(prices.of("fargate_arm_gb").multiply(gb));
              if (spot) {
                hourly = hourly.multiply(prices.of("fargate_spot_share"));
              }
              add(
                  "ECS",
                  service,
                  replicas
                      + " x "
                      + cpu.toPlainString()
                      + " vCPU, "
                      + gb.toPlainString()
                      + " GB, arm64"
                      + (spot ? ", spot" : ""),
                  hourly.multiply(prices.hours()).multiply(BigDecimal.valueOf(replicas)));
              if (service.values().at("/network_configuration/0/assign_public_ip").asBoolean()) {
                add("VPC", service, replicas + " public IPv4", monthly("public_ipv4", replicas));
              }
            });
    plan.resources("aws_ecs_cluster")
        .forEach(
            cluster ->
                usage(
                    "ECS",
                    cluster,
                    "Container Insights, metrics",
                    "custom_metric",
                    "insights_metrics"));
    once(
        "aws_ecr_repository",
        "ECR",
        "GB of images in all repositories",
        "ecr_storage",
        "images_gb");
    plan.resources("aws_lb")
        .forEach(
            balancer -> {
              add("Load balancer", balancer, "all the time", monthly("alb", 1));
              BigDecimal units = prices.usage(profile, "load_balancer_lcu");
              add(
                  "Load balancer",
                  balancer,
                  units.toPlainString() + " LCU on average",
                  prices.of("alb_lcu").multiply(units).multiply(prices.hours()));
              if (!balancer.values().path("internal").asBoolean()) {
                long zones =
                    plan.resources("aws_subnet")
                        .filter(subnet -> subnet.name().equals("public"))
                        .count();
                add("VPC", balancer, zones + " public IPv4", monthly("public_ipv4", zones));
              }
            });
    plan.resources("aws_db_instance")
        .forEach(
            database -> {
              int zones = database.values().path("multi_az").asBoolean() ? 2 : 1;
              String type = database.text("instance_class");
              add("RDS", database, type + inZones(zones), monthly(type, zones));
              long storage = database.values().path("allocated_storage").asLong();
              add(
                  "RDS",
                  database,
                  storage + " GB gp3" + inZones(zones),
                  times("rds_gp3", storage * zones));
              if (database.values().path("manage_master_user_password").asBoolean()) {
                add("Secrets Manager", database, "master password", times("secret", 1));
              }
            });
    counted("aws_secretsmanager_secret", "Secrets Manager", "secret");
    counted("aws_service_discovery_private_dns_namespace", "Route 53", "hosted_zone");
  }

  private void network() {
    plan.resources("aws_nat_gateway")
        .forEach(gateway -> add("VPC", gateway, "all the time", monthly("nat_gateway", 1)));
    once("aws_nat_gateway", "VPC", "GB through all NAT gateways", "nat_data", "nat_gb");
    plan.resources("aws_eip")
        .forEach(address -> add("VPC", address, "public IPv4", monthly("public_ipv4", 1)));
    long zones = plan.given("interface_endpoint_zones").asLong(1);
    plan.resources("aws_vpc_endpoint")
        .forEach(
            endpoint -> {
              boolean free = endpoint.text("vpc_endpoint_type").equals("Gateway");
              add(
                  "VPC",
                  endpoint,
                  free ? "gateway endpoint, free" : "interface endpoint" + inZones((int) zones),
                  free ? BigDecimal.ZERO : monthly("interface_endpoint", zones));
            });
    once("aws_flow_log", "VPC", "GB of flow logs", "logs_ingested", "flow_logs_gb");
  }

  private void storage() {
    once("aws_s3_bucket", "S3", "GB in all buckets", "s3_standard", "lake_gb");
    once("aws_s3_bucket", "S3", "thousand writes", "s3_write_requests", "s3_write_thousands");
    once("aws_s3_bucket", "S3", "thousand reads", "s3_read_requests", "s3_read_thousands");
  }

  private void processing() {
    once("aws_glue_job", "Glue", "DPU-hours of all jobs", "glue_dpu", "glue_dpu_hours");
    plan.resources("aws_glue_crawler")
        .findFirst()
        .ifPresent(
            crawler -> {
              BigDecimal runs = prices.usage(profile, "crawler_runs");
              // Ten minutes at the least, two DPU.
              BigDecimal hours = runs.divide(BigDecimal.valueOf(3), 4, RoundingMode.HALF_UP);
              lines.add(
                  new Line(
                      "Glue",
                      "aws_glue_crawler." + crawler.name(),
                      runs.toPlainString() + " runs on demand, 10 minutes, 2 DPU",
                      round(prices.of("glue_dpu").multiply(hours))));
            });
    once(
        "aws_athena_workgroup", "Athena", "TB scanned in all workgroups", "athena_tb", "athena_tb");
    once(
        "aws_sqs_queue",
        "SQS",
        "million requests to all queues",
        "sqs_requests",
        "sqs_requests_millions");
  }

  private void watching() {
    counted("aws_kms_key", "KMS", "kms_key");
    counted("aws_cloudwatch_metric_alarm", "CloudWatch", "alarm");
    long dashboards = plan.resources("aws_cloudwatch_dashboard").count();
    plan.resources("aws_cloudwatch_dashboard")
        .findFirst()
        .ifPresent(
            dashboard ->
                lines.add(
                    new Line(
                        "CloudWatch",
                        "aws_cloudwatch_dashboard." + dashboard.name(),
                        dashboards + ", three are free",
                        round(times("dashboard", Math.max(0, dashboards - 3))))));
    once(
        "aws_cloudwatch_log_group",
        "CloudWatch",
        "GB into all log groups",
        "logs_ingested",
        "logs_gb");
    once(
        "aws_cloudwatch_metric_alarm",
        "CloudWatch",
        "metrics of the services' own",
        "custom_metric",
        "custom_metrics");
    plan.resources("aws_cloudtrail")
        .forEach(
            trail -> {
              BigDecimal thousands = prices.usage(profile, "trail_data_events_thousands");
              add(
                  "CloudTrail",
                  trail,
                  thousands.toPlainString() + " thousand data events",
                  prices
                      .of("trail_data_events")
                      .multiply(thousands)
                      .divide(BigDecimal.valueOf(100), 4, RoundingMode.HALF_UP));
            });
  }

  // ---------------------------------------------------------------- reckoning

  /** So many of one kind at a price each. */
  private void counted(String type, String service, String price) {
    long count = plan.resources(type).count();
    plan.resources(type)
        .map(Resource::name)
        .distinct()
        .forEach(
            name -> {
              long each =
                  plan.resources(type).filter(resource -> resource.name().equals(name)).count();
              lines.add(
                  new Line(
                      service,
                      type + "." + name,
                      each + " of " + count,
                      round(times(price, each))));
            });
  }

  /** Usage of all resources of a type together. */
  private void once(String type, String service, String unit, String price, String usage) {
    plan.resources(type)
        .findFirst()
        .ifPresent(
            resource ->
                lines.add(
                    new Line(
                        service,
                        type + "." + resource.name(),
                        prices.usage(profile, usage).toPlainString() + " " + unit,
                        round(prices.of(price).multiply(prices.usage(profile, usage))))));
  }

  private void usage(String service, Resource resource, String unit, String price, String usage) {
    add(
        service,
        resource,
        prices.usage(profile, usage).toPlainString() + " " + unit,
        prices.of(price).multiply(prices.usage(profile, usage)));
  }

  private void add(String service, Resource resource, String reckoning, BigDecimal dollars) {
    String address = resource.shortAddress();
    lines.add(
        new Line(service, address.substring(address.indexOf("aws_")), reckoning, round(dollars)));
  }

  private BigDecimal monthly(String price, long quantity) {
    return times(price, quantity).multiply(prices.hours());
  }

  private BigDecimal times(String price, long quantity) {
    return prices.of(price).multiply(BigDecimal.valueOf(quantity));
  }

  private static BigDecimal round(BigDecimal dollars) {
    return dollars.setScale(2, RoundingMode.HALF_UP);
  }

  private static String inZones(int zones) {
    return zones == 1 ? "" : " in " + zones + " zones";
  }
}
