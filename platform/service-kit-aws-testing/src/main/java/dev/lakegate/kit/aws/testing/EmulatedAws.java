package dev.lakegate.kit.aws.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * One address for all of AWS in tests: faults that a test wants, then the project's own stubs of
 * what moto lacks, then moto. Thread-safe.
 */
public final class EmulatedAws implements AutoCloseable {
  private static final Set<String> NOT_FORWARDED =
      Set.of("host", "connection", "content-length", "expect", "upgrade", "transfer-encoding");

  /** Part of an AWS service, over the real wire protocol. */
  public interface Stub {
    /** The answer; empty for calls that are not this stub's. */
    Optional<Answer> answer(Call call);

    /** Forgets everything. */
    void reset();
  }

  private record Planned(Predicate<Call> which, Fault fault, AtomicInteger times) {}

  private final Moto moto;
  private final List<Stub> stubs;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Planned> planned = new CopyOnWriteArrayList<>();
  private final List<Call> seen = new CopyOnWriteArrayList<>();

  private EmulatedAws(Moto moto, List<Stub> stubs) {
    this.moto = moto;
    this.stubs = List.copyOf(stubs);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** In front of the process's moto; skips the test where moto is missing. */
  public static EmulatedAws start(Stub... stubs) {
    return new EmulatedAws(Moto.shared(), List.of(stubs));
  }

  /** With stubs alone: whatever they do not answer is refused. Needs nothing installed. */
  public static EmulatedAws withoutMoto(Stub... stubs) {
    return new EmulatedAws(null, List.of(stubs));
  }

  /** Where it answers, for every service. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * Lets the next calls of an operation go wrong.
   *
   * @param operation as in AWS's reference, such as {@code GrantPermissions}; {@code *} for all
   * @param times how many calls
   */
  public void fail(String operation, Fault fault, int times) {
    fail(call -> operation.equals("*") || call.operation().equals(operation), fault, times);
  }

  /** Lets the next calls that the predicate names go wrong. */
  public void fail(Predicate<Call> which, Fault fault, int times) {
    planned.add(new Planned(which, fault, new AtomicInteger(times)));
  }

  /**
   * Makes something there without a client of the SDK, so that it does not count as a call of the
   * code under test.
   *
   * @param service as in the scope of a signature
   * @param path such as {@code /GrantPermissions}
   * @param contentType of the body
   * @return the answer's body
   */
  public String prepare(String service, String path, String contentType, String body) {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(moto.address().resolve(path))
                  .header("Content-Type", contentType)
                  .header(
                      "Authorization",
                      "AWS4-HMAC-SHA256 Credential=made-up/20260101/us-east-1/"
                          + service
                          + "/aws4_request, SignedHeaders=host, Signature=none")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(path + ": " + response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The same for what a stub answers. */
  public void prepareStubs(String service, String operation, String body) {
    Call call = new Call(service, operation, body.getBytes(UTF_8));
    for (Stub stub : stubs) {
      Optional<Answer> answer = stub.answer(call);
      if (answer.isPresent()) {
        if (answer.get().status() != 200) {
          throw new AssertionError(operation + ": " + new String(answer.get().body(), UTF_8));
        }
        return;
      }
    }
    throw new AssertionError("no stub answers " + operation);
  }

  /** Calls that arrived, in order, those that went wrong included. */
  public List<Call> seen() {
    return List.copyOf(seen);
  }

  /** Forgets everything: faults, calls, what is in the stubs and in moto. */
  public void reset() {
    planned.clear();
    seen.clear();
    stubs.forEach(Stub::reset);
    if (moto != null) {
      moto.reset();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Call call =
          Call.of(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Content-Type"),
              exchange.getRequestHeaders().getFirst("X-Amz-Target"),
              body);
      seen.add(call);
      send(exchange, answer(exchange, call, fault(call)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      e.printStackTrace();
      throw e;
    }
  }

  private Fault fault(Call call) {
    for (Planned each : planned) {
      if (each.which().test(call) && each.times().getAndDecrement() > 0) {
        return each.fault();
      }
    }
    return null;
  }

  private Answer answer(HttpExchange exchange, Call call, Fault fault)
      throws IOException, InterruptedException {
    if (fault == null) {
      return proper(exchange, call);
    }
    if (fault instanceof Fault.Throttled) {
      return Answer.error(call, 400, call.xml() ? "Throttling" : "ThrottlingException", "slowly");
    }
    if (fault instanceof Fault.ExpiredCredentials) {
      return Answer.error(
          call,
          call.xml() ? 403 : 400,
          call.xml() ? "ExpiredToken" : "ExpiredTokenException",
          "over");
    }
    if (fault instanceof Fault.Denied) {
      return Answer.error(
          call,
          call.xml() ? 403 : 400,
          call.xml() ? "AccessDenied" : "AccessDeniedException",
          "no");
    }
    if (fault instanceof Fault.ServerError error) {
      return Answer.error(call, error.status(), "InternalFailure", "broken");
    }
    if (fault instanceof Fault.DoneButFailed) {
      proper(exchange, call);
      return Answer.error(call, 500, "InternalFailure", "done, but broken");
    }
    if (fault instanceof Fault.Slow slow) {
      Thread.sleep(slow.delay().toMillis());
      return proper(exchange, call);
    }
    Answer whole = proper(exchange, call);
    return new Answer(whole.status(), whole.headers(), whole.body(), true);
  }

  private Answer proper(HttpExchange exchange, Call call) throws IOException, InterruptedException {
    for (Stub stub : stubs) {
      Optional<Answer> answer = stub.answer(call);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    return moto == null
        ? Answer.error(call, 400, "UnknownOperationException", call.operation())
        : forward(exchange, call);
  }

  private Answer forward(HttpExchange exchange, Call call)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(moto.address().resolve(exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(call.body()));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    Map<String, String> headers = new HashMap<>();
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name)) {
                headers.put(name, values.get(0));
              }
            });
    return new Answer(response.statusCode(), headers, response.body(), false);
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    boolean head = exchange.getRequestMethod().equals("HEAD");
    byte[] body = answer.body();
    exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
    if (head || body.length == 0) {
      return;
    }
    OutputStream out = exchange.getResponseBody();
    if (answer.cut()) {
      // Fewer bytes than were announced: closing the exchange then ends the connection.
      out.write(body, 0, body.length / 2);
      out.flush();
      return;
    }
    out.write(body);
    out.close();
  }
}
