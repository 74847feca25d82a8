package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.CatalogView;
import java.util.List;
import java.util.Optional;

/** A catalog with the three schemas and no table. */
final class EmptyCatalog implements CatalogView {
  @Override
  public String catalog() {
    return "lakehouse";
  }

  @Override
  public List<String> schemas() {
    return List.of("bronze", "silver", "gold");
  }

  @Override
  public Optional<TableView> table(String schema, String name) {
    return Optional.empty();
  }

  @Override
  public Optional<TableView> table(String schema, String name, AsOf asOf) {
    return Optional.empty();
  }

  @Override
  public List<ListedTable> listing() {
    return List.of();
  }
}
