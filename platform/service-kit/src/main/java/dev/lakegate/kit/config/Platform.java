package dev.lakegate.kit.config;

/**
 * Where the services run: the setting {@code lakegate.platform}, {@code local} unless set. One
 * switch for all: it decides which of two implementations of a port a service takes.
 */
public enum Platform {
  /** Everything on this machine: files, processes, PostgreSQL. */
  LOCAL,
  /** The services of AWS that the estate in {@code terraform/} made. */
  AWS
}
