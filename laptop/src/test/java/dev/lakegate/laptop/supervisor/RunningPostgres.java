package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.postgres.PostgresCluster;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** An embedded PostgreSQL as the supervisor runs it, for tests. */
public final class RunningPostgres implements AutoCloseable {
  private final PostgresCluster cluster;
  private final SupervisedProcess process;

  private RunningPostgres(PostgresCluster cluster, SupervisedProcess process) {
    this.cluster = cluster;
    this.process = process;
  }

  public static RunningPostgres start(Path directory) throws SQLException {
    PostgresCluster cluster =
        new PostgresCluster(
            directory.resolve("postgres"),
            Path.of(System.getProperty("lakegate.basedir"), "laptop", "target", "programs"),
            Ports.free().postgres());
    cluster.prepare();
    SupervisedProcess process =
        new SupervisedProcess(
            new ProcessSpec(
                "postgres",
                cluster.command(),
                ServiceEnvironment.base(),
                directory,
                directory.resolve("postgres.log"),
                "INT",
                Duration.ofSeconds(30),
                cluster::releaseFromEarlierOwner,
                cluster::isReady),
            notice -> {},
            () -> {},
            Duration.ofMillis(50),
            Duration.ofSeconds(1));
    process.start();
    process.awaitReady(Duration.ofSeconds(60));
    cluster.provision();
    return new RunningPostgres(cluster, process);
  }

  public PostgresCluster cluster() {
    return cluster;
  }

  public long pid() {
    return process.pid().orElseThrow();
  }

  public int restarts() {
    return process.restarts();
  }

  public Connection connect(PostgresCluster.Role role) throws SQLException {
    return DriverManager.getConnection(
        cluster.jdbcUrl(role), role.roleName(), cluster.password(role));
  }

  public SampleBackend backend() {
    PostgresCluster.Role app = PostgresCluster.Role.APP;
    return new SampleBackend(cluster.jdbcUrl(app), app.roleName(), cluster.password(app));
  }

  /** Forgets the server without stopping it, as a supervisor that is killed does. */
  public void abandon() {
    process.abandonForTest();
  }

  @Override
  public void close() {
    process.stop();
  }
}
