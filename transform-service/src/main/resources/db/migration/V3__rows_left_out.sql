-- Changed rows that a run could not store; a table lacks them until it is made or copied anew.
ALTER TABLE run ADD COLUMN rows_left_out bigint;
UPDATE run SET rows_left_out = (result ->> 'rowsLeftOut')::bigint WHERE result ->> 'rowsLeftOut' IS NOT NULL;
-- Few runs leave out any.
CREATE INDEX run_rows_left_out ON run (dataset) WHERE rows_left_out > 0;
