package dev.lakegate.gateway.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadinessTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "200 | {'status':'UP','checks':[]}   | null",
        "503 | {'status':'DOWN','checks':[]} | It is not ready, and does not say why.",
        "503 | {'status':'UP','checks':[]}   | It is not ready, and does not say why.",
        "404 | {}                            | It answered with status 404, which does not say that it is ready.",
        "200 | {}                            | It answered with status 200, which does not say that it is ready.",
        "503 | {'status':'DOWN','checks':[{'name':'a','status':'DOWN'},{'name':'b','status':'UP'}]} | It is not ready: a.",
        "503 | {'status':'DOWN','checks':[{'name':'a','status':'DOWN','data':{'why':'full','at':3}}]} | It is not ready: a (full, 3).",
      })
  void shouldSayWhatIsNotReady(int status, String body, String problem) throws Exception {
    assertThat(Readiness.problem(status, Json.MAPPER.readTree(body.replace('\'', '"'))))
        .isEqualTo(problem);
  }
}
