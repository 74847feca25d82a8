package dev.lakegate.laptop.supervisor;

/** The services, in the order in which they start. */
enum Service {
  GOVERNANCE("governance-service", "governance"),
  INGEST("ingest-service", "ingest"),
  TRANSFORM("transform-service", "transform"),
  GATEWAY("query-gateway", "gateway");

  private final String processName;
  private final String key;

  Service(String processName, String key) {
    this.processName = processName;
    this.key = key;
  }

  /** Name of the process, its module, its log and its client at the identity provider. */
  String processName() {
    return processName;
  }

  /** Name in the table of addresses. */
  String key() {
    return key;
  }

  int port(Ports ports) {
    return switch (this) {
      case GOVERNANCE -> ports.governance();
      case INGEST -> ports.ingest();
      case TRANSFORM -> ports.transform();
      case GATEWAY -> ports.gateway();
    };
  }

  String url(Ports ports) {
    return "http://127.0.0.1:" + port(ports);
  }
}
