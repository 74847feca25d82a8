package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.governance.lakeformation.Item.Role;
import dev.lakegate.governance.lakeformation.Item.Workgroup;
import dev.lakegate.kit.aws.AwsCalls;
import dev.lakegate.kit.aws.AwsFailure;
import dev.lakegate.model.lakeformation.RowFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import software.amazon.awssdk.services.athena.model.EncryptionOption;
import software.amazon.awssdk.services.lakeformation.model.AllRowsWildcard;
import software.amazon.awssdk.services.lakeformation.model.BatchPermissionsFailureEntry;
import software.amazon.awssdk.services.lakeformation.model.BatchPermissionsRequestEntry;
import software.amazon.awssdk.services.lakeformation.model.DataCellsFilter;
import software.amazon.awssdk.services.lakeformation.model.Resource;

/** Changes AWS. Each change may be made again: what is so already stays so. */
final class AwsLakeWriter implements LakePort {
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MILLIS = 2000;

  private final LakeClients clients;
  private final Estate estate;

  AwsLakeWriter(LakeClients clients, Estate estate) {
    this.clients = clients;
    this.estate = estate;
  }

  @Override
  public Map<String, String> perform(Step.Action action, List<Item> items) {
    Item item = items.get(0);
    switch (action) {
      case FORGET -> {}
      case GRANT -> {
        return grant(items);
      }
      case REVOKE -> {
        return revoke(items);
      }
      case CREATE_FILTER -> create((DataFilter) item);
      case NARROW_FILTER, CHANGE_FILTER -> update((DataFilter) item);
      case DELETE_FILTER -> delete((DataFilter) item);
      case CREATE_ROLE -> create((Role) item);
      case UPDATE_ROLE -> update((Role) item);
      case DELETE_ROLE -> delete((Role) item);
      case CREATE_WORKGROUP -> create((Workgroup) item);
      case UPDATE_WORKGROUP -> update((Workgroup) item);
      case DELETE_WORKGROUP -> delete((Workgroup) item);
    }
    return Map.of();
  }

  private static void unless(AwsFailure.Kind already, Runnable call) {
    try {
      call.run();
    } catch (AwsFailure e) {
      if (e.kind() != already && !(already == AwsFailure.Kind.NOT_FOUND && absent(e))) {
        throw e;
      }
    }
  }

  private static boolean absent(AwsFailure e) {
    return AwsLakeReader.isAbsence(e);
  }

  // A role that was just made is known to Lake Formation only after some seconds.
  private Map<String, String> grant(List<Item> items) {
    Map<String, String> errors = Map.of();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      List<BatchPermissionsRequestEntry> entries = entries(items);
      List<BatchPermissionsFailureEntry> failures =
          AwsCalls.await(
                  () ->
                      clients
                          .lake()
                          .batchGrantPermissions(
                              r -> r.catalogId(estate.account()).entries(entries)))
              .failures();
      errors = errors(items, failures, "\u0000");
      if (errors.values().stream().noneMatch(e -> e.contains("principal"))) {
        break;
      }
      pause();
    }
    return errors;
  }

  private Map<String, String> revoke(List<Item> items) {
    List<BatchPermissionsRequestEntry> entries = entries(items);
    return errors(
        items,
        AwsCalls.await(
                () ->
                    clients
                        .lake()
                        .batchRevokePermissions(
                            r -> r.catalogId(estate.account()).entries(entries)))
            .failures(),
        // What AWS says when it is revoked already.
        "No permissions revoked");
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Map<String, String> errors(
      List<Item> items, List<BatchPermissionsFailureEntry> failures, String harmless) {
    Map<String, String> errors = new HashMap<>();
    for (BatchPermissionsFailureEntry failure : failures) {
      String message =
          failure.error() == null
              ? "AWS does not say why"
              : failure.error().errorCode() + ": " + failure.error().errorMessage();
      if (!message.contains(harmless)) {
        errors.put(items.get(Integer.parseInt(failure.requestEntry().id())).key(), message);
      }
    }
    return errors;
  }

  private List<BatchPermissionsRequestEntry> entries(List<Item> items) {
    List<BatchPermissionsRequestEntry> entries = new ArrayList<>();
    for (Item item : items) {
      Grant grant = (Grant) item;
      entries.add(
          BatchPermissionsRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .principal(p -> p.dataLakePrincipalIdentifier(grant.principal()))
              .resource(resource(grant.on()))
              .permissionsWithStrings(grant.permission())
              .build());
    }
    return entries;
  }

  private Resource resource(Securable on) {
    String catalog = estate.account();
    if (on instanceof Securable.Database d) {
      return Resource.builder().database(b -> b.catalogId(catalog).name(d.name())).build();
    }
    if (on instanceof Securable.Columns c) {
      return Resource.builder()
          .tableWithColumns(
              b -> {
                b.catalogId(catalog).databaseName(c.database()).name(c.table());
                if (c.columns().except()) {
                  b.columnWildcard(w -> w.excludedColumnNames(c.columns().names()));
                } else {
                  b.columnNames(c.columns().names());
                }
              })
          .build();
    }
    if (on instanceof Securable.Filter f) {
      return Resource.builder()
          .dataCellsFilter(
              b ->
                  b.tableCatalogId(catalog)
                      .databaseName(f.database())
                      .tableName(f.table())
                      .name(f.name()))
          .build();
    }
    throw new IllegalStateException("never granted from here: " + on.id());
  }

  private Consumer<DataCellsFilter.Builder> data(DataFilter filter) {
    return b -> {
      b.tableCatalogId(estate.account())
          .databaseName(filter.database())
          .tableName(filter.table())
          .name(filter.name())
          .rowFilter(
              r -> {
                if (filter.rows() instanceof RowFilter.Expression e) {
                  r.filterExpression(e.text());
                } else {
                  r.allRowsWildcard(AllRowsWildcard.builder().build());
                }
              });
      if (filter.columns().except()) {
        b.columnWildcard(w -> w.excludedColumnNames(filter.columns().names()));
      } else {
        b.columnNames(filter.columns().names());
      }
    };
  }

  private void create(DataFilter filter) {
    try {
      AwsCalls.await(() -> clients.lake().createDataCellsFilter(r -> r.tableData(data(filter))));
    } catch (AwsFailure e) {
      if (e.kind() != AwsFailure.Kind.CONFLICT) {
        throw e;
      }
      // Made by an attempt that nobody was told of; the ledger says that it is ours.
      update(filter);
    }
  }

  private void update(DataFilter filter) {
    AwsCalls.await(() -> clients.lake().updateDataCellsFilter(r -> r.tableData(data(filter))));
  }

  private void delete(DataFilter filter) {
    unless(
        AwsFailure.Kind.NOT_FOUND,
        () ->
            AwsCalls.await(
                () ->
                    clients
                        .lake()
                        .deleteDataCellsFilter(
                            r ->
                                r.tableCatalogId(estate.account())
                                    .databaseName(filter.database())
                                    .tableName(filter.table())
                                    .name(filter.name()))));
  }

  private void create(Role role) {
    try {
      AwsCalls.await(
          () ->
              clients
                  .iam()
                  .createRole(
                      r ->
                          r.roleName(role.name())
                              .path(estate.rolePath())
                              .description("Analysts of one tenant; made by governance-service.")
                              .assumeRolePolicyDocument(role.trust())
                              .permissionsBoundary(role.boundary())
                              .maxSessionDuration(3600)
                              .tags(t -> t.key("Project").value(estate.lakehouse()))));
      policy(role);
    } catch (AwsFailure e) {
      if (e.kind() != AwsFailure.Kind.CONFLICT) {
        throw e;
      }
      update(role);
    }
  }

  // First whom it trusts and what it can ever do, then what it may.
  private void update(Role role) {
    AwsCalls.await(
        () ->
            clients
                .iam()
                .updateAssumeRolePolicy(r -> r.roleName(role.name()).policyDocument(role.trust())));
    AwsCalls.await(
        () ->
            clients
                .iam()
                .putRolePermissionsBoundary(
                    r -> r.roleName(role.name()).permissionsBoundary(role.boundary())));
    policy(role);
  }

  private void policy(Role role) {
    AwsCalls.await(
        () ->
            clients
                .iam()
                .putRolePolicy(
                    r ->
                        r.roleName(role.name())
                            .policyName(AwsLakeReader.ROLE_POLICY)
                            .policyDocument(role.policy())));
  }

  private void delete(Role role) {
    unless(
        AwsFailure.Kind.NOT_FOUND,
        () ->
            AwsCalls.await(
                () ->
                    clients
                        .iam()
                        .deleteRolePolicy(
                            r -> r.roleName(role.name()).policyName(AwsLakeReader.ROLE_POLICY))));
    unless(
        AwsFailure.Kind.NOT_FOUND,
        () -> AwsCalls.await(() -> clients.iam().deleteRole(r -> r.roleName(role.name()))));
  }

  private void create(Workgroup workgroup) {
    try {
      AwsCalls.await(
          () ->
              clients
                  .athena()
                  .createWorkGroup(
                      r ->
                          r.name(workgroup.name())
                              .description("One tenant's analysts; made by governance-service.")
                              .tags(t -> t.key("Project").value(estate.lakehouse()))
                              .configuration(
                                  c ->
                                      c.enforceWorkGroupConfiguration(true)
                                          .publishCloudWatchMetricsEnabled(true)
                                          .bytesScannedCutoffPerQuery(workgroup.bytesScanned())
                                          .engineVersion(
                                              v ->
                                                  v.selectedEngineVersion(
                                                      "Athena engine version 3"))
                                          .resultConfiguration(
                                              o ->
                                                  o.outputLocation(workgroup.results())
                                                      .expectedBucketOwner(estate.account())
                                                      .encryptionConfiguration(
                                                          e ->
                                                              e.encryptionOption(
                                                                  EncryptionOption.SSE_S3))))));
    } catch (AwsFailure e) {
      if (!e.getMessage().contains("already")) {
        throw e;
      }
      update(workgroup);
    }
  }

  private void update(Workgroup workgroup) {
    AwsCalls.await(
        () ->
            clients
                .athena()
                .updateWorkGroup(
                    r ->
                        r.workGroup(workgroup.name())
                            .configurationUpdates(
                                c ->
                                    c.enforceWorkGroupConfiguration(true)
                                        .publishCloudWatchMetricsEnabled(true)
                                        .bytesScannedCutoffPerQuery(workgroup.bytesScanned())
                                        .resultConfigurationUpdates(
                                            o ->
                                                o.outputLocation(workgroup.results())
                                                    .expectedBucketOwner(estate.account())
                                                    .encryptionConfiguration(
                                                        e ->
                                                            e.encryptionOption(
                                                                EncryptionOption.SSE_S3))))));
  }

  private void delete(Workgroup workgroup) {
    unless(
        AwsFailure.Kind.NOT_FOUND,
        () ->
            AwsCalls.await(
                () ->
                    clients
                        .athena()
                        .deleteWorkGroup(
                            r -> r.workGroup(workgroup.name()).recursiveDeleteOption(true))));
  }
}
