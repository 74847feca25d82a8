package dev.lakegate.ingest.preflight;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a pooler does as a client sees it: greets with a process id of its own and refuses the
 * replication protocol, as PgBouncer up to 1.22 did.
 */
final class FakePooler implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;

  FakePooler(int target) throws IOException {
    this.target = target;
    Thread thread = new Thread(this::accept, "fake-pooler");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread thread = new Thread(() -> serve(client), "fake-pooler-client");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket postgres = new Socket(InetAddress.getLoopbackAddress(), target)) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      byte[] startup = startup(in, client.getOutputStream());
      if (new String(startup, StandardCharsets.ISO_8859_1).contains("replication\0")) {
        refuse(client.getOutputStream());
        return;
      }
      postgres.getOutputStream().write(startup);
      Thread up = new Thread(() -> pump(in, out(postgres)), "fake-pooler-up");
      up.setDaemon(true);
      up.start();
      answers(new DataInputStream(postgres.getInputStream()), client.getOutputStream());
    } catch (IOException e) {
      // The other side has gone.
    }
  }

  /** The startup packet; a request for TLS or GSS before it is declined. */
  private static byte[] startup(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int length = in.readInt();
      byte[] body = new byte[length - 4];
      in.readFully(body);
      int code = ByteBuffer.wrap(body).getInt();
      if (code == 80877103 || code == 80877104) {
        out.write('N');
        out.flush();
        continue;
      }
      return ByteBuffer.allocate(length).putInt(length).put(body).array();
    }
  }

  private static void refuse(OutputStream out) throws IOException {
    byte[] fields =
        "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: replication\0\0"
            .getBytes(StandardCharsets.US_ASCII);
    out.write('E');
    out.write(ByteBuffer.allocate(4).putInt(fields.length + 4).array());
    out.write(fields);
    out.flush();
  }

  private static void answers(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int type = in.read();
      if (type < 0) {
        return;
      }
      int length = in.readInt();
      byte[] body = new byte[length - 4];
      in.readFully(body);
      if (type == 'K') {
        ByteBuffer.wrap(body).putInt(0, 999_999);
      }
      out.write(type);
      out.write(ByteBuffer.allocate(4).putInt(length).array());
      out.write(body);
      out.flush();
    }
  }

  private static OutputStream out(Socket socket) {
    try {
      return socket.getOutputStream();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pump(InputStream in, OutputStream out) {
    try {
      in.transferTo(out);
    } catch (IOException e) {
      // The other side has gone.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
