/** Kept states of tables: tables of their own made of them, and tables brought back to them. */
package dev.lakegate.jobs.past;
