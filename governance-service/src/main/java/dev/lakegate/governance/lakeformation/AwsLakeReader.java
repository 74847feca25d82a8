package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.governance.lakeformation.Item.Role;
import dev.lakegate.governance.lakeformation.Item.Workgroup;
import dev.lakegate.kit.aws.AwsCalls;
import dev.lakegate.kit.aws.AwsFailure;
import dev.lakegate.model.lakeformation.RowFilter;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import software.amazon.awssdk.services.athena.model.WorkGroupConfiguration;
import software.amazon.awssdk.services.lakeformation.model.DataCellsFilter;
import software.amazon.awssdk.services.lakeformation.model.DataLakeSettings;
import software.amazon.awssdk.services.lakeformation.model.ListDataCellsFilterResponse;
import software.amazon.awssdk.services.lakeformation.model.ListPermissionsResponse;
import software.amazon.awssdk.services.lakeformation.model.ListResourcesResponse;
import software.amazon.awssdk.services.lakeformation.model.PrincipalPermissions;
import software.amazon.awssdk.services.lakeformation.model.PrincipalResourcePermissions;
import software.amazon.awssdk.services.lakeformation.model.Resource;
import software.amazon.awssdk.services.lakeformation.model.TableResource;
import software.amazon.awssdk.services.lakeformation.model.TableWithColumnsResource;

/** Looks at what is in AWS. Whatever cannot be read fails the look: half of it would mislead. */
@ApplicationScoped
class AwsLakeReader {
  static final String ROLE_POLICY = "query";

  private static final int PAGE = 100;
  // IAM and Athena know no call for many: these go beside each other.
  private static final int AT_ONCE = 8;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  @Inject LakeClients clients;

  /**
   * @param roles names of roles to look for
   * @param workgroups names of workgroups to look for
   * @throws AwsFailure when something cannot be read
   */
  Actual read(Estate estate, Set<String> roles, Set<String> workgroups) {
    SortedMap<String, Item> items = new TreeMap<>();
    grants(estate).forEach(item -> items.put(item.key(), item));
    filters(estate).forEach(item -> items.put(item.key(), item));
    all(roles, this::role).forEach(item -> items.put(item.key(), item));
    all(workgroups, this::workgroup).forEach(item -> items.put(item.key(), item));
    return new Actual(items, settings(estate), locations());
  }

  private static List<Item> all(
      Collection<String> names, Function<String, Uni<Optional<Item>>> look) {
    return Multi.createFrom()
        .iterable(names)
        .onItem()
        .transformToUni(look::apply)
        .merge(AT_ONCE)
        .filter(Optional::isPresent)
        .map(Optional::get)
        .collect()
        .asList()
        .await()
        .atMost(LONGEST);
  }

  private List<Grant> grants(Estate estate) {
    List<Grant> grants = new ArrayList<>();
    String next = null;
    do {
      String token = next;
      ListPermissionsResponse page =
          AwsCalls.await(
              () ->
                  clients
                      .lake()
                      .listPermissions(
                          r -> r.catalogId(estate.account()).maxResults(PAGE).nextToken(token)));
      page.principalResourcePermissions().forEach(p -> grants.addAll(grants(p)));
      next = page.nextToken();
    } while (next != null && !next.isEmpty());
    return grants;
  }

  private static List<Grant> grants(PrincipalResourcePermissions given) {
    String principal = given.principal().dataLakePrincipalIdentifier();
    Securable on = securable(given.resource());
    List<Grant> grants = new ArrayList<>();
    given.permissionsAsStrings().forEach(p -> grants.add(new Grant(principal, on, p)));
    given
        .permissionsWithGrantOptionAsStrings()
        .forEach(p -> grants.add(new Grant(principal, on, p + " WITH GRANT OPTION")));
    return grants;
  }

  private static Securable securable(Resource resource) {
    if (resource.database() != null) {
      return new Securable.Database(resource.database().name());
    }
    if (resource.table() != null) {
      TableResource table = resource.table();
      return table.tableWildcard() != null || table.name() == null
          ? new Securable.AllTables(table.databaseName())
          : new Securable.Table(table.databaseName(), table.name());
    }
    if (resource.tableWithColumns() != null) {
      TableWithColumnsResource table = resource.tableWithColumns();
      return new Securable.Columns(
          table.databaseName(),
          table.name(),
          table.hasColumnNames()
              ? ColumnSet.of(table.columnNames())
              : ColumnSet.allBut(
                  table.columnWildcard() == null
                      ? List.of()
                      : table.columnWildcard().excludedColumnNames()));
    }
    if (resource.dataCellsFilter() != null) {
      return new Securable.Filter(
          resource.dataCellsFilter().databaseName(),
          resource.dataCellsFilter().tableName(),
          resource.dataCellsFilter().name());
    }
    return new Securable.Other(resource.toString());
  }

  private List<DataFilter> filters(Estate estate) {
    List<DataFilter> filters = new ArrayList<>();
    String next = null;
    do {
      String token = next;
      ListDataCellsFilterResponse page =
          AwsCalls.await(
              () -> clients.lake().listDataCellsFilter(r -> r.maxResults(PAGE).nextToken(token)));
      page.dataCellsFilters().stream()
          .filter(f -> f.tableCatalogId().equals(estate.account()))
          .forEach(f -> filters.add(filter(f)));
      next = page.nextToken();
    } while (next != null && !next.isEmpty());
    return filters;
  }

  private static DataFilter filter(DataCellsFilter filter) {
    boolean all =
        filter.rowFilter() == null
            || filter.rowFilter().allRowsWildcard() != null
            || filter.rowFilter().filterExpression() == null;
    return new DataFilter(
        filter.databaseName(),
        filter.tableName(),
        filter.name(),
        all
            ? new RowFilter.AllRows()
            : new RowFilter.Expression(filter.rowFilter().filterExpression()),
        filter.hasColumnNames()
            ? ColumnSet.of(filter.columnNames())
            : ColumnSet.allBut(
                filter.columnWildcard() == null
                    ? List.of()
                    : filter.columnWildcard().excludedColumnNames()));
  }

  private Uni<Optional<Item>> role(String name) {
    return AwsCalls.uni(() -> clients.iam().getRole(r -> r.roleName(name)))
        .flatMap(
            role ->
                policy(name)
                    .<Optional<Item>>map(
                        policy ->
                            Optional.of(
                                new Role(
                                    name,
                                    decoded(role.role().assumeRolePolicyDocument()),
                                    role.role().permissionsBoundary() == null
                                        ? null
                                        : role.role()
                                            .permissionsBoundary()
                                            .permissionsBoundaryArn(),
                                    policy.orElse(null)))))
        .onFailure(AwsLakeReader::isAbsence)
        .recoverWithItem(Optional.empty());
  }

  private Uni<Optional<String>> policy(String role) {
    return AwsCalls.uni(
            () -> clients.iam().getRolePolicy(r -> r.roleName(role).policyName(ROLE_POLICY)))
        .map(found -> Optional.of(decoded(found.policyDocument())))
        .onFailure(AwsLakeReader::isAbsence)
        .recoverWithItem(Optional.empty());
  }

  private static String decoded(String document) {
    return document.startsWith("%7B") || document.startsWith("%7b")
        ? URLDecoder.decode(document, StandardCharsets.UTF_8)
        : document;
  }

  private Uni<Optional<Item>> workgroup(String name) {
    return AwsCalls.uni(() -> clients.athena().getWorkGroup(r -> r.workGroup(name)))
        .map(
            found -> {
              if (found.workGroup() == null) {
                return Optional.<Item>empty();
              }
              WorkGroupConfiguration configuration = found.workGroup().configuration();
              return Optional.<Item>of(
                  new Workgroup(
                      name,
                      configuration == null || configuration.resultConfiguration() == null
                          ? ""
                          : configuration.resultConfiguration().outputLocation(),
                      configuration == null || configuration.bytesScannedCutoffPerQuery() == null
                          ? 0
                          : configuration.bytesScannedCutoffPerQuery(),
                      configuration != null
                          && Boolean.TRUE.equals(configuration.enforceWorkGroupConfiguration())));
            })
        .onFailure(AwsLakeReader::isAbsence)
        .recoverWithItem(Optional.empty());
  }

  static boolean isAbsence(Throwable t) {
    return t instanceof AwsFailure failure
        && (failure.kind() == AwsFailure.Kind.NOT_FOUND
            // Athena has no code of its own for that.
            || (failure.errorCode().equals("InvalidRequestException")
                && failure.getMessage().contains("not found")));
  }

  private Actual.Settings settings(Estate estate) {
    DataLakeSettings settings =
        AwsCalls.await(() -> clients.lake().getDataLakeSettings(r -> r.catalogId(estate.account())))
            .dataLakeSettings();
    return new Actual.Settings(
        principals(settings.createDatabaseDefaultPermissions()),
        principals(settings.createTableDefaultPermissions()),
        Boolean.TRUE.equals(settings.allowExternalDataFiltering()),
        Boolean.TRUE.equals(settings.allowFullTableExternalDataAccess()));
  }

  private static List<String> principals(List<PrincipalPermissions> defaults) {
    return List.copyOf(
        new TreeSet<>(
            defaults.stream()
                .filter(p -> p.hasPermissions() && !p.permissionsAsStrings().isEmpty())
                .map(p -> p.principal().dataLakePrincipalIdentifier())
                .toList()));
  }

  private List<Actual.Location> locations() {
    List<Actual.Location> locations = new ArrayList<>();
    String next = null;
    do {
      String token = next;
      ListResourcesResponse page =
          AwsCalls.await(
              () -> clients.lake().listResources(r -> r.maxResults(PAGE).nextToken(token)));
      page.resourceInfoList()
          .forEach(
              r ->
                  locations.add(
                      new Actual.Location(
                          r.resourceArn(), Boolean.TRUE.equals(r.hybridAccessEnabled()))));
      next = page.nextToken();
    } while (next != null && !next.isEmpty());
    return locations;
  }
}
