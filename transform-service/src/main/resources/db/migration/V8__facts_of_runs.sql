-- What access to the dataset was decided by, in the description of the run; NULL when nobody knows.
ALTER TABLE run ADD COLUMN facts jsonb;
