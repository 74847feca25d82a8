package dev.lakegate.kit.identity;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A resource, or a method of one, that also answers callers with a personal access token of this
 * scope. Whatever does not carry it refuses them; a method's annotation wins over its class's.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface ForPersonalTokens {
  /** The scope that is needed, such as {@link TokenGrant#QUERY}. */
  String value();
}
