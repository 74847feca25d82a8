package dev.lakegate.governance.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.governance.GovernanceTest;
import dev.lakegate.kit.identity.PersonalToken;
import dev.lakegate.model.json.Json;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class TokenRestTest extends GovernanceTest {
  @Inject TokenService tokens;

  private final String subject = "owner-" + UUID.randomUUID();
  private final String hash = PersonalToken.hash(PersonalToken.generate());

  @AfterEach
  void tellTheTime() {
    tokens.tellTime(Clock.systemUTC());
  }

  private static Map<String, Object> principal(
      String subject, List<String> personas, List<String> tenants, String tier) {
    Map<String, Object> principal = new LinkedHashMap<>();
    principal.put("issuer", "http://issuer");
    principal.put("subject", subject);
    principal.put("personas", personas);
    principal.put("tenants", tenants);
    principal.put("tier", tier);
    return principal;
  }

  private Map<String, Object> seen(Instant at, List<String> personas, List<String> tenants) {
    return Map.of(
        "principal", principal(subject, personas, tenants, null), "login", "Ann", "issuedAt", at);
  }

  private ValidatableResponse post(String path, Object body) {
    return asService().contentType("application/json").body(Json.write(body)).post(path).then();
  }

  private ValidatableResponse create(Map<String, Object> owner, Map<String, Object> more) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("hash", hash, "name", "tableau"));
    body.put("owner", owner);
    body.putAll(more);
    return post("/api/v1/personal-tokens", body);
  }

  private ValidatableResponse verify() {
    return post("/api/v1/personal-tokens/verify", Map.of("hash", hash, "from", "192.0.2.1"))
        .statusCode(200);
  }

  private String id() {
    return create(seen(Instant.now(), List.of("DataAnalyst"), List.of()), Map.of())
        .statusCode(201)
        .extract()
        .path("id");
  }

  private void revoke(String id, String by, boolean administrator, int status) {
    post(
            "/api/v1/personal-tokens/" + id + "/revoke",
            Map.of("by", principal(by, List.of(), List.of(), null), "administrator", administrator))
        .statusCode(status);
  }

  @Test
  void shouldGiveWhatTheOwnerHasUntilItIsRevoked() {
    String id =
        create(
                seen(Instant.now(), List.of("TenantSpecificAnalyst"), List.of("t1", "t2")),
                Map.of("scopes", List.of("query"), "expiresInDays", 30))
            .statusCode(201)
            .body("name", equalTo("tableau"))
            .body("hash", nullValue())
            .extract()
            .path("id");
    verify()
        .body("valid", equalTo(true))
        .body("token.id", equalTo(id))
        .body("login", equalTo("Ann"))
        .body("principal.subject", equalTo(subject))
        .body("principal.personas", contains("TenantSpecificAnalyst"))
        .body("principal.tenants", contains("t1", "t2"));
    revoke(id, "somebody-else", false, 404);
    verify().body("valid", equalTo(true));
    revoke(id, subject, false, 200);
    verify()
        .body("valid", equalTo(false))
        .body("reason", equalTo("REVOKED"))
        .body("principal", nullValue());
    assertThat(audited(id)).containsExactly("revoke", "first-use", "create");
  }

  private List<String> audited(String id) {
    return asAdmin()
        .queryParam("type", "token")
        .queryParam("subject", subject)
        .get("/api/v1/audit-events")
        .then()
        .statusCode(200)
        .extract()
        .path("items.findAll { it.object == 'token " + id + "' }.action");
  }

  @Test
  void shouldLetAdministratorsRevoke() {
    String id = id();
    revoke(id, "admin", true, 200);
    verify().body("reason", equalTo("REVOKED"));
    revoke(UUID.randomUUID().toString(), "admin", true, 404);
    revoke("not-an-id", "admin", true, 404);
  }

  @Test
  void shouldFollowTheOwnersNewestClaimsAndNoOlderOnes() {
    Instant now = Instant.now();
    create(seen(now.minusSeconds(60), List.of("DataEngineer", "DataAnalyst"), List.of()), Map.of())
        .statusCode(201);
    verify().body("principal.personas", contains("DataAnalyst", "DataEngineer"));
    post("/api/v1/sightings", seen(now, List.of("DataAnalyst"), List.of())).statusCode(204);
    verify().body("principal.personas", contains("DataAnalyst"));
    // A token of the issuer from before, which somebody still uses.
    post("/api/v1/sightings", seen(now.minusSeconds(30), List.of("LakeFormationAdmin"), List.of()))
        .statusCode(204);
    verify().body("principal.personas", contains("DataAnalyst"));
    post("/api/v1/sightings", seen(now.plusSeconds(1), List.of(), List.of())).statusCode(204);
    verify().body("principal.personas", hasSize(0));
  }

  @Test
  void shouldNotLetAClockThatRunsAheadKeepLaterClaimsOut() {
    create(
            seen(Instant.parse("2999-01-01T00:00:00Z"), List.of("DataEngineer"), List.of()),
            Map.of())
        .statusCode(201);
    post("/api/v1/sightings", seen(Instant.now().plusSeconds(1), List.of(), List.of()))
        .statusCode(204);
    verify().body("principal.personas", hasSize(0));
  }

  @Test
  void shouldStayWithinWhatItIsNarrowedTo() {
    List<String> both = List.of("DataAnalyst", "TenantSpecificAnalyst");
    create(
            seen(Instant.now(), both, List.of("tenant-1", "tenant-2")),
            Map.of("tenants", List.of("tenant-2")))
        .statusCode(201);
    verify()
        .body("principal.personas", contains("TenantSpecificAnalyst"))
        .body("principal.tenants", contains("tenant-2"));
    post(
            "/api/v1/sightings",
            seen(Instant.now().plusSeconds(1), both, List.of("tenant-1", "tenant-3")))
        .statusCode(204);
    verify().body("principal.tenants", hasSize(0));
  }

  @Test
  void shouldReadOnlyTheSchemasThatItIsNarrowedTo() {
    create(
            seen(Instant.now(), List.of("DataEngineer"), List.of()),
            Map.of("schemas", List.of("gold", "silver")))
        .statusCode(201);
    verify().body("principal.schemas", contains("gold", "silver"));
  }

  @Test
  void shouldRefuseWhatItsOwnerDoesNotHave() {
    Map<String, Object> owner =
        seen(Instant.now(), List.of("TenantSpecificAnalyst"), List.of("tenant-1"));
    Map<String, Object> analyst = seen(Instant.now(), List.of("DataAnalyst"), List.of("tenant-1"));
    create(owner, Map.of("personas", List.of("DataAnalyst")))
        .statusCode(422)
        .body("error.details.field", equalTo("personas"));
    create(owner, Map.of("tenants", List.of("tenant-2")))
        .statusCode(422)
        .body("error.details.field", equalTo("tenants"));
    create(analyst, Map.of("tenants", List.of("tenant-1"))).statusCode(422);
    create(owner, Map.of("schemas", List.of("silver")))
        .statusCode(422)
        .body("error.details.field", equalTo("schemas"));
    create(owner, Map.of("scopes", List.of("administration"))).statusCode(422);
    create(owner, Map.of("scopes", List.of())).statusCode(422);
    create(owner, Map.of("expiresInDays", 366)).statusCode(400);
    create(owner, Map.of("expiresInDays", 0)).statusCode(400);
    create(owner, Map.of("name", " ")).statusCode(400);
    create(owner, Map.of("name", "a\nb")).statusCode(400);
    create(owner, Map.of("personas", List.of())).statusCode(400);
    create(owner, Map.of("hash", "0")).statusCode(400);
    verify().body("reason", equalTo("UNKNOWN"));
  }

  @Test
  void shouldEndWithItsTimeAndWithItsOwnersAbsence() {
    create(seen(Instant.now(), List.of("DataAnalyst"), List.of()), Map.of("expiresInDays", 20))
        .statusCode(201);
    tellTime(Duration.ofDays(13));
    verify().body("valid", equalTo(true));
    tellTime(Duration.ofDays(15));
    verify().body("reason", equalTo("OWNER_ABSENT"));
    post(
            "/api/v1/sightings",
            seen(Instant.now().plus(Duration.ofDays(15)), List.of("DataAnalyst"), List.of()))
        .statusCode(204);
    verify().body("valid", equalTo(true));
    tellTime(Duration.ofDays(20).plusSeconds(1));
    verify().body("reason", equalTo("EXPIRED"));
  }

  private void tellTime(Duration ahead) {
    tokens.tellTime(Clock.offset(Clock.systemUTC(), ahead));
  }

  @Test
  void shouldBoundTheTokensOfAnOwner() throws SQLException {
    id();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO governance.personal_token (id, hash, issuer, subject, name, scopes,"
              + " created_at, expires_at) SELECT gen_random_uuid(), sha256((i || '"
              + subject
              + "')::bytea), 'http://issuer', '"
              + subject
              + "', 'n', '{query}', now(), now() + interval '1 day' FROM generate_series(1, 49) i");
    }
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("hash", PersonalToken.hash("another"));
    create(seen(Instant.now(), List.of("DataAnalyst"), List.of()), other)
        .statusCode(409)
        .body("error.code", equalTo("TOO_MANY_TOKENS"));
    String next = null;
    int count = 0;
    do {
      var page =
          (next == null ? asService() : asService().queryParam("cursor", next))
              .queryParam("issuer", "http://issuer")
              .queryParam("subject", subject)
              .queryParam("limit", 20)
              .get("/api/v1/personal-tokens");
      count += page.<List<Object>>path("items").size();
      next = page.path("next");
    } while (next != null);
    assertThat(count).isEqualTo(50);
  }

  @Test
  void shouldAnswerServicesAlone() {
    for (String token : List.of(issuer.admin(), issuer.engineer(), issuer.analyst())) {
      as(token)
          .contentType("application/json")
          .body(Json.write(Map.of("hash", hash, "from", "x")))
          .post("/api/v1/personal-tokens/verify")
          .then()
          .statusCode(403);
      as(token).get("/api/v1/personal-tokens").then().statusCode(403);
      ObjectNode sighting =
          (ObjectNode) json(Json.write(seen(Instant.now(), List.of(), List.of())));
      as(token)
          .contentType("application/json")
          .body(sighting.toString())
          .post("/api/v1/sightings")
          .then()
          .statusCode(403);
      as(token)
          .contentType("application/json")
          .body(
              Json.write(
                  Map.of(
                      "by", principal("admin", List.of(), List.of(), null), "administrator", true)))
          .post("/api/v1/personal-tokens/" + UUID.randomUUID() + "/revoke")
          .then()
          .statusCode(403);
    }
  }

  @Test
  void shouldKeepNoSecret() throws SQLException {
    String text = PersonalToken.generate();
    assertThat(PersonalToken.isWellFormed(text)).isTrue();
    create(
            seen(Instant.now(), List.of("DataAnalyst"), List.of()),
            Map.of("hash", PersonalToken.hash(text)))
        .statusCode(201);
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT count(*) FROM governance.personal_token t WHERE t::text LIKE '%lgp_%'")) {
      rows.next();
      assertThat(rows.getInt(1)).isZero();
    }
  }
}
