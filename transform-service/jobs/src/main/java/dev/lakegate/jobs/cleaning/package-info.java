/** Named functions of derivations: how values that people typed become values that compare. */
package dev.lakegate.jobs.cleaning;
