package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection that stays open and asks one thing after the other. It does as little as a client
 * can do, so that what is measured is the gateway. Used by one thread.
 */
final class HttpLine implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] block = new byte[64 * 1024];

  HttpLine(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 256 * 1024);
    out = socket.getOutputStream();
  }

  /** Takes a body block by block. */
  interface Body {
    void take(byte[] bytes, int length) throws IOException;
  }

  /** Posts a query and gives the whole body. */
  byte[] post(String token, String accept, String sql) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int status = post(token, accept, sql, (b, n) -> all.write(b, 0, n));
    if (status != 200) {
      throw new IOException(status + " " + all.toString(StandardCharsets.UTF_8));
    }
    return all.toByteArray();
  }

  /** Posts a query and waits for its end, however long that takes; the state with its rows. */
  byte[] finished(String token, String sql) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    int status = post(token, "application/json", sql, (b, n) -> answer.write(b, 0, n));
    if (status == 200) {
      return answer.toByteArray();
    }
    if (status != 202) {
      throw new IOException(status + " " + answer.toString(StandardCharsets.UTF_8));
    }
    String path =
        "/api/v1/queries/" + Json.MAPPER.readTree(answer.toByteArray()).path("id").asText();
    while (true) {
      ObjectNode state = (ObjectNode) Json.MAPPER.readTree(get(token, path + "?waitMillis=30000"));
      switch (state.path("state").asText()) {
        case "queued", "running" -> {}
        case "finished" -> {
          state.set("rows", Json.MAPPER.readTree(get(token, path + "/rows")).path("rows"));
          return Json.MAPPER.writeValueAsBytes(state);
        }
        default -> throw new IOException(state.toString());
      }
    }
  }

  private byte[] get(String token, String path) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int status = trino(token, path, null, (b, n) -> body.write(b, 0, n));
    if (status != 200) {
      throw new IOException(status + " " + body.toString(StandardCharsets.UTF_8));
    }
    return body.toByteArray();
  }

  /** Posts a query; the status. */
  int post(String token, String accept, String sql, Body body) throws IOException {
    byte[] content =
        ("{\"waitMillis\": 30000, \"sql\": \""
                + sql.replace("\\", "\\\\").replace("\"", "\\\"")
                + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /api/v1/queries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: "
            + accept
            + "\r\nAuthorization: Bearer "
            + token
            + "\r\nContent-Length: "
            + content.length
            + "\r\n\r\n";
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[start.length + content.length];
    System.arraycopy(start, 0, request, 0, start.length);
    System.arraycopy(content, 0, request, start.length, content.length);
    out.write(request);
    out.flush();
    return answer(body);
  }

  /** A statement, or without one the page at an address, of the Trino protocol; the status. */
  int trino(String token, String path, String sql, Body body) throws IOException {
    byte[] content = sql == null ? new byte[0] : sql.getBytes(StandardCharsets.UTF_8);
    String head =
        (sql == null ? "GET " : "POST ")
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\nX-Trino-Client-Capabilities: PARAMETRIC_DATETIME\r\n"
            + (sql == null ? "" : "Content-Length: " + content.length + "\r\n")
            + "\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(content);
    out.flush();
    return answer(body);
  }

  private int answer(Body body) throws IOException {
    String first = line();
    int status = Integer.parseInt(first.split(" ")[1]);
    long length = -1;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).trim());
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.contains("chunked");
      }
    }
    if (!chunked) {
      take(Math.max(0, length), body);
      return status;
    }
    while (true) {
      long size = Long.parseLong(line().trim(), 16);
      take(size, body);
      line();
      if (size == 0) {
        return status;
      }
    }
  }

  private void take(long length, Body body) throws IOException {
    long left = length;
    while (left > 0) {
      int n = in.read(block, 0, (int) Math.min(block.length, left));
      if (n < 0) {
        throw new EOFException("the gateway hung up");
      }
      body.take(block, n);
      left -= n;
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the gateway hung up");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
