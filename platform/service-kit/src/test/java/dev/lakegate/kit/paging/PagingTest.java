package dev.lakegate.kit.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.kit.error.LakegateException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagingTest {
  @Property(tries = 200)
  void shouldReadItsOwnCursors(@ForAll long number, @ForAll int other) {
    String[] parts = Cursor.decode(Cursor.encode(number, "a|b:" + other), 2);
    assertThat(Cursor.number(parts[0])).isEqualTo(number);
    assertThat(parts[1]).isEqualTo("a|b:" + other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "YQ", "==", "' OR 1=1"})
  void shouldRefuseWhatIsNoCursor(String text) {
    assertThatThrownBy(() -> Cursor.decode(text, 2))
        .isInstanceOfSatisfying(
            LakegateException.class, e -> assertThat(e.code()).isEqualTo("CURSOR_INVALID"));
  }

  @Test
  void shouldHaveANextPageOnlyWhenThereIsMore() {
    assertThat(Page.of(List.of(1, 2, 3), 2, String::valueOf))
        .isEqualTo(new Page<>(List.of(1, 2), "2"));
    assertThat(Page.of(List.of(1, 2), 2, String::valueOf))
        .isEqualTo(new Page<>(List.of(1, 2), null));
  }
}
