/** Puts the service together: configuration, start and stop, health, metrics. */
package dev.lakegate.transform.service;
