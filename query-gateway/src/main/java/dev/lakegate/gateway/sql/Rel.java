package dev.lakegate.gateway.sql;

import java.util.List;

/**
 * A translated relation.
 *
 * @param sql DuckDB text to stand in FROM, with its alias
 * @param fields its columns in order
 * @param hidden columns that exist and may not be read
 */
record Rel(String sql, List<Field> fields, List<Scope.Hidden> hidden) {}
