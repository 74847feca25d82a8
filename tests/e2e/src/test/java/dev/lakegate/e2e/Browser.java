package dev.lakegate.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A headless Chromium with one page, driven through the Chrome DevTools Protocol. One thread at a
 * time. {@link #close()} ends the browser and everything that it started.
 */
final class Browser implements AutoCloseable {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
  private static final List<String> USUAL_PLACES =
      List.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");

  private final Process process;
  private final HttpClient http;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> complaints = new ArrayList<>();
  private final String session;

  /** The installed browser: {@code LAKEGATE_CHROMIUM} or the first on the path. */
  static Optional<Path> installed() {
    String named = System.getenv("LAKEGATE_CHROMIUM");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named));
    }
    List<Path> candidates = new ArrayList<>();
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      for (String name : NAMES) {
        candidates.add(Path.of(directory, name));
      }
    }
    USUAL_PLACES.forEach(place -> candidates.add(Path.of(place)));
    return candidates.stream().filter(Files::isExecutable).findFirst();
  }

  /**
   * Starts a browser.
   *
   * @param executable of Chromium
   * @param profile an empty directory, new for each browser
   */
  static Browser start(Path executable, Path profile) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                // Its sandbox needs namespaces that containers and root do not have; it only
                // visits pages of this repository.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                // The laptop's certificate is made by itself.
                "--ignore-certificate-errors",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("browser.log").toFile());
    // It leaves its sockets behind when it is killed.
    command.environment().put("TMPDIR", profile.toString());
    Process process = command.start();
    try {
      return new Browser(process, address(process, profile));
    } catch (Exception e) {
      end(process);
      throw e;
    }
  }

  private Browser(Process process, URI address) throws Exception {
    this.process = process;
    this.http = HttpClient.newHttpClient();
    this.socket =
        http.newWebSocketBuilder().buildAsync(address, new Receiver()).get(30, TimeUnit.SECONDS);
    String target =
        call(null, "Target.createTarget", JSON.createObjectNode().put("url", "about:blank"))
            .path("targetId")
            .asText();
    this.session =
        call(
                null,
                "Target.attachToTarget",
                JSON.createObjectNode().put("targetId", target).put("flatten", true))
            .path("sessionId")
            .asText();
    call("Page.enable", JSON.createObjectNode());
    call("Runtime.enable", JSON.createObjectNode());
    call("Log.enable", JSON.createObjectNode());
    viewport(1280, 860, false);
  }

  /** Opens an address; returns when the page has loaded. */
  void open(String address) throws Exception {
    JsonNode answer = call("Page.navigate", JSON.createObjectNode().put("url", address));
    if (answer.hasNonNull("errorText")) {
      throw new IOException("cannot open " + address + ": " + answer.get("errorText").asText());
    }
    await("document.readyState === 'complete' && location.href !== 'about:blank'", "page loaded");
  }

  /** The value of a JavaScript expression, promises awaited. */
  JsonNode evaluate(String expression) throws Exception {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            JSON.createObjectNode()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true)
                .put("userGesture", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(
          expression + ": " + answer.path("exceptionDetails").path("exception"));
    }
    return answer.path("result").path("value");
  }

  /** Waits up to half a minute for a JavaScript condition; survives the page changing meanwhile. */
  void await(String condition, String what) throws Exception {
    await(condition, what, Duration.ofSeconds(30));
  }

  /**
   * Waits for a JavaScript condition.
   *
   * @throws AssertionError with the page's text when it does not come true in time
   */
  void await(String condition, String what, Duration within) throws Exception {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      try {
        if (evaluate("Boolean(" + condition + ")").asBoolean()) {
          return;
        }
      } catch (IllegalStateException e) {
        // The page is between two documents; the deadline decides.
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "Not within %s: %s.%nAt %s the page says:%n%s%nThe browser complained: %s"
                .formatted(
                    within,
                    what,
                    evaluate("location.href").asText(),
                    evaluate("document.body.innerText").asText(),
                    complaints()));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Puts text into the form field or editor that a selector finds, as typing would. */
  void type(String selector, String text) throws Exception {
    evaluate(
        "(() => { const e = document.querySelector(%s); e.focus(); e.select(); })()"
            .formatted(quote(selector)));
    call("Input.insertText", JSON.createObjectNode().put("text", text));
  }

  void click(String selector) throws Exception {
    evaluate("document.querySelector(%s).click()".formatted(quote(selector)));
  }

  /** Presses Ctrl+Enter in whatever has the focus. */
  void pressControlEnter() throws Exception {
    ObjectNode key =
        JSON.createObjectNode()
            .put("type", "rawKeyDown")
            .put("modifiers", 2)
            .put("key", "Enter")
            .put("code", "Enter")
            .put("windowsVirtualKeyCode", 13);
    call("Input.dispatchKeyEvent", key);
    call("Input.dispatchKeyEvent", key.deepCopy().put("type", "keyUp"));
  }

  /** What a selector's first element shows; empty when there is none. */
  String text(String selector) throws Exception {
    return evaluate("document.querySelector(%s)?.innerText ?? ''".formatted(quote(selector)))
        .asText();
  }

  /** Sets the page's size in CSS pixels and the preferred colours. */
  void viewport(int width, int height, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        JSON.createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
    ObjectNode media = JSON.createObjectNode();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", media);
  }

  void screenshot(Path file) throws Exception {
    JsonNode answer = call("Page.captureScreenshot", JSON.createObjectNode().put("format", "png"));
    Files.write(file, Base64.getDecoder().decode(answer.path("data").asText()));
  }

  /** Uncaught errors, violations of the content security policy and failed loads so far. */
  List<String> complaints() {
    synchronized (complaints) {
      return List.copyOf(complaints);
    }
  }

  /** Forgets cookies, so that the issuer asks who one is. */
  void forgetCookies() throws Exception {
    call("Network.clearBrowserCookies", JSON.createObjectNode());
  }

  @Override
  public void close() {
    socket.abort();
    end(process);
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }

  private static URI address(Process process, Path profile) throws Exception {
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + ANSWER_WITHIN.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        if (lines.size() >= 2) {
          return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException(
        "the browser did not start: " + Files.readString(profile.resolve("browser.log")));
  }

  private JsonNode call(String method, ObjectNode parameters) throws Exception {
    return call(session, method, parameters);
  }

  private JsonNode call(String inSession, String method, ObjectNode parameters) throws Exception {
    int id = ids.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    if (inSession != null) {
      message.put("sessionId", inSession);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(JSON.writeValueAsString(message), true).get(30, TimeUnit.SECONDS);
    try {
      return answer.get(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(method + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(method + ": the browser does not answer", e);
    } finally {
      waiting.remove(id);
    }
  }

  static String quote(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void received(JsonNode message) {
    CompletableFuture<JsonNode> answer =
        message.has("id") ? waiting.get(message.get("id").asInt()) : null;
    if (answer != null) {
      if (message.has("error")) {
        answer.completeExceptionally(
            new IllegalStateException(message.path("error").path("message").asText()));
      } else {
        answer.complete(message.path("result"));
      }
      return;
    }
    JsonNode parameters = message.path("params");
    String complaint =
        switch (message.path("method").asText()) {
          case "Runtime.exceptionThrown" ->
              parameters.path("exceptionDetails").path("exception").path("description").asText();
          case "Log.entryAdded" ->
              "error".equals(parameters.path("entry").path("level").asText())
                  ? parameters.path("entry").path("text").asText()
                      + " "
                      + parameters.path("entry").path("url").asText()
                  : null;
          default -> null;
        };
    if (complaint != null) {
      synchronized (complaints) {
        complaints.add(complaint);
      }
    }
  }

  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        try {
          received(JSON.readTree(partial.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          partial.setLength(0);
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable problem) {
      waiting.values().forEach(answer -> answer.completeExceptionally(problem));
    }
  }
}
