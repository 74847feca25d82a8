package dev.lakegate.governance.lakeformation;

import dev.lakegate.model.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The documents of a tenant's role. Pure. */
final class RoleDocuments {
  private RoleDocuments() {}

  /**
   * @param layers that it may look at in the catalog
   */
  static Item.Role role(Estate estate, String tenant, Set<String> layers) {
    return new Item.Role(
        estate.roleName(tenant),
        Json.write(trust(estate, tenant)),
        estate.boundaryArn(),
        Json.write(policy(estate, tenant, layers)));
  }

  /**
   * The gateway alone, saying for whom it asks, and as no other tenant: the tag is what the
   * boundary goes by.
   */
  private static Map<String, Object> trust(Estate estate, String tenant) {
    return document(
        List.of(
            statement(
                "Gateway",
                List.of("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
                null,
                Map.of(
                    "Principal",
                    Map.of("AWS", estate.gatewayRoleArn()),
                    "Condition",
                    Map.of(
                        "StringEquals",
                        Map.of("aws:RequestTag/tenant", DesiredState.tag(tenant)),
                        "ForAllValues:StringEquals",
                        Map.of("aws:TagKeys", List.of("tenant")),
                        "Null",
                        Map.of("sts:SourceIdentity", "false"))))));
  }

  private static Map<String, Object> policy(Estate estate, String tenant, Set<String> layers) {
    String aws = "arn:" + estate.partition();
    String glue = aws + ":glue:" + estate.region() + ":" + estate.account() + ":";
    List<String> catalog = new ArrayList<>(List.of(glue + "catalog"));
    for (String layer : layers) {
      catalog.add(glue + "database/" + estate.database(layer));
      catalog.add(glue + "table/" + estate.database(layer) + "/*");
    }
    catalog.add(glue + "database/" + Estate.DEFAULT_DATABASE);
    String results = aws + ":s3:::" + estate.bucket();
    return document(
        List.of(
            statement(
                "Query",
                List.of(
                    "athena:StartQueryExecution",
                    "athena:GetQueryExecution",
                    "athena:GetQueryResults",
                    "athena:StopQueryExecution",
                    "athena:GetWorkGroup",
                    "athena:GetQueryRuntimeStatistics"),
                aws
                    + ":athena:"
                    + estate.region()
                    + ":"
                    + estate.account()
                    + ":workgroup/"
                    + estate.workgroup(tenant),
                Map.of()),
            statement(
                "Catalog",
                List.of(
                    "glue:GetDatabase",
                    "glue:GetDatabases",
                    "glue:GetTable",
                    "glue:GetTables",
                    "glue:GetPartition",
                    "glue:GetPartitions",
                    "glue:BatchGetPartition"),
                catalog,
                Map.of()),
            statement("Rows", List.of("lakeformation:GetDataAccess"), "*", Map.of()),
            statement("FindResults", List.of("s3:GetBucketLocation"), results, Map.of()),
            statement(
                "OwnResults",
                List.of(
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts"),
                results + "/tenants/" + DesiredState.tag(tenant) + "/*",
                Map.of())));
  }

  private static Map<String, Object> document(List<Map<String, Object>> statements) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Version", "2012-10-17");
    document.put("Statement", statements);
    return document;
  }

  private static Map<String, Object> statement(
      String sid, List<String> actions, Object resource, Map<String, Object> more) {
    Map<String, Object> statement = new LinkedHashMap<>();
    statement.put("Sid", sid);
    statement.put("Effect", "Allow");
    statement.put("Action", actions);
    if (resource != null) {
      statement.put("Resource", resource);
    }
    statement.putAll(more);
    return statement;
  }
}
