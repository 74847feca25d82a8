package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.source.SourceSettings;
import java.util.regex.Pattern;

/** Keeps the source's password out of messages. Pure. */
final class Redaction {
  private static final Pattern PARAMETER = Pattern.compile("(?i)(password=)[^&\\s]*");

  private Redaction() {}

  static String of(Throwable failure, SourceSettings settings) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      message = failure.getClass().getSimpleName();
    }
    String password = settings.password();
    if (password != null && !password.isEmpty()) {
      message = message.replace(password, "***");
    }
    return PARAMETER.matcher(message).replaceAll("$1***");
  }
}
