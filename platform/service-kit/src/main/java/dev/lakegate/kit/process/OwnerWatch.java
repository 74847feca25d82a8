package dev.lakegate.kit.process;

import dev.lakegate.kit.config.StartupChecks;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Ends the service when its standard input ends, where {@code lakegate.process.end-with-input} says
 * so. The laptop's supervisor holds the other end, so a service cannot outlive it, not even when
 * the supervisor is killed.
 */
@ApplicationScoped
public class OwnerWatch {
  private static final Logger LOG = Logger.getLogger(OwnerWatch.class);

  @ConfigProperty(name = "lakegate.process.end-with-input", defaultValue = "false")
  boolean enabled;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 1) StartupEvent event) {
    if (enabled) {
      watch(
          System.in,
          () -> {
            LOG.info("The process that started this service is gone; ending.");
            Quarkus.asyncExit(0);
          });
    }
  }

  static void watch(InputStream input, Runnable ended) {
    Thread thread =
        new Thread(
            () -> {
              try {
                byte[] ignored = new byte[256];
                while (input.read(ignored) >= 0) {
                  // What is said there has no meaning; only its end has.
                }
              } catch (IOException e) {
                // A broken input has ended, too.
              }
              ended.run();
            },
            "owner-watch");
    thread.setDaemon(true);
    thread.start();
  }
}
