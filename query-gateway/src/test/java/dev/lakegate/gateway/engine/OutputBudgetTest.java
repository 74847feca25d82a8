package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutputBudgetTest {
  @Test
  void shouldShareThePoolAmongQueries() throws Exception {
    OutputBudget budget = new OutputBudget(8, 32, 10_000);
    OutputBudget.Share one = budget.open(() -> false);
    OutputBudget.Share two = budget.open(() -> false);
    budget.require(one.number(), 8);
    budget.require(one.number(), 20);
    budget.require(one.number(), 30);
    budget.require(two.number(), 8);
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> budget.require(two.number(), 9));
    assertThat(waiting).isNotDone();
    one.close();
    waiting.get(5, TimeUnit.SECONDS);
    budget.require(two.number(), 32);
    two.close();
  }

  @Test
  void shouldRefuseWhatIsTooLargeOrFindsNoRoomInTime() {
    OutputBudget budget = new OutputBudget(8, 32, 50);
    OutputBudget.Share one = budget.open(() -> false);
    OutputBudget.Share two = budget.open(() -> false);
    assertThatThrownBy(() -> budget.require(one.number(), 33)).isInstanceOf(TrinoError.class);
    budget.require(one.number(), 32);
    assertThatThrownBy(() -> budget.require(two.number(), 9)).isInstanceOf(TrinoError.class);
    one.close();
    budget.require(two.number(), 32);
    // Ended: nothing more of it is let through.
    assertThatThrownBy(() -> budget.require(one.number(), 9)).isInstanceOf(TrinoError.class);
  }

  @Test
  void shouldNotWaitForAQueryThatIsStopped() {
    OutputBudget budget = new OutputBudget(8, 32, 600_000);
    OutputBudget.Share one = budget.open(() -> false);
    OutputBudget.Share two = budget.open(() -> true);
    budget.require(one.number(), 32);
    assertThatThrownBy(() -> budget.require(two.number(), 9)).isInstanceOf(TrinoError.class);
  }
}
