package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What happens to runs and datasets, told to whoever listens. The newest are kept, so that somebody
 * who was away for a moment goes on where it was. Thread-safe; listeners must not block.
 */
public final class Events {
  /** Name of the event that says: some events are gone, look at everything anew. */
  public static final String RESET = "reset";

  private final int kept;
  private final int mostListeners;
  private final String epoch;
  private final ArrayDeque<Event> newest = new ArrayDeque<>();
  private final List<Consumer<Event>> listeners = new ArrayList<>();
  private long last;

  /**
   * @param kept events that are remembered
   * @param mostListeners at once
   */
  public Events(Clock clock, int kept, int mostListeners) {
    this.kept = kept;
    this.mostListeners = mostListeners;
    // Numbers begin anew with the service, so they are told apart by its start.
    this.epoch = Long.toString(clock.millis(), 36);
  }

  /**
   * An event.
   *
   * @param id names it among all events of all lives of the service
   * @param name what kind
   * @param data as JSON
   */
  public record Event(String id, String name, JsonNode data) {}

  synchronized void publish(String name, ObjectNode data) {
    Event event = new Event(epoch + "-" + ++last, name, data);
    newest.addLast(event);
    if (newest.size() > kept) {
      newest.removeFirst();
    }
    // One that is too slow ends itself while it is told.
    List.copyOf(listeners).forEach(listener -> listener.accept(event));
  }

  /**
   * Listens from now on, or from behind an event that was heard before.
   *
   * @param after id of the last event heard; null for none
   * @param listener is told what was missed at once, and everything else as it happens
   * @return ends it; empty when too many listen
   */
  public synchronized Optional<Runnable> listen(String after, Consumer<Event> listener) {
    Objects.requireNonNull(listener, "listener is null");
    if (listeners.size() >= mostListeners) {
      return Optional.empty();
    }
    if (after != null) {
      long number = number(after);
      if (number < 0 || number < last - newest.size() || number > last) {
        listener.accept(new Event(epoch + "-" + last, RESET, Json.MAPPER.createObjectNode()));
      } else {
        for (Event event : newest) {
          if (number(event.id()) > number) {
            listener.accept(event);
          }
        }
      }
    }
    listeners.add(listener);
    return Optional.of(() -> forget(listener));
  }

  private synchronized void forget(Consumer<Event> listener) {
    listeners.removeIf(one -> one == listener);
  }

  /** Its number in this life of the service; negative when it is of another one, or none. */
  private long number(String id) {
    String prefix = epoch + "-";
    try {
      return id.startsWith(prefix) ? Long.parseLong(id.substring(prefix.length())) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
