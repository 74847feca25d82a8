package dev.lakegate.gateway.sql;

/**
 * What a statement asks for.
 *
 * @param query whose rows answer it
 * @param change of its session; null when it changes nothing
 * @param text of the statement that is run: of a prepared one that itself
 */
public record Checked(SecuredQuery query, SessionChange change, String text) {}
