package dev.lakegate.transform.run;

import java.time.Duration;

/**
 * How runs are conducted.
 *
 * @param poll how often to look for news
 * @param timeout longest time a run may take
 * @param keepFor how long ended runs are kept
 * @param keepMost how many runs are kept
 * @param queueMost how many runs may be asked for at once
 */
public record ConductorSettings(
    Duration poll, Duration timeout, Duration keepFor, int keepMost, int queueMost) {}
