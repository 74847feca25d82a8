/**
 * Preflight: what at the source would keep capture from working, before it begins. {@code
 * PreflightProbe} asks, {@code PreflightRules} judge (pure), and every finding tells what mends it.
 */
package dev.lakegate.ingest.preflight;
